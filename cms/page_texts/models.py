"""What pages say of themselves: their titles, descriptions and headings."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Length
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin, TranslatableMixin
from wagtail_localize.fields import TranslatableField

from cms.conditions.models import ConditionPage
from cms.forms import CompleteForm
from cms.languages.translated import Translated
from cms.page_texts.placeholders import Sort, filled, in_braces, problems
from cms.search_status.panels import SearchStatusPanel
from cms.taxonomy.models import Specialty

TEXTS = ("title", "meta_description", "heading", "doctors_heading", "article_heading")
# Of a preview: places, regions, countries; and what stands for names in a language that has none yet.
SAMPLE_PLACES = (("Leh", "Ladakh", "India"), ("Thiruvananthapuram", "Kerala", "India"))
SAMPLE_NAMES = {
    "condition": ("Asthma", "Chronic obstructive pulmonary disease"),
    "specialty": ("Neurology", "Obstetrics and gynaecology"),
}


class PageTextsForm(CompleteForm):
    """Says of each text what may stand in braces."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.slug:
            return
        if self.instance.pk:
            self.fields["slug"].disabled = True
        for name in TEXTS:
            words = in_braces(Sort(self.instance.slug).placeholders(name))
            self.fields[name].help_text += f" In it may stand {words}."


class PageTexts(
    Translated, DraftStateMixin, RevisionMixin, PreviewableMixin, TranslatableMixin, models.Model
):
    """The texts of all pages of a sort in one language, as templates.

    The translation key follows from the sort: what is written for it in another language is a translation of it,
    however it was made.
    """

    slug = models.CharField(
        "pages",
        max_length=32,
        choices=Sort.choices,
        help_text="On which pages these texts stand. It cannot be changed later.",
    )
    title = models.CharField(
        max_length=150, help_text="For the window and for web searches, which show some 60 characters."
    )
    meta_description = models.CharField(
        "description", max_length=300, help_text="For web searches. It is cut after 160 characters."
    )
    heading = models.CharField("of the page", max_length=150, help_text="At the top.")
    doctors_heading = models.CharField("of its doctors", max_length=150, help_text="Above the list.")
    article_heading = models.CharField(
        "of its article", max_length=150, help_text="Above the article or description."
    )

    panels = [
        SearchStatusPanel(),
        FieldPanel("slug"),
        MultiFieldPanel(
            [FieldPanel("title"), FieldPanel("meta_description", widget=AdminAutoHeightTextInput)],
            heading="For web searches",
            help_text="Plain text. A word in braces, such as {place}, stands for what the page is of.",
        ),
        MultiFieldPanel(
            [FieldPanel("heading"), FieldPanel("doctors_heading"), FieldPanel("article_heading")],
            heading="Headings",
        ),
    ]
    translatable_fields = [TranslatableField(name) for name in TEXTS]
    base_form_class = PageTextsForm
    # Five short texts in a form show their placeholders; text by text they would not.
    localize_default_translation_mode = "simple"

    class Meta(TranslatableMixin.Meta):
        ordering = ["slug"]
        verbose_name = "texts of pages"
        verbose_name_plural = "page texts"

    def __str__(self) -> str:
        return self.get_slug_display()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.translation_key = Sort(self.slug).key
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if self.slug not in Sort.values:
            return  # the field says so
        sort = Sort(self.slug)
        errors = {
            name: found
            for name in TEXTS
            if (text := getattr(self, name)) and (found := problems(text, sort, name))
        }
        others = PageTexts.objects.filter(slug=self.slug, locale=self.locale_id).exclude(pk=self.pk)
        if others.exists():
            errors["slug"] = ["These pages have texts in this language already."]
        if errors:
            raise ValidationError(errors)

    # --- Preview

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "page_texts/preview.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        context: dict[str, Any] = super().get_preview_context(request, mode_name)
        return context | {"samples": [self.filled(values) for values in self.samples()] if self.slug else []}

    def filled(self, values: dict[str, str]) -> dict[str, str]:
        """All texts, by name."""
        return {name: filled(getattr(self, name), values) for name in TEXTS}

    def samples(self) -> list[dict[str, str]]:
        """Of two pages, what stands for the words in braces: of the shortest name and of the longest."""
        subject = Sort(self.slug).subject
        model, name, summary = (
            (ConditionPage, "title", "summary")
            if subject == "condition"
            else (Specialty, "name", "description")
        )
        live = model._default_manager.filter(live=True, locale=self.locale_id).order_by(Length(name), "pk")
        rows = [row for row in (live.first(), live.last()) if row]
        named = [(getattr(row, name), getattr(row, summary)) for row in rows] or [
            (each, "") for each in SAMPLE_NAMES[subject]
        ]
        return [
            {subject: name, "place": place, "region": region, "country": country, "summary": summary}
            for (name, summary), (place, region, country) in zip(named, SAMPLE_PLACES, strict=True)
        ]
