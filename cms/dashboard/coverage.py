"""Which conditions have a doctor in which country.

At the level of countries, a doctor is within reach of a condition when somebody is listed for it there: a published
doctor who states to treat it, or has one of the specialties that treat it, with a practice in the country. As in search,
a specialty that is a draft leads nowhere, nor does a condition that is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from wagtail.models import Locale

from cms.conditions.models import ConditionPage, ConditionSpecialty
from cms.dashboard.models import ListedDoctors
from cms.doctors.countries import COUNTRIES
from cms.taxonomy.models import Specialty


class Condition(NamedTuple):
    pk: int
    title: str
    countries: frozenset[str]
    """Codes of those where it has a doctor."""


@dataclass(frozen=True)
class Country:
    code: str
    name: str
    doctors: int
    covered: int
    conditions: int

    @property
    def without(self) -> int:
        return self.conditions - self.covered

    @property
    def percent(self) -> int:
        return 100 * self.covered // self.conditions if self.conditions else 0


@dataclass(frozen=True)
class Coverage:
    countries: list[Country]
    """Each with a listed doctor, the least covered first."""
    conditions: list[Condition]
    """The public ones, by title."""

    def without(self, code: str) -> list[Condition]:
        """The conditions that have no doctor in the country."""
        return [condition for condition in self.conditions if code not in condition.countries]

    def nowhere(self) -> list[Condition]:
        """The conditions that have no doctor in any."""
        return [condition for condition in self.conditions if not condition.countries]


def coverage(locale: Locale, listed: ListedDoctors) -> Coverage:
    """Of the conditions in one language. Doctors count whatever the language of their page, once each."""
    specialties = dict(Specialty.objects.filter(live=True).values_list("pk", "translation_key"))
    treated_by = defaultdict(list)
    for condition, specialty in ConditionSpecialty.objects.order_by().values_list("page", "specialty"):
        if specialty in specialties:
            treated_by[condition].append(str(specialties[specialty]))

    reached = {key: frozenset(codes) for key, codes in listed.reached.items()}
    none: frozenset[str] = frozenset()
    public = ConditionPage.objects.live().public().filter(locale=locale).order_by("title")
    conditions = [
        Condition(pk, title, none.union(*(reached.get(by, none) for by in (str(key), *treated_by[pk]))))
        for pk, title, key in public.values_list("pk", "title", "translation_key")
    ]
    covered = Counter(code for condition in conditions for code in condition.countries)
    countries = [
        Country(code, COUNTRIES.get(code, code), doctors, covered[code], len(conditions))
        for code, doctors in listed.doctors.items()
    ]
    return Coverage(sorted(countries, key=lambda country: (country.percent, country.name)), conditions)
