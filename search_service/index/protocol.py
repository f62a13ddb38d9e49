"""What a location index does, whichever engine keeps it.

An index holds *documents* (a condition, a doctor, a specialty) in *generations*. One generation is
live; a rebuild fills another and promotes it. Each generation carries the feed position up to which
it has been filled, written in the same transaction as the documents, so that nothing is lost or
doubled whatever is killed when.

Nothing here may assume an engine: no SQL, no files, no rowids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, Protocol, get_args
from uuid import UUID

import numpy as np
from numpy.typing import NDArray


class Term(NamedTuple):
    """What listings are found under, filtered by and counted by: `Term("condition", "<uuid>")`,
    `Term("language", "bo")`. `facet` says what kind of thing `value` is."""

    facet: str
    value: str = ""


# Every listing is found under this term too: "any doctor near here".
ANY = Term("any")
# Facets of which an engine may expect that they have few values, each of them frequent.
FLAGS = frozenset({"accepting_new_patients", "gender", "telehealth"})
# Facets count at most so many values, the most frequent.
FACET_VALUES = 100
# Totals are exact up to this.
EXACT_TO = 10_000


class IndexUnavailable(Exception):
    """There is no live generation to read (yet)."""


class IndexNotBuilt(IndexUnavailable):
    """Only building one anew helps: there is no live generation, or it is damaged or of another version."""


class GenerationNotFound(LookupError):
    """No generation has that name."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a generation has read the feed: the log's identity, the last `seq` applied, when that was last known
    to be all that there is, and when it came to that `seq` (aware, UTC)."""

    epoch: str
    seq: int
    as_of: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """One point at which a document is found: a doctor at a practice.

    `lat` and `lng` are decimal degrees (WGS 84); `card` is the JSON shown for it in a result. `terms` are its
    own, beside those of its document.
    """

    id: UUID
    lat: float
    lng: float
    card: bytes
    terms: tuple[Term, ...] = ()


# What a phrase is to its document, the best first.
Form = Literal["name", "alternate_name", "code", "search_phrase"]
FORMS: tuple[Form, ...] = get_args(Form)


class Phrase(NamedTuple):
    """Words that mean a document as a whole: a name, a code, what people type who look for it.

    `text` is how it is shown, `key` (see `names.key`) what it is found by. `exact_only`: what is longer, shorter
    or spelt otherwise does not mean it.
    """

    key: str
    text: str
    form: Form
    exact_only: bool = False


class Texts(NamedTuple):
    """Folded plain text (see `names.key`) in which words are looked for: what is found in the first of these tells
    more than what is found in the next."""

    names: str = ""
    summary: str = ""
    body: str = ""


NO_TEXTS = Texts()


@dataclass(frozen=True, slots=True)
class Document:
    """One entity in one locale, as the API returns it.

    `body` is the whole document and `card` its short form in lists, both ready JSON. `terms` are what each of
    its `listings` is found under. `digest` is the feed's: by it one sees what version this is. `former_slugs`
    are those under which the entity was found before, the latest last. `names` are the single words, folded
    as by `names.key`, by which people look for it; `sort_name` is what lists by name are sorted by, as bytes
    of UTF-8. `since` (a year) and `verified_on` are None where they are not known. `phrases` and `texts` are what
    it is found by in words, where no place matters. `fallback_for` are the locales in which it may be shown where its
    entity has no document of their own. `names_of` are other entities that it names, and is listed by: a condition's
    specialties.
    """

    kind: str
    id: UUID
    locale: str
    slug: str
    name: str
    body: bytes
    card: bytes
    terms: tuple[Term, ...] = ()
    listings: tuple[Listing, ...] = ()
    digest: str = ""
    former_slugs: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    sort_name: str = ""
    since: int | None = None
    verified_on: date | None = None
    phrases: tuple[Phrase, ...] = ()
    texts: Texts = NO_TEXTS
    fallback_for: tuple[str, ...] = ()
    names_of: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Put:
    document: Document


@dataclass(frozen=True, slots=True)
class Delete:
    """`former_slugs` as of a Document, with the last one that it had: those that are not told are forgotten. None
    if the feed does not tell them: then what is known is kept, and the last one with it."""

    kind: str
    id: UUID
    locale: str
    former_slugs: tuple[str, ...] | None = None


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
class Moved:
    """What has this slug no more is found under `slug` now."""

    slug: str


class Gone:
    """What is asked for was published once, and is no more."""


class SortKey(NamedTuple):
    """Place of a hit in the total order of its query: by `group` (`Best`; else 0), by `name` (`sort="name"`;
    else ""), by squared chord as `geo.chord2` gives it (0 for `sort="name"`), then by document id."""

    group: int
    name: str
    chord2: float
    id: UUID


@dataclass(frozen=True, slots=True)
class Box:
    """What lies between two parallels and two meridians, edges included, in decimal degrees. With `west` greater
    than `east` it crosses the date line; a point at longitude 180 is at -180 too, and a pole on every meridian."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Best:
    """The order that puts a doctor who suits before one who is a little nearer.

    `bands_km` are ascending: a hit is in the first band whose end is not nearer than it is, else in one more. A
    hit's group is `8 * band`, plus 4 unless it is found under the first of the query's terms, plus 2 unless its
    listing has the term `preferred`, plus 1 unless it was verified on the day `verified_from` or later.
    """

    bands_km: tuple[float, ...]
    preferred: Term
    verified_from: date


