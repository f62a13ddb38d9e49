"""Directory managers may keep a point that lies elsewhere than the address says."""

from __future__ import annotations

from django.apps import apps as installed
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from cms.roles.groups import DIRECTORY_MANAGERS


def permit(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # post_migrate makes permissions, which comes after this.
    create_permissions(installed.get_app_config("doctors"), verbosity=0, apps=apps)
    permission = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="doctors", codename="override_place_check"
    )
    for group in apps.get_model("auth", "Group").objects.filter(name=DIRECTORY_MANAGERS):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0001_groups"),
        ("doctors", "0003_practice_facts"),
    ]

    operations = [migrations.RunPython(permit, migrations.RunPython.noop)]
