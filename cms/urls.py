"""URLs of the CMS. It is headless: pages have no URL of their own here, only in the APIs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms.content_api.views import DocsView, SchemaView, content_api
from cms.home.views import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="wagtailadmin_home")),
    path("healthz", healthz),
    path("readyz", readyz),
    path("api/v2/schema/", SchemaView.as_view(), name="content-schema"),
    path("api/v2/docs/", DocsView.as_view(), name="content-docs"),
    path("api/v2/", content_api.urls),
    path("api/feed/", include("cms.feed.urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]
