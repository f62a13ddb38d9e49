"""`/sitemap.xml`, `/sitemaps/…` and `/robots.txt`"""

from __future__ import annotations

from django.urls import path

from search_service.sitemaps import views

urlpatterns = [
    path("sitemap.xml", views.IndexView.as_view(), name="sitemap"),
    path("sitemaps/<str:name>", views.FileView.as_view(), name="sitemap-file"),
    path("robots.txt", views.robots, name="robots"),
]
