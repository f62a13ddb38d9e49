"""Specialties."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, TitleFieldPanel
from wagtail.api import APIField
from wagtail.models import DraftStateMixin, RevisionMixin, TranslatableMixin
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.forms import CompleteForm
from cms.languages.translated import Translated
from cms.search_status.panels import SearchStatusPanel
from cms.searched_for import SearchedFor, panel_with_tick, when_exact_only
from cms.validation import check_slug_is_free


class Specialty(
    Translated, DraftStateMixin, RevisionMixin, index.Indexed, TranslatableMixin, ClusterableModel
):
    """A medical specialty. A condition names those that treat it, a doctor those practised."""

    name = models.CharField(max_length=255, help_text="The field, such as 'Neurology'.")
    slug = models.SlugField(
        max_length=255,
        allow_unicode=True,
        help_text="Short name in URLs, such as 'neurology'. Once per language.",
    )
    practitioner_name = models.CharField(
        max_length=255,
        blank=True,
        help_text="What a doctor of this specialty is called, such as 'Neurologist'.",
    )
    description = models.TextField(
        max_length=1000, blank=True, help_text="One or two sentences in plain words, for the public."
    )
    schema_org_code = models.CharField(
        "schema.org code",
        max_length=64,
        blank=True,
        validators=[RegexValidator(r"^[A-Z][A-Za-z]+\Z", "Give the name as schema.org writes it.")],
        help_text="Value of schema.org's MedicalSpecialty, such as 'Neurologic'.",
    )
    nucc_code = models.CharField(
        "NUCC code",
        max_length=10,
        blank=True,
        validators=[RegexValidator(r"^[0-9A-Z]{9}X\Z", "Nine capital letters or digits and an X.")],
        help_text="Code of the NUCC provider taxonomy: ten letters and digits, such as '2084N0400X'.",
    )

    panels = [
        SearchStatusPanel(),
        TitleFieldPanel("name", placeholder=False),
        FieldPanel("slug"),
        FieldPanel("practitioner_name"),
        FieldPanel("description"),
        InlinePanel(
            "alternate_names",
            heading="Other names",
            label="Name",
            help_text="Of the field and of its doctors: synonyms, abbreviations, lay names such as 'heart doctor'. "
            + when_exact_only("ENT, GP, surgeon"),
        ),
        MultiFieldPanel([FieldPanel("schema_org_code"), FieldPanel("nucc_code")], heading="Codes"),
    ]
    api_fields = [
        APIField("name"),
        APIField("slug"),
        APIField("practitioner_name"),
        APIField("alternate_names"),
    ]
    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.SearchField("practitioner_name"),
        index.AutocompleteField("practitioner_name"),
        index.FilterField("locale_id"),
        index.FilterField("translation_key"),
    ]

    translatable_fields = [
        TranslatableField("name"),
        TranslatableField("practitioner_name"),
        TranslatableField("description"),
        SynchronizedField("schema_org_code", overridable=False),
        SynchronizedField("nucc_code", overridable=False),
    ]
    base_form_class = CompleteForm
    # Three short texts and a list of lay names that no list of another language tells: a form is all they need.
    localize_default_translation_mode = "simple"
    own_fields = ["alternate_names"]

    class Meta(TranslatableMixin.Meta):
        ordering = ["name"]
        verbose_name = "specialty"
        verbose_name_plural = "specialties"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        check_slug_is_free(self)


class SpecialtyName(SearchedFor):
    """Another name of the same specialty or of its doctors: a synonym, an abbreviation, a lay name."""

    specialty = ParentalKey(Specialty, on_delete=models.CASCADE, related_name="alternate_names")
    name = models.CharField(max_length=255)

    panels = [panel_with_tick("name")]
    api_fields = [APIField("name"), APIField("exact_only")]

    def __str__(self) -> str:
        return self.name
