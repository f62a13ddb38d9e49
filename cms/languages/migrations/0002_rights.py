"""Who submits for translation, and who publishes a specialty now that it has drafts."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from cms.roles.groups import DIRECTORY_MANAGERS, EDITORS, PUBLISHERS


def give_rights(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    ContentType = apps.get_model("contenttypes", "ContentType")
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    submit = Permission.objects.get(content_type__app_label="wagtail_localize", codename="submit_translation")
    # post_migrate makes it, which in a new database comes after this.
    specialty = ContentType.objects.get_or_create(app_label="taxonomy", model="specialty")[0]
    publish = Permission.objects.get_or_create(
        content_type=specialty, codename="publish_specialty", defaults={"name": "Can publish specialty"}
    )[0]
    for group in Group.objects.filter(name__in=[EDITORS, DIRECTORY_MANAGERS, PUBLISHERS]):
        group.permissions.add(submit)
    for group in Group.objects.filter(name=PUBLISHERS):
        group.permissions.add(publish)


class Migration(migrations.Migration):
    dependencies = [
        ("languages", "0001_initial"),
        ("roles", "0001_groups"),
        ("taxonomy", "0003_specialty_drafts"),
        ("wagtail_localize", "0006_create_submit_translation_permission"),
    ]

    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
