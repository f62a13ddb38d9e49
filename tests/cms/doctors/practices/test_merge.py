"""Two practices are merged: whoever works there, and each revision that names them, comes to the one that is kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry, Page, ReferenceIndex

from cms.doctors import merging
from cms.doctors.models import DoctorPage, DoctorPractice
from cms.doctors.practices import Practice, PracticeMerge
from tests.cms.admin import errors_of
from tests.cms.factories import make_doctor, make_practice
from tests.cms.search_status.conftest import client_of, make_user


def bulk_url(*practices: Practice) -> str:
    query = urlencode([("id", practice.pk) for practice in practices] + [("next", "/admin/")])
    return reverse("wagtail_bulk_action", args=["doctors", "practice", "merge"]) + f"?{query}"


def merge(client: Client, kept: Practice, *others: Practice) -> None:
    response = client.post(bulk_url(kept, *others), {"kept": kept.pk})
    assert response.status_code == 302, errors_of(response)


def works_at(page: Page) -> list[Practice]:
    return [row.practice for row in DoctorPractice.objects.filter(page=page).order_by("sort_order", "pk")]


def test_an_editor_sees_what_will_move_and_chooses(admin_client: Client) -> None:
    kept = make_practice("Leh Hospital", phone="+12025550143", accessibility=["lift"])
    other = make_practice("SNM Hospital", opening_hours=[(0, "09:00", "17:00")])
    make_doctor(practices=[other])
    make_doctor(practices=[other], live=False)
    html = admin_client.get(bulk_url(kept, other)).content.decode()
    for words in ("1 published, 1 not", "+12025550143", "lift", "Monday 09:00 to 17:00", "SNM Hospital"):
        assert words in html
    assert "Postal code" not in html  # the same in both
    response = admin_client.post(bulk_url(kept, other), {"kept": kept.pk}, follow=True)
    assert "2 doctors&#x27; pages have come to it" in response.content.decode()
    assert list(Practice.objects.all()) == [kept]
    assert Practice.objects.get().phone == "+12025550143"


def test_two_of_the_same_name_are_told_apart(admin_client: Client) -> None:
    practices = [make_practice("Twin"), make_practice("Twin", lat=34.2)]
    page = BeautifulSoup(admin_client.get(bulk_url(*reversed(practices))).content, "html.parser")
    radios = page.select("input[name=kept]")
    labels = [" ".join(radio.find_parent("label").get_text().split()) for radio in radios]  # type: ignore[union-attr]
    assert labels == ["1: Twin, Leh", "2: Twin, Leh"]
    assert [radio["value"] for radio in radios] == [str(practice.pk) for practice in practices]
    assert [th.get_text() for th in page.select("thead th")] == ["Field", *labels]


def test_doctors_come_to_the_practice_that_is_kept(admin_client: Client) -> None:
    kept, other, third = make_practice("Kept"), make_practice("Other"), make_practice("Third")
    there, draft = make_doctor(practices=[third, other]), make_doctor(practices=[other], live=False)
    both = make_doctor(practices=[other, third, kept])
    merge(admin_client, kept, other)
    assert works_at(there) == [third, kept]
    assert works_at(draft) == [kept]
    assert works_at(both) == [third, kept]
    to = ReferenceIndex.objects.filter(to_object_id=str(kept.pk), to_content_type__model="practice")
    assert {int(row.object_id) for row in to} == {there.pk, draft.pk, both.pk}
    usage = reverse("wagtailsnippets_doctors_practice:usage", args=[kept.pk])
    assert "3" in admin_client.get(usage).content.decode()


def test_a_draft_that_names_the_merged_one_is_published(admin_client: Client) -> None:
    kept, other, third = make_practice("Kept"), make_practice("Other"), make_practice("Third")
    doctor = make_doctor("Dr Draft", practices=[third])
    doctor.practices = [DoctorPractice(practice=other), DoctorPractice(practice=third)]
    doctor.save_revision()
    merge(admin_client, kept, other)
    response = admin_client.get(reverse("wagtailadmin_pages:edit", args=[doctor.pk]))
    assert "Kept" in response.content.decode()
    assert works_at(doctor) == [third]
    # As the bulk action in a listing does: nobody looks at a form.
    DoctorPage.objects.get(pk=doctor.pk).get_latest_revision().publish()
    assert works_at(doctor) == [kept, third]


def test_a_draft_that_names_both_has_one_row(admin_client: Client) -> None:
    kept, other, third = make_practice("Kept"), make_practice("Other"), make_practice("Third")
    doctor = make_doctor(practices=[other, kept])
    doctor.practices = [
        DoctorPractice(practice=other, accepting_new_patients=False),
        DoctorPractice(practice=third),
        DoctorPractice(practice=kept, accepting_new_patients=True),
    ]
    doctor.save_revision()
    merge(admin_client, kept, other)
    assert works_at(doctor) == [kept]
    DoctorPage.objects.get(pk=doctor.pk).get_latest_revision().publish()
    assert works_at(doctor) == [third, kept]
    assert DoctorPractice.objects.get(page=doctor, practice=kept).accepting_new_patients


def test_older_revisions_and_merges_of_merges_are_followed(admin_client: Client) -> None:
    first, second, third = make_practice("First"), make_practice("Second"), make_practice("Third")
    doctor = make_doctor(practices=[first])
    old = doctor.get_latest_revision()
    doctor.practices = []
    doctor.save_revision().publish()
    merge(admin_client, second, first)
    merge(admin_client, third, second)
    assert [row.practice for row in old.as_object().practices.all()] == [third]
    old.publish()
    assert works_at(doctor) == [third]
    assert {row.former_uuid: row.kept for row in PracticeMerge.objects.all()} == {
        first.uuid: third,
        second.uuid: third,
    }


def test_several_are_merged_at_once(admin_client: Client) -> None:
    practices = [make_practice(f"Practice {number}") for number in range(4)]
    doctor = make_doctor(practices=practices)
    merge(admin_client, practices[2], practices[0], practices[1], practices[3])
    assert works_at(doctor) == [practices[2]]


def test_both_are_in_the_audit_log(admin_client: Client, admin_user: User) -> None:
    kept, other = make_practice("Kept"), make_practice("Other", phone="+12025550143")
    make_doctor(practices=[other])
    merge(admin_client, kept, other)
    (of_kept,) = ModelLogEntry.objects.filter(action=merging.MERGE)
    (of_other,) = ModelLogEntry.objects.filter(action=merging.MERGED)
    assert (of_kept.object_id, of_other.object_id) == (str(kept.pk), str(other.pk))
    assert (of_kept.deleted, of_other.deleted) == (False, True)
    assert "+12025550143" in of_kept.message  # nothing that it said is lost
    assert "Merged into 'Kept, Leh'" in of_other.message
    history = reverse("wagtailsnippets_doctors_practice:history", args=[kept.pk])
    assert "Merged with" in admin_client.get(history).content.decode()


@pytest.mark.parametrize("chosen", [0, 1, 11])
def test_one_alone_or_too_many_are_not_merged(admin_client: Client, chosen: int) -> None:
    practices = [make_practice() for _ in range(max(chosen, 1))]
    url = bulk_url(*practices[:chosen]) if chosen else bulk_url() + "&id=x"
    if not chosen:
        assert admin_client.get(url).status_code == 404
        return
    assert "Choose from 2 to 10" in admin_client.get(url).content.decode()
    response = admin_client.post(url, {"kept": practices[0].pk})
    assert response.status_code == 200
    assert Practice.objects.count() == chosen


@pytest.mark.parametrize("kept", ["", "x", "987654"])
def test_what_is_kept_must_be_one_of_them(admin_client: Client, kept: str) -> None:
    practices = [make_practice(), make_practice()]
    response = admin_client.post(bulk_url(*practices), {"kept": kept})
    assert errors_of(response)
    assert Practice.objects.count() == 2


def test_who_may_not_delete_practices_may_not_merge_them(db: None) -> None:
    practices = [make_practice("One"), make_practice("Two")]
    client = client_of(make_user("writer", "change_practice", "view_practice"))
    assert "You may not merge" in client.get(bulk_url(*practices)).content.decode()
    client.post(bulk_url(*practices), {"kept": practices[0].pk})
    assert Practice.objects.count() == 2


def test_nothing_is_merged_when_something_goes_wrong(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, other = make_practice("Kept"), make_practice("Other")
    doctor = make_doctor(practices=[other])

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Practice, "delete", fail)
    with pytest.raises(RuntimeError):
        admin_client.post(bulk_url(kept, other), {"kept": kept.pk})
    assert works_at(doctor) == [other]
    assert not PracticeMerge.objects.exists()


def test_the_queries_do_not_grow_with_the_doctors(admin_user: User) -> None:
    def queries(doctors: int) -> int:
        kept, other = make_practice(), make_practice()
        for number in range(doctors):
            make_doctor(practices=[other, kept] if number % 2 else [other], live=False)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            merging.merge(kept, [other], admin_user)
        return len(captured)

    assert queries(2) == queries(12)
