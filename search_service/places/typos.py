"""What a misspelt key may have been. Pure functions of text."""

from __future__ import annotations

from collections.abc import Iterator

_LATIN = "abcdefghijklmnopqrstuvwxyz"
# A block of Unicode: the letters that may stand beside one of another alphabet.
_BLOCK = 0x80
# From here on there are no alphabets.
_NO_ALPHABET = 0x3000


def one_letter_off(key: str, first: int, last: int) -> Iterator[str]:
    """Every key in which one letter is left out, added, or another, or two changed places, each of them at
    positions `first` to `last`. Some come twice, `key` itself too. In scripts without an alphabet, only
    what needs no other letter.

    >>> sorted(set(one_letter_off("leh", 2, 2)) & {"le", "leha", "lehh", "lhe", "let", "lehr"})
    ['le', 'lehh', 'let']
    """
    letters = _alphabet(key)
    for i in range(max(first, 0), min(last, len(key)) + 1):
        start, end = key[:i], key[i:]
        for letter in letters:
            yield start + letter + end
        if end:
            yield start + end[1:]
            for letter in letters:
                yield start + letter + end[1:]
        if len(end) > 1:
            yield start + end[1] + end[0] + end[2:]


def _alphabet(key: str) -> str:
    if key.isascii():
        return _LATIN + " " + "".join(filter(str.isdigit, key))
    blocks = {ord(char) // _BLOCK for char in key if _BLOCK <= ord(char) < _NO_ALPHABET}
    chars = (chr(code) for block in blocks for code in range(block * _BLOCK, (block + 1) * _BLOCK))
    return " " + "".join(char for char in chars if char.isalpha() or char.isprintable())
