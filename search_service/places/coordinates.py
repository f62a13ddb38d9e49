"""Coordinates that were typed as text. Pure functions of text."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from search_service import geo
from search_service.places.ranking import Point

# To a tenth of a metre.
_DECIMALS = 6
_LONGEST = 100

# ruff: noqa: RUF001 (signs that look alike are its subject)

_SIGNS = str.maketrans(
    {"−": "-", "º": "°", "˚": "°", "’": "'", "′": "'", "´": "'", "”": '"', "″": '"', "“": '"'}
)
_DEGREES = r"(?P<degrees>[-+]?\d{1,3}(?:\.\d+)?)"
_MINUTES = r"(?P<minutes>\d{1,2}(?:\.\d+)?)"
_SECONDS = r"(?P<seconds>\d{1,2}(?:\.\d+)?)"
_BEFORE, _AFTER = r"(?:(?P<before>[NSEW])\s*)?", r"\s*(?P<after>[NSEW])?"
# 34.39 · 34°23.6' · N 34°23'37.5" · and with a letter, which tells where it ends, 34 23 37 N
_MARKED = rf"""{_BEFORE}{_DEGREES}\s*°?(?:(?<=°)\s*{_MINUTES}\s*'(?:\s*{_SECONDS}\s*(?:"|''))?)?{_AFTER}"""
_SPACED = rf"(?P<degrees>\d{{1,3}})\s+{_MINUTES}(?:\s+{_SECONDS})?\s*(?P<after>[NSEW])"
_ANGLES = [re.compile(_MARKED), re.compile(_SPACED)]
# What only a coordinate has: two whole numbers may be anything.
_TELLTALE = re.compile(r"\d\.\d|°|[-+]\d|[NSEW]")
_AROUND = re.compile(r"^(?:GEO:|@)|^[(\[]|[)\]]$")
_LABELLED = re.compile(r"LAT(?:ITUDE)?[:=\s]\s*(.+?)[,;\s]+(?:LNG|LONG?|LONGITUDE)[:=\s]\s*(.+)")
_DECIMAL_COMMAS = re.compile(r"([-+]?\d{1,3}),(\d+)\s*[,;\s]\s*([-+]?\d{1,3}),(\d+)")
_SLUG = re.compile(r"(-?\d{1,3}(?:\.\d{1,6})?),(-?\d{1,3}(?:\.\d{1,6})?)")


class OffTheGlobe(ValueError):
    """They are coordinates, of no point on Earth. The message says why."""


def read(text: str) -> Point | None:
    """The point that a text gives in degrees, latitude first unless letters say otherwise; None if it is
    not coordinates and nothing else. Raises OffTheGlobe.

    >>> read("34.39, 76.76"), read("34°23'37\\"N 76°45'37\\"E"), read("-33.9 18.4"), read("34, 76")
    ((34.39, 76.76), (34.393611, 76.760278), (-33.9, 18.4), None)
    """
    if len(text) > _LONGEST or not any(map(str.isdigit, text)):
        return None
    plain = unicodedata.normalize("NFC", text).translate(_SIGNS).upper().strip()
    plain = _AROUND.sub("", _AROUND.sub("", plain)).strip()
    for pattern, points in ((_LABELLED, r"\1;\2"), (_DECIMAL_COMMAS, r"\1.\2;\3.\4")):
        if found := pattern.fullmatch(plain):
            plain = found.expand(points)
    if not _TELLTALE.search(plain):
        return None
    pairs = (pair for first, second in _halves(plain) if (pair := _pair(_angle(first), _angle(second))))
    point = next(pairs, None)
    return _on_globe(*point) if point else None


def slug(lat: float, lng: float) -> str:
    """
    >>> slug(34.39375, 76.0)
    '34.39375,76'
    """
    return f"{_decimal(lat)},{_decimal(lng)}"


def from_slug(text: str) -> Point | None:
    """Reads `slug`. Raises OffTheGlobe."""
    if found := _SLUG.fullmatch(text) if text.isascii() else None:
        return _on_globe(float(found[1]), float(found[2]))
    return None


def _decimal(degrees: float) -> str:
    return f"{degrees:.{_DECIMALS}f}".rstrip("0").rstrip(".")


def _halves(text: str) -> list[tuple[str, str]]:
    """Every way to cut the text in two; only at a comma or semicolon if there is one."""
    for mark in ";,":
        if mark in text:
            first, _, second = text.partition(mark)
            return [(first, second)]
    words = re.sub(r"(?<=[NSEW])(?=[-+\d])|(?<=[\d'\"°])(?=[NSEW] ?[-+\d])", " ", text).split()
    return [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]


Angle = tuple[float, str]


def _angle(text: str) -> Angle | None:
    """Degrees, and the letter that goes with them."""
    for pattern in _ANGLES:
        found = pattern.fullmatch(text.strip())
        if not found:
            continue
        parts = found.groupdict()
        letter = parts.get("before") or parts["after"] or ""
        degrees, minutes, seconds = (float(parts[name] or 0) for name in ("degrees", "minutes", "seconds"))
        is_signed = parts["degrees"][0] in "-+"
        twice = parts.get("before") and parts["after"]
        # Both a sign and a letter, or parts of broken degrees: whoever wrote this meant something else.
        broken = any(
            parts[finer] is not None and "." in parts[coarser]
            for coarser, finer in pairwise(("degrees", "minutes", "seconds"))
            if parts[coarser] is not None
        )
        if twice or broken or (is_signed and letter) or max(minutes, seconds) >= 60:
            return None
        size = abs(degrees) + minutes / 60 + seconds / 3600
        is_negative = parts["degrees"].startswith("-") or letter in ("S", "W")
        # Adding zero leaves no minus before it.
        return round(-size if is_negative else size, _DECIMALS) + 0.0, letter
    return None


def _pair(first: Angle | None, second: Angle | None) -> Point | None:
    if first is None or second is None:
        return None
    axes = ["lat" if letter in ("N", "S") else "lng" if letter else "" for _, letter in (first, second)]
    if axes in (["", ""], ["lat", "lng"]):
        return first[0], second[0]
    if axes == ["lng", "lat"]:
        return second[0], first[0]
    return None


def _on_globe(lat: float, lng: float) -> Point:
    if not geo.is_valid_point(lat, lng):
        raise OffTheGlobe(
            f"{slug(lat, lng)} is not on the globe: give the latitude, -90 to 90, then the longitude, -180 to 180."
        )
    return lat, lng
