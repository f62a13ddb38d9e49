"""What a location index does, whichever engine keeps it.

An index holds *documents* (a condition, a doctor, a specialty) in *generations*. One generation is
live; a rebuild fills another and promotes it. Each generation carries the feed position up to which
it has been filled, written in the same transaction as the documents, so that nothing is lost or
doubled whatever is killed when.

Nothing here may assume an engine: no SQL, no files, no rowids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

# Every listing is found under this term too: "any doctor near here".
ANY_TERM = UUID(int=0)


class IndexUnavailable(Exception):
    """There is no live generation to read (yet)."""


class IndexNotBuilt(IndexUnavailable):
    """Only building one anew helps: there is no live generation, or it is damaged or of another version."""


class GenerationNotFound(LookupError):
    """No generation has that name."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a generation has read the feed: the log's identity, the last `seq` applied, and when
    that was known to be all that there is (aware, UTC)."""

    epoch: str
    seq: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """One point at which a document is found: a doctor at a practice.

    `lat` and `lng` are decimal degrees (WGS 84); `card` is the JSON shown for it in a result.
    """

    id: UUID
    lat: float
    lng: float
    card: bytes


@dataclass(frozen=True, slots=True)
class Document:
    """One entity in one locale, as the API returns it.

    `body` is the whole document and `card` its short form in lists, both ready JSON. `terms` are the
    ids (of conditions and specialties) under which its `listings` are found. `digest` is the feed's: by it
    one sees what version this is.
    """

    kind: str
    id: UUID
    locale: str
    slug: str
    name: str
    body: bytes
    card: bytes
    terms: tuple[UUID, ...] = ()
    listings: tuple[Listing, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Put:
    document: Document


@dataclass(frozen=True, slots=True)
class Delete:
    kind: str
    id: UUID
    locale: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Note that the change at `seq` could not be used. What was there before stays; a later Put or
    Delete of the same entity clears the note. `id` is text: it may be what is malformed."""

    kind: str
    id: str
    locale: str
    seq: int
    error: str


Change = Put | Delete | Refuse


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as read back."""

    kind: str
    id: UUID
    locale: str
    slug: str
    body: bytes
    card: bytes


@dataclass(frozen=True, slots=True)
class SortKey:
    """Place of a hit in the total order: squared chord as `geo.chord2` gives it, then document id."""

    chord2: float
    id: UUID


@dataclass(frozen=True, slots=True)
class NearestQuery:
    """The documents of `kind` nearest to a point that are found under any of `terms`.

    `terms` is in order of preference: a hit names the first under which it is found; empty means any
    listing. `radius_km=None` means the whole Earth. `after` is the `key` of the last hit seen.
    """

    lat: float
    lng: float
    terms: tuple[UUID, ...] = ()
    kind: str = "doctor"
    locale: str = "en"
    radius_km: float | None = None
    limit: int = 20
    after: SortKey | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One entity, at its nearest listing (the first, when several are as near).

    Where it is found is told by its document in the default locale, else in the first by code. The cards
    are those of the query's locale where there are such. `listings` is how many it has anywhere.
    """

    id: UUID
    key: SortKey
    distance_km: float
    term: UUID
    card: bytes
    listing_card: bytes
    listings: int


@dataclass(frozen=True, slots=True)
class Total:
    """Number of documents that match; `gte` when counting stopped at the cap."""

    value: int
    relation: Literal["eq", "gte"]


@dataclass(frozen=True, slots=True)
class Refusal:
    kind: str
    id: str
    locale: str
    seq: int
    error: str


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """What a document is of: in this order they are listed."""

    kind: str
    id: UUID
    locale: str


class Reader(Protocol):
    """One generation, for reading. Safe to use from several threads."""

    @property
    def generation(self) -> str: ...

    def position(self) -> Position | None:
        """Feed position, or None while nothing has been applied."""

    def nearest(self, query: NearestQuery) -> list[Hit]:
        """At most `limit` hits in ascending order of `key`, each document once, at its nearest
        listing. Exact great-circle order, across the date line and at the poles.
        Raises ValueError for a point off the globe or a radius below 0."""

    def count(self, query: NearestQuery, cap: int = 10_000) -> Total:
        """Documents that match, `limit` and `after` aside. Raises ValueError as `nearest`."""

    def get(self, kind: str, id: UUID, locale: str) -> Stored | None:
        """The document in `locale`, else in the default locale, else in the first by code."""

    def get_by_slug(self, kind: str, slug: str, locale: str) -> Stored | None:
        """As `get`. Should two entities share the slug, the one with the lower id answers."""

    def get_many(self, kind: str, ids: Sequence[UUID], locale: str) -> dict[UUID, Stored]:
        """Those of `ids` that exist, as by `get`."""

    def digests(self, after: Entity | None = None, limit: int = 1000) -> list[tuple[Entity, str]]:
        """What is held, in order: at most `limit` documents that follow `after`, with their digests."""

    def held(self, entities: Sequence[Entity]) -> dict[Entity, str]:
        """The digests of those of `entities` that are held."""

    def refusal(self, entity: Entity) -> Refusal | None:
        """Why the newest version of an entity could not be used, if so."""

    def check(self) -> None:
        """Look at all that is kept, which takes seconds. Raises IndexNotBuilt when some of it is damaged."""

    def counts(self) -> dict[str, int]:
        """Entities per kind, and `refused`."""

    def refusals(self, limit: int = 100) -> list[Refusal]:
        """What could not be used, the latest first."""


class Writer(Reader, Protocol):
    """One generation, for writing by one process at a time."""

    def apply(self, changes: Iterable[Change], position: Position) -> None:
        """Apply all of `changes`, in order, and move to `position`: all or nothing.

        It outlives this process from now on. A power cut may take the generation back to an earlier
        position, as a whole. Raises ValueError for a listing off the globe, IndexUnavailable when the
        generation cannot be written.
        """

    def close(self) -> None: ...


class Index(Protocol):
    """The generations of an index."""

    def reader(self) -> Reader:
        """The live generation. Call it once per request: the live one changes.
        Raises IndexNotBuilt when there is none."""

    def writer(self, generation: str | None = None) -> Writer:
        """The live generation, or another. Raises IndexNotBuilt when there is none that can be used."""

    def live(self) -> str | None:
        """Name of the live generation, whether it can be read or not. Raises IndexUnavailable when it cannot
        be told for now."""

    def create(self) -> Writer:
        """A new, empty generation beside the live one."""

    def promote(self, generation: str) -> None:
        """Make `generation` the live one, at once and for all readers; the former stays readable
        for those that have it open. Raises GenerationNotFound."""

    def generations(self) -> list[str]:
        """Names of all that exist, oldest first."""

    def drop(self, generation: str) -> None:
        """Delete a generation. Raises ValueError if it is the live one."""

    def note(self, name: str, record: Mapping[str, Any]) -> None:
        """Keep a small record (JSON) under a name, for all who use this index: how a rebuild went."""

    def noted(self, name: str) -> dict[str, Any] | None:
        """The record kept under a name; None if there is none that can be read."""

    def lock(self, name: str, timeout_s: float) -> AbstractContextManager[bool]:
        """Hold the named lock of this index; yields False when it was not to be had in time.
        Released by the system when its holder dies."""
