"""An engine compared with the oracle, over random directories, queries and histories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_service.index.protocol import (
    ANY,
    Change,
    Delete,
    Document,
    Gone,
    Hit,
    Index,
    Moved,
    Put,
    Query,
    Reader,
    Stored,
    Writer,
)
from tests.search_service.index.behaviour.base import Base
from tests.search_service.index.directory import (
    CONDITIONS,
    KINDS,
    OWN_TERMS,
    SLUGS,
    TERMS,
    at,
    doctor,
    documents,
    everything_counted,
    gone,
    in_bulk,
    number_of,
    pages,
    puts,
    queries,
    some_changes,
    uid,
)
from tests.search_service.index.oracle import Oracle

by_hypothesis = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LOCALES = ("bo", "en", "fr", "hi")

# Doctors in one locale, so that there are many of them.
crowds = st.lists(documents(st.integers(1, 30), st.just("en"), st.just("doctor")), min_size=8, max_size=30)
# A doctor, a locale, and the slug from now on; None to take it away.
slug_steps = st.tuples(
    st.integers(1, 4), st.sampled_from(["bo", "en", "fr"]), st.sampled_from([*SLUGS, *SLUGS, None])
)


class Properties(Base):
    @by_hypothesis
    @given(crowds, st.lists(queries(), min_size=1, max_size=5))
    def test_any_query_finds_what_a_look_at_every_document_finds(
        self, index: Index, crowd: list[Document], asked: list[Query]
    ) -> None:
        with fresh(index) as writer:
            oracle = both_apply(writer, puts(*crowd))
            for query in asked:
                doctors = replace(query, kind="doctor")
                assert pages(writer, doctors) == oracle.hits(doctors)
                same_answer(writer, oracle, doctors)

    @by_hypothesis
    @given(st.lists(some_changes, min_size=1, max_size=4), st.integers(0, 4), st.lists(queries(), max_size=4))
    def test_any_history_leads_to_what_a_look_at_every_document_gives(
        self, index: Index, batches: list[list[Change]], loaded: int, asked: list[Query]
    ) -> None:
        """The first batches before anybody reads the generation, the others after."""
        oracle = Oracle()
        with fresh(index) as writer:
            for seq, batch in enumerate(batches, 1):
                writer.apply(batch, at(seq))
                oracle.apply(batch)
                if seq < loaded and seq < len(batches):
                    continue
                assert writer.counts() == oracle.counts()
                assert set(writer.refusals()) == set(oracle.refusals.values())
                for query in asked:
                    same_answer(writer, oracle, query)
                same_documents(writer, oracle)
            for query in asked:
                assert pages(writer, query) == oracle.hits(query)

    @settings(by_hypothesis, max_examples=100)
    @given(
        st.lists(st.lists(slug_steps, max_size=8), min_size=1, max_size=4), st.integers(0, 4), st.randoms()
    )
    def test_any_history_of_slugs(
        self, index: Index, batches: list[list[tuple[int, str, str | None]]], loaded: int, random: Random
    ) -> None:
        """As it comes, and as a rebuild reads it: the newest of each document only, in whatever order."""
        oracle, editors = Oracle(), Editors()
        with fresh(index) as writer:
            for seq, batch in enumerate(batches, 1):
                changes = [editors.change(*step) for step in batch]
                writer.apply(changes, at(seq))
                oracle.apply(changes)
                if seq >= loaded or seq == len(batches):
                    same_documents(writer, oracle)
        newest = list(editors.newest.values())
        random.shuffle(newest)
        with fresh(index) as rebuilt:
            half = len(newest) // 2
            rebuilt.apply(newest[:half], at(1))
            rebuilt.apply(newest[half:], at(2))
            same_documents(rebuilt, oracle)

    @settings(by_hypothesis, max_examples=100)
    @given(
        crowds,
        queries([name for name in CONDITIONS if name != "name"]),
        st.lists(
            st.lists(documents(st.integers(1, 30), st.just("en"), st.just("doctor")), max_size=4), max_size=6
        ),
        st.sets(st.integers(1, 30)),
    )
    def test_any_paging_goes_on_while_the_index_changes(
        self,
        index: Index,
        crowd: list[Document],
        query: Query,
        changes: list[list[Document]],
        steady: set[int],
    ) -> None:
        """Whoever stays as they were is neither skipped nor repeated."""
        query = replace(query, kind="doctor")
        with fresh(index) as writer:
            oracle = both_apply(writer, puts(*crowd))
            expected = [hit for hit in oracle.hits(query) if number_of(hit.id) in steady]
            seen: list[Hit] = []
            while page := writer.search(query).hits:
                assert query.after is None or page[0].key > query.after
                seen += [hit for hit in page if number_of(hit.id) in steady]
                query = replace(query, after=page[-1].key)
                if changes:
                    restless = [
                        document for document in changes.pop() if number_of(document.id) not in steady
                    ]
                    taken = [gone(number_of(hit.id)) for hit in page if number_of(hit.id) not in steady]
                    writer.apply([*taken, *puts(*restless)], at(2))
            assert seen == expected


class Editors:
    """Moves documents from slug to slug, and tells it as the feed does."""

    def __init__(self) -> None:
        self.slugs: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
        self.newest: dict[tuple[int, str], Change] = {}

    def change(self, number: int, locale: str, slug: str | None) -> Change:
        slugs = self.slugs[number, locale]
        change: Change
        if slug is None:
            change = Delete("doctor", uid(number), locale, tuple(slugs))
        else:
            if slug in slugs:
                slugs.remove(slug)
            change = Put(doctor(number, slug=slug, locale=locale, former_slugs=tuple(slugs)))
            slugs.append(slug)
        self.newest[number, locale] = change
        return change


@contextmanager
def fresh(index: Index) -> Iterator[Writer]:
    """A generation for one example."""
    with closing(index.create()) as writer:
        yield writer
    index.drop(writer.generation)


def both_apply(writer: Writer, changes: list[Change]) -> Oracle:
    writer.apply(changes, at(1))
    oracle = Oracle()
    oracle.apply(changes)
    return oracle


def same_answer(reader: Reader, oracle: Oracle, query: Query) -> None:
    answer, expected = reader.search(query, everything_counted), oracle.search(query, everything_counted)
    assert answer == expected
    # Which are in order besides.
    assert [list(values) for values in answer.counts.facets.values()] == [
        list(values) for values in expected.counts.facets.values()
    ]


def same_documents(reader: Reader, oracle: Oracle) -> None:
    everyone = [uid(number) for number in range(1, 11)]
    for kind in set(KINDS):
        for locale in LOCALES:
            got = {id: told(reader.get(kind, id, locale)) for id in everyone}
            assert got == {id: told(oracle.get(kind, id, locale)) for id in everyone}
            there = {id: document.card for id, document in got.items() if isinstance(document, Stored)}
            assert reader.cards(kind, everyone, locale) == there
            for slug in (*SLUGS, "doctor-1", "clinic-2"):
                told_ = told(reader.get_by_slug(kind, slug, locale))
                assert told_ == told(oracle.get_by_slug(kind, slug, locale)), (kind, slug, locale)
        for terms in [ANY], TERMS, OWN_TERMS[:2]:
            assert in_bulk(reader, kind, *terms) == oracle.points(kind, terms)
        cards = reader.listing_cards(kind, (*TERMS, *OWN_TERMS))
        possible = oracle.listing_cards(kind, (*TERMS, *OWN_TERMS))
        assert cards.keys() == possible.keys()
        assert all(card in possible[term] for term, card in cards.items())


def told(found: Stored | Moved | Gone | None) -> Stored | Moved | str | None:
    """So that it can be compared."""
    return "gone" if isinstance(found, Gone) else found
