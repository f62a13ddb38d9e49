"""Editors draft the texts of pages, Publishers publish them."""

from __future__ import annotations

from django.apps import apps as installed
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from cms.roles.groups import EDITORS, PUBLISHERS

ACTS = {EDITORS: ["add", "change", "view"], PUBLISHERS: ["add", "change", "delete", "publish", "view"]}


def permit(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # post_migrate makes permissions, which comes after this.
    create_permissions(installed.get_app_config("page_texts"), verbosity=0, apps=apps)
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    content_type = ContentType.objects.get(app_label="page_texts", model="pagetexts")
    # This one Wagtail makes, after migrations, too.
    Permission.objects.get_or_create(
        content_type=content_type,
        codename="publish_pagetexts",
        defaults={"name": "Can publish texts of pages"},
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ACTS):
        names = [f"{act}_pagetexts" for act in ACTS[group.name]]
        group.permissions.add(*Permission.objects.filter(content_type=content_type, codename__in=names))


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0002_place_check"),
        ("page_texts", "0001_initial"),
    ]

    operations = [migrations.RunPython(permit, migrations.RunPython.noop)]
