"""Which place a slug or a text means. Functions over a Store: nothing here knows an engine.

A place is never guessed silently: whatever was done to make a text fit is in the Resolution.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from rapidfuzz.distance import OSA

from search_service.places import coordinates, matching, names, postal, ranking, scripts
from search_service.places.areas import Scope
from search_service.places.coordinates import OffTheGlobe
from search_service.places.matching import NO_WISH, OFFERED, Asked, Meant, Wish, itself, once
from search_service.places.model import (
    POINT,
    Alternative,
    Area,
    Assumption,
    Found,
    Nearby,
    Place,
    Resolution,
    Status,
    Why,
)
from search_service.places.ranking import ALTERNATE, CODE, OWN, Point
from search_service.places.store import Hit, Row, Store, place

# From this likeness on, the names of near places are one village's.
_ALIKE = 0.8
# Of countries and regions.
_LONGEST_CODE = 3
# So many places, so near to the focus, come up for the beginning of their name, however small they are.
_NEAR, _NEAR_KM = 60, 50.0
# So many times as many as are wanted are put in order where that is another than their importance.
_WISHED = 4


def resolve_slug(store: Store, slug: str) -> Resolution:
    try:
        if point := coordinates.from_slug(slug):
            return _at(store, point)
    except OffTheGlobe as error:
        return Resolution("none", reason=str(error))
    if code := postal.resolve_slug(store, slug):
        return code
    words = names.slug_words(slug)
    if words and words[-1].isdigit():
        *words, id_ = words
        # The id alone counts: the rest is for people, and changes with the place's name.
        row = store.get(int(id_)) if len(id_) < 19 else None
        if row is not None:
            return _resolution(store, Choice("exact", [itself(row)]))
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
                    store, Choice("exact", [hit, *(other for other in ordered if other != hit)])
                )
    found = next(filter(None, readings), None)
    return _resolution(store, _choose(Meant(found, ""), NO_WISH)) if found else Resolution("none")


def _suggested(likely: Resolution) -> Resolution:
    """All that is in a resolution, as mere suggestions."""
    match = (likely.match,) if likely.match else ()
    others = tuple(other.place for other in likely.alternatives)
    return Resolution(
        "none", suggestions=(match + others + likely.suggestions)[:OFFERED], reason=likely.reason
    )


def resolve_text(store: Store, text: str, wish: Wish, *, guess: bool = True) -> Resolution:
    """Without `guess`, only what the text says to the letter."""
    try:
        if point := coordinates.read(text):
            return _at(store, point)
    except OffTheGlobe as error:
        return Resolution("none", reason=str(error))
    asked = Asked(store, text, wish)
    meant = _meant(asked) or (_guessed(asked) if guess else Resolution("none"))
    return _resolution(store, meant) if isinstance(meant, Choice) else meant


def _guessed(asked: Asked) -> Choice | Resolution:
    """What a text may mean that is no name of what was asked for."""
    for hits, assumed in () if asked.is_known else asked.bent():
        if likely := _likely(asked, hits, assumed):
            return likely
    suggested = matching.suggestions(asked)
    if countries := scripts.countries(asked.text):
        by_sound = Asked(asked.store, scripts.latin(asked.text), asked.wish, countries)
        if heard := _by_sound(by_sound):
            return heard
        suggested = chain(matching.likely(by_sound), suggested)
    # A postal code is known that the rest of the text does not agree with.
    places = chain(postal.elsewhere(asked), (place(asked.store.areas, hit.place) for hit in once(suggested)))
    return Resolution("none", suggestions=tuple(islice(places, OFFERED)))


def _meant(asked: Asked) -> Choice | Resolution | None:
    """What the text means, without guessing at letters; None if it is not clear what it may mean."""
    # A number is a postal code before it is a name; Kilometre 7 is not.
    is_number = all(word.isdigit() for word in names.key(asked.text).split())
    if is_number and (code := postal.resolve_text(asked)):
        return code
    meant = asked.meant()
    if meant and meant.assumed is None:
        choice = _choose(meant, asked.wish)
        return None if _rather_begins_a_name(asked, choice.hits[0]) else choice
    if village := postal.village(asked):
        return _choose(village, asked.wish)
    if code := postal.resolve_text(asked):
        return code
    meant = meant or postal.beside_unknown(asked)
    return _choose(meant, asked.wish) if meant else None


def _rather_begins_a_name(asked: Asked, hit: Hit) -> bool:
    """Of a code in small letters: "pra" begins Prague, and is hardly Paraná's."""
    if hit.name_class != CODE or asked.text.isupper():
        return False
    as_likely = hit._replace(name_class=ALTERNATE)
    first, *_ = [*asked.wish.order(asked.begun(_WISHED)), hit]
    return first.place.id != hit.place.id and asked.wish.score(first) > asked.wish.score(as_likely)


def _by_sound(asked: Asked) -> Choice | None:
    """As `resolve_text`, of a text that was in another script: in the countries where it is written only."""
    if meant := asked.meant():
        return _choose(replace(meant, assumed="script"), asked.wish)
    spelt = (hits for hits, assumed in asked.bent() if assumed == "spelling")
    found = next(filter(None, spelt), None) or matching.sounding(asked)
    return None if asked.areas else _likely(asked, found, "script")


def _likely(asked: Asked, hits: Sequence[Hit], assumed: Assumption) -> Choice | None:
    """What a text is taken for that had to be bent; None if it may as well be another name."""
    if not hits:
        return None
    first = hits[0].key
    namesakes = [hit for hit in hits if hit.key == first]
    others = [hit for hit in hits if hit.key != first]
    if not asked.wish.is_clear([hits[0], *others]):
        return None
    return _choose(Meant(namesakes, "", assumed), asked.wish)


