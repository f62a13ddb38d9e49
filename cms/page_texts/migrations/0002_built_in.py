"""In English, begin with the texts that are built into the search service."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BUILT_IN = {
    "condition-in-place": {
        "title": "Doctors Near You for {condition} in {place}",
        "meta_description": "Doctors who treat {condition} near {place}, with distances and practices. {summary}",
        "heading": "Doctors Near You for {condition} in {place}",
        "doctors_heading": "Doctors near {place}",
        "article_heading": "About {condition}",
    },
    "condition": {
        "title": "{condition}: what it is, and doctors who treat it",
        "meta_description": "{summary}",
        "heading": "{condition}",
        "doctors_heading": "Doctors who treat {condition}",
        "article_heading": "About {condition}",
    },
    "specialty-in-place": {
        "title": "Doctors Near You for {specialty} in {place}",
        "meta_description": "{specialty} near {place}: doctors with distances and practices. {summary}",
        "heading": "Doctors Near You for {specialty} in {place}",
        "doctors_heading": "Doctors near {place}",
        "article_heading": "About {specialty}",
    },
    "specialty": {
        "title": "{specialty}: what it is, and its doctors",
        "meta_description": "{summary}",
        "heading": "{specialty}",
        "doctors_heading": "Doctors of {specialty}",
        "article_heading": "About {specialty}",
    },
}


def write(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    english = apps.get_model("wagtailcore", "Locale").objects.filter(language_code="en").first()
    if english is None:
        return
    for slug, texts in BUILT_IN.items():
        key = uuid5(NAMESPACE_URL, f"urn:doctors-near-you:page-texts:{slug}")
        apps.get_model("page_texts", "PageTexts").objects.create(
            slug=slug, locale=english, translation_key=key, **texts
        )


class Migration(migrations.Migration):
    dependencies = [("page_texts", "0001_initial")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
