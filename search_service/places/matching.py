"""Which stored places a text may name, by one step after another. Functions over a Store."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import islice, product, tee

from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from search_service import geo
from search_service.names import key as folded
from search_service.places import names, ranking, scripts
from search_service.places.areas import Scope, area_keys, covers
from search_service.places.model import Assumption
from search_service.places.ranking import BEGUN_COST, CODE, NAME_COST, OWN, REMOTE, SHORTER, Point
from search_service.places.store import Hit, Row, Store, Whereabouts

# So many alternatives or suggestions are given.
OFFERED = 5
# A text of more words is no place's name with what it lies in.
_MOST_WORDS = 12
# What a place lies in is told in so many words.
_MOST_WITHIN = 6
# So many namesakes in the area named are looked at; and of all, to see where they lie.
_NAMESAKES = 200
_WHEREABOUTS, _WHEREABOUTS_MISSPELT = 5000, 500
# From so many letters on, the beginning of a name may stand for it; other scripts need fewer.
_FEWEST_LETTERS = 4
_FEWEST_SIGNS = 2
# Words that say what a place is, or that lead to it, and are left out if nothing has the name with them.
_DESCRIPTIONS = frozenset({
    *("area", "at", "block", "city", "commune", "greater", "hamlet", "in", "metropolitan", "municipality", "near"),
    *("of", "taluk", "taluka", "tehsil", "the", "town", "township", "village"),
    *("gaon", "gram", "shahar", "गांव", "गाँव", "ग्राम", "शहर"),
    *("ciudad", "pueblo", "cidade", "vila", "ville", "comune", "gemeinde", "stadt", "dorf"),
    *("landeshauptstadt", "hansestadt", "gorod", "selo", "город", "село", "деревня", "поселок"),
})  # fmt: skip
# These only where they stand in what a place lies in: Washington County is not Washington.
_SORTS_OF_AREAS = frozenset({"county", "distrikt", "district", "division", "kreis", "landkreis", "zila"})
# Words between the words of a name that others leave out: Marburg an der Lahn, Marburg/Lahn.
_LINKS = frozenset({
    *("a", "am", "an", "auf", "bei", "d", "dem", "den", "der", "die", "i", "im", "in", "o", "ob", "u", "und", "v"),
    *("vor", "zu", "zum", "zur", "and", "by", "on", "the", "under", "upon", "da", "das", "de", "del", "della"),
    *("des", "di", "do", "dos", "du", "e", "en", "et", "la", "las", "le", "les", "los", "sous", "sur", "y"),
})  # fmt: skip
# How words are written besides. `names.key` has written out what is always short for the same.
_ALSO_WRITTEN = {
    "a": ("am", "an", "aan"),
    "bch": ("beach",),
    "cd": ("ciudad",),
    "d": ("der", "de"),
    "e": ("east",),
    "gdns": ("gardens",),
    "hts": ("heights",),
    "jct": ("junction",),
    "m": ("main",),
    "mtn": ("mountain",),
    "n": ("north",),
    "nth": ("north",),
    "pt": ("point", "port"),
    "s": ("south", "san"),
    "saint": ("sankt", "sint", "san", "santa", "sveti"),
    "sankt": ("saint",),
    "spgs": ("springs",),
    "sta": ("santa",),
    "sth": ("south",),
    "sto": ("santo",),
    "twp": ("township",),
    "w": ("west",),
}
_MOST_SPELLINGS = 24
# From this likeness on, a capital is called like its country.
_ALIKE = 0.8
_REMOTELY_ALIKE = 0.75
# So many beginnings of a name are tried, and so many of a text's parts taken for misspelt, to suggest something.
_TRIED = 6
_PARTS = 2
# In a name of so many letters one may be wrong, two, three; in an area's, one or two.
_WRONG_LETTERS = (4, 7, 11)
_WRONG_LETTERS_OF_AREA = (4, 8)
# Names with fewer consonants sound alike by chance.
_FEWEST_SOUNDS = 3
# How alike a name must be to what another script sounds like; and if it has no vowels, to its consonants.
_SOUNDS_ALIKE = 0.6
# A place of so many (importance) is known under names in other languages. A country's name in another language is
# not meant where one is called just so: Granada.
_LARGE = 5000


@dataclass(frozen=True)
class Wish:
    """Whom to prefer among namesakes: near to `focus`, in `country` (alpha-2)."""

    focus: Point | None = None
    country: str | None = None

    def score(self, hit: Hit, written: str = "") -> float:
        """`written` is the folded text asked for, to prefer who has it without abbreviations."""
        place = hit.place
        cost = (BEGUN_COST if hit.is_begun else NAME_COST)[hit.name_class]
        likelihood = place.importance - cost - ranking.LETTER_COST * hit.wrong_letters
        if written and names.may_be_shortened(hit.key) and folded(hit.found) == written:
            likelihood += ranking.AS_WRITTEN
        if self._vector is None:
            return likelihood
        c2 = geo.chord2(self._vector, geo.unit_vector(place.lat, place.lng))
        return ranking.near(likelihood, geo.km_from_chord2(c2))

    @cached_property
    def _vector(self) -> geo.Vector | None:
        return geo.unit_vector(*self.focus) if self.focus else None

    def order(self, hits: Iterable[Hit], written: str = "") -> list[Hit]:
        """The likeliest first, each place once, under the likeliest of its names."""
        ordered = sorted(hits, key=lambda hit: (self._abroad(hit), -self.score(hit, written), hit.place.id))
        return list(once(ordered))

    def is_clear(self, ordered: Sequence[Hit], written: str = "") -> bool:
        """Whether the first outdoes all others by far; places next to each other do not compete."""
        first = ordered[0]
        rivals = (hit for hit in ordered[1:] if not _is_one_place(first.place, hit.place))
        rival = next(rivals, None)
        return (
            rival is None
            or self._abroad(rival) > self._abroad(first)
            or self.score(first, written) - self.score(rival, written) >= ranking.CLEAR_LEAD
        )

    def _abroad(self, hit: Hit) -> bool:
        return self.country is not None and hit.place.country != self.country


NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class Reading:
    """A text taken as the key of a name, and the words of what the place lies in. `written` is the name
    with its abbreviations as they were."""

    name: str
    within: tuple[str, ...] = ()
    written: str = ""


@dataclass(frozen=True)
class Asked:
    """A text, every way to read it, and what is found for it: once, however many steps look at it."""

    store: Store
    text: str
    wish: Wish
    # Where matches must lie, if they must: the countries in whose script the text was.
    countries: frozenset[str] = field(default=frozenset())

    @cached_property
    def readings(self) -> list[Reading]:
        return _readings(self.store, self.text)

    @cached_property
    def sure(self) -> list[Reading]:
        """Countries and regions say where the name ends. Other ways to cut the text only serve for
        suggestions."""
        longest = len(self.readings[0].name) if self.readings else 0  # up to the comma
        return [
            reading
            for reading in self.readings
            if len(reading.name) <= longest and self.store.areas.are_named(reading.within)
        ]

    @cached_property
    def elsewhere(self) -> list[Hit]:
        """Who is just called so, in none of the areas named."""
        found = (hit for reading in self.sure for hit in self.store.named(reading.name, limit=50))
        return self.wish.order(hit for hit in found if self._may_be_written_so(hit))

    @cached_property
    def areas(self) -> list[tuple[str, ...]]:
        """Readings of the text as nothing but countries and regions."""
        words = [tuple(reading.name.split()) for reading in self.sure]
        return [each for each in words if self.store.areas.are_named(each)]

    @property
    def is_known(self) -> bool:
        """Whether the text is a name, if not of what was asked for. It is not taken for another's, wrongly
        spelt: only who wrote the text knows where it is wrong."""
        return bool(self.areas or self.elsewhere)

    def meant(self) -> Meant | None:
        """Places that are just called so, as far as that goes without guessing at letters of the name."""
        steps: tuple[tuple[Callable[[], Iterable[Meant]], Assumption | None], ...] = (
            (self._exact, None),
            (self._otherwise_written, None),
            (self._otherwise_linked, None),
            (self._without_description, "description"),
            (self._in_misspelt_area, "area"),
        )
        for step, assumed in steps:
            for meant in step():
                hits = [*filter(self._is_inside, meant.hits)]
                if hits:
                    return Meant(hits, meant.written, assumed)
        return None

    def bent(self) -> Iterator[tuple[list[Hit], Assumption]]:
        """Places whose name is begun with the text, or spelt nearly so: in order of preference."""
        return map(self._bent, range(len(_BENT)))

    @cached_property
    def _bent(self) -> Callable[[int], tuple[list[Hit], Assumption]]:
        def find(step: int) -> tuple[list[Hit], Assumption]:
            hits, assumed = _BENT[step]
            return self.wish.order(filter(self._is_inside, hits(self))), assumed

        return cache(find)

    def corrections(self, reading: Reading, letters: int | None = None) -> list[Hit]:
        """Places whose name differs in a few letters, none of its words in too many."""
        asked = reading.name
        few = bisect(_WRONG_LETTERS, len(asked)) if letters is None else letters
        if not few:
            return []
        found: list[Hit] = []
        for keys in self.spelt_like(asked, few):
            likely = process.extract(asked, keys, scorer=OSA.distance, score_cutoff=few, limit=30)
            found += [
                hit._replace(wrong_letters=int(distance))
                for key, distance, _ in likely
                if _is_each_word_alike(asked.split(), key.split())
                for hit in self.hits(Reading(key, reading.within))
                if hit.name_class != CODE
            ]
            if any(map(_is_telling, found)):
                break
        return found

    def spelt_like(self, key: str, letters: int) -> Iterator[list[str]]:
        """As of the store: a step is taken when somebody first comes to it."""
        steps = self._spelt_like.get((key, letters)) or self.store.spelt_like(key, letters)
        self._spelt_like[key, letters], again = tee(steps)
        return filter(None, again)

    @cached_property
    def _spelt_like(self) -> dict[tuple[str, int], Iterator[list[str]]]:
        return {}

    def hits(self, reading: Reading) -> list[Hit]:
        """The places of just this name that lie in all that is named."""
        within = reading.within
        if not within:
            # Without a wish, the likeliest come first, and no others are needed.
            hits = self.store.named(reading.name, limit=1000 if self.wish != NO_WISH else 10 * OFFERED)
            return _unless_country(self.store, reading.name, hits)
        found = [
            hit
            for scope in scopes(self.store, within)
            for hit in self.store.named(reading.name, scope, _NAMESAKES)
            if lies_within(self.store, hit.place, within)
        ]
        if found:
            return found
        places = [
            place for place in self.whereabouts(reading.name, _WHEREABOUTS) if self._covers(place, within)
        ]
        return self.store.named_at(reading.name, places, _NAMESAKES) if places else []

    def _is_inside(self, hit: Hit) -> bool:
        is_there = not self.countries or hit.place.country in self.countries
        return is_there and self._may_be_written_so(hit)

    def _may_be_written_so(self, hit: Hit) -> bool:
        """MUN is a code, mün is none."""
        return hit.name_class != CODE or self.text.isascii()

    def begun(self, limit: int) -> list[Hit]:
        """Places that have a name with all the words of the text, the last of them maybe unfinished; or that
        have the name and lie in what is begun beside it."""
        whole, *others = self.readings
        within = " ".join(whole.within)
        words, country = whole.name.split(), self.wish.country
        found = self.store.beginning(words, limit)
        if country is not None:
            found += self.store.beginning(words, limit, country)
        hits = [
            _beyond_article(hit, whole.name)
            for hit in found
            if not within or key_begins(_area_keys(self.store, hit.place), within)
        ]
        for reading in () if hits else self.known([each for each in others if each.within]):
            places = [
                place
                for place in self.whereabouts(reading.name, _WHEREABOUTS_MISSPELT)
                if self._begins_area(place, " ".join(reading.within))
            ]
            if places:
                return self.store.named_at(reading.name, places, limit)
        return hits

    @cached_property
    def whereabouts(self) -> Callable[[str, int], list[Whereabouts]]:
        return cache(self.store.whereabouts)

    @cached_property
    def _begins_area(self) -> Callable[[Whereabouts, str], bool]:
        areas = self.store.areas
        in_region = cache(lambda country, region, text: key_begins(areas.keys(country, region), text))

        def begins(place: Whereabouts, text: str) -> bool:
            return in_region(place.country, place.region, text) or key_begins(
                area_keys([place.district_name]), text
            )

        return begins

    @cached_property
    def _covers(self) -> Callable[[Whereabouts, tuple[str, ...]], bool]:
        areas = self.store.areas

        @cache
        def covers_(place: Whereabouts, words: tuple[str, ...]) -> bool:
            keys = area_keys([place.district_name])
            return any(word in keys or key_begins(keys, word) for word in words[:1] + words[-1:]) and covers(
                areas.keys(place.country, place.region) | keys, words
            )

        return covers_

    def known(self, readings: Sequence[Reading]) -> list[Reading]:
        known = self.store.known([reading.name for reading in readings])
        return [reading for reading in readings if reading.name in known]

    def _exact(self) -> Iterator[Meant]:
        for reading in self.known(self.readings):
            yield Meant(self.hits(reading), reading.written)

    def _otherwise_written(self) -> Iterator[Meant]:
        spellings = [
            replace(reading, name=name) for reading in self.readings for name in _spellings(reading.name)
        ]
        for reading in self.known(spellings) if spellings else []:
            yield Meant(self.hits(reading), reading.written)

    def _otherwise_linked(self) -> Iterator[Meant]:
        for reading in self.sure:
            words = _significant(reading.name)
            if 1 < len(words) <= _MOST_WITHIN:
                hits = self.store.beginning(words, 20)
                yield Meant(
                    [
                        hit
                        for hit in hits
                        if _significant(hit.key) == words
                        and lies_within(self.store, hit.place, reading.within)
                    ],
                    reading.written,
                )

    def _without_description(self) -> Iterator[Meant]:
        shorter = [(reading, _without_description(reading)) for reading in self.readings]
        changed = [short for reading, short in shorter if short.name and short != reading]
        for reading in self.known(changed) if changed else []:
            yield Meant(self.hits(reading), reading.written)

    def _in_misspelt_area(self) -> Iterator[Meant]:
        within = [reading for reading in self.readings if reading.within]
        for reading in self.known(within) if within else []:
            places = self._misspelt_area(reading)
            yield Meant(
                self.store.named_at(reading.name, places, _NAMESAKES) if places else [], reading.written
            )

    def _misspelt_area(self, reading: Reading) -> list[Whereabouts]:
        return [
            place
            for place in self.whereabouts(reading.name, _WHEREABOUTS_MISSPELT)
            if self._is_area_alike(place, reading.within)
        ]

    @cached_property
    def _is_area_alike(self) -> Callable[[Whereabouts, tuple[str, ...]], bool]:
        areas = self.store.areas

        @cache
        def country_keys(country: str) -> frozenset[str]:
            return areas.keys(country, "")

        @cache
        def region_keys(country: str, region: str) -> frozenset[str]:
            return frozenset(area_keys([areas.region(country, region).name]))

        are_alike = cache(_is_any_alike)

        def is_alike(place: Whereabouts, words: tuple[str, ...]) -> bool:
            sets = (
                region_keys(place.country, place.region),
                frozenset(area_keys([place.district_name])),
                country_keys(place.country),
            )
            # One part may be misspelt, the rest names what the place lies in: Ladak India.
            for cut in range(len(words), 0, -1):
                text, rest = " ".join(words[:cut]), words[cut:]
                if any(are_alike(text, keys) for keys in sets) and (
                    not rest or covers(frozenset().union(*sets), rest)
                ):
                    return True
            return False

        return is_alike

    def misspelt_in_misspelt_area(self) -> Iterator[Hit]:
        """Where the last words are a country or region, wrongly spelt, and so is the name."""
        for reading in self.readings:
            within = " ".join(reading.within)
            few = bisect(_WRONG_LETTERS_OF_AREA, len(within))
            if few and reading not in self.sure:
                keys = self.store.areas.own_keys(range(len(within) - few, len(within) + few + 1))
                likely = self.corrections(Reading(reading.name)) if _is_any_alike(within, keys) else ()
                for hit in likely:
                    if self._is_area_alike(Whereabouts.of(hit.place), reading.within):
                        yield hit


@dataclass(frozen=True, slots=True)
class Meant:
    """Places that a text may mean, the text of the name, and what was assumed of it."""

    hits: list[Hit]
    written: str
    assumed: Assumption | None = None


def once(hits: Iterable[Hit], limit: int | None = None) -> Iterator[Hit]:
    """The first hit on each place, for so many places; takes no more hits than it needs."""
    seen: set[int] = set()
    for hit in hits:
        if hit.place.id not in seen:
            seen.add(hit.place.id)
            yield hit
            if len(seen) == limit:
                return


def itself(row: Row) -> Hit:
    return Hit(row.name, names.key(row.name), OWN, row)


def _beyond_article(hit: Hit, typed: str) -> Hit:
    """Who has typed "la hab" has said more than the article of La Habana."""
    if hit.name_class != REMOTE or not (ranking.begins_with_article(typed) and hit.key.startswith(typed)):
        return hit
    text, key = (name.partition(" ")[2] for name in (hit.found, hit.key))
    return hit._replace(name_class=ranking.other_name(text or key, key, names.key(hit.place.ascii_name)))


def key_begins(keys: Iterable[str], start: str) -> bool:
    return any(key.startswith(start) for key in keys)


def _readings(store: Store, text: str) -> list[Reading]:
    """Every way to read the text, the longest name first; after a comma only what the place lies in."""
    whole = names.key(text) if len(text) <= names.MAX_LENGTH else ""
    words = whole.split()
    if not 0 < len(words) <= _MOST_WORDS:
        return []
    written = folded(text).split()  # abbreviations are one word each, written out or not

    def cut_at(cut: int) -> Reading:
        return Reading(" ".join(words[:cut]), tuple(words[cut:]), " ".join(written[:cut]))

    name = names.key(text.partition(",")[0])
    # What follows a comma is no part of the name, and what precedes it may be: Leh Ladakh, India.
    longest = len(name.split()) if "," in text and name else len(words)
    # West Virginia is no place called West.
    fewest = longest - 1 if store.areas.scopes(" ".join(words[:longest])) else len(words) - _MOST_WITHIN - 1
    readings = [cut_at(cut) for cut in range(longest, max(fewest, 0), -1)]
    return readings if longest == len(words) else [*readings[:1], cut_at(len(words)), *readings[1:]]


def _unless_country(store: Store, name: str, hits: Iterable[Hit]) -> list[Hit]:
    """Who names a country means it, and none of the towns called so elsewhere: India is not Inđija.

    What remains is the country itself if it is stored, and the capital named like it (Singapore, Mexico
    City). An abbreviation remains too if it is that of a place more important than any in the country
    that has it for its code: LA is not Laos. And so does a large town where the country is called like
    it in other languages only: Granada.
    """
    countries = _countries(store, name)
    if not countries:
        return [*hits]
    at_home = [
        hit
        for scope in countries
        for hit in store.named(name, scope)
        if hit.name_class != CODE
        and (
            hit.place.kind.startswith("PCL")
            or _is_capital_of(name, hit.place)
            or _is_capital_of(names.key(store.areas.country(scope.country).name), hit.place)
        )
    ]
    if at_home:
        return at_home
    if not _countries(store, name, others=False):
        return [hit for hit in hits if hit.name_class == OWN and hit.place.importance > _LARGE]
    if len(name) > 2:
        return []
    most = max((row.importance for scope in countries for row in store.largest(scope, 1)), default=0)
    return [hit for hit in hits if hit.name_class == CODE and hit.place.importance > most]


def _countries(store: Store, name: str, *, others: bool = True) -> list[Scope]:
    return [scope for scope in store.areas.scopes(name, others=others) if scope.region is None]


def _is_capital_of(country: str, row: Row) -> bool:
    """Whether it is a capital whose name begins with the country's, maybe spelt otherwise (Macau, Macao)."""
    start = names.key(row.name)[: len(country)]
    return row.kind == "PPLC" and OSA.normalized_similarity(start, country) >= _ALIKE


