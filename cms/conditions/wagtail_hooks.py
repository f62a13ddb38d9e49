"""Conditions in the admin."""

from __future__ import annotations

from wagtail import hooks
from wagtail.admin.views.pages.listing import ExplorableIndexView
from wagtail.admin.viewsets.pages import PageViewSet

from cms.conditions.models import ConditionPage


class ConditionExplorerView(ExplorableIndexView):
    """The folder of conditions. Their order in it means nothing, and all of them would be on one page to change it:
    10,000 take a minute."""

    sort_order_field = "no-order"


class ConditionExplorerViewSet(PageViewSet):
    model = ConditionPage
    index_view_class = ConditionExplorerView


hooks.register("register_admin_viewset", lambda: [ConditionExplorerViewSet()])
