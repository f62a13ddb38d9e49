"""Searches in the admin on SQLite, among 100,000 names.

Wagtail's own backend for SQLite orders by relevance, and for that searches its index anew for each row that it has found:
what 100,000 names have in common takes it minutes. If only one kind of row is looked for, it may ask the index about
each row of the kind: seconds. Here the index is asked once, and the shortest names come first. All words must be
found, so that is nearly what the ranking comes to: it weighs how often a word is in a text by how long the text is.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from modelsearch.backends.database.sqlite.query import MatchExpression, normalize
from modelsearch.backends.database.sqlite.sqlite import (
    SQLiteAutocompleteQueryCompiler,
    SQLiteSearchBackend,
    SQLiteSearchQueryCompiler,
    SQLiteSearchResults,
)
from modelsearch.query import MatchAll, Not
from modelsearch.utils import get_descendants_content_types_pks
from wagtail.search.models import IndexEntry, SQLiteFTSIndexEntry

from cms.search_backends import CountedByFacet, shortest_first


class _AskedOnce:
    def search(
        self: Any, config: Any, start: Any, stop: Any, score_field: str | None = None
    ) -> QuerySet[Any]:
        query = normalize(self.query)
        if score_field is not None or isinstance(query, MatchAll | Not):
            return super().search(config, start, stop, score_field=score_field)  # type: ignore[misc,no-any-return]
        matches = MatchExpression(
            self.fields or self.FTS_TABLE_FIELDS, self.build_search_query(query, config=config)
        )
        entries = IndexEntry.objects.filter(
            pk__in=SQLiteFTSIndexEntry.objects.filter(matches).values("pk"),
            content_type__in=get_descendants_content_types_pks(self.queryset.model),
        )
        found: QuerySet[Any] = self.queryset.filter(pk__in=entries.values("object_id"))
        if self.order_by_relevance:
            found = shortest_first(found)
        elif not found.query.order_by:
            found = found.order_by("-pk")
        return found[start:stop]


class QueryCompiler(_AskedOnce, SQLiteSearchQueryCompiler):
    pass


class AutocompleteQueryCompiler(_AskedOnce, SQLiteAutocompleteQueryCompiler):
    pass


class SearchResults(CountedByFacet, SQLiteSearchResults):
    pass


class SearchBackend(SQLiteSearchBackend):
    results_class = SearchResults
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