def lies_within(store: Store, row: Row, words: Sequence[str]) -> bool:
    return covers(store.areas.keys(row.country, row.region), words) or covers(_area_keys(store, row), words)


def scopes(store: Store, words: Sequence[str]) -> list[Scope]:
    """The countries and regions that the words may name first."""
    found = {scope for cut in range(1, len(words) + 1) for scope in store.areas.scopes(" ".join(words[:cut]))}
    return sorted(found, key=str)


def _area_keys(store: Store, row: Row) -> frozenset[str]:
    """Keys of all that a place lies in."""
    return store.areas.keys(row.country, row.region) | area_keys([row.district_name])


def _is_one_place(a: Row, b: Row) -> bool:
    """Whether it makes no difference which of two namesakes is meant: they lie next to each other, or one
    is the region or district that is named after the other."""
    if (a.country, a.region) == (b.country, b.region) and ranking.is_area(a.kind) != ranking.is_area(b.kind):
        return True
    return geo.distance_km(a.lat, a.lng, b.lat, b.lng) <= ranking.ONE_PLACE_KM


def _is_any_alike(text: str, keys: Iterable[str]) -> bool:
    """Whether a text may be one of these names of areas, wrongly spelt."""
    few = bisect(_WRONG_LETTERS_OF_AREA, len(text))
    return few > 0 and process.extractOne(text, keys, scorer=OSA.distance, score_cutoff=few) is not None


