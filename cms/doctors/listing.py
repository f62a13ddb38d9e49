"""Doctors in the admin: the listing "Doctors", and the explorer of a folder of doctors, which shows the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Upper
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.ui.tables.pages import BulkActionsColumn, PageStatusColumn, PageTitleColumn
from wagtail.admin.views.pages.listing import ExplorableIndexView, IndexView
from wagtail.admin.viewsets.pages import PageListingViewSet, PageViewSet
from wagtail.admin.widgets import AdminDateInput, BooleanRadioSelect
from wagtail.models import Page

from cms.doctors.countries import country_choices
from cms.doctors.languages import language_choices
from cms.doctors.models import (
    DoctorIndexPage,
    DoctorLanguage,
    DoctorPage,
    DoctorPractice,
    DoctorRegistration,
)
from cms.doctors.practices import Practice
from cms.menu import KindPermissionPolicy, item_for
from cms.roles.policy import ExploringPolicy
from cms.taxonomy.models import Specialty

Doctors = QuerySet[DoctorPage]

PRACTICES_SHOWN = 2
EXPORTED_AT_ONCE = 500


def _yes_or_no(label: Any, **options: Any) -> django_filters.BooleanFilter:
    return django_filters.BooleanFilter(label=label, widget=BooleanRadioSelect, **options)


def _one_of(label: Any, choices: Any, **options: Any) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        label=label, choices=choices, widget=forms.RadioSelect, empty_label=_("All"), **options
    )


class DoctorFilterSet(WagtailFilterSet):
    """What it asks of other tables is a condition on primary keys: with a search, only that can be combined, and what is a
    FilterField."""

    specialty = django_filters.ModelChoiceFilter(
        label=_("Specialty"), queryset=Specialty.objects.order_by("name"), method="of_specialty"
    )
    country = django_filters.ChoiceFilter(
        label=_("Country of a practice"), choices=country_choices, method="in_country"
    )
    practice = django_filters.CharFilter(
        label=_("Practice or place"),
        help_text=_("The beginning of a practice's name, or of its village, town or city."),
        method="at_practice",
    )
    accepting = _one_of(
        _("Accepting new patients"), [("yes", _("At a practice")), ("no", _("Nowhere"))], method="receiving"
    )
    without_practice = _yes_or_no(_("Without a practice"), method="unlisted")
    language = django_filters.ChoiceFilter(label=_("Language"), choices=language_choices, method="speaking")
    telehealth = _yes_or_no(_("Telehealth"), method="by_telehealth")
    not_verified_since = django_filters.DateFilter(
        label=_("Not verified since"),
        help_text=_("Last verified before this day, or never."),
        widget=AdminDateInput,
        method="unverified",
    )
    never_verified = _yes_or_no(_("Never verified"), method="unverified_ever")
    registration = django_filters.CharFilter(
        label=_("Registration number"), help_text=_("The whole number."), method="registered"
    )
    status = _one_of(
        _("Status"),
        [("live", _("Live")), ("changed", _("Live, with a newer draft")), ("draft", _("Not live"))],
        method="of_status",
    )

    class Meta:
        model = DoctorPage
        fields: list[str] = []

    def of_specialty(self, doctors: Doctors, name: str, specialty: Specialty) -> Doctors:
        rows = DoctorPage.specialties.through.objects.filter(specialty=specialty)
        return doctors.filter(pk__in=rows.values("doctorpage"))

    def in_country(self, doctors: Doctors, name: str, country: str) -> Doctors:
        return doctors.filter(pk__in=_at(practice__country=country))

    def at_practice(self, doctors: Doctors, name: str, beginning: str) -> Doctors:
        at = _at(practice__name__istartswith=beginning) | _at(practice__locality__istartswith=beginning)
        return doctors.filter(pk__in=at)

    def receiving(self, doctors: Doctors, name: str, answer: str) -> Doctors:
        at = _at(accepting_new_patients=True)
        return doctors.filter(pk__in=at) if answer == "yes" else doctors.exclude(pk__in=at)

    def unlisted(self, doctors: Doctors, name: str, wanted: bool) -> Doctors:
        return doctors.exclude(pk__in=_at()) if wanted else doctors.filter(pk__in=_at())

    def speaking(self, doctors: Doctors, name: str, language: str) -> Doctors:
        return doctors.filter(pk__in=DoctorLanguage.objects.filter(language=language).values("page"))

    def by_telehealth(self, doctors: Doctors, name: str, wanted: bool) -> Doctors:
        return doctors.filter(telehealth=wanted)

    def unverified(self, doctors: Doctors, name: str, day: date) -> Doctors:
        return doctors.exclude(verified_at__gte=day)

    def unverified_ever(self, doctors: Doctors, name: str, wanted: bool) -> Doctors:
        return doctors.filter(verified_at__isnull=wanted)

    def registered(self, doctors: Doctors, name: str, number: str) -> Doctors:
        rows = DoctorRegistration.objects.annotate(key=Upper("number")).filter(key=Upper(Value(number)))
        return doctors.filter(pk__in=rows.values("page"))

    def of_status(self, doctors: Doctors, name: str, status: str) -> Doctors:
        wanted: dict[str, Any] = {
            "live": {"live": True},
            "changed": {"live": True, "has_unpublished_changes": True},
            "draft": {"live": False},
        }
        return doctors.filter(**wanted[status])


def _at(**conditions: Any) -> Any:
    return DoctorPractice.objects.filter(**conditions).order_by().values("page")


def explorable(doctors: Doctors, user: Any) -> Doctors:
    """Those of the doctors whom the user may explore. To compare each with all explorable pages, as Wagtail's views
    do, would take most of a listing's time: who may explore all folders of doctors is compared with none."""
    if user.is_active and user.is_superuser:
        return doctors
    trees = ExploringPolicy(Page).trees(user)
    folders = DoctorIndexPage.objects.values_list("path", flat=True)
    if all(path.startswith(trees) for path in folders):
        return doctors
    # Nobody has pages below, through which others could be explored.
    return doctors.filter(reduce(or_, (Q(path__startswith=tree) for tree in trees), Q(pk__in=[])))


