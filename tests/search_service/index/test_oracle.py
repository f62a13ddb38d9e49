"""The oracle passes the suite's examples: so they and it are of one mind about what is right."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import cast
from uuid import UUID

import numpy as np
import pytest

from search_service.index.protocol import Change, Index, Points, Position, Stored, Term, Writer
from tests.search_service.index.behaviour import IndexExamples
from tests.search_service.index.oracle import Oracle


class OracleWriter:
    """The part of the protocol that the examples use."""

    def __init__(self, generation: str) -> None:
        self.oracle = Oracle()
        self.generation = generation
        self.search = self.oracle.search
        self.get = self.oracle.get
        self.get_by_slug = self.oracle.get_by_slug
        self.translations = self.oracle.translations
        self.naming = self.oracle.naming
        self.locales = self.oracle.locales
        self.counts = self.oracle.counts

    def apply(self, changes: Iterable[Change], position: Position) -> None:
        self.oracle.apply(changes)

    def cards(self, kind: str, ids: Sequence[UUID], locale: str) -> dict[UUID, bytes]:
        found = {id: self.get(kind, id, locale) for id in ids}
        return {id: document.card for id, document in found.items() if isinstance(document, Stored)}

    def listing_cards(self, kind: str, terms: Collection[Term]) -> dict[Term, bytes]:
        return {term: min(cards) for term, cards in self.oracle.listing_cards(kind, terms).items()}

    def points(self, kind: str, terms: Collection[Term]) -> Iterator[Points]:
        found = self.oracle.points(kind, terms)
        vectors = np.array([vector for _, vector in found]).reshape(-1, 3)
        yield Points(np.array([id.bytes for id, _ in found], "S16"), vectors)

    def close(self) -> None:
        pass


class OracleIndex:
    def __init__(self) -> None:
        self.made: dict[str, OracleWriter] = {}
        self.current = ""

    def create(self) -> OracleWriter:
        writer = OracleWriter(f"{len(self.made)}")
        self.made[writer.generation] = writer
        return writer

    def promote(self, generation: str) -> None:
        self.current = generation

    def reader(self) -> OracleWriter:
        return self.made[self.current]

    writer = reader


class TestOracle(IndexExamples):
    @pytest.fixture(scope="class")
    @classmethod
    def make_index(cls) -> Callable[[], Index]:
        return lambda: cast(Index, OracleIndex())

    @pytest.fixture
    def writer(self, index: Index) -> Writer:
        """Once is enough."""
        return index.create()
