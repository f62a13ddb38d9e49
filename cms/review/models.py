"""Reviewers, and what a reviewed article carries."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.api import APIField
from wagtail.models import Page
from wagtail.search import index

from cms.validation import check_not_in_future, check_review_dates


class Reviewer(index.Indexed, models.Model):
    """A clinician who signs articles."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255, help_text="As it is shown, such as 'Dr Asha Example'.")
    credentials = models.CharField(max_length=255, blank=True, help_text="Such as 'MD, neurologist'.")
    registration_authority = models.CharField(
        "authority",
        max_length=255,
        blank=True,
        help_text="Who keeps the register, such as a medical council.",
    )
    registration_number = models.CharField("number", max_length=64, blank=True)
    conflict_of_interest = models.TextField(
        blank=True,
        max_length=2000,
        verbose_name="statement",
        help_text="The reviewer's own words, shown with the article, such as 'None declared.'",
    )
    conflict_of_interest_stated_on = models.DateField("stated on", null=True, blank=True)
    photo = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    photo_alt = models.CharField(
        "alternative text",
        max_length=255,
        blank=True,
        help_text="What the photo shows, for those who cannot see it, such as 'Dr Asha Example, smiling.'",
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reviewer",
        verbose_name="user account",
        help_text="Then nobody else can sign in this reviewer's name, and this account in no other name.",
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("credentials"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("registration_authority"), FieldPanel("registration_number")])],
            heading="Registration",
        ),
        MultiFieldPanel(
            [FieldPanel("conflict_of_interest"), FieldPanel("conflict_of_interest_stated_on")],
            heading="Conflict of interest",
        ),
        MultiFieldPanel([FieldPanel("photo"), FieldPanel("photo_alt")], heading="Photo"),
        FieldPanel("user"),
    ]
    api_fields = [
        APIField("uuid"),
        APIField("name"),
        APIField("credentials"),
        APIField("registration_authority"),
        APIField("registration_number"),
        APIField("conflict_of_interest"),
        APIField("conflict_of_interest_stated_on"),
    ]
    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.SearchField("credentials"),
    ]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.credentials}" if self.credentials else self.name

    def clean(self) -> None:
        super().clean()
        errors = {}
        if bool(self.registration_authority) != bool(self.registration_number):
            missing = "registration_number" if self.registration_authority else "registration_authority"
            errors[missing] = "A registration is an authority and a number."
        if self.conflict_of_interest_stated_on and not self.conflict_of_interest:
            errors["conflict_of_interest"] = "What was stated on that day?"
        if self.photo and not self.photo_alt:
            errors["photo_alt"] = "Say what the photo shows."
        if errors:
            raise ValidationError(errors)
        check_not_in_future(
            "conflict_of_interest_stated_on", self.conflict_of_interest_stated_on, timezone.localdate()
        )


class ReviewedPage(Page):
    """A page that is reviewed: it says who signed it, when, and until when that holds."""

    reviewer = models.ForeignKey(
        Reviewer,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who signs the article. Without a reviewer, web search engines are told not to index it.",
    )
    last_reviewed = models.DateField(null=True, blank=True)
    next_review = models.DateField(
        null=True,
        blank=True,
        help_text="After this day, web search engines are told not to index the article.",
    )

    review_tab = ObjectList(
        [
            FieldPanel("reviewer"),
            MultiFieldPanel([FieldPanel("last_reviewed"), FieldPanel("next_review")], heading="Review"),
        ],
        heading="Medical review",
    )
    api_fields = [APIField("reviewer"), APIField("last_reviewed"), APIField("next_review")]

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        check_review_dates(self.last_reviewed, self.next_review, today=timezone.localdate())