def in_listing(request: HttpRequest, parent: str | None) -> Doctors:
    """All doctors of the listing from which a bulk action was asked for, on all its pages: what its filters and its
    search leave. `parent` is the id of the folder that was explored, if it was."""
    doctors: Any = DoctorPage.objects.all()
    if parent and not request.GET.get("search_all"):
        folder = Page.objects.filter(pk=parent).first() if parent.isdecimal() else None
        doctors = doctors.descendant_of(folder) if folder else doctors.none()
    filters = DoctorFilterSet(request.GET, request=request)
    doctors = filters.filter_queryset(doctors) if filters.is_valid() else doctors.none()
    if query := request.GET.get("q", "").strip():
        found = doctors.only("pk").autocomplete(query, order_by_relevance=False)
        doctors = DoctorPage.objects.filter(pk__in=[doctor.pk for doctor in found])
    listed: Doctors = doctors
    return listed


# --- What is shown of doctors.


@dataclass
class Shown:
    """What is told of a doctor besides the page's own row."""

    specialties: list[str] = field(default_factory=list)
    practices: list[Practice] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    registrations: list[str] = field(default_factory=list)

    def some_practices(self) -> str:
        """Name, village, town or city, and country of the first."""
        told = [f"{practice}, {practice.country}" for practice in self.practices[:PRACTICES_SHOWN]]
        left = len(self.practices) - PRACTICES_SHOWN
        return "; ".join([*told, _now("%(number)d more") % {"number": left}] if left > 0 else told)


def attach(doctors: Collection[DoctorPage]) -> None:
    """Give each doctor its `shown`, in as many queries for many as for one."""
    shown = {doctor.pk: Shown() for doctor in doctors}
    through = DoctorPage.specialties.through.objects.filter(doctorpage__in=shown)
    for page, name in through.order_by("specialty__name").values_list("doctorpage", "specialty__name"):
        shown[page].specialties.append(name)
    for place in DoctorPractice.objects.filter(page__in=shown).select_related("practice"):
        shown[place.page_id].practices.append(place.practice)
    for page, language in DoctorLanguage.objects.filter(page__in=shown).values_list("page", "language"):
        shown[page].languages.append(language)
    for registration in DoctorRegistration.objects.filter(page__in=shown):
        shown[registration.page_id].registrations.append(str(registration))
    for doctor in doctors:
        doctor.shown = shown[doctor.pk]


