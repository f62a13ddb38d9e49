"""Items of the admin's menu, shown to those to whom their view is of use."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest
from wagtail.admin.menu import MenuItem
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy


class KindPermissionPolicy(PagePermissionPolicy):
    """For a view of pages of one model: rights over other pages alone do not open it."""

    def user_has_any_permission(self, user: AbstractUser, actions: Collection[str]) -> bool:
        """Whether the user may do one of these with a page of the model, or with a folder of such."""
        may = bool(super().user_has_any_permission(user, actions))
        if user.is_superuser or not may:  # without a query: each page of the admin asks, for its menu
            return may
        pages = PagePermissionPolicy(Page).instances_user_has_any_permission_for(user, actions)
        return bool(pages.type(self.model, *self.model.allowed_parent_page_models()).exists())


def item_for(view: Any) -> type[MenuItem]:
    """The class of a menu item that is shown to whomever the view, a PermissionCheckedMixin, lets in."""

    class ViewMenuItem(MenuItem):
        def is_shown(self, request: HttpRequest) -> bool:
            return bool(view(request=request).user_has_any_permission(view.any_permission_required))

    return ViewMenuItem
