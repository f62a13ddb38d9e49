from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_save

from cms.roles.groups import TREE_RIGHTS, give_tree_rights


class RolesConfig(AppConfig):
    name = "cms.roles"

    def ready(self) -> None:
        for label in TREE_RIGHTS:
            post_save.connect(_give_rights, sender=apps.get_model(label), dispatch_uid=f"roles.{label}")


def _give_rights(instance: Any, *, created: bool, raw: bool, **kwargs: Any) -> None:
    """A language got its own tree. A fixture brings the rights with it."""
    if created and not raw:
        give_tree_rights(apps, instance)
