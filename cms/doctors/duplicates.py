"""Doctors who seem to be entered twice: with one registration, or with one name at one practice.

The pages of one doctor in several languages share a translation key, and an alias follows its source: these are
no duplicates. Names and numbers are compared by the database, whatever the case of letters (on SQLite: of Latin
letters without accents).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Model, QuerySet, Value, When, Window
from django.db.models.functions import Upper

# The module, not its names: models.py needs the form, which needs this.
from cms.doctors import models as doctors
from cms.doctors.registrations import Scheme


@dataclass(frozen=True)
class Registration:
    """An entry that several doctors have. Of an NPI the authority does not count: there is one such register."""

    scheme: str
    authority: str
    number: str

    def __str__(self) -> str:
        return f"{self.authority}: {self.number}"

    def doctors(self) -> QuerySet[doctors.DoctorPage]:
        rows = _registrations().filter(scheme=self.scheme, number_key=Upper(Value(self.number)))
        if self.scheme != Scheme.NPI:
            rows = rows.filter(authority_key=Upper(Value(self.authority)))
        return _entered().filter(pk__in=rows.values("page"))


@dataclass(frozen=True)
class NameAtPractice:
    """A name that several doctors have who work at one practice."""

    name: str
    practice_id: int
    practice: str

    def __str__(self) -> str:
        return f"{self.name}, {self.practice}"

    def doctors(self) -> QuerySet[doctors.DoctorPage]:
        rows = _names().filter(practice=self.practice_id, name_key=Upper(Value(self.name)))
        return _entered().filter(pk__in=rows.values("page"))


Likeness = Registration | NameAtPractice


def holders_of_npi(number: str, page: doctors.DoctorPage) -> QuerySet[doctors.DoctorPage]:
    """Other doctors than that of the page who have this NPI."""
    return _others(Registration(Scheme.NPI, "", number), page)


def of(page: doctors.DoctorPage) -> list[tuple[Likeness, list[doctors.DoctorPage]]]:
    """What the page, as it is in memory, has in common with others, and with whom. Drafts are looked at, too."""
    likenesses: list[Likeness] = [
        *(Registration(row.scheme, row.authority, row.number) for row in page.registrations.all()),
        *(NameAtPractice(page.title, row.practice_id, row.practice.name) for row in page.practices.all()),
    ]
    found = ((likeness, list(_others(likeness, page))) for likeness in dict.fromkeys(likenesses))
    return [(likeness, others) for likeness, others in found if others]


def among(pages: QuerySet[doctors.DoctorPage]) -> list[Likeness]:
    """All that several of these doctors have in common, registrations first."""
    pages = pages.filter(alias_of=None).order_by()
    # What occurs once in all is left out first: it is nearly everything, and to group it by all that is shown of it
    # would take most of the time.
    registrations = (
        _registrations()
        .filter(
            page__in=pages.filter(pk__in=_alike(doctors.DoctorRegistration, "number", "page")).values("pk")
        )
        .order_by()
        .values("scheme", "authority_key", "number_key")
        .annotate(n=Count("page__translation_key", distinct=True))
        .filter(n__gt=1)
        .order_by("authority_key", "number_key")
    )
    names = (
        _names()
        .filter(page__in=pages.filter(pk__in=_alike(doctors.DoctorPage, "title", "pk")).values("pk"))
        .order_by()
        .values("name_key", "practice", "practice__name")
        .annotate(n=Count("page__translation_key", distinct=True))
        .filter(n__gt=1)
        .order_by("name_key", "practice")
    )
    return [
        *(
            Registration(scheme, authority or "NPI", number)
            for scheme, authority, number in registrations.values_list(
                "scheme", "authority_key", "number_key"
            )
        ),
        *(NameAtPractice(*row) for row in names.values_list("name_key", "practice", "practice__name")),
    ]


def _alike(model: type[Model], field: str, page: str) -> list[int]:
    """Primary keys of the pages of rows whose text in the field another has, too. Read, not nested in a query: PostgreSQL
    would take them for a third of all, and look at everything again for that."""
    same = Window(Count("pk"), partition_by=[Upper(field)])
    rows = model._default_manager.order_by().annotate(same=same).filter(same__gt=1)
    return list(rows.values_list(page, flat=True))


def _entered() -> QuerySet[doctors.DoctorPage]:
    entered: QuerySet[doctors.DoctorPage] = doctors.DoctorPage.objects.filter(alias_of=None)
    return entered.order_by("title", "pk")


def _others(likeness: Likeness, page: doctors.DoctorPage) -> QuerySet[doctors.DoctorPage]:
    return likeness.doctors().exclude(translation_key=page.translation_key)


def _registrations() -> QuerySet[Any]:
    rows: QuerySet[Any] = doctors.DoctorRegistration.objects.annotate(
        number_key=Upper("number"),
        authority_key=Case(When(scheme=Scheme.NPI, then=Value("")), default=Upper("authority")),
    )
    return rows


def _names() -> QuerySet[Any]:
    rows: QuerySet[Any] = doctors.DoctorPractice.objects.annotate(name_key=Upper("page__title"))
    return rows
