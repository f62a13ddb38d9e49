"""`/` and the pages of conditions in places."""

from __future__ import annotations

from django.urls import path

from search_service.explorer import views

urlpatterns = [
    path("", views.explorer, name="explorer"),
    path("doctors/<str:condition>/<str:place>/", views.DoctorsNearView.as_view(), name="doctors-near"),
]
