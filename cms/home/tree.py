"""What is below a page, on SQLite."""

from __future__ import annotations

from typing import Any

from django.db.models.lookups import StartsWith


class BelowPath(StartsWith):
    """`path__startswith` of pages, by which the tree is read. SQLite reads no index for the LIKE that Django writes, since
    LIKE knows no case there: it would look at each of 100,000 paths. Paths are capitals and digits, so what begins
    with one lies between it and the next."""

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        path = self.rhs
        if not isinstance(path, str) or not path:
            return super().as_sql(compiler, connection)
        column, params = self.process_lhs(compiler, connection)
        end = path[:-1] + chr(ord(path[-1]) + 1)
        return f"({column} >= %s AND {column} < %s)", (*params, path, *params, end)