@dataclass(frozen=True, slots=True)
class Query:
    """The documents of `kind` that have a listing in a circle or box, under any of `terms`, that passes the
    filters. Each stands for itself once, at the nearest such listing (the first, when several are as near).

    `terms` is in order of preference: a hit names the first under which that listing is found; empty means any
    listing. Distances are from the point `lat`, `lng`. `radius_km=None` means the whole Earth; a `box` may come
    besides. `filters` holds values by facet: a listing passes that has, for each facet, any of its values.
    `since_to` passes those with a `since` in this year or before, `verified_from` those verified on that day or
    later; unknown passes neither. `name` passes documents that have, for each of its words, a name that is the word or,
    if this has 3 bytes or more, begins with it; when there is no such name among all that are listed, one that differs
    from it by one letter (added, left out, changed, or swapped with its neighbour), if the word has 4 or more.

    `sort`: "distance", "name" (by `sort_name`) or a `Best`. `after` is the `key` of the last hit seen.
    """

    lat: float
    lng: float
    terms: tuple[Term, ...] = ()
    kind: str = "doctor"
    locale: str = "en"
    radius_km: float | None = None
    box: Box | None = None
    filters: Mapping[str, Collection[str]] = field(default_factory=dict)
    since_to: int | None = None
    verified_from: date | None = None
    name: tuple[str, ...] = ()
    sort: Literal["distance", "name"] | Best = "distance"
    limit: int = 20
    after: SortKey | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What to count over all that a query matches, its `limit` and `after` aside.

    `total` asks for the number of documents. `facets` asks how many of them each value of these facets has. A filter on
    a facet does not bear upon that facet's own counts, so that one sees what choosing another value would give;
    nor does `since_to` upon `since`, or `verified_from` upon `verified`: in these years and from these
    days on, how many documents pass each is counted.
    """

    total: bool = True
    facets: tuple[str, ...] = ()
    since: tuple[int, ...] = ()
    verified: tuple[date, ...] = ()


class Hit(NamedTuple):
    """One entity, at its nearest matching listing.

    Where it is found is told by its document in the default locale, else in the first by code. The cards
    are those of the query's locale where there are such, else of the nearest document that may be shown in it
    (`fallback_for`). `listings` is how many it has anywhere.
    """

    id: UUID
    key: SortKey
    distance_km: float
    term: Term
    card: bytes
    listing_card: bytes
    listings: int


@dataclass(frozen=True, slots=True)
class Total:
    """Number of documents that match; `gte` when counting stopped, at `EXACT_TO` or, when there are too many
    listings to look through, before that."""

    value: int
    relation: Literal["eq", "gte"]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was asked for in `Counted`. `facets` holds the numbers of documents by value, the most frequent
    first (at most `FACET_VALUES`, ties by value), values without any left out; `since` and `verified` hold
    one for each that was asked for. `exact` is False when there are too many listings to look through, and they are
    of a part of the matches only.
    """

    total: Total | None = None
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    since: Mapping[int, int] = field(default_factory=dict)
    verified: Mapping[date, int] = field(default_factory=dict)
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """At most `limit` hits in ascending order of `key`, and the counts that were asked for."""

    hits: list[Hit]
    counts: Counts


class Match(NamedTuple):
    """An entity, and the phrase by which it was found. `card` is that of the document that `Reader.get` gives."""

    kind: str
    id: UUID
    card: bytes
    phrase: Phrase


class Ranked(NamedTuple):
    """An entity whose text has some of the words asked for; `score` is higher the better it fits, and of no unit."""

    id: UUID
    card: bytes
    score: float


