"""`/` and the pages that PAGE_URL names by default."""

from __future__ import annotations

from django.urls import path

from search_service.explorer import views

urlpatterns = [
    path("", views.explorer, name="explorer"),
    path("doctors/<str:what>/", views.AboutView.as_view(), name="about"),
    path("doctors/<str:what>/<str:place>/", views.DoctorsNearView.as_view(), name="doctors-near"),
]
