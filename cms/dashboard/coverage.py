"""Which conditions have a doctor in which country.

At the level of countries, a doctor is within reach of a condition when somebody is listed for it there: a published
doctor who states to treat it, or has one of the specialties that treat it, with a practice in the country. As in search,
a specialty that is a draft leads nowhere, nor does a condition that is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count
from wagtail.models import Locale

from cms.conditions.models import ConditionPage
from cms.doctors.countries import COUNTRIES
from cms.doctors.models import DoctorPage


class Condition(NamedTuple):
    pk: int
    title: str
    translation_key: UUID


@dataclass(frozen=True)
class Country:
    code: str
    name: str
    doctors: int
    without: list[Condition]
    conditions: int

    @property
    def covered(self) -> int:
        return self.conditions - len(self.without)

    @property
    def percent(self) -> int:
        return 100 * self.covered // self.conditions if self.conditions else 0


def coverage(locale: Locale) -> tuple[list[Country], list[Condition]]:
    """Each country with a listed doctor, the least covered first, and the conditions of this language without a
    doctor in any. Doctors count whatever the language of their page, once each.

    A handful of queries however many doctors there are. Their rows are pairs of a specialty or condition and a
    country, not doctors.
    """
    public = ConditionPage.objects.live().public()
    rows = public.filter(locale=locale).order_by("title").values_list("pk", "title", "translation_key")
    conditions = [Condition(*row) for row in rows]
    treating = public.order_by().filter(locale=locale, treating_specialties__specialty__live=True)
    specialties = defaultdict(set)
    for condition, specialty in treating.values_list(
        "pk", "treating_specialties__specialty__translation_key"
    ):
        specialties[condition].add(specialty)

    doctors = DoctorPage.objects.live().public().order_by().filter(practices__isnull=False)
    country = "practices__practice__country"
    reached = defaultdict(set)  # countries, by the translation key of a specialty or a condition
    for relation in ("specialties", "treated_conditions__condition"):
        pairs = doctors.filter(**{f"{relation}__live": True})
        for key, code in pairs.values_list(f"{relation}__translation_key", country).distinct():
            reached[key].add(code)
    listed = doctors.values_list(country).annotate(doctors=Count("translation_key", distinct=True))

    without: dict[str, list[Condition]] = {code: [] for code, _ in listed}
    nowhere = []
    for condition in conditions:
        by = [condition.translation_key, *specialties[condition.pk]]
        codes = set().union(*(reached[key] for key in by))
        for code in without.keys() - codes:
            without[code].append(condition)
        if not codes:
            nowhere.append(condition)
    countries = [
        Country(code, COUNTRIES.get(code, code), number, without[code], len(conditions))
        for code, number in listed
    ]
    return sorted(countries, key=lambda country: (country.percent, country.name)), nowhere
