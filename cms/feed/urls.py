from __future__ import annotations

from django.urls import path

from cms.feed.views import ChangesView

urlpatterns = [path("changes", ChangesView.as_view(), name="feed_changes")]
