"""The report on the search service, and the button that rebuilds its index."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup, Tag
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from kombu import Connection, Queue
from pytest_django import Settings
from wagtail.models import ModelLogEntry

from cms.celery import app
from cms.search_status.rebuild import QUEUE, TASK, ask_for_rebuild
from tests.cms import factories
from tests.cms.search_status.conftest import client_of, make_user
from tests.cms.search_status.fake_search import FakeSearch, Json, a_status

pytestmark = pytest.mark.django_db

REPORT, RESULTS, REBUILD = (
    "/admin/search-service/",
    "/admin/search-service/results/",
    "/admin/search-service/rebuild/",
)


def a_rebuild(state: str, **changes: Any) -> Json:
    rebuild = {
        "state": state,
        "started_at": "2026-11-22T10:00:00Z",
        "ended_at": None if state == "running" else "2026-11-22T10:01:00Z",
        "generation": "20261122T100000Z-new",
        "seq": 50,
        "head": 200,
        "error": "",
    }
    return rebuild | changes


def an_audit(**changes: Any) -> Json:
    audit = {
        "at": "2026-11-22T09:00:00Z",
        "compared": 2100,
        "differences": {"missing": 0, "outdated": 0, "left_over": 0},
        "repaired": 0,
        "first": [],
    }
    return audit | changes


def page_of(response: Any) -> BeautifulSoup:
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def text_of(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def told(client: Client) -> str:
    return text_of(page_of(client.get(RESULTS)))


def is_asked_again(client: Client) -> bool:
    return b"data-w-init-delay-value" in client.get(RESULTS).content


def take_messages() -> list[Json]:
    """The arguments of the rebuilds that wait in the queue, which is emptied. There may be nudges as well."""
    with app.connection_for_read() as connection:
        queue = Queue(QUEUE, routing_key=QUEUE, channel=connection.default_channel)
        queue.declare()
        messages = iter(lambda: queue.get(no_ack=True), None)
        return [json.loads(message.body or "")[1] for message in messages if message.headers["task"] == TASK]


@pytest.fixture
def queue() -> Iterator[None]:
    take_messages()
    yield
    take_messages()


@pytest.fixture
def viewer() -> Client:
    return client_of(make_user("viewer", "view_searchservice"))


@pytest.fixture
def builder() -> Client:
    return client_of(make_user("builder", "rebuild_searchservice"))


def test_a_search_service_at_ease(viewer: Client, search: FakeSearch) -> None:
    words = told(viewer)
    assert "Generation 20261122T100000Z-a" in words
    assert "20261121T100000Z-b, 20261122T100000Z-a" in words
    assert "Position in the feed 1,234" in words
    assert "0.4 s" in words
    assert "Doctors 170" in words
    assert "Conditions 30" in words
    assert "There has been no rebuild." in words
    assert "There has been no audit." in words
    assert "No document is refused." in words
    assert not is_asked_again(viewer)
    whole = page_of(viewer.get(REPORT))
    assert words in text_of(whole)
    (swap,) = whole.select("[data-controller='w-swap'][data-w-swap-src-value]")
    assert swap["data-w-swap-src-value"] == RESULTS


def test_one_that_has_not_read_the_feed_yet(viewer: Client, search: FakeSearch) -> None:
    search.status = a_status(lag_seconds=None, counts={}, generations=[])
    assert "It has not read the feed yet." in told(viewer)


def test_a_rebuild_under_way(viewer: Client, search: FakeSearch) -> None:
    search.status = a_status(rebuild=a_rebuild("running", seq=1500, head=4200))
    page = page_of(viewer.get(RESULTS))
    assert "20261122T100000Z-new is being filled: 1,500 of 4,200." in text_of(page)
    (bar,) = page.select("progress")
    assert (bar["value"], bar["max"]) == ("1500", "4200")
    assert page.select(f"#{bar['aria-labelledby']}")
    assert is_asked_again(viewer)


def test_a_rebuild_that_does_not_know_its_length_yet(viewer: Client, search: FakeSearch) -> None:
    search.status = a_status(rebuild=a_rebuild("running", seq=0, head=0))
    (bar,) = page_of(viewer.get(RESULTS)).select("progress")
    assert not bar.has_attr("max")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("done", "put into service"),
        ("refused", "refused: the one before is still served. doctor: 3 of 170"),
        ("failed", "could not be made: the one before is still served. doctor: 3 of 170"),
        ("killed", "It was interrupted, as by a restart"),
    ],
)
def test_how_a_rebuild_ended(viewer: Client, search: FakeSearch, state: str, words: str) -> None:
    error = "" if state == "done" else "doctor: 3 of 170"
    search.status = a_status(rebuild=a_rebuild(state, error=error))
    assert words in told(viewer)
    assert "10:01" in told(viewer)
    assert not is_asked_again(viewer)


def test_a_rebuild_that_could_not_begin(viewer: Client, search: FakeSearch) -> None:
    search.status = a_status(rebuild=a_rebuild("failed", generation="", error="the feed answered 500"))
    assert "It could not begin: the generation before is still served. the feed answered 500" in told(viewer)


def test_an_audit_that_was_not_finished(viewer: Client, search: FakeSearch) -> None:
    search.status = a_status(audit=an_audit(error="the feed answered 500"))
    assert "It could not be finished. the feed answered 500" in told(viewer)


def test_documents_refused_lead_to_their_editors(admin_client: Client, search: FakeSearch) -> None:
    doctor, specialty = factories.make_doctor("Dr Refused"), factories.make_specialty("Refused specialty")
    gone = str(uuid4())

    def refused(kind: str, id: Any, error: str, locale: str = "en") -> Json:
        return {"kind": kind, "id": str(id), "locale": locale, "seq": 1, "error": error}

    search.status = a_status(
        refused={
            "count": 25,
            "first": [
                refused("doctor", doctor.translation_key, "lat: <b>91</b>"),
                refused("specialty", specialty.translation_key, "bad slug"),
                refused("doctor", gone, "is no more here"),
                refused("doctor", doctor.translation_key, "in another language", "hi"),
                refused("no such kind", "not a UUID", "odd"),
            ],
        }
    )
    page = page_of(admin_client.get(RESULTS))
    assert "25 documents refused" in text_of(page)
    rows = [text_of(row) for row in page.select("table tbody tr")]
    assert rows == [
        "Dr Refused Doctor en lat: <b>91</b>",
        "Refused specialty Specialty en bad slug",
        f"{gone} Doctor en is no more here",
        f"{doctor.translation_key} Doctor hi in another language",
        "not a UUID no such kind en odd",
    ]
    assert [link["href"] for link in page.select("table a")] == [
        reverse("wagtailadmin_pages:edit", args=[doctor.pk]),
        reverse("wagtailsnippets_taxonomy_specialty:edit", args=[specialty.pk]),
    ]


def test_who_may_not_edit_is_led_nowhere(viewer: Client, search: FakeSearch) -> None:
    doctor = factories.make_doctor("Dr Refused")
    row = {"kind": "doctor", "id": str(doctor.translation_key), "locale": "en", "seq": 1, "error": "bad"}
    search.status = a_status(refused={"count": 1, "first": [row]})
    page = page_of(viewer.get(RESULTS))
    assert "Dr Refused" in text_of(page)
    assert page.select("table a") == []


def test_the_last_audit(admin_client: Client, search: FakeSearch) -> None:
    doctor = factories.make_doctor("Dr Drifted")
    row = {"kind": "doctor", "id": str(doctor.translation_key), "locale": "en", "difference": "outdated"}
    differences = {"missing": 0, "outdated": 1, "left_over": 0}
    search.status = a_status(audit=an_audit(differences=differences, repaired=1, first=[row]))
    words = told(admin_client)
    assert "Compared 2,100" in words
    assert "Outdated in search 1" in words
    assert "Repaired 1" in words
    assert "Dr Drifted Doctor en Outdated in search" in words


@pytest.mark.parametrize("path", [REPORT, RESULTS])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"code": 503}, "it has no index yet"),
        ({"code": 500}, "status 500"),
        ({"raw": b"<html>"}, "not JSON"),
        ({"raw": b"{}"}, "something else"),
        ({"silent_s": 1.0}, "no answer within"),
    ],
    ids=str,
)
def test_a_search_service_that_cannot_be_reached(
    viewer: Client, search: FakeSearch, path: str, answer: dict[str, Any], reason: str
) -> None:
    for name, value in answer.items():
        setattr(search, name, value)
    words = text_of(page_of(viewer.get(path)))
    assert "The search service cannot be reached" in words
    assert reason in words
    assert "Generation" not in words


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(
        ["2026-11-22T10:00:00Z", "2026-11-22", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"]
    )
    | st.sampled_from([10**400, -(10**400), "\x00", "\ud800"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.slow
@hypothesis_settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_an_answer_of_any_shape_is_no_error_page(
    viewer: Client, search: FakeSearch, data: st.DataObject
) -> None:
    """One value, at any depth, is something else."""
    first = {"kind": "doctor", "id": str(uuid4()), "locale": "en"}
    search.status = a_status(
        refused={"count": 1, "first": [first | {"seq": 1, "error": "e"}]},
        rebuild=a_rebuild("running"),
        audit=an_audit(first=[first | {"difference": "missing"}]),
    )
    at: Any = search.status
    while True:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if at[key] and isinstance(at[key], dict | list) and data.draw(st.booleans()):
            at = at[key]
            continue
        at[key] = data.draw(json_values)
        break
    viewer.get(RESULTS)


# --- Who may


def test_who_sees_the_report(search: FakeSearch, viewer: Client, builder: Client) -> None:
    stranger = client_of(make_user("stranger"))
    for path in (REPORT, RESULTS):
        assert viewer.get(path).status_code == builder.get(path).status_code == 200
        assert stranger.get(path).status_code == 302
        assert Client().get(path).status_code == 302
    # A report that everybody may see is what makes the menu of reports appear.
    for client, sees in ((viewer, True), (stranger, False)):
        assert (REPORT.encode() in client.get("/admin/").content) is sees


def test_who_sees_the_button(search: FakeSearch, viewer: Client, builder: Client) -> None:
    def button(client: Client) -> bool:
        return bool(page_of(client.get(REPORT)).select(f"a[href='{REBUILD}']"))

    assert button(builder)
    assert not button(viewer)


def test_groups_can_be_given_both_permissions(admin_client: Client) -> None:
    words = text_of(page_of(admin_client.get(reverse("wagtailusers_groups:add"))))
    assert "Can rebuild the search index" in words
    assert "Can view the search service's status" in words


# --- The rebuild


def test_it_asks_before_it_rebuilds(builder: Client, queue: None) -> None:
    page = page_of(builder.get(REBUILD))
    assert "a new generation of its index" in text_of(page)
    assert page.select(f"form[method=POST][action='{REBUILD}'] button[type=submit]")
    assert take_messages() == []


def test_the_rebuild_is_sent_and_logged(builder: Client, search: FakeSearch, queue: None) -> None:
    before = timezone.now()
    response = builder.post(REBUILD, follow=True)
    assert response.redirect_chain == [(REPORT, 302)]
    words = text_of(page_of(response))
    assert "has been asked to rebuild its index" in words
    assert "It has not begun yet: asked for by builder on" in words
    assert (TASK, QUEUE) == ("search_service.rebuild_index", "search")
    (arguments,) = take_messages()
    requested_at = datetime.fromisoformat(arguments.pop("requested_at"))
    assert arguments == {}
    assert before <= requested_at <= timezone.now()
    assert requested_at.utcoffset() == timedelta(0)
    entry = ModelLogEntry.objects.get(action="search_status.rebuild")
    assert entry.user == User.objects.get(username="builder")
    assert entry.timestamp == requested_at


def test_the_audit_log_tells_of_it(admin_client: Client, queue: None) -> None:
    admin_client.post(REBUILD)
    history = page_of(admin_client.get(reverse("wagtailadmin_reports:site_history")))
    assert "Asked for a rebuild of the search index" in text_of(history)


def test_one_that_was_asked_for_is_awaited_until_it_has_begun(
    builder: Client, search: FakeSearch, queue: None
) -> None:
    now = timezone.now()

    def with_rebuild(state: str, started_at: datetime) -> str:
        text = started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # whole seconds
        search.status = a_status(rebuild=a_rebuild(state, started_at=text))
        return told(builder)

    ask_for_rebuild(now)
    assert "It has not begun yet" in with_rebuild("done", now - timedelta(minutes=1))
    assert is_asked_again(builder)
    assert "It has not begun yet" not in with_rebuild("running", now)
    assert "It has not begun yet" not in with_rebuild("done", now)
    assert not is_asked_again(builder)


def test_one_that_no_worker_takes_is_not_asked_after_for_ever(
    builder: Client, search: FakeSearch, queue: None
) -> None:
    ask_for_rebuild(timezone.now() - timedelta(minutes=6))
    assert "It has not begun yet" in told(builder)
    assert not is_asked_again(builder)


@pytest.mark.parametrize("who", ["viewer", "stranger", "nobody"])
def test_without_the_right_it_is_refused(who: str, queue: None) -> None:
    permissions = ["view_searchservice"] if who == "viewer" else []
    client = Client() if who == "nobody" else client_of(make_user(who, *permissions))
    for method in (client.get, client.post):
        response = method(REBUILD)
        assert response.status_code == 302
        assert response["Location"] == ("/admin/login/?next=" + REBUILD if who == "nobody" else "/admin/")
    assert take_messages() == []
    assert not ModelLogEntry.objects.filter(action="search_status.rebuild").exists()


def test_a_post_from_elsewhere_is_refused(admin_user: User, queue: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.post(REBUILD).status_code == 403
    assert take_messages() == []


@pytest.mark.parametrize("broker", ["down", "silent"])
def test_a_broker_that_is_down_is_told_soon(
    builder: Client, monkeypatch: pytest.MonkeyPatch, broker: str
) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if broker == "silent":
            server.listen()
        url = f"redis://127.0.0.1:{server.getsockname()[1]}"
        options = {"socket_connect_timeout": 1.0, "socket_timeout": 1.0, "max_retries": 0}
        connect = partial(Connection, url, transport_options=options)
        monkeypatch.setattr(app, "connection_for_write", connect)
        started = time.monotonic()
        response = builder.post(REBUILD, follow=True)
        taken = time.monotonic() - started
    words = text_of(page_of(response))
    assert "The message broker cannot be reached, so nothing was asked for" in words
    assert "has been asked" not in words
    assert response.redirect_chain == [(REBUILD, 302)]
    assert not ModelLogEntry.objects.filter(action="search_status.rebuild").exists()
    assert taken < 2.5


def test_the_words_of_a_broker_are_shown_as_text(builder: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("<script>alert(1)</script>")

    monkeypatch.setattr(app, "connection_for_write", fail)
    response = builder.post(REBUILD, follow=True)
    assert b"<script>alert(1)" not in response.content
    assert b"&lt;script&gt;alert(1)" in response.content


def test_other_methods_are_refused(admin_client: Client, settings: Settings, queue: None) -> None:
    for method in (admin_client.put, admin_client.delete, admin_client.patch):
        assert method(REBUILD).status_code == 405
    assert admin_client.post(REPORT).status_code == 405
    assert take_messages() == []
