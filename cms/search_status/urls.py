"""URLs of the search service's status in the admin, below `search-service/`."""

from __future__ import annotations

from django.urls import path

from cms.search_status import views

app_name = "search_status"
urlpatterns = [
    path("", views.ReportView.as_view(), name="report"),
    path("results/", views.ReportView.as_view(results_only=True), name="report_results"),
    path("rebuild/", views.RebuildView.as_view(), name="rebuild"),
    path("has/<str:model>/<int:pk>/", views.PresenceView.as_view(), name="presence"),
    path(
        "has/<str:model>/<int:pk>/results/",
        views.PresenceView.as_view(results_only=True),
        name="presence_results",
    ),
]
