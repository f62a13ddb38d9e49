"""Conditions, and the articles about them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import (
    FieldPanel,
    InlinePanel,
    MultipleChooserPanel,
    ObjectList,
    TabbedInterface,
    TitleFieldPanel,
)
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page, Revision
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.conditions.blocks import SectionBlock
from cms.conditions.citations import uncited
from cms.conditions.codes import CodeSystem, check_code
from cms.conditions.forms import ConditionPageForm
from cms.forms import FolderCopyForm, OneSlugCopyForm
from cms.languages.translated import in_locale
from cms.review.models import ReviewedPage
from cms.review.permissions import ReviewedFolderPermissionTester
from cms.search_status.panels import SearchStatusPanel
from cms.searched_for import SearchedFor, panel_with_tick, when_exact_only
from cms.taxonomy.models import Specialty
from cms.validation import check_slug_is_free

# Of names that are dangerous alone.
EXAMPLES = "HD, WED, aura"


class ConditionIndexPage(Page):
    """The folder that holds all conditions of one language."""

    parent_page_types = ["home.HomePage"]
    subpage_types = ["conditions.ConditionPage"]
    max_count_per_parent = 1
    copy_form_class = FolderCopyForm
    preview_modes: list[tuple[str, str]] = []  # headless: there is no page to show

    class Meta:
        verbose_name = "condition index"

    def permissions_for_user(self, user: AbstractUser) -> ReviewedFolderPermissionTester:
        return ReviewedFolderPermissionTester(user, self)


class ConditionPage(ReviewedPage):
    """A condition and its article. The title is the condition's name."""

    summary = models.TextField(
        max_length=500, help_text="One or two sentences in plain words. Shown in lists."
    )
    notice = models.CharField(
        max_length=255,
        blank=True,
        help_text="Shown with the article, such as 'Sample text. Not medical advice.'",
    )
    body = StreamField([("section", SectionBlock())], blank=True, verbose_name="article")

    parent_page_types = ["conditions.ConditionIndexPage"]
    subpage_types: list[str] = []
    copy_form_class = OneSlugCopyForm
    preview_modes: list[tuple[str, str]] = []  # headless: there is no page to show

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    SearchStatusPanel(),
                    TitleFieldPanel(
                        "title", placeholder="Name", heading="Name", help_text="The condition's usual name."
                    ),
                    FieldPanel("summary"),
                    FieldPanel("body"),
                    FieldPanel("notice"),
                ],
                heading="Article",
            ),
            ObjectList(
                [
                    InlinePanel(
                        "alternate_names",
                        heading="Other names",
                        label="Name",
                        help_text=f"Synonyms, abbreviations, lay names. {when_exact_only(EXAMPLES)}",
                    ),
                    InlinePanel(
                        "search_phrases",
                        heading="Search phrases",
                        label="Phrase",
                        help_text="What people type when they look for this, such as 'restless leg syndrome treatment'. "
                        + when_exact_only(EXAMPLES),
                    ),
                    InlinePanel("codes", heading="Codes", label="Code"),
                ],
                heading="Names and codes",
            ),
            ObjectList(
                [
                    MultipleChooserPanel(
                        "treating_specialties",
                        chooser_field_name="specialty",
                        heading="Specialties that treat it",
                        label="Specialty",
                        help_text="The first choice first. Doctors of these specialties are listed for this condition.",
                    ),
                    MultipleChooserPanel(
                        "related_conditions",
                        chooser_field_name="condition",
                        heading="Related conditions",
                        label="Condition",
                    ),
                ],
                heading="Who treats it",
            ),
            ReviewedPage.review_tab,
            ObjectList([FieldPanel("slug")], heading="URL"),
            ObjectList([FieldPanel("shown_elsewhere"), *Page.settings_panels], heading="Settings"),
        ],
        base_form_class=ConditionPageForm,
    )
    api_fields = [
        APIField("summary"),
        APIField("notice"),
        APIField("body"),
        APIField("alternate_names"),
        APIField("search_phrases"),
        APIField("codes"),
        APIField("treating_specialties"),
        APIField("related_conditions"),
        *ReviewedPage.api_fields,
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
        index.RelatedFields("alternate_names", [index.SearchField("name"), index.AutocompleteField("name")]),
        index.RelatedFields("search_phrases", [index.SearchField("phrase")]),
    ]

    translatable_fields = [
        *(TranslatableField(name) for name in ("title", "summary", "notice", "body")),
        *(SynchronizedField(name) for name in ("codes", "treating_specialties", "related_conditions")),
    ]
    # The review was of the source's words; what people search for in another language, nobody can tell from them.
    own_fields = ["alternate_names", "search_phrases", "reviewer", "last_reviewed", "next_review"]

    class Meta:
        verbose_name = "condition"

    def clean(self) -> None:
        super().clean()
        check_slug_is_free(self)

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> None:
        """Also what no form has looked at: a schedule, a workflow, a bulk action. Raises ValidationError."""
        if aspects := uncited(revision.as_object().body):
            raise ValidationError({"body": f"These sections need a citation: {', '.join(aspects)}."})
        super().publish(revision, *args, **kwargs)

    def adapt_to_locale(self) -> None:
        for treating in self.treating_specialties.all():
            treating.specialty = in_locale(treating.specialty, self.locale)
        for related in self.related_conditions.all():
            related.condition = in_locale(related.condition, self.locale)


class ConditionName(SearchedFor):
    """Another name of the same condition: a synonym, an abbreviation, a lay name."""

    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="alternate_names")
    name = models.CharField(max_length=255)

    panels = [panel_with_tick("name")]
    api_fields = [APIField("name"), APIField("exact_only")]

    def __str__(self) -> str:
        return self.name


class SearchPhrase(SearchedFor):
    """What people type when they look for this condition."""

    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="search_phrases")
    phrase = models.CharField(max_length=255)

    panels = [panel_with_tick("phrase")]
    api_fields = [APIField("phrase"), APIField("exact_only")]

    def __str__(self) -> str:
        return self.phrase


class ConditionCode(Orderable):
    """The condition's code in a classification."""

    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="codes")
    system = models.CharField(max_length=16, choices=CodeSystem.choices)
    code = models.CharField(max_length=32)

    api_fields = [APIField("system"), APIField("code")]

    def __str__(self) -> str:
        return f"{self.system} {self.code}"

    def clean(self) -> None:
        super().clean()
        check_code(self.system, self.code)


class ConditionSpecialty(Orderable):
    """A specialty that treats the condition; the first choice stands first."""

    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="treating_specialties")
    specialty = models.ForeignKey(Specialty, on_delete=models.PROTECT, related_name="+")

    api_fields = [APIField("specialty")]

    def __str__(self) -> str:
        return str(self.specialty)


class RelatedCondition(Orderable):
    """Another condition that readers of this one may look for."""

    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="related_conditions")
    condition = models.ForeignKey(ConditionPage, on_delete=models.CASCADE, related_name="+")

    api_fields = [APIField("condition")]

    def __str__(self) -> str:
        return str(self.condition)