class Points(NamedTuple):
    """Listings in bulk, as columns: `ids` of their entities (`S16`, the bytes of UUIDs), and `vectors`, the x, y and z
    of each as `geo.unit_vector` gives them, in rows."""

    ids: NDArray[np.bytes_]
    vectors: NDArray[np.float64]


class Acquaintance(NamedTuple):
    """Where a word occurs: in a phrase, in one in the locale asked for or the default one, in a name of those of
    `Document.names`, in a text."""

    in_phrases: bool
    in_locale: bool
    in_names: bool
    in_texts: bool


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

    def snapshot(self) -> AbstractContextManager[Reader]:
        """The generation as it is now, for one thread and as long as one request takes: nothing that is written
        meanwhile is seen."""

    def position(self) -> Position | None:
        """Feed position, or None while nothing has been applied."""

    def search(self, query: Query, counted: Counted | None = None) -> Found:
        """What matches, in exact order: across the date line, at the poles, however many share a point.
        Raises ValueError for a point or box off the globe, or a radius below 0."""

    def points(self, kind: str, terms: Collection[Term]) -> Iterator[Points]:
        """All listings found under any of the terms, some thousands at a time, in no order; one that has several of the
        terms may come several times. Not those of `FLAGS`."""

    def get(self, kind: str, id: UUID, locale: str) -> Stored | Gone | None:
        """The document in `locale`, else the nearest that may be shown in it (of those with `locale` in their
        `fallback_for` the one that has the fewest), else in the default locale, else in the first by code; Gone if
        there was one."""

    def get_by_slug(self, kind: str, slug: str, locale: str) -> Stored | Moved | Gone | None:
        """As `get`, by the slug that an entity has in any locale. Should several share it, the one that has it in
        `locale`, then in the default locale, then the one with the lower id answers. If none has it, but one
        did before, Moved tells that one's slug now, in the locale in which it had this one (else
        as `get` chooses), or Gone that it is no more. Of several that had it, those that are there come first;
        then it is as with slugs in use."""

    def naming(self, kind: str, named: Term, locale: str, limit: int) -> list[bytes]:
        """The cards (as `cards` gives them) of the entities of a kind of which a document names another one (see
        `Document.names_of`), by the `sort_name` of their documents, then by id."""

    def translations(self, kind: str, id: UUID) -> dict[str, str]:
        """The slugs of an entity's documents by locale, in order."""

    def locales(self, *, but: str) -> dict[str, str]:
        """By locale that documents, but those of the kind `but`, are in, or may be shown in by their `fallback_for`, the
        one that they are in: itself, else the nearest of any document."""

    def listing_cards(self, kind: str, terms: Collection[Term]) -> dict[Term, bytes]:
        """By term, the card of one of the listings found under it, if there is any; not for those of `FLAGS`."""

    def cards(self, kind: str, ids: Sequence[UUID], locale: str) -> dict[UUID, bytes]:
        """Of those of `ids` that exist, the cards of what `get` gives."""

    def phrases(self, keys: Collection[str], locale: str) -> list[Match]:
        """All whose key is one of these; of the same key, in the order of `FORMS`, each entity once."""

    def completions(
        self, kind: str, words: Sequence[str], locale: str, limit: int, forms: Collection[Form] = FORMS
    ) -> list[Match]:
        """Entities with a phrase, of one of these forms, that has all these words, the last maybe unfinished, in any
        order. First come phrases that begin so, then by form, then the shorter. Each entity once. Those that are
        `exact_only` only where nothing is unfinished, and none of their words is missing. One letter alone is looked
        for where phrases begin. Where a thousand phrases and more have the rarest of the words, but do not begin so,
        some may be left out."""

    def words_like(
        self, word: str, most: int, forms: Collection[Form] = FORMS, *, unfinished: bool = False
    ) -> list[tuple[str, int]]:
        """The words of four letters or more of phrases of these forms, but for codes and what is a phrase that is
        `exact_only`, that differ from `word` by so many letters at most (added, left out, changed, or swapped with
        the neighbour), with the number, the least first. `unfinished`: that begin with what differs so."""

    def acquaintance(self, words: Collection[str], locale: str) -> dict[str, Acquaintance]:
        """Where each of the words occurs, just as it is."""

    def full_text(
        self, kind: str, words: Sequence[tuple[str, Sequence[str]]], locale: str, limit: int
    ) -> list[Ranked]:
        """Those whose texts have any of the words, each given with others that may stand for it, or other forms of
        them, as the engine knows these; the best first. A word counts more the fewer texts have it, and more
        than those that stand for it. Each entity once."""

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
    """One generation, for writing by one process and one thread at a time, which may read it, too."""

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
