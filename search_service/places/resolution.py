"""Which place a slug or a text means. Functions over a Store: nothing here knows an engine.

A place is never guessed silently: whatever was done to make a text fit is in the Resolution.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain

from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from search_service import geo
from search_service.places import names, ranking
from search_service.places.areas import Scope, area_keys, covers
from search_service.places.model import Assumption, Found, Resolution, Status
from search_service.places.ranking import CODE, OWN, Point
from search_service.places.store import Hit, Row, Store, place

# So many alternatives or suggestions are given.
OFFERED = 5
# A text of more words is no place's name with what it lies in.
_MOST_WORDS = 12
# From so many letters on, the beginning of a name may stand for it; other scripts need fewer.
_FEWEST_LETTERS = 4
_FEWEST_SIGNS = 2
# Words that say what a place is, and are left out if nothing has the name with them.
_DESCRIPTIONS = frozenset(
    {"block", "city", "hamlet", "municipality", "of", "tehsil", "the", "town", "village"}
)
# From this likeness on, an area is spelt nearly as asked, and the names of near places are one village's.
_ALIKE = 0.8
_REMOTELY_ALIKE = 0.75
# What lies around a place of more people is a suburb and not a part of the village.
_VILLAGE = 10_000
# In a name of so many letters one may be wrong, two, three.
_WRONG_LETTERS = (4, 7, 11)
# Places so near to the focus come up for the beginning of their name, however small they are.
_NEAR_KM = 50.0


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom to prefer among namesakes: near to `focus`, in `country` (alpha-2)."""

    focus: Point | None = None
    country: str | None = None

    def score(self, hit: Hit) -> float:
        point = (hit.place.lat, hit.place.lng)
        return ranking.score(hit.place.importance, hit.name_class, hit.wrong_letters, point, self.focus)

    def order(self, hits: Iterable[Hit]) -> list[Hit]:
        """The likeliest first, each place once, under the likeliest of its names."""
        return list(_once(sorted(hits, key=lambda hit: (self._abroad(hit), -self.score(hit), hit.place.id))))

    def is_clear(self, ordered: Sequence[Hit]) -> bool:
        """Whether the first outdoes all others by far; places next to each other do not compete."""
        first = ordered[0]
        rivals = (hit for hit in ordered[1:] if not _is_one_place(first.place, hit.place))
        rival = next(rivals, None)
        return (
            rival is None
            or self._abroad(rival) > self._abroad(first)
            or self.score(first) - self.score(rival) >= ranking.CLEAR_LEAD
        )

    def _abroad(self, hit: Hit) -> bool:
        return self.country is not None and hit.place.country != self.country


NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class Reading:
    """A text taken as the key of a name, and the words of what the place lies in."""

    name: str
    within: tuple[str, ...] = ()


def resolve_slug(store: Store, slug: str) -> Resolution:
    words = names.slug_words(slug)
    if words and words[-1].isdigit():
        *words, id_ = words
        # The id alone counts: the rest is for people, and changes with the place's name.
        row = store.get(int(id_)) if len(id_) < 19 else None
        if row is not None:
            return _resolution(store, Resolution("exact"), [_itself(row)])
        return _suggested(_resolve_without_id(store, "-".join(words), words))
    likely = _resolve_without_id(store, slug, words)
    if likely.status == "none":
        return _suggested(resolve_text(store, slug.replace("-", " "), NO_WISH))
    return likely


def _resolve_without_id(store: Store, slug: str, words: Sequence[str]) -> Resolution:
    readings = [_slug_hits(store, *reading) for reading in store.areas.split_slug(words)]
    for hits in readings:
        ordered = NO_WISH.order(hits)
        # The most important place that is called so keeps the slug, whoever else is known by the name.
        for hit in ordered:
            if place(store.areas, hit.place).slug == slug:
                return _resolution(
                    store, Resolution("exact"), [hit, *(other for other in ordered if other != hit)]
                )
    return next((_choose(store, hits, NO_WISH) for hits in readings if hits), Resolution("none"))


def _suggested(likely: Resolution) -> Resolution:
    """All that is in a resolution, as mere suggestions."""
    match = (likely.match,) if likely.match else ()
    return Resolution("none", suggestions=(match + likely.alternatives + likely.suggestions)[:OFFERED])


