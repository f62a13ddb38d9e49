"""`/api/operations/`"""

from __future__ import annotations

from django.urls import path

from search_service.operations.views import EntitiesView

urlpatterns = [path("entities", EntitiesView.as_view(), name="operations_entities")]
