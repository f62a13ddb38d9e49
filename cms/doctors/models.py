"""Doctors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    ObjectList,
    TabbedInterface,
    TitleFieldPanel,
)
from wagtail.api import APIField
from wagtail.fields import RichTextField
from wagtail.images.api.fields import ImageRenditionField
from wagtail.models import Orderable, Page
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.conditions.models import ConditionPage
from cms.doctors.countries import country_choices
from cms.doctors.forms import DoctorPageForm
from cms.doctors.languages import language_choices
from cms.doctors.panels import DuplicatesPanel
from cms.doctors.practices import Practice, PracticeMerge
from cms.doctors.registrations import Scheme, check_registration
from cms.feed.images import PORTRAIT
from cms.forms import FolderCopyForm, OneSlugCopyForm
from cms.languages.translated import TranslatedPage, in_locale
from cms.roles.folders import FolderPermissionTester
from cms.search_status.panels import SearchStatusPanel
from cms.taxonomy.models import Specialty
from cms.validation import check_not_in_future, check_slug_is_free

BIO_FEATURES = ["bold", "italic", "ol", "ul", "link"]


class DoctorIndexPage(Page):
    """The folder that holds all doctors of one language."""

    parent_page_types = ["home.HomePage"]
    subpage_types = ["doctors.DoctorPage"]
    max_count_per_parent = 1
    copy_form_class = FolderCopyForm
    preview_modes: list[tuple[str, str]] = []  # headless: there is no page to show

    class Meta:
        verbose_name = "doctor index"

    def permissions_for_user(self, user: AbstractUser) -> FolderPermissionTester:
        return FolderPermissionTester(user, self)


class DoctorPage(TranslatedPage):
    """A doctor. The title is the full name as it is shown, prefix included."""

    class Gender(models.TextChoices):
        """FHIR's administrative gender."""

        FEMALE = "female", "Female"
        MALE = "male", "Male"
        OTHER = "other", "Other"
        UNKNOWN = "unknown", "Not known"

    honorific_prefix = models.CharField(max_length=32, blank=True, help_text="Such as 'Dr' or 'Prof'.")
    given_name = models.CharField(max_length=255, blank=True)
    family_name = models.CharField(max_length=255, blank=True, help_text="Empty for who has one name only.")
    credentials = models.CharField(max_length=255, blank=True, help_text="Such as 'MBBS, DM (Neurology)'.")
    gender = models.CharField(max_length=8, choices=Gender.choices, default=Gender.UNKNOWN)
    practising_since = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1900)],
        help_text="Year in which the doctor began to practise, such as 2004.",
    )
    telehealth = models.BooleanField(default=False, help_text="Sees patients by video or telephone.")
    bio = RichTextField("biography", features=BIO_FEATURES, blank=True)
    notice = models.CharField(
        max_length=255,
        blank=True,
        help_text="Shown with the doctor, such as 'Fictitious: this doctor does not exist.'",
    )
    verified_at = models.DateField(
        "verified on",
        null=True,
        blank=True,
        help_text="Day on which these facts were last confirmed with the doctor.",
    )
    specialties = ParentalManyToManyField(
        Specialty,
        blank=True,
        related_name="+",
        help_text="The doctor is listed for every condition that these treat.",
    )
    photo = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="A portrait. Mark the face as its focal point: it is cut to a square around that.",
    )
    photo_alt = models.CharField(
        "what the photo shows",
        max_length=255,
        blank=True,
        help_text="For those who cannot see it. Empty: the doctor's name.",
    )

    parent_page_types = ["doctors.DoctorIndexPage"]
    subpage_types: list[str] = []
    copy_form_class = OneSlugCopyForm
    preview_modes: list[tuple[str, str]] = []  # headless: there is no page to show

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    SearchStatusPanel(),
                    DuplicatesPanel(),
                    TitleFieldPanel(
                        "title",
                        placeholder="Full name",
                        heading="Full name",
                        help_text="As it is shown, prefix included: 'Dr Asha Example'.",
                    ),
                    MultiFieldPanel(
                        [
                            FieldPanel("honorific_prefix"),
                            FieldRowPanel([FieldPanel("given_name"), FieldPanel("family_name")]),
                            FieldPanel("credentials"),
                            FieldPanel("gender"),
                            FieldPanel("practising_since"),
                        ],
                        heading="Person",
                    ),
                    MultiFieldPanel([FieldPanel("photo"), FieldPanel("photo_alt")], heading="Photo"),
                    InlinePanel(
                        "languages",
                        heading="Languages",
                        label="Language",
                        help_text="In which patients are received.",
                    ),
                    InlinePanel("education", heading="Education", label="Degree"),
                    InlinePanel(
                        "memberships",
                        heading="Memberships",
                        label="Membership",
                        help_text="Of professional bodies.",
                    ),
                    FieldPanel("bio"),
                    FieldPanel("notice"),
                ],
                heading="Doctor",
            ),
            ObjectList(
                [
                    MultipleChooserPanel(
                        "practices",
                        chooser_field_name="practice",
                        heading="Practices",
                        label="Practice",
                        help_text="A doctor without a practice has a page, but is listed nowhere.",
                    ),
                    FieldPanel("telehealth"),
                    InlinePanel(
                        "telehealth_countries",
                        heading="Telehealth countries",
                        label="Country",
                        help_text="Whose patients the doctor may treat by telehealth.",
                    ),
                ],
                heading="Practices",
            ),
            ObjectList(
                [
                    FieldPanel("specialties", widget=forms.CheckboxSelectMultiple),
                    MultipleChooserPanel(
                        "treated_conditions",
                        chooser_field_name="condition",
                        heading="Conditions",
                        label="Condition",
                        help_text="Only where the doctor states to treat this very condition: such doctors are marked "
                        "as such.",
                    ),
                ],
                heading="Treats",
            ),
            ObjectList(
                [
                    InlinePanel(
                        "registrations",
                        heading="Registrations",
                        label="Registration",
                        help_text="In the registers of medical councils and boards.",
                    ),
                    FieldPanel("verified_at"),
                ],
                heading="Verification",
            ),
            ObjectList([FieldPanel("slug")], heading="URL"),
            ObjectList([FieldPanel("shown_elsewhere"), *Page.settings_panels], heading="Settings"),
        ],
        base_form_class=DoctorPageForm,
    )
    api_fields = [
        APIField("honorific_prefix"),
        APIField("given_name"),
        APIField("family_name"),
        APIField("credentials"),
        APIField("gender"),
        APIField("practising_since"),
        APIField("telehealth"),
        APIField("telehealth_countries"),
        APIField("photo", serializer=ImageRenditionField(PORTRAIT)),
        APIField("photo_alt"),
        APIField("education"),
        APIField("memberships"),
        APIField("bio"),
        APIField("notice"),
        APIField("verified_at"),
        APIField("specialties"),
        APIField("treated_conditions"),
        APIField("practices"),
        APIField("registrations"),
        APIField("languages"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("given_name"),
        index.SearchField("family_name"),
        index.SearchField("credentials"),
        index.SearchField("bio"),
        index.FilterField("verified_at"),
        index.FilterField("telehealth"),
        index.FilterField("has_unpublished_changes"),
    ]

    translatable_fields = [
        *(
            TranslatableField(name)
            for name in (
                *("title", "honorific_prefix", "given_name", "family_name", "credentials"),
                *("photo_alt", "bio", "notice"),
            )
        ),
        *(
            SynchronizedField(name, overridable=False)
            for name in (
                *("gender", "practising_since", "languages", "practices", "registrations", "verified_at"),
                *("telehealth", "telehealth_countries", "specialties", "treated_conditions"),
                *("photo", "education", "memberships"),
            )
        ),
    ]
    follows_source = True

    class Meta:
        verbose_name = "doctor"

    def adapt_to_locale(self) -> None:
        self.specialties = [in_locale(specialty, self.locale) for specialty in self.specialties.all()]
        for treated in self.treated_conditions.all():
            treated.condition = in_locale(treated.condition, self.locale)

    @classmethod
    def from_serializable_data(
        cls, data: dict[str, Any], check_fks: bool = True, strict_fks: bool = False
    ) -> DoctorPage | None:
        """Of a revision, which may name practices that have been merged since."""
        if "practices" in data:
            data = data | {"practices": PracticeMerge.followed(data["practices"])}
        page: DoctorPage | None = super().from_serializable_data(data, check_fks, strict_fks)
        return page

    def clean(self) -> None:
        super().clean()
        check_slug_is_free(self)
        today = timezone.localdate()
        check_not_in_future("verified_at", self.verified_at, today)
        check_not_in_future("practising_since", self.practising_since, today)


class DoctorPractice(Orderable):
    """One place where the doctor receives patients."""

    page = ParentalKey(DoctorPage, on_delete=models.CASCADE, related_name="practices")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="+")
    accepting_new_patients = models.BooleanField(default=True)

    api_fields = [APIField("practice"), APIField("accepting_new_patients")]

    def __str__(self) -> str:
        return str(self.practice)