def resolve_text(store: Store, text: str, wish: Wish) -> Resolution:
    readings = _readings(store, text)
    for reading in readings:
        if hits := _hits(store, reading, wish):
            return _choose(store, hits, wish)
    for reading in readings:
        if hits := _hits(store, _without_description(reading), wish):
            return _choose(store, hits, wish, "description")
    for reading in readings:
        if reading.within and (hits := _hits_in_misspelt_area(store, reading)):
            return _choose(store, hits, wish, "area")
    # Countries and regions say where the name ends. Other ways to cut the text only serve for suggestions.
    sure = [reading for reading in readings if store.areas.are_named(reading.within)]
    # What is the name of a place is not taken for another's, wrongly spelt: it lies elsewhere, and only
    # who wrote the text knows where it is wrong.
    elsewhere = wish.order(hit for reading in sure for hit in store.named(reading.name, limit=50))
    if not elsewhere and not any(store.areas.are_named(reading.name.split()) for reading in sure):
        for find, assumed in _BENT:
            hits = wish.order(hit for reading in sure for hit in find(store, reading))
            if hits and wish.is_clear(hits):
                return _resolution(store, Resolution("approximate", assumed=assumed), hits)
    suggestions = _once(_suggestions(store, readings, sure, elsewhere, wish), OFFERED)
    return Resolution("none", suggestions=tuple(place(store.areas, hit.place) for hit in suggestions))


def complete(store: Store, text: str, wish: Wish, limit: int) -> list[Found]:
    readings = _readings(store, text)
    meant = next((hits for reading in readings if (hits := _hits(store, reading, wish))), [])
    looked_at = 4 * limit if wish == NO_WISH else 10 * limit
    # What is near to the focus need not be among the most important places of a beginning.
    near = store.near(*wish.focus, 100, _NEAR_KM) if wish.focus else []
    begun: list[Hit] = []
    for reading in readings:
        begun = [
            hit
            for hit in chain(
                store.beginning(reading.name.split(), looked_at),
                (_itself(row) for row, _ in near if names.key(row.name).startswith(reading.name)),
            )
            if not reading.within or _begins_area(store, hit.place, " ".join(reading.within))
        ]
        if begun:
            break
    ordered = _once(wish.order(meant)[:1] + wish.order(begun), limit)
    found = [Found(place(store.areas, hit.place), hit.found) for hit in ordered]
    if found or not readings:
        return found
    likely = resolve_text(store, text, wish)
    if likely.match:
        found.append(Found(likely.match, likely.matched_name))
    return (found + [Found(other, other.name) for other in likely.suggestions])[:limit]


def _once(hits: Iterable[Hit], limit: int | None = None) -> Iterator[Hit]:
    """The first hit on each place, for so many places; takes no more hits than it needs."""
    seen: set[int] = set()
    for hit in hits:
        if hit.place.id not in seen:
            seen.add(hit.place.id)
            yield hit
            if len(seen) == limit:
                return


def _begins_area(store: Store, row: Row, text: str) -> bool:
    return any(key.startswith(text) for key in _area_keys(store, row))


def _readings(store: Store, text: str) -> list[Reading]:
    """Every way to read the text, the longest name first; after a comma only what the place lies in."""
    whole = names.key(text) if len(text) <= names.MAX_LENGTH else ""
    words = whole.split()
    if not 0 < len(words) <= _MOST_WORDS:
        return []
    if "," in text:
        name, within = (names.key(part) for part in text.split(",", 1))
        if name:
            return [Reading(name, tuple(within.split())), Reading(whole)]
    # West Virginia is no place called West.
    cuts = () if store.areas.scopes(whole) else range(len(words) - 1, 0, -1)
    return [Reading(whole), *(Reading(" ".join(words[:cut]), tuple(words[cut:])) for cut in cuts)]


def _hits(store: Store, reading: Reading, wish: Wish = NO_WISH) -> list[Hit]:
    """The places of just this name that lie in all that is named."""
    within = reading.within
    if not within:
        # Without a wish, the likeliest come first, and no others are needed.
        hits = store.named(reading.name, limit=1000 if wish != NO_WISH else 10 * OFFERED)
        return _unless_country(store, reading.name, hits)
    found = [hit for scope in _scopes(store, within) for hit in store.named(reading.name, scope)]
    return [hit for hit in found or store.named(reading.name) if _lies_within(store, hit.place, within)]


