"""Searches in the admin on SQLite, in an order that costs nothing.

Wagtail's own backend for SQLite orders by relevance, and for that searches its index anew for each row that it has found:
what 100,000 names have in common takes it minutes. Here the shortest names come first. All words must be found, so
that is nearly what the ranking comes to: it weighs how often a word is in a text by how long the text is.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Length
from modelsearch.backends.database.sqlite.sqlite import (
    SQLiteAutocompleteQueryCompiler,
    SQLiteSearchBackend,
    SQLiteSearchQueryCompiler,
)


class _ShortestFirst:
    queryset: QuerySet[Any]
    order_by_relevance: bool

    def search(self, config: Any, start: Any, stop: Any, score_field: str | None = None) -> QuerySet[Any]:
        if self.order_by_relevance and score_field is None:
            self.order_by_relevance = False
            self.queryset = shortest_first(self.queryset)
        found: QuerySet[Any] = super().search(config, start, stop, score_field=score_field)  # type: ignore[misc]
        return found


class QueryCompiler(_ShortestFirst, SQLiteSearchQueryCompiler):
    pass


class AutocompleteQueryCompiler(_ShortestFirst, SQLiteAutocompleteQueryCompiler):
    pass


class SearchBackend(SQLiteSearchBackend):
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler


def shortest_first(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """By what the model is looked up by, such as the title of a page; the newest first if that is no column."""
    model: Any = queryset.model
    columns = {field.name for field in model._meta.concrete_fields}
    names = [field.field_name for field in model.get_autocomplete_search_fields()]
    looked_up = [name for name in names if name in columns][:1]
    return queryset.order_by(*map(Length, looked_up), *looked_up, "-pk")
