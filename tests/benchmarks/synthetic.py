"""Synthetic directories of any size, the same for the same seed, made in pieces that are never held together.

Practices are where people are: places of the shipped gazetteer, weighted by population. They differ in size as
clinics and hospitals do, and doctors share them; 70 % of doctors work at one, the others at two or three that
are near each other. Specialties, languages and names have Zipf frequencies. Names are made of syllables. Half of those
who see patients by telehealth may do so in one to five countries, the more often the more people live there.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from search_service import geo
from search_service.index.protocol import Document, Listing, Term

PLACES = Path(__file__).parents[2] / "search_service" / "places" / "data" / "cities5000.geonames.txt.gz"
SPECIALTIES, LANGUAGES, GIVEN, FAMILY = 200, 40, 2_000, 5_000
GENDERS = ("female", "male", "other", "unknown")
TODAY = date(2026, 11, 22)
# Doctors are made so many at a time, and a practice has so many listings on average.
PIECE, PER_PRACTICE = 20_000, 6

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some doctors in columns, and their listings: each is of doctor `doctor` (its row here) at `practice`.

    Rows of `specialties`, `languages` and `countries` are numbers, -1 where there is none. `since` is a year and
    `verified_on` the days that it was ago, -1 for unknown.
    """

    ids: npt.NDArray[np.uint8]
    given: Ints
    family: Ints
    specialties: Ints
    languages: Ints
    gender: Ints
    telehealth: Bools
    since: Ints
    verified_ago: Ints
    doctor: Ints
    practice: Ints
    accepting: Bools
    countries: Ints