def _unless_country(store: Store, name: str, hits: Iterable[Hit]) -> list[Hit]:
    """Who names a country means it, and none of the towns called so elsewhere: India is not Inđija.

    What remains is the country itself if it is stored, and the capital named like it (Singapore, Mexico
    City). An abbreviation remains too if it is that of a place more important than any in the country
    that has it for its code: LA is not Laos.
    """
    countries = [scope for scope in store.areas.scopes(name) if scope.region is None]
    if not countries:
        return [*hits]
    at_home = [
        hit
        for scope in countries
        for hit in store.named(name, scope)
        if hit.name_class != CODE and (hit.place.kind.startswith("PCL") or _is_capital_of(name, hit.place))
    ]
    if at_home or len(name) > 2:
        return at_home
    most = max((row.importance for scope in countries for row in store.largest(scope, 1)), default=0)
    return [hit for hit in hits if hit.name_class == CODE and hit.place.importance > most]


def _is_capital_of(country: str, row: Row) -> bool:
    """Whether it is a capital whose name begins with the country's, maybe spelt otherwise (Macau, Macao)."""
    start = names.key(row.name)[: len(country)]
    return row.kind == "PPLC" and OSA.normalized_similarity(start, country) >= _ALIKE


def _lies_within(store: Store, row: Row, words: Sequence[str]) -> bool:
    return covers(store.areas.keys(row.country, row.region), words) or covers(_area_keys(store, row), words)


def _scopes(store: Store, words: Sequence[str]) -> list[Scope]:
    """The countries and regions that the words may name first."""
    found = {scope for cut in range(1, len(words) + 1) for scope in store.areas.scopes(" ".join(words[:cut]))}
    return sorted(found, key=str)


def _hits_in_misspelt_area(store: Store, reading: Reading) -> list[Hit]:
    within = " ".join(reading.within)

    @cache
    def is_alike(country: str, region: str, district: str) -> bool:
        keys = store.areas.keys(country, region) | area_keys([district])
        return any(OSA.normalized_similarity(within, key) >= _ALIKE for key in keys)

    hits = store.named(reading.name)
    return [h for h in hits if is_alike(h.place.country, h.place.region, h.place.district_name)]


def _without_description(reading: Reading) -> Reading:
    words = reading.name.split()
    return Reading(" ".join(word for word in words if word not in _DESCRIPTIONS), reading.within)


def _completions(store: Store, reading: Reading) -> Iterator[Hit]:
    if len(reading.name) < (_FEWEST_LETTERS if reading.name.isascii() else _FEWEST_SIGNS):
        return
    for hit in store.beginning(reading.name.split(), 50):
        if names.key(hit.found).startswith(reading.name) and _lies_within(store, hit.place, reading.within):
            yield hit


def _corrections(store: Store, reading: Reading) -> Iterator[Hit]:
    """Places whose name differs in a few letters, none of its words in too many."""
    asked = reading.name
    few = bisect(_WRONG_LETTERS, len(asked))
    found = process.extract(asked, store.spelt_like(asked), scorer=OSA.distance, score_cutoff=few, limit=30)
    for key, letters, _ in found:
        if _is_each_word_alike(asked.split(), key.split()):
            for hit in _hits(store, Reading(key, reading.within)):
                if hit.name_class != CODE:
                    yield hit._replace(wrong_letters=int(letters))


def _is_each_word_alike(asked: Sequence[str], words: Sequence[str]) -> bool:
    """False for `Domkhar xyz` and `Domkhar Dho`. Where a space is wrong, words are not compared."""
    return len(asked) != len(words) or all(
        OSA.distance(one, other) <= bisect(_WRONG_LETTERS, len(one))
        for one, other in zip(asked, words, strict=True)
    )


# How a text that is no name may be bent, in order of preference.
_BENT: tuple[tuple[Callable[[Store, Reading], Iterator[Hit]], Assumption], ...] = (
    (_completions, "completion"),
    (_corrections, "spelling"),
)


