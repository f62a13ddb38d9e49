"""Treated conditions become rows of their own, which are chosen one by one: a list of all of them is too long.

Revisions hold pages as JSON: where they had a list of ids, the new field wants a list of rows.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BATCH = 500


def _through(apps: Apps) -> Any:
    # Not by the attribute, which both fields share here.
    DoctorPage = apps.get_model("doctors", "DoctorPage")
    return DoctorPage._meta.get_field("treated_conditions").remote_field.through


def _rewrite(apps: Apps, change: Callable[[int, Iterable[Any]], list[Any]]) -> None:
    ContentType = apps.get_model("contenttypes", "ContentType")
    Revision = apps.get_model("wagtailcore", "Revision")
    doctor = ContentType.objects.filter(app_label="doctors", model="doctorpage").first()
    batch = []
    for revision in Revision.objects.filter(content_type=doctor).iterator(chunk_size=BATCH):
        if treated := revision.content.get("treated_conditions"):
            revision.content["treated_conditions"] = change(revision.content["pk"], treated)
            batch.append(revision)
        if len(batch) == BATCH:
            Revision.objects.bulk_update(batch, ["content"])
            batch = []
    Revision.objects.bulk_update(batch, ["content"])


def to_rows(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    DoctorCondition = apps.get_model("doctors", "DoctorCondition")
    rows = _through(apps).objects.order_by("doctorpage", "conditionpage__title", "pk")
    orders: dict[int, int] = {}
    batch = []
    for page, condition in rows.values_list("doctorpage", "conditionpage").iterator(chunk_size=BATCH):
        orders[page] = orders.get(page, -1) + 1
        batch.append(DoctorCondition(page_id=page, condition_id=condition, sort_order=orders[page]))
    DoctorCondition.objects.bulk_create(batch, batch_size=BATCH)
    _rewrite(
        apps,
        lambda page, ids: [
            {"pk": None, "sort_order": order, "page": page, "condition": id} for order, id in enumerate(ids)
        ],
    )


def to_ids(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    DoctorCondition = apps.get_model("doctors", "DoctorCondition")
    through = _through(apps)
    rows = DoctorCondition.objects.order_by("page", "sort_order", "pk").values_list("page", "condition")
    through.objects.bulk_create(
        [through(doctorpage_id=page, conditionpage_id=condition) for page, condition in dict.fromkeys(rows)],
        batch_size=BATCH,
    )
    DoctorCondition.objects.all().delete()
    _rewrite(apps, lambda page, rows: [row["condition"] for row in rows])


class Migration(migrations.Migration):
    dependencies = [
        ("doctors", "0004_photo_education_conditions"),
    ]

    operations = [
        migrations.RunPython(to_rows, to_ids),
        migrations.RemoveField(model_name="doctorpage", name="treated_conditions"),
    ]
