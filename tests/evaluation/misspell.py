"""Writes cases/conditions_misspelt.jsonl: names of conditions as a hurried finger or an ear would spell them.

    python -m tests.evaluation.misspell

The same every time: the seed is fixed, and each name has its own. A misspelling that is itself a known name, of a
condition or of a place that ships, is left out: what is known is not to be corrected. So is the beginning of a
condition's name: it is to be completed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from search_service import names
from tests.evaluation import places, world

FILE = Path(__file__).parent / "cases" / "conditions_misspelt.jsonl"
ABOUT = (
    "Written by tests/evaluation/misspell.py from the names in conditions.jsonl: one edit, two in half of the "
    "names of ten letters and more. keyboard: a neighbour on a QWERTY keyboard, or a letter doubled, dropped or "
    "swapped with the next. phonetic: what sounds alike."
)
SEED = 5
OF_EACH_KIND = 2
TWO_EDITS_FROM = 10
TWO_IN_WORDS_FROM = 8
# In shorter words one letter more or less is another word.
SHORTEST_WORD = 4
# What is shorter is no beginning of a word, but a word.
SHORTEST_BEGINNING = 3

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Each row of keys is half a key to the right of the one above it.
_PLACES = {key: (row, column + row / 2) for row, keys in enumerate(_ROWS) for column, key in enumerate(keys)}
_NEIGHBOURS = {
    key: [
        other
        for other, (r, c) in _PLACES.items()
        if other != key and abs(r - row) <= 1 and abs(c - column) <= 1
    ]
    for key, (row, column) in _PLACES.items()
}
# What is written for what, by people who know a word by its sound.
_SOUNDS = [
    *(("ph", "f"), ("f", "ph"), ("y", "i"), ("i", "y"), ("ae", "e"), ("oe", "e"), ("ie", "ei"), ("ei", "ie")),
    *(("ca", "ka"), ("co", "ko"), ("cu", "ku"), ("cl", "kl"), ("cr", "kr"), ("ce", "se"), ("ci", "si")),
    *(("cy", "sy"), ("ch", "k"), ("ck", "k"), ("x", "ks"), ("sm", "zm"), ("z", "s"), ("th", "t")),
    *(("rh", "r"), ("rrh", "r"), ("ea", "ee"), ("ia", "ea"), ("eu", "u"), ("ou", "u"), ("oi", "oy")),
    *(("tion", "sion"), ("tion", "shun")),
    # Silent letters, at the beginning of a word.
    *((" ps", " s"), (" pn", " n"), (" he", " e"), (" sc", " s"), (" wr", " r"), (" kn", " n")),
]
_DOUBLED = "bcdfglmnprst"

Edit = Callable[[str, random.Random], str | None]


def text() -> str:
    """The case file."""
    known = _known()
    cases = [case for condition in world.read("conditions.jsonl") for case in _cases(condition, known)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [{"about": ABOUT}, *cases])


def misspellings(name: str, edit: Edit, known: set[str], rng: random.Random) -> Iterator[str]:
    """Ever more of them, each once; none of `known`. Gives up when there seem to be no more."""
    seen = {names.key(name)}
    for _ in range(200):
        text = edit(name, rng)
        if text and len(name) >= TWO_EDITS_FROM and rng.random() < 0.5:
            once, text = text, edit(text, rng)
            changed_twice = _changed(text or once, once)
            if any(len(word) < TWO_IN_WORDS_FROM for word in changed_twice):
                continue
        if text and (key := names.key(text)) not in seen:
            seen.add(key)
            if not known & {key, *_changed(name, text)}:
                yield text


def by_keyboard(name: str, rng: random.Random) -> str | None:
    """The first letter of a word is rarely wrong, and stays."""
    at = rng.choice(_inside_words(name))
    letter = name[at]
    kind = rng.choice(("neighbour", "doubled", "dropped", "swapped"))
    if kind == "neighbour":
        return name[:at] + rng.choice(_NEIGHBOURS[letter]) + name[at + 1 :]
    if kind == "doubled":
        return name[:at] + letter + name[at:]
    if kind == "dropped":
        return name[:at] + name[at + 1 :]
    if at + 1 not in _inside_words(name):
        return None
    return name[:at] + name[at + 1] + letter + name[at + 2 :]


def by_sound(name: str, rng: random.Random) -> str | None:
    """One letter for two that are alike, or two for one, half of the time."""
    padded = f" {name}"
    inside = {0, *(at + 1 for at in _inside_words(name))}
    sounds = [
        padded[:at] + written + padded[at + len(sound) :]
        for sound, written in _SOUNDS
        for at in range(len(padded))
        if padded.startswith(sound, at) and (at + len(sound) - 1) in inside
    ]
    lengths = []
    for at in sorted(inside - {0}):
        letter, before, after = padded[at], padded[at - 1], padded[at + 1 : at + 2]
        if letter in _DOUBLED and before == letter:
            lengths.append(padded[:at] + padded[at + 1 :])
        elif letter in _DOUBLED and {before, after} <= set("aeiou"):
            lengths.append(padded[:at] + letter + padded[at:])
    options = rng.choice([some for some in (sounds, lengths) if some] or [[]])
    return rng.choice(options).strip() if options else None


def _cases(condition: dict[str, Any], known: set[str]) -> Iterator[dict[str, Any]]:
    name, slug = condition["name"].lower(), condition["slug"]
    seen: set[str] = set()
    for kind, edit in (("keyboard", by_keyboard), ("phonetic", by_sound)):
        rng = random.Random(f"{SEED} {kind} {name}")
        found = [*islice(misspellings(name, edit, known | seen, rng), OF_EACH_KIND)]
        seen.update(map(names.key, found))
        for number, text in enumerate(found, 1):
            for endpoint, expect in (
                ("search", {"what": {"kind": "condition", "slug": slug}}),
                ("suggest", {"conditions": {"any_of": [slug], "within_top": 3}}),
            ):
                yield {
                    "id": f"misspelt:{slug}:{kind}:{number}:{endpoint}",
                    "class": f"{endpoint}: misspelt, {kind}",
                    "endpoint": endpoint,
                    "params": {"q": text},
                    "expect": expect,
                }


def _inside_words(name: str) -> list[int]:
    """Where letters a to z stand that are not the first of their word, in words that are not too short."""
    found = []
    at = 0
    for word in name.split(" "):
        if len(word) >= SHORTEST_WORD:
            found += [at + n for n in range(1, len(word)) if word[n] in _NEIGHBOURS]
        at += len(word) + 1
    return found


def _changed(name: str, text: str) -> set[str]:
    """Words of `text` that are not in `name`."""
    return set(names.key(text).split()) - set(names.key(name).split())


def _known() -> set[str]:
    """Names of conditions, their words, the beginnings of both, and names of places."""
    known = set()
    for condition in world.read("conditions.jsonl"):
        for name in (condition["name"], *condition["alternate_names"]):
            key = names.key(name)
            for whole in (key, *key.split()):
                known |= {whole[:length] for length in range(SHORTEST_BEGINNING, len(whole) + 1)}
    for texts, _ in places.rows():
        known |= {names.key(text) for text in texts}
    return known


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
