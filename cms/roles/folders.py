"""Index pages: folders that hold all pages of one kind and language."""

from __future__ import annotations

from wagtail.models import PagePermissionTester


class FolderPermissionTester(PagePermissionTester):
    """Rights over a folder are meant for the pages in it: the folder itself is the administrators'.

    Else whoever may delete or unpublish a doctor could do so to the folder, with all doctors in it.
    """

    def can_edit(self) -> bool:
        return bool(self.user.is_superuser and super().can_edit())

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return bool(self.user.is_superuser and super().can_delete(ignore_bulk))

    def can_publish(self) -> bool:
        return bool(self.user.is_superuser and super().can_publish())

    def can_unpublish(self) -> bool:
        return bool(self.user.is_superuser and super().can_unpublish())

    def can_lock(self) -> bool:
        return bool(self.user.is_superuser)