class Directory:
    """Of so many listings. `body_bytes` is about the size of a doctor's whole document."""

    def __init__(self, listings: int, *, seed: int = 1, body_bytes: int = 1500) -> None:
        self.listings = listings
        self._seed = seed
        rng = np.random.default_rng(seed)
        random = Random(seed)
        with gzip.open(PLACES, "rt", encoding="utf-8") as file:
            rows = [line.split("\t") for line in file]
        self._place_ids = [int(row[0]) for row in rows]
        self._places = np.array([(float(row[4]), float(row[5])) for row in rows])
        people = np.array([float(row[14] or 0) for row in rows])
        self._people = _cumulated(people)
        codes, which = np.unique([row[8] for row in rows], return_inverse=True)
        self.countries: list[str] = codes.tolist()
        self._country_shares = _cumulated(np.bincount(which, weights=people).astype(float))
        self.specialty_ids = [_uuid(rng.bytes(16)) for _ in range(SPECIALTIES)]
        self.languages = random.sample([a + b for a in "bcdfghkl" for b in "aeiou"], LANGUAGES)
        self.given, self.family = _names(random, GIVEN), _names(random, FAMILY)
        self._specialty_shares, self._language_shares, self._given_shares, self._family_shares = (
            _cumulated(1 / np.arange(1, number + 1)) for number in (SPECIALTIES, LANGUAGES, GIVEN, FAMILY)
        )
        # The next practice in this order is near this one.
        practices = max(1_000, listings // PER_PRACTICE)
        lat, lng = self.points(rng, practices)
        cells = [geo.cell(*point) for point in zip(lat.tolist(), lng.tolist(), strict=True)]
        order = np.argsort(np.array(cells))
        self.lat, self.lng = lat[order], lng[order]
        self._sizes = _cumulated(rng.lognormal(0, 1.2, practices))
        self._practice_ids = rng.bytes(16 * practices)
        words = ["".join(random.choices("etaoinshrdlucmfw", k=random.randint(2, 10))) for _ in range(5_000)]
        self._text = " ".join(random.choices(words, k=100_000))
        self._text_length = max(0, body_bytes - 400)

    def points(self, rng: np.random.Generator, number: int) -> tuple[Floats, Floats]:
        """Latitudes and longitudes of where people live, to a decimetre."""
        lat, lng = self._places[_draw(rng, self._people, number)].T
        lat, lng = lat + rng.normal(0, 0.03, number), lng + rng.normal(0, 0.03, number)
        return lat.clip(-85, 85).round(6), ((lng + 180) % 360 - 180).round(6)

    def place_ids(self, rng: np.random.Generator, number: int) -> list[int]:
        """GeoNames' ids of places where people live."""
        return [self._place_ids[n] for n in _draw(rng, self._people, number).tolist()]

    def any_places(self, rng: np.random.Generator, number: int) -> tuple[Floats, Floats]:
        """Places whatever their size: the middle of a village as often as that of a capital."""
        lat, lng = self._places[rng.integers(len(self._places), size=number)].T
        return lat, lng

    def draw_specialties(self, rng: np.random.Generator, number: int) -> Ints:
        return _draw(rng, self._specialty_shares, number)

    def draw_languages(self, rng: np.random.Generator, number: int) -> Ints:
        return _draw(rng, self._language_shares, number)

    def densest(self, matches: int) -> tuple[float, float, float]:
        """Latitude and longitude of the point with the most listings around, and the km within which about
        `matches` listings are."""
        points = vectors(self.lat, self.lng)
        sizes = np.diff(self._sizes, prepend=0.0) * self.listings
        candidates = np.argsort(-sizes)[:200]

        def radius(practice: int) -> float:
            chords = ((points - points[practice]) ** 2).sum(axis=1)
            order = np.argsort(chords)
            found = np.searchsorted(sizes[order].cumsum(), matches)
            return geo.km_from_chord2(float(chords[order[min(int(found), len(order) - 1)]]))

        middle = min(candidates.tolist(), key=radius)
        return float(self.lat[middle]), float(self.lng[middle]), radius(middle)

    def pieces(self) -> Iterator[Piece]:
        left = self.listings
        for number in range(self.listings):
            piece = self._piece(np.random.default_rng((self._seed, number)), left)
            yield piece
            left -= len(piece.doctor)
            if not left:
                return

    def _piece(self, rng: np.random.Generator, left: int) -> Piece:
        number = rng.choice([1, 2, 3], PIECE, p=[0.7, 0.22, 0.08])
        until = number.cumsum()
        if until[-1] >= left:
            last = int(np.searchsorted(until, left))
            number = number[: last + 1]
            number[last] -= until[last] - left
        doctors = len(number)
        doctor = np.arange(doctors).repeat(number)
        first = _draw(rng, self._sizes, doctors)
        # The second and the third are a little on and a little back in the order of practices.
        nth = np.arange(len(doctor)) - (number.cumsum() - number).repeat(number)
        steps = rng.geometric(0.1, len(doctor)).clip(max=400) * np.array([0, 1, -1])[nth]
        specialties = np.stack([self.draw_specialties(rng, doctors) for _ in range(3)], axis=1)
        languages = np.stack([self.draw_languages(rng, doctors) for _ in range(3)], axis=1)
        return Piece(
            ids=_version4(np.frombuffer(rng.bytes(16 * doctors), np.uint8).reshape(-1, 16).copy()),
            given=_draw(rng, self._given_shares, doctors),
            family=_draw(rng, self._family_shares, doctors),
            specialties=_some(specialties, rng.choice([1, 2, 3], doctors, p=[0.7, 0.25, 0.05])),
            languages=_some(languages, rng.choice([1, 2, 3], doctors, p=[0.4, 0.4, 0.2])),
            gender=rng.choice(4, doctors, p=[0.45, 0.45, 0.02, 0.08]),
            telehealth=rng.random(doctors) < 0.3,
            since=np.where(rng.random(doctors) < 0.9, rng.integers(1970, 2025, doctors), -1),
            verified_ago=np.where(rng.random(doctors) < 0.8, rng.integers(0, 3 * 365, doctors), -1),
            doctor=doctor,
            practice=(first[doctor] + steps) % len(self.lat),
            accepting=rng.random(len(doctor)) < 0.7,
            # Drawn last, so that all else is as it was before there were any.
            countries=_some(
                np.stack([_draw(rng, self._country_shares, doctors) for _ in range(5)], axis=1),
                rng.choice(6, doctors, p=[0.5, 0.25, 0.1, 0.05, 0.05, 0.05]),
            ),
        )

    def documents(self) -> Iterator[list[Document]]:
        """What the index gets of each piece."""
        for piece in self.pieces():
            yield self.documents_of(piece)

    def documents_of(self, piece: Piece) -> list[Document]:
        """With the terms, cards and bodies of documents as they come from the feed: of their shape and size."""
        bounds = np.searchsorted(piece.doctor, np.arange(len(piece.ids) + 1)).tolist()
        listings = [
            self._listing(*row) for row in zip(piece.practice.tolist(), piece.accepting.tolist(), strict=True)
        ]
        columns = (
            [row.tobytes() for row in piece.ids],
            piece.given.tolist(),
            piece.family.tolist(),
            piece.specialties.tolist(),
            piece.languages.tolist(),
            piece.gender.tolist(),
            piece.telehealth.tolist(),
            piece.since.tolist(),
            piece.verified_ago.tolist(),
            piece.countries.tolist(),
        )
        return [
            self._document(*row, listings=tuple(listings[start:stop]))
            for *row, start, stop in zip(*columns, bounds[:-1], bounds[1:], strict=True)
        ]

    def practice_id(self, practice: int) -> UUID:
        return _uuid(self._practice_ids[16 * practice : 16 * practice + 16])

    def _listing(self, practice: int, accepting: bool) -> Listing:
        id = self.practice_id(practice)
        lat, lng = float(self.lat[practice]), float(self.lng[practice])
        shown = "true" if accepting else "false"
        card = (
            f'{{"practice":{{"id":"{id}","name":"Hospital {practice}","lat":{lat},"lng":{lng},"address":{{'
            f'"street":"{practice} Example Street","locality":"Town {practice % 5000}","region":"Region",'
            f'"postal_code":"{practice % 100_000:05}","country":"IN"}},"phone":"+91 00 0000 0000","kind":"hospital","accessibility":[],"hours":[]}},'
            f'"accepting_new_patients":{shown}}}'
        )
        terms = (Term("accepting_new_patients", shown), Term("practice", str(id)))
        return Listing(id, lat, lng, card.encode(), terms)

    def _document(
        self,
        id_: bytes,
        given: int,
        family: int,
        specialties: Sequence[int],
        languages: Sequence[int],
        gender: int,
        telehealth: bool,
        since: int,
        verified_ago: int,
        countries: Sequence[int],
        *,
        listings: tuple[Listing, ...],
    ) -> Document:
        id = UUID(bytes=id_)
        name = f"Dr {self.given[given].title()} {self.family[family].title()}"
        slug = f"{self.given[given]}-{self.family[family]}-{id_.hex()[:8]}"
        remote = "true" if telehealth else "false"
        verified_on = TODAY - timedelta(days=verified_ago) if verified_ago >= 0 else None
        codes = [self.languages[number] for number in languages if number >= 0]
        quoted_codes = ",".join(f'"{code}"' for code in codes)
        quoted_slugs = ",".join(f'"specialty-{number}"' for number in specialties if number >= 0)
        shown_since = since if since >= 0 else "null"
        shown_verified = f'"{verified_on}"' if verified_on else "null"
        card = (
            f'{{"id":"{id}","slug":"{slug}","name":"{name}","credentials":"MBBS, MD","gender":"{GENDERS[gender]}",'
            f'"practising_since":{shown_since},"languages":[{quoted_codes}],"telehealth":{remote},'
            f'"photo":null,"notice":"Fictitious: this doctor does not exist.","verified_at":{shown_verified},'
            f'"locale":"en","last_published_at":"{TODAY}T06:00:00Z",'
            f'"specialties":[{quoted_slugs}]}}'
        )
        start = int.from_bytes(id_[:3], "big") % (len(self._text) - self._text_length)
        body = f'{card[:-1]},"bio":"<p>{self._text[start : start + self._text_length]}</p>"}}'
        return Document(
            kind="doctor",
            id=id,
            locale="en",
            slug=slug,
            name=name,
            body=body.encode(),
            card=card.encode(),
            terms=(
                *(
                    Term("specialty", str(self.specialty_ids[number]))
                    for number in specialties
                    if number >= 0
                ),
                *(Term("language", code) for code in codes),
                Term("gender", GENDERS[gender]),
                Term("telehealth", remote),
                *(
                    Term("telehealth_in", self.countries[number])
                    for number in countries
                    if number >= 0 and telehealth
                ),
            ),
            listings=listings,
            digest=id_.hex(),
            names=(self.given[given], self.family[family]),
            sort_name=f"{self.family[family]} {self.given[given]}",
            since=since if since >= 0 else None,
            verified_on=verified_on,
        )


def _cumulated(weights: Floats) -> Floats:
    sums: Floats = weights.cumsum() / weights.sum()
    return sums


def _draw(rng: np.random.Generator, shares: Floats, number: int) -> Ints:
    return np.searchsorted(shares, rng.random(number), side="right").clip(max=len(shares) - 1)


def _some(rows: Ints, number: Ints) -> Ints:
    """The first `number` of each row, each once."""
    rows = np.where(np.arange(rows.shape[1]) < number[:, None], rows, -1)
    for column in range(1, rows.shape[1]):
        again = (rows[:, :column] == rows[:, column, None]).any(axis=1)
        rows[:, column][again] = -1
    return rows


def vectors(lat: Floats, lng: Floats) -> Floats:
    phi, theta = np.radians(lat), np.radians(lng)
    return np.stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)], axis=1)


def _version4(ids: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    ids[:, 6] = ids[:, 6] & 0x0F | 0x40
    ids[:, 8] = ids[:, 8] & 0x3F | 0x80
    return ids


def _uuid(random: bytes) -> UUID:
    return UUID(bytes=random, version=4)


def _names(random: Random, number: int) -> list[str]:
    syllables = [a + b for a in "bdfghjklmnprstvyz" for b in ("a", "e", "i", "o", "u", "an", "el", "ir")]
    found: dict[str, Any] = {}
    while len(found) < number:
        found["".join(random.choices(syllables, k=random.choice((2, 2, 3))))] = None
    return list(found)