def _suggestions(
    store: Store, readings: Sequence[Reading], sure: Sequence[Reading], elsewhere: Sequence[Hit], wish: Wish
) -> Iterator[Hit]:
    """What may have been meant: the largest places of what is an area, namesakes elsewhere, names alike,
    places of the area named, the part of the text that is a name."""
    yield from _largest(
        store, [words for reading in sure if store.areas.are_named(words := reading.name.split())]
    )
    yield from elsewhere
    for reading in sure:
        for find, _ in _BENT:
            yield from wish.order(find(store, reading))
    if elsewhere:
        return
    for reading in sure:
        yield from _remotely_alike(store, reading, wish)
    yield from _largest(store, [reading.within for reading in sure])
    for reading in readings:
        part = Reading(reading.name)
        yield from wish.order([*_hits(store, part), *_corrections(store, part)])


def _largest(store: Store, areas: Iterable[Sequence[str]]) -> Iterator[Hit]:
    scopes = (scope for words in areas for scope in _scopes(store, words))
    return (_itself(row) for scope in scopes for row in store.largest(scope, OFFERED))


def _remotely_alike(store: Store, reading: Reading, wish: Wish) -> Iterator[Hit]:
    """Names that begin alike and differ little; then what begins with an ever smaller part of the name."""
    keys = process.extract(
        reading.name,
        store.spelt_like(reading.name),
        scorer=JaroWinkler.similarity,
        score_cutoff=_REMOTELY_ALIKE,
        limit=4 * OFFERED,
    )
    hits = [
        (likeness - hit.name_class / 20, hit)
        for key, likeness, _ in keys
        for hit in wish.order(_hits(store, Reading(key, reading.within)))[:OFFERED]
        if hit.name_class != CODE
    ]
    yield from (hit for _, hit in sorted(hits, key=lambda pair: -pair[0]))
    for length in range(len(reading.name) - 1, max(2, len(reading.name) // 2), -1):
        if words := reading.name[:length].split():
            yield from store.beginning(words, OFFERED)


def _choose(store: Store, hits: Iterable[Hit], wish: Wish, assumed: Assumption | None = None) -> Resolution:
    ordered = wish.order(hits)
    status: Status = "approximate" if assumed else "exact"
    if not wish.is_clear(ordered):
        status = "ambiguous"
    return _resolution(store, Resolution(status, assumed=assumed), ordered)


def _resolution(store: Store, outline: Resolution, ordered: Sequence[Hit]) -> Resolution:
    first, *others = ordered
    rows = [hit.place for hit in others[:OFFERED]]
    rows += [row for row in _parts(store, first) if row not in rows]
    return replace(
        outline,
        match=place(store.areas, first.place),
        matched_name=first.found,
        alternatives=tuple(place(store.areas, row) for row in rows[:OFFERED]),
    )


def _parts(store: Store, hit: Hit) -> list[Row]:
    """The other parts of a village, nearest first: near places whose names begin like the one asked for."""
    if ranking.is_area(hit.place.kind) or hit.place.population >= _VILLAGE:
        return []
    asked = names.key(hit.found)
    words = asked.count(" ") + 1
    near = store.near(hit.place.lat, hit.place.lng, 50, ranking.ONE_PLACE_KM, {hit.place.id})
    return [
        row
        for row, _ in near
        if row.name[0].casefold() == hit.found[0].casefold()
        and OSA.normalized_similarity(" ".join(names.key(row.name).split()[:words]), asked) >= _ALIKE
    ]


def _slug_hits(store: Store, name: str, country: str, regions: frozenset[str]) -> list[Hit]:
    key = names.key(name.replace("-", " "))
    scopes = [Scope(country, region) for region in sorted(regions)] or [Scope(country, None)]
    return [hit for scope in scopes for hit in store.named(key, scope)]


def _itself(row: Row) -> Hit:
    return Hit(row.name, OWN, row)


def _area_keys(store: Store, row: Row) -> frozenset[str]:
    """Keys of all that a place lies in."""
    return store.areas.keys(row.country, row.region) | area_keys([row.district_name])


def _is_one_place(a: Row, b: Row) -> bool:
    """Whether it makes no difference which of two namesakes is meant: they lie next to each other, or one
    is the region or district that is named after the other."""
    if (a.country, a.region) == (b.country, b.region) and ranking.is_area(a.kind) != ranking.is_area(b.kind):
        return True
    return geo.distance_km(a.lat, a.lng, b.lat, b.lng) <= ranking.ONE_PLACE_KM