class DoctorListing:
    """What both views have in common, before Wagtail's own."""

    model = DoctorPage
    # What is searched for comes in the listing's order. By relevance, SQLite reads the index once for each match.
    is_explicitly_ordered = True
    base_columns = [
        BulkActionsColumn("bulk_actions"),
        PageTitleColumn("title", label=_("Name"), sort_key="title", classname="title"),
        Column(
            "specialties", label=_("Specialties"), accessor=lambda page: ", ".join(page.shown.specialties)
        ),
        Column("practices", label=_("Practices"), accessor=lambda page: page.shown.some_practices()),
        DateColumn("verified_at", label=_("Verified"), sort_key="verified_at", width="10%"),
        DateColumn(
            "latest_revision_created_at",
            label=_("Updated"),
            sort_key="latest_revision_created_at",
            width="10%",
        ),
        PageStatusColumn("status", label=_("Status"), sort_key="live", width="10%"),
    ]
    list_export = [
        "pk",
        "title",
        "credentials",
        "specialties",
        "practices",
        "countries",
        "languages",
        "registrations",
        "telehealth",
        "verified_at",
        "live",
        "locale",
        "slug",
    ]
    export_headings = {"pk": _("Page"), "title": _("Name"), "verified_at": _("Verified on")}

    def get_base_queryset(self) -> Any:
        return explorable(self.in_folder(), self.request.user)  # type: ignore[attr-defined]

    def in_folder(self) -> Any:
        return DoctorPage.objects.all()

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
        if not isinstance(queryset, QuerySet):  # but what a search has found
            queryset = queryset.get_queryset()
        queryset = queryset.values_list("pk", flat=True)  # all of them are put in order
        if self.is_filtering:  # type: ignore[attr-defined]
            queryset = list(queryset)  # to count them first would take as long again
        paginator, page, found, is_paginated = super().paginate_queryset(queryset, page_size)  # type: ignore[misc]
        ids = list(found)
        # Not of all doctors: of those that are shown.
        rows = self.annotate_queryset(DoctorPage.objects.filter(pk__in=ids))  # type: ignore[attr-defined]
        doctors = {doctor.pk: doctor for doctor in rows}
        page.object_list = [doctors[id] for id in ids if id in doctors]
        return paginator, page, page.object_list, is_paginated

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        if not self.is_export:  # type: ignore[attr-defined]
            attach(context["object_list"])
        # The bulk actions are those of doctors, which keep to the filters.
        return context | {"model_opts": DoctorPage._meta}

    def as_spreadsheet(self, queryset: Any, spreadsheet_format: str) -> Any:
        return super().as_spreadsheet(_Exported(queryset), spreadsheet_format)  # type: ignore[misc]

    def to_row_dict(self, item: DoctorPage) -> dict[str, Any]:
        shown: Shown = item.shown
        told = {
            "specialties": ", ".join(shown.specialties),
            "practices": "; ".join(map(str, shown.practices)),
            "countries": ", ".join(sorted({practice.country for practice in shown.practices})),
            "languages": ", ".join(shown.languages),
            "registrations": "; ".join(shown.registrations),
            "locale": item.locale.language_code,
        }
        return {name: told[name] if name in told else getattr(item, name) for name in self.list_export}


class _Exported:
    """The rows of an export, read piece by piece: there may be 100,000 of them."""

    model = DoctorPage

    def __init__(self, doctors: Any) -> None:
        if isinstance(doctors, QuerySet):  # and not what a search has found
            self._ids = list(doctors.values_list("pk", flat=True))
        else:
            self._ids = [doctor.pk for doctor in doctors]

    def __iter__(self) -> Iterator[DoctorPage]:
        for start in range(0, len(self._ids), EXPORTED_AT_ONCE):
            piece = DoctorPage.objects.select_related("locale").in_bulk(
                self._ids[start : start + EXPORTED_AT_ONCE]
            )
            attach(piece.values())
            yield from (piece[id] for id in self._ids[start : start + EXPORTED_AT_ONCE] if id in piece)


class DoctorIndexView(DoctorListing, IndexView):
    """All doctors that the user may explore, wherever they are in the tree."""

    permission_policy = KindPermissionPolicy(DoctorPage)


class DoctorExplorerView(DoctorListing, ExplorableIndexView):
    """A folder of doctors in the explorer. Their order in it means nothing, and all of them would be on one page to
    change it."""

    sort_order_field = "no-order"

    def in_folder(self) -> Any:
        if self.is_searching_whole_tree:
            return super().in_folder()
        return DoctorPage.objects.child_of(self.parent_page)


class DoctorListingViewSet(PageListingViewSet):
    """The menu item "Doctors"."""

    name = "doctors"
    model = DoctorPage
    icon = "user"
    menu_label = _("Doctors")
    menu_order = 210
    menu_item_class = item_for(DoctorIndexView)
    add_to_admin_menu = True
    index_view_class = DoctorIndexView
    filterset_class = DoctorFilterSet
    list_export = DoctorListing.list_export
    export_headings = DoctorListing.export_headings
    export_filename = "doctors"


class DoctorExplorerViewSet(PageViewSet):
    """In the explorer, folders of doctors look as the listing does."""

    model = DoctorPage
    index_view_class = DoctorExplorerView
    filterset_class = DoctorFilterSet
    list_export = DoctorListing.list_export
    export_headings = DoctorListing.export_headings
    export_filename = "doctors"