def _significant(name: str) -> list[str]:
    """The words of a name but those that link them."""
    return [word for word in name.split() if word not in _LINKS]


def _spellings(name: str) -> Iterator[str]:
    """The name with some of its words written otherwise."""
    words = name.split()
    if any(word in _ALSO_WRITTEN for word in words):
        ways = product(*((word, *_ALSO_WRITTEN.get(word, ())) for word in words))
        yield from (" ".join(way) for way in islice(ways, 1, _MOST_SPELLINGS))


def _without_description(reading: Reading) -> Reading:
    words = reading.name.split()
    kept = " ".join(word for word in words if word not in _DESCRIPTIONS)
    within = tuple(word for word in reading.within if word not in _DESCRIPTIONS)
    areas = tuple(word for word in within if word not in _SORTS_OF_AREAS)
    return Reading(kept, areas or within, kept)


def _completions(asked: Asked) -> Iterator[Hit]:
    for reading in asked.sure:
        if len(reading.name) < (_FEWEST_LETTERS if reading.name.isascii() else _FEWEST_SIGNS):
            continue
        yield from (
            hit
            for hit in asked.store.beginning(reading.name.split(), 50)
            if _is_telling(hit)
            and hit.key.startswith(reading.name)
            and lies_within(asked.store, hit.place, reading.within)
        )


