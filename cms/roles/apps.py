from __future__ import annotations

from django.apps import AppConfig

from cms.roles.groups import TREE_RIGHTS, give_tree_rights


class RolesConfig(AppConfig):
    name = "cms.roles"

    def ready(self) -> None:
        from wagtail.models import Page  # noqa: PLC0415 - as those below, it needs the models
        from wagtail.permissions import register_permission_policy  # noqa: PLC0415

        from cms.languages.tree import with_each_new  # noqa: PLC0415
        from cms.roles import history  # noqa: PLC0415
        from cms.roles.policy import ExploringPolicy  # noqa: PLC0415

        register_permission_policy(Page, ExploringPolicy(Page))
        history.mend()
        for label in TREE_RIGHTS:
            with_each_new(label, give_tree_rights)
