"""Where doctors are listed is counted by beat; the report says as of when."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from cms.dashboard.tasks import count_listed_doctors
from tests.cms.factories import make_condition, make_doctor, make_practice, make_specialty


@pytest.mark.usefixtures("transactional_db")  # a change has its position from when it is committed
def test_it_says_when_doctors_were_counted(admin_client: Client) -> None:
    eyes, nepal = make_specialty("Ophthalmology"), make_practice(country="NP")
    make_condition("Glaucoma", specialties=[eyes])
    make_doctor("Dr First", practices=[nepal])

    def shown() -> tuple[list[str], bool]:
        page = BeautifulSoup(admin_client.get(reverse("coverage")).content, "html.parser")
        cells = [cell.get_text(strip=True) for cell in page.select("table.listing tbody td")]
        return cells, "Doctors as of" in page.get_text()

    assert shown() == (["1", "0 of 1 (0 %)", "1"], False), "beat has not run yet"
    count_listed_doctors()
    make_doctor("Dr Late", specialties=[eyes], practices=[nepal])
    assert shown() == (["1", "0 of 1 (0 %)", "1"], True)
    count_listed_doctors()
    assert shown() == (["2", "1 of 1 (100 %)", "0"], False)
