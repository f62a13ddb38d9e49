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
        wanted = self._get_permission_codenames(actions)
        rights = self.get_cached_permissions_for_user(user)
        trees = [right.page.path for right in rights if right.permission.codename in wanted]
        # A page of the model is in such a folder. To ask for the pages themselves would be to look at 100,000.
        folders = Page.objects.type(*self.model.allowed_parent_page_models()).values_list("path", flat=True)
        return any(folder.startswith(tree) or tree.startswith(folder) for folder in folders for tree in trees)


def item_for(view: Any) -> type[MenuItem]:
    """The class of a menu item that is shown to whomever the view, a PermissionCheckedMixin, lets in."""

    class ViewMenuItem(MenuItem):
        def is_shown(self, request: HttpRequest) -> bool:
            return bool(view(request=request).user_has_any_permission(view.any_permission_required))

    return ViewMenuItem
