"""The groups that the migrations set up, and their rights over each tree of pages.

An administrator may change what a group may do, rename it, delete it or add others. The rights over pages hang
on the index pages, of which each language has its own, so they are given to each new one.
"""

from __future__ import annotations

from typing import Any

EDITORS = "Editors"
MEDICAL_REVIEWERS = "Medical reviewers"
DIRECTORY_MANAGERS = "Directory managers"
PUBLISHERS = "Publishers"
GROUPS = (EDITORS, MEDICAL_REVIEWERS, DIRECTORY_MANAGERS, PUBLISHERS)

# Wagtail's permissions on pages, by index page and group. `bulk_delete` would be of use for folders alone.
TREE_RIGHTS = {
    "conditions.conditionindexpage": {
        EDITORS: ["add", "change"],
        MEDICAL_REVIEWERS: ["change", "lock", "unlock"],
        PUBLISHERS: ["change", "publish", "lock", "unlock"],
    },
    "doctors.doctorindexpage": {
        DIRECTORY_MANAGERS: ["add", "change", "publish"],
        PUBLISHERS: ["change", "publish", "lock", "unlock"],
    },
}


def give_tree_rights(apps: Any, index: Any) -> None:
    """Give the groups that there are their rights over the tree below `index`, a page of one of TREE_RIGHTS.

    `apps` is Django's registry, or that of a migration.
    """
    rights = TREE_RIGHTS[index._meta.label_lower]
    grant = apps.get_model("wagtailcore", "GroupPagePermission").objects.get_or_create
    permission = (
        apps.get_model("auth", "Permission").objects.filter(content_type__app_label="wagtailcore").get
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=rights):
        for action in rights[group.name]:
            grant(group=group, page_id=index.pk, permission=permission(codename=f"{action}_page"))
