"""Searches in the admin on PostgreSQL.

Wagtail's own backend keeps with each entry by how much its title is shorter than the average, to rank it higher. For that
it reads all 130,000 entries at each save of a page, and writes all anew when the index is built. Here titles that are as
relevant come shortest first, which needs nothing kept.

When the index has been built, the planner is told how large it is. Until autovacuum comes by it would take the 100,000
matches of a common word for a hundred, and look up each by itself.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from modelsearch.backends.database.postgres.postgres import (
    PostgresAutocompleteQueryCompiler,
    PostgresIndex,
    PostgresSearchAtomicRebuilder,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
    PostgresSearchResults,
)
from wagtail.search.models import IndexEntry

from cms.search_backends import CountedByFacet, shortest_first


class _ThenShortest:
    def _apply_ordering_and_scoring(
        self: Any,
        queryset: QuerySet[Any],
        rank_expression: Any,
        start: Any,
        stop: Any,
        score_field: str | None = None,
    ) -> QuerySet[Any]:
        found: QuerySet[Any] = super()._apply_ordering_and_scoring(  # type: ignore[misc]
            queryset, rank_expression, None, None, score_field
        )
        if self.order_by_relevance:
            found = shortest_first(found, rank_expression.desc())
        return found[start:stop]


class QueryCompiler(_ThenShortest, PostgresSearchQueryCompiler):
    pass


class AutocompleteQueryCompiler(_ThenShortest, PostgresAutocompleteQueryCompiler):
    pass


class SearchResults(CountedByFacet, PostgresSearchResults):
    pass


class Index(PostgresIndex):
    def _refresh_title_norms(self, full: bool = False) -> None:
        pass


class Rebuilder(PostgresSearchAtomicRebuilder):
    def finish(self) -> None:
        super().finish()
        with self.index.write_connection.cursor() as cursor:
            cursor.execute(f'ANALYZE "{IndexEntry._meta.db_table}"')


class SearchBackend(PostgresSearchBackend):
    index_class = Index
    results_class = SearchResults
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
    atomic_rebuilder_class = Rebuilder