def _is_telling(hit: Hit) -> bool:
    """Whether the place may be known by the name: some language calls some village anything."""
    return hit.name_class <= SHORTER or hit.place.importance > _LARGE


def _corrections(asked: Asked) -> Iterator[Hit]:
    for reading in asked.sure:
        yield from asked.corrections(reading)


def _is_each_word_alike(asked: Sequence[str], words: Sequence[str]) -> bool:
    """False for `Domkhar xyz` and `Domkhar Dho`. Where a space is wrong, words are not compared."""
    return len(asked) != len(words) or all(
        OSA.distance(one, other) <= bisect(_WRONG_LETTERS, len(one))
        for one, other in zip(asked, words, strict=True)
    )


# How a text that is no name may be bent, in order of preference.
_BENT: tuple[tuple[Callable[[Asked], Iterable[Hit]], Assumption], ...] = (
    (_completions, "completion"),
    (_corrections, "spelling"),
    (Asked.misspelt_in_misspelt_area, "spelling"),
)


def sounding(asked: Asked) -> list[Hit]:
    """Places in the countries of the script whose names sound like the text, the most alike first."""
    found = []
    for reading in asked.sure:
        sound = scripts.sound(reading.name)
        if len(sound) < _FEWEST_SOUNDS:
            continue
        keys = [key for key in asked.store.sounding_like(reading.name) if scripts.sound(key) == sound]
        likely = process.extract(
            reading.name, keys, scorer=OSA.normalized_similarity, score_cutoff=_SOUNDS_ALIKE, limit=10
        )
        found += [
            hit._replace(wrong_letters=int(OSA.distance(reading.name, key)))
            for key, _, _ in likely
            for hit in asked.hits(Reading(key, reading.within))
            if hit.name_class != CODE and hit.place.country in asked.countries
        ]
    return asked.wish.order(found)


