"""Set up the groups. Wagtail's own two, which have rights over the whole tree, are taken over."""

from __future__ import annotations

from django.apps import apps as installed
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from cms.roles.groups import (
    DIRECTORY_MANAGERS,
    EDITORS,
    GROUPS,
    MEDICAL_REVIEWERS,
    PUBLISHERS,
    TREE_RIGHTS,
    give_tree_rights,
)


def everything(model: str) -> list[str]:
    return [f"{act}_{model}" for act in ("add", "change", "delete", "view")]


# By codename: the model may have moved from one app to another by now.
PERMISSIONS = {
    EDITORS: [],
    MEDICAL_REVIEWERS: everything("reviewer"),
    DIRECTORY_MANAGERS: everything("practice"),
    PUBLISHERS: [*everything("specialty"), "view_searchservice", "rebuild_searchservice"],
}
# Over all images: whoever adds one may change and delete it.
IMAGES = {
    EDITORS: ["add", "choose"],
    MEDICAL_REVIEWERS: ["add", "choose"],
    DIRECTORY_MANAGERS: ["add", "choose"],
    PUBLISHERS: ["choose"],
}


def set_up(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # post_migrate makes permissions, which in a new database comes after this.
    for app_config in installed.get_app_configs():
        create_permissions(app_config, verbosity=0, apps=apps)

    take_over_wagtails_groups(apps)
    Permission = apps.get_model("auth", "Permission")
    GroupCollectionPermission = apps.get_model("wagtailcore", "GroupCollectionPermission")
    collection = apps.get_model("wagtailcore", "Collection").objects.get(depth=1)
    for name in GROUPS:
        group = apps.get_model("auth", "Group").objects.get_or_create(name=name)[0]
        group.permissions.add(*Permission.objects.filter(codename__in=["access_admin", *PERMISSIONS[name]]))
        for act in IMAGES[name]:
            permission = Permission.objects.get(
                content_type__app_label="wagtailimages", codename=f"{act}_image"
            )
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=collection, permission=permission
            )
    for label in TREE_RIGHTS:
        for index in apps.get_model(label).objects.all():
            give_tree_rights(apps, index)


def take_over_wagtails_groups(apps: Apps) -> None:
    """Members stay: Wagtail's Editors are ours, its Moderators become Publishers."""
    Group = apps.get_model("auth", "Group")
    if not Group.objects.filter(name=PUBLISHERS).exists():
        Group.objects.filter(name="Moderators").update(name=PUBLISHERS)
    for group in Group.objects.filter(name__in=["Moderators", EDITORS, PUBLISHERS]):
        group.page_permissions.filter(page__depth=1).delete()
        group.collection_permissions.filter(collection__depth=1).delete()
        # Left over from before images and documents had collections.
        files = group.permissions.filter(content_type__app_label__in=["wagtailimages", "wagtaildocs"])
        group.permissions.remove(*files)
    # It would let whoever is in one of these groups approve any page of any tree.
    apps.get_model("wagtailcore", "WorkflowPage").objects.filter(
        page__depth=1, workflow__name="Moderators approval"
    ).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0002_page_tree"),
        ("conditions", "0001_initial"),
        ("doctors", "0001_initial"),
        ("taxonomy", "0001_initial"),
        ("search_status", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailimages", "0027_image_description"),
    ]

    operations = [migrations.RunPython(set_up, migrations.RunPython.noop)]
