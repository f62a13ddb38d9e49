"""The embedded engine of the index: one SQLite file per generation, many readers, one writer."""

from search_service.index.sqlite.index import SQLiteIndex

__all__ = ["SQLiteIndex"]