class DoctorCondition(Orderable):
    """A condition that the doctor states to treat, beside those of the specialties."""

    page = ParentalKey(DoctorPage, on_delete=models.CASCADE, related_name="treated_conditions")
    condition = models.ForeignKey(ConditionPage, on_delete=models.CASCADE, related_name="+")

    api_fields = [APIField("condition")]

    def __str__(self) -> str:
        return str(self.condition)


class DoctorRegistration(Orderable):
    """The doctor's entry in a register, such as that of a medical council."""

    page = ParentalKey(DoctorPage, on_delete=models.CASCADE, related_name="registrations")
    authority = models.CharField(max_length=255, help_text="Who keeps the register.")
    scheme = models.CharField(
        "numbering",
        max_length=16,
        blank=True,
        choices=Scheme.choices,
        help_text="If it is one of these, the number and its check digit are checked.",
    )
    number = models.CharField(max_length=64)

    panels = [FieldPanel("authority"), FieldRowPanel([FieldPanel("scheme"), FieldPanel("number")])]
    api_fields = [APIField("authority"), APIField("scheme"), APIField("number")]

    class Meta(Orderable.Meta):
        # By which duplicates are looked for, whatever the case of letters.
        indexes = [models.Index(Upper("number"), name="doctors_registration_number")]

    def __str__(self) -> str:
        return f"{self.authority}: {self.number}"

    def clean(self) -> None:
        super().clean()
        check_registration(self.scheme, self.number)


