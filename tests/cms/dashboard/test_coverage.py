"""The report "Coverage": which conditions have a doctor in which country."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Locale, PageViewRestriction

from cms.conditions.models import ConditionPage
from cms.dashboard.coverage import Coverage, coverage
from cms.dashboard.models import ListedDoctors
from cms.dashboard.tasks import count_listed_doctors
from cms.taxonomy.models import Specialty
from tests.cms.factories import make_condition, make_doctor, make_locale, make_practice, make_specialty

pytestmark = pytest.mark.django_db


def without() -> tuple[dict[str, list[str]], list[str]]:
    """Names of conditions by country, and of those without a doctor anywhere."""
    found = counted()
    return (
        {country.code: [one.title for one in found.without(country.code)] for country in found.countries},
        [one.title for one in found.nowhere()],
    )


def counted() -> Coverage:
    return coverage(Locale.get_default(), ListedDoctors.count())


@pytest.fixture
def world() -> None:
    """A neurologist in India, who has another practice in Bhutan; in Nepal one who treats snow blindness."""
    neurology, eyes = make_specialty("Neurology"), make_specialty("Ophthalmology")
    make_condition("Myoclonus", specialties=[neurology])
    make_condition("Glaucoma", specialties=[eyes])
    snow_blindness = make_condition("Snow blindness", specialties=[eyes, neurology], live=True)
    make_condition("Rare", specialties=[])
    make_condition("Draft", specialties=[eyes], live=False)
    india, bhutan, nepal = (make_practice(country=code) for code in ("IN", "BT", "NP"))
    make_doctor("Dr India", specialties=[neurology], practices=[india, bhutan])
    make_doctor("Dr Nepal", conditions=[snow_blindness], practices=[nepal])


@pytest.mark.usefixtures("world")
def test_by_specialty_or_by_the_very_condition() -> None:
    assert without() == (
        {
            "IN": ["Glaucoma", "Rare"],
            "BT": ["Glaucoma", "Rare"],
            "NP": ["Glaucoma", "Myoclonus", "Rare"],
        },
        ["Glaucoma", "Rare"],
    )


@pytest.mark.usefixtures("world")
def test_only_what_is_public_counts() -> None:
    eyes = make_specialty("Eyes")
    make_condition("Cataract", specialties=[eyes])
    make_doctor("Dr Draft", specialties=[eyes], practices=[make_practice(country="US")], live=False)
    hidden = make_doctor("Dr Hidden", specialties=[eyes], practices=[make_practice(country="US")])
    PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    make_doctor("Dr Nowhere", specialties=[eyes])
    countries, nowhere = without()
    assert "US" not in countries
    assert "Cataract" in nowhere


@pytest.mark.usefixtures("world")
def test_what_is_a_draft_leads_to_no_doctor() -> None:
    eyes = Specialty.objects.get(name="Ophthalmology")
    make_doctor("Dr Eyes", specialties=[eyes], practices=[make_practice(country="US")])
    assert "Glaucoma" not in without()[0]["US"]
    # The specialty in Hindi is one with that in English, but not yet public.
    hindi = eyes.copy_for_translation(make_locale("hi"))
    hindi.live = False
    hindi.save()
    rare = ConditionPage.objects.get(title="Rare").copy_for_translation(hindi.locale, copy_parents=True)
    make_doctor("Dr Hindi", specialties=[hindi], conditions=[rare], practices=[make_practice(country="GB")])
    countries, nowhere = without()
    assert "Glaucoma" in countries["GB"]
    assert "Rare" in nowhere
    Specialty.objects.filter(pk=eyes.pk).update(live=False)
    countries, nowhere = without()
    assert "Glaucoma" in countries["US"]
    assert "Glaucoma" in nowhere


@pytest.mark.usefixtures("world")
def test_a_doctor_counts_once_in_every_language() -> None:
    doctor = make_doctor("Dr Two", practices=[make_practice(country="US"), make_practice(country="US")])
    hindi = Locale.objects.create(language_code="hi")
    doctor.copy_for_translation(hindi).save_revision().publish()
    (us,) = [country for country in counted().countries if country.code == "US"]
    assert us.doctors == 1
    # What is treated is known by the translation: the doctor's page in Hindi names conditions in Hindi.
    assert (us.conditions, us.covered, us.percent) == (4, 0, 0)


@pytest.mark.usefixtures("world")
def test_few_queries() -> None:
    with CaptureQueriesContext(connection) as queries:
        coverage(Locale.get_default(), ListedDoctors.last())
    assert len(queries) <= 12
    with CaptureQueriesContext(connection) as queries:
        count_listed_doctors()
        before = len(queries)
        count_listed_doctors()
    assert len(queries) - before == 2, "nothing has changed, and all is counted again"


@pytest.mark.usefixtures("world")
def test_the_report_has_a_table_and_a_plot(admin_client: Client) -> None:
    page = BeautifulSoup(admin_client.get(reverse("coverage")).content, "html.parser")
    rows = [
        [" ".join(cell.get_text(" ").split()) for cell in row("th") + row("td")]
        for row in page.select("table.listing tr")
    ]
    assert rows[1:] == [
        ["Nepal", "1", "1 of 4 (25 %)", "3"],
        ["Bhutan", "1", "2 of 4 (50 %)", "2"],
        ["India", "1", "2 of 4 (50 %)", "2"],
    ]
    (plot,) = page.select("svg[role=img]")
    names = str(plot["aria-labelledby"]).split()
    description = " ".join(" ".join(page.select_one(f"#{name}").get_text().split()) for name in names)  # type: ignore[union-attr]
    assert description.endswith("Nepal: 25 per cent. Bhutan: 50 per cent. India: 50 per cent.")
    assert [int(str(bar["width"])) for bar in plot("rect")][1::2] == [100, 200, 200]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("country=NP", ["Glaucoma", "Myoclonus", "Rare"]),
        ("country=NP&p=99", ["Glaucoma", "Myoclonus", "Rare"]),
        ("country=none", ["Glaucoma", "Rare"]),
    ],
)
def test_conditions_are_listed(admin_client: Client, query: str, titles: list[str]) -> None:
    page = BeautifulSoup(admin_client.get(f"{reverse('coverage')}?{query}").content, "html.parser")
    heading = page.select_one("#without")
    assert heading
    listed = heading.find_next("ul")
    assert listed
    assert [" ".join(item.get_text().split()) for item in listed("li")] == titles


@pytest.mark.parametrize("code", ["ZZ", "%00", "<script>"])
def test_a_country_without_doctors_is_not_found(admin_client: Client, code: str) -> None:
    assert admin_client.get(f"{reverse('coverage')}?country={code}").status_code == 404


def test_an_empty_cms(admin_client: Client, client: Client) -> None:
    assert "No published doctor has a practice yet." in admin_client.get(reverse("coverage")).content.decode()
    assert client.get(reverse("coverage")).status_code == 302
