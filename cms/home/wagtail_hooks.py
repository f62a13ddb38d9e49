"""The search of all pages in the admin."""

from __future__ import annotations

from wagtail import hooks

from cms.home.searching import AllPagesViewSet

# After Wagtail's own, whose place it takes.
hooks.register("register_admin_viewset", lambda: [AllPagesViewSet()], order=1)