def likely(asked: Asked) -> Iterator[Hit]:
    """What may well have been meant: the largest places of what is an area, namesakes elsewhere, names alike."""
    yield from _largest(asked.store, asked.areas)
    yield from asked.elsewhere
    for hits, _ in asked.bent():
        yield from hits


def suggestions(asked: Asked) -> Iterator[Hit]:
    """What may have been meant: what is likely; then names remotely alike, places of the area named, the
    part of the text that is a name."""
    yield from likely(asked)
    if asked.elsewhere:
        return
    for reading in asked.sure:
        yield from _remotely_alike(asked, reading)
    yield from _largest(asked.store, [reading.within for reading in asked.sure])
    words = [*asked.readings[0].name.split(), *asked.readings[0].within] if asked.readings else []
    parts = [Reading(" ".join(words[:cut])) for cut in range(len(words), 0, -1)]
    for part in asked.known(parts) if parts else []:
        yield from asked.wish.order(asked.hits(part))
    for part in parts[-_PARTS:]:
        yield from asked.wish.order(asked.corrections(part))


def _largest(store: Store, areas: Iterable[Sequence[str]]) -> Iterator[Hit]:
    """The largest places of what all the words name: Georgia in the USA is not the country."""
    found = (
        scope
        for words in areas
        for scope in scopes(store, words)
        if covers(store.areas.keys(scope.country, scope.region or ""), words)
    )
    return (itself(row) for scope in found for row in store.largest(scope, OFFERED))


def _remotely_alike(asked: Asked, reading: Reading) -> Iterator[Hit]:
    """Names that begin alike and differ little; then what begins with an ever smaller part of the name."""
    keys = process.extract(
        reading.name,
        [key for keys in asked.spelt_like(reading.name, len(_WRONG_LETTERS)) for key in keys],
        scorer=JaroWinkler.similarity,
        score_cutoff=_REMOTELY_ALIKE,
        limit=4 * OFFERED,
    )
    hits = [
        (likeness - NAME_COST[hit.name_class] / 20_000, hit)
        for key, likeness, _ in keys
        for hit in asked.wish.order(asked.hits(Reading(key, reading.within)))[:OFFERED]
        if hit.name_class != CODE
    ]
    yield from (hit for _, hit in sorted(hits, key=lambda pair: -pair[0]))
    longest, shortest = len(reading.name) - 1, max(2, len(reading.name) // 2)
    for length in range(longest, shortest, -max(1, (longest - shortest) // _TRIED)):
        if 0 < len(words := reading.name[:length].split()) <= _MOST_WITHIN:
            yield from asked.store.beginning(words, OFFERED)