def complete(store: Store, text: str, wish: Wish, limit: int, locale: str | None = None) -> list[Found]:
    """A name in the `locale` is as likely to be typed as the place's own."""
    try:
        if point := coordinates.read(text):
            found = _at(store, point).match
            return [Found(found, found.name)] if found else []
    except OffTheGlobe:
        return []
    asked = Asked(store, text, wish)
    begun = _begun(asked, limit, locale)
    meant = _meant(asked)
    match = _found(store, meant)
    # Who has typed all of Georgia sees what lies there; who has typed no more than "de" wants Delhi.
    if not match and asked.areas and len(asked.readings[0].name) > _LONGEST_CODE:
        match = [
            Found(place(store.areas, hit.place), hit.found) for hit in once(matching.likely(asked), OFFERED)
        ]
    codes = [Found(code, code.name) for code in postal.beginning(store, text, wish, limit)]
    start = asked.readings[0].name if asked.readings else ""
    others: list[Found] = []
    if start and not (match or codes or any(hit.key.startswith(start) for hit in begun)):
        # Nothing is called so: it has been typed, and wrongly.
        likely = _guessed(asked)
        match = _found(store, likely)
        others = [Found(other, other.name) for other in getattr(likely, "suggestions", ())]
    completions = [
        Found(place(store.areas, hit.place), hit.found) for hit in islice(wish.order(begun), limit)
    ]
    return list(_each_once(match + codes + completions + others))[:limit]


def _found(store: Store, meant: Choice | Resolution | None) -> list[Found]:
    match meant:
        case Choice(hits=[hit, *_]):
            return [Found(place(store.areas, hit.place), hit.found)]
        case Resolution(match=Place() as match, matched_name=name):
            return [Found(match, name)]
    return []


def _each_once(found: Iterable[Found]) -> Iterator[Found]:
    seen = set()
    for each in found:
        if each.place.slug not in seen:
            seen.add(each.place.slug)
            yield each


def _begun(asked: Asked, limit: int, locale: str | None) -> list[Hit]:
    if not asked.readings:
        return []
    focus, is_whole = asked.wish.focus, not asked.readings[0].within
    # With a wish, others than the most important may come first; and some may lie elsewhere.
    as_they_come = asked.wish == NO_WISH and not locale and is_whole
    begun = asked.begun(limit if as_they_come else _WISHED * limit)
    if locale:
        local = asked.store.local_names([hit.place.id for hit in begun if hit.name_class != OWN], locale)
        keys = {id_: names.key(name) for id_, name in local.items()}
        begun = [hit._replace(name_class=OWN) if keys.get(hit.place.id) == hit.key else hit for hit in begun]
    if focus is None or not is_whole:
        return begun
    # What is near to the focus need not be among the most important places of a beginning.
    near = asked.store.near_beginning(*focus, _NEAR, _NEAR_KM, asked.readings[0].name)
    return begun + [Hit(row.name, key, OWN, row) for key, row in near]


@dataclass(frozen=True, slots=True)
class Choice:
    """The likeliest of what a text may mean, the others after it; see Resolution."""

    status: Status
    hits: list[Hit]
    assumed: Assumption | None = None


def _choose(meant: Meant, wish: Wish) -> Choice:
    ordered = wish.order(meant.hits, meant.written)
    status: Status = "approximate" if meant.assumed else "exact"
    if not wish.is_clear(ordered, meant.written):
        status = "ambiguous"
    return Choice(status, ordered, meant.assumed)


def _resolution(store: Store, choice: Choice) -> Resolution:
    first, *others = choice.hits
    parts = _parts(store, first)
    ids = {row.id for row in parts}
    offered: list[tuple[Row, Why]] = [
        (hit.place, "part" if hit.place.id in ids else "namesake") for hit in others[:OFFERED]
    ]
    offered += [(row, "part") for row in parts if all(row != other for other, _ in offered)]
    return Resolution(
        choice.status,
        assumed=choice.assumed,
        match=place(store.areas, first.place),
        matched_name=first.found,
        alternatives=tuple(Alternative(place(store.areas, row), why) for row, why in offered[:OFFERED]),
    )


def _parts(store: Store, hit: Hit) -> list[Row]:
    """The other parts of a village, nearest first: near places whose names begin like the one asked for."""
    if ranking.is_area(hit.place.kind) or hit.place.population >= ranking.TOWN:
        return []
    asked = hit.key
    words = asked.count(" ") + 1
    near = store.near(hit.place.lat, hit.place.lng, 50, ranking.ONE_PLACE_KM, {hit.place.id})
    return [
        row
        for row, _ in near
        if row.name[0].casefold() == hit.found[0].casefold()
        and OSA.normalized_similarity(" ".join(names.key(row.name).split()[:words]), asked) >= _ALIKE
    ]


def _at(store: Store, point: Point) -> Resolution:
    lat, lng = point
    match = Place(
        id=None,
        name=(name := coordinates.slug(lat, lng).replace(",", ", ")),
        ascii_name=name,
        lat=lat,
        lng=lng,
        kind=POINT,
        country=Area("", ""),
        region=Area("", ""),
        district=Area("", ""),
        population=0,
        timezone="",
        slug=coordinates.slug(lat, lng),
    )
    nearest = (Nearby(place(store.areas, row), km) for row, km in store.near(lat, lng, 1))
    return Resolution("exact", match=match, matched_name=match.name, nearest=next(nearest, None))


def _slug_hits(store: Store, name: str, country: str, regions: frozenset[str]) -> list[Hit]:
    key = names.key(name.replace("-", " "))
    scopes = [Scope(country, region) for region in sorted(regions)] or [Scope(country, None)]
    return [hit for scope in scopes for hit in store.named(key, scope)]
