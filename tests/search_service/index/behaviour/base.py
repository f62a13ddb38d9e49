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
    def live(self, index: Index) -> Iterator[Writer]:
        """Of the live generation, which is empty."""
        with closing(index.create()) as fresh:
            index.promote(fresh.generation)
        with closing(index.writer()) as writer:
            yield writer

    @pytest.fixture(params=["loaded", "live"])
    def writer(self, index: Index, request: pytest.FixtureRequest) -> Iterator[Writer]:
        """Of an empty generation. What is applied first is loaded, or comes to what is live: once each."""
        if request.param == "live":
            yield request.getfixturevalue("live")
            return
        with closing(index.create()) as fresh:
            yield fresh
