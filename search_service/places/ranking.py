"""Which of several places is the likelier one. Scores are thousandths of a power of ten of people: 1000
more is a place ten times as large."""

from __future__ import annotations

import math

Point = tuple[float, float]


# What a name is to its place, the likeliest first: its own name, also in ASCII or in a language of its country; the
# beginning of it (León of León de los Aldama, but hardly another León); another spelling or script; a name that begins
# otherwise (Genf, not Geneva); one that few would think of (Le Caire, or how a machine spells what is written in
# other letters: kai luo); an airport's or some other code (LEH is Le Havre's). Plain numbers, for there are millions.
OWN, SHORTER, ALTERNATE, FOREIGN, REMOTE, CODE = range(6)
# How much less likely than by its own a place is meant by such a name, once it is written out; and before: whoever
# has typed "k" may well mean Köln, hardly Kairo.
NAME_COST = (0, 300, 1000, 1000, 1000, 3000)
BEGUN_COST = (0, 300, 1000, 2000, 3000, 3000)
# Who has typed "le" has not said more of Le Caire than of any other place whose name has an article.
_ARTICLES = frozenset({
    *("a", "al", "an", "as", "das", "de", "den", "der", "die", "el", "gli", "het", "i", "il", "la", "las", "le"),
    *("les", "lo", "los", "o", "os", "the"),
})  # fmt: skip

_KIND_BONUS = {
    "PPLC": 500,
    "PPLA": 200,
    "PPLA2": 100,
    "PPLA3": 50,
    "PPLX": -300,  # a part of another place
    "PPLH": -2000,  # no longer there
    "PPLQ": -2000,
    "PPLW": -2000,
}
# Who names a town rarely means the district around it that is named after it.
_AREA_COST = 500
# With a wrong letter in its name, a place must be a hundred times as large to be as likely.
LETTER_COST = 2000
# Who writes "St. Louis" rather means St. Louis than Saint-Louis.
AS_WRITTEN = 200

# From this lead on - ten times as large - the likeliest of several places is what nearly everybody means.
CLEAR_LEAD = 1000
# A place of more people is a town: what lies around it are suburbs and not parts of the village, and its
# postal codes tell where in it.
TOWN = 10_000
# Namesakes this near to each other are one place to whoever looks for something near it.
ONE_PLACE_KM = 10.0


def is_area(kind: str) -> bool:
    """Whether a feature code means a country, region or district, not a populated place."""
    return kind.startswith(("ADM", "PCL"))


def importance(kind: str, population: int) -> int:
    """By population (0 is unknown and counts as least), and by what the place is."""
    bonus = -_AREA_COST if is_area(kind) else _KIND_BONUS.get(kind, 0)
    return round(1000 * math.log10(max(population, 1))) + bonus


def other_name(text: str, key: str, own: str) -> int:
    """What a name is to a place with another one, whose key is `own`, where its language is not known."""
    if own.startswith(key) and own[len(key) : len(key) + 1] == " ":
        return SHORTER
    if "a" <= text[0] <= "z" or (begins_with_article(key) and not begins_with_article(own)):
        return REMOTE
    # Two letters, maybe with a space between.
    if key[:2] == own[:2] or not (key.isascii() and own.isascii()):
        return ALTERNATE
    return ALTERNATE if key[:3].replace(" ", "")[:2] == own[:3].replace(" ", "")[:2] else FOREIGN


def begins_with_article(key: str) -> bool:
    return " " in key and key.partition(" ")[0] in _ARTICLES


def near(likelihood: float, km: float) -> float:
    """The likelihood of a place so far from where somebody is.

    Half a world away costs about 6600: a village next door outdoes a metropolis at the antipodes.
    """
    return likelihood - 2000 * math.log10(1 + km / 10)
