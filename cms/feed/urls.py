from __future__ import annotations

from django.urls import path

from cms.feed.views import ChangesView, DigestsView, ReissueView

urlpatterns = [
    path("changes", ChangesView.as_view(), name="feed_changes"),
    path("digests", DigestsView.as_view(), name="feed_digests"),
    path("reissue", ReissueView.as_view(), name="feed_reissue"),
]
