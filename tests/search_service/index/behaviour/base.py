"""The index that the suite is run on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from search_service.index.protocol import Index, Writer


class Base:
    @pytest.fixture(scope="class")
    @classmethod
    def make_index(cls) -> Callable[[], Index]:
        raise NotImplementedError("make a new, empty index of the engine")

    @pytest.fixture
    def index(self, make_index: Callable[[], Index]) -> Index:
        return make_index()

    @pytest.fixture
    def writer(self, index: Index) -> Iterator[Writer]:
        """Of the live generation, which is empty."""
        with closing(index.create()) as fresh:
            index.promote(fresh.generation)
        with closing(index.writer()) as writer:
            yield writer


class ExampleBase(Base):
    @pytest.fixture(params=["loaded", "live"])
    def writer(self, index: Index, request: pytest.FixtureRequest) -> Iterator[Writer]:
        """Of an empty generation: what is applied first makes it, or comes to what is there."""
        with closing(index.create()) as fresh:
            if request.param == "loaded":
                yield fresh
                return
            index.promote(fresh.generation)
        with closing(index.writer()) as writer:
            yield writer
