"""Put our page tree in place of Wagtail's welcome page: a home with the two index pages."""

from __future__ import annotations

import uuid

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def plant_tree(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    ContentType = apps.get_model("contenttypes", "ContentType")
    Locale = apps.get_model("wagtailcore", "Locale")
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")

    def content_type(app_label: str, model: str) -> int:
        return ContentType.objects.get_or_create(app_label=app_label, model=model)[0].pk

    # Made by wagtailcore's migrations. The site's root page is this row, which is kept and made a HomePage.
    welcome = Page.objects.get(depth=2, content_type=content_type("wagtailcore", "page"))
    locale = Locale.objects.get(pk=welcome.locale_id)
    now = timezone.now()
    Page.objects.filter(pk=welcome.pk).update(
        title="Home",
        draft_title="Home",
        content_type=content_type("home", "homepage"),
        numchild=2,
        first_published_at=now,
        last_published_at=now,
    )
    welcome.refresh_from_db()
    home = apps.get_model("home", "HomePage")(page_ptr_id=welcome.pk)
    home.save_base(raw=True, force_insert=True)  # only HomePage's own row

    for number, (app_label, model, title, slug) in enumerate(
        [
            ("conditions", "ConditionIndexPage", "Conditions", "conditions"),
            ("doctors", "DoctorIndexPage", "Doctors", "doctors"),
        ],
        start=1,
    ):
        apps.get_model(app_label, model).objects.create(
            title=title,
            draft_title=title,
            slug=slug,
            path=f"{welcome.path}{number:04}",
            depth=3,
            numchild=0,
            url_path=f"{welcome.url_path}{slug}/",
            content_type_id=content_type(app_label, model.lower()),
            locale=locale,
            translation_key=uuid.uuid4(),
            first_published_at=now,
            last_published_at=now,
        )

    Site.objects.filter(is_default_site=True).update(site_name="Doctors near you")


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0001_initial"),
        ("conditions", "0001_initial"),
        ("doctors", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [migrations.RunPython(plant_tree, migrations.RunPython.noop)]