class DoctorEducation(Orderable):
    """A degree, where and when."""

    page = ParentalKey(DoctorPage, on_delete=models.CASCADE, related_name="education")
    institution = models.CharField(max_length=255)
    degree = models.CharField(max_length=255, blank=True, help_text="Such as 'MBBS'.")
    year = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1900)], help_text="Of completion."
    )

    panels = [FieldPanel("institution"), FieldRowPanel([FieldPanel("degree"), FieldPanel("year")])]
    api_fields = [APIField("institution"), APIField("degree"), APIField("year")]

    def __str__(self) -> str:
        return f"{self.degree}, {self.institution}" if self.degree else self.institution

    def clean(self) -> None:
        super().clean()
        check_not_in_future("year", self.year, timezone.localdate())


class DoctorMembership(Orderable):
    """A professional body that the doctor belongs to."""

    page = ParentalKey(DoctorPage, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.CharField(max_length=255)

    api_fields = [APIField("organisation")]

    def __str__(self) -> str:
        return self.organisation


class DoctorLanguage(Orderable):
    """A language in which the doctor receives patients."""

    page = ParentalKey(DoctorPage, on_delete=models.CASCADE, related_name="languages")
    language = models.CharField(max_length=35, choices=language_choices)

    api_fields = [APIField("language")]

    def __str__(self) -> str:
        return str(self.get_language_display())


class DoctorTelehealthCountry(Orderable):
    """A country whose patients the doctor may treat by telehealth."""

    page = ParentalKey(DoctorPage, on_delete=models.CASCADE, related_name="telehealth_countries")
    country = models.CharField(max_length=2, choices=country_choices)

    api_fields = [APIField("country")]

    def __str__(self) -> str:
        return str(self.get_country_display())
