from __future__ import annotations

from django.apps import AppConfig

from cms.roles.groups import TREE_RIGHTS, give_tree_rights


class RolesConfig(AppConfig):
    name = "cms.roles"

    def ready(self) -> None:
        from cms.languages.tree import with_each_new  # noqa: PLC0415 - it needs the models

        for label in TREE_RIGHTS:
            with_each_new(label, give_tree_rights)
