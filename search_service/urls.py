"""URLs of the search service."""

from __future__ import annotations

from django.urls import include, path

from search_service.api import health

urlpatterns = [
    path("api/v1/", include("search_service.api.urls")),
    path("api/operations/", include("search_service.operations.urls")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", include("search_service.sitemaps.urls")),
    path("", include("search_service.explorer.urls")),
]

handler400 = "search_service.api.problems.bad_request"
handler404 = "search_service.api.problems.not_found"
handler500 = "search_service.api.problems.server_error"
