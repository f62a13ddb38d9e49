"""Health endpoints."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers. Asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and is migrated, else 503 with the reason in plain text."""
    reason = _why_not_ready()
    if reason:
        return HttpResponse(f"{reason}\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def _why_not_ready() -> str | None:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "The database does not answer."
    if missing:
        return f"The database lacks {len(missing)} migrations."
    return None
