"""Who may publish what is reviewed: superusers. Everybody else has it reviewed."""

from __future__ import annotations

from wagtail.models import PagePermissionTester

from cms.roles.folders import FolderPermissionTester


class ReviewedPagePermissionTester(PagePermissionTester):
    def can_publish(self) -> bool:
        return bool(self.user.is_superuser and super().can_publish())

    # The right to publish still is the right to take offline, to call off what is scheduled, and to hide.

    def can_unschedule(self) -> bool:
        return bool(super().can_publish())

    def can_set_view_restrictions(self) -> bool:
        return bool(super().can_publish())


class ReviewedFolderPermissionTester(FolderPermissionTester):
    """Of the page under which reviewed pages lie."""

    def can_publish_subpage(self) -> bool:
        return bool(self.user.is_superuser and super().can_publish_subpage())
