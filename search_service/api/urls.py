"""`/api/v1/`"""

from __future__ import annotations

from django.urls import path

from search_service.api import views

urlpatterns = [
    path("pages/<str:what>/", views.ArticlePageView.as_view(), name="article-page"),
    path("pages/<str:what>/<str:place>/", views.PageView.as_view(), name="page"),
    path("doctors/", views.DoctorsView.as_view(), name="doctors"),
    path("doctors/<str:slug>/", views.DoctorView.as_view(), name="doctor"),
    path("conditions/<str:slug>/", views.ConditionView.as_view(), name="condition"),
    path("specialties/<str:slug>/", views.SpecialtyView.as_view(), name="specialty"),
    path("places/", views.PlacesView.as_view(), name="places"),
    path("places/nearest/", views.PlacesNearestView.as_view(), name="places-nearest"),
    path("places/<str:place>/", views.PlaceView.as_view(), name="place"),
    path("search/", views.SearchView.as_view(), name="search"),
    path("suggest/", views.SuggestView.as_view(), name="suggest"),
    path("status/", views.StatusView.as_view(), name="status"),
    path("schema/", views.SchemaView.as_view(), name="schema"),
    path("docs/", views.DocsView.as_view(), name="docs"),
]
