"""One transaction per editorial request, and none for reading."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BytesIO

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path
from wagtail.models import Page

from cms.doctors.practices import Practice
from cms.feed import nudge, reading
from cms.middleware import EditorialTransactionMiddleware
from tests.cms.feed.conftest import Consumer, World
from tests.cms.feed.test_api import TOKEN, URL
from tests.cms.feed.test_order import in_thread

View = Callable[[HttpRequest], HttpResponse]


def write_and_answer(status: int) -> View:
    def view(request: HttpRequest) -> HttpResponse:
        Practice.objects.update(name="Written")
        return HttpResponse(status=status)

    return view


def write_and_fail(request: HttpRequest) -> HttpResponse:
    Practice.objects.update(name="Written")
    raise ZeroDivisionError


def in_transaction(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(connection.in_atomic_block))


urlpatterns = [
    path("fail/", write_and_fail),
    path("in-transaction/", in_transaction),
]


def request(view: View, method: str = "POST") -> HttpResponse:
    return EditorialTransactionMiddleware(view)(RequestFactory().generic(method, "/"))


def written() -> bool:
    return bool(Practice.objects.filter(name="Written").exists())


@pytest.mark.parametrize(
    ("status", "kept"), [(200, True), (302, True), (400, True), (404, True), (500, False), (503, False)]
)
def test_a_server_error_rolls_back(world: World, status: int, kept: bool) -> None:
    assert request(write_and_answer(status)).status_code == status
    assert written() == kept


@override_settings(ROOT_URLCONF=__name__)
def test_an_exception_rolls_back(world: World) -> None:
    assert Client(raise_request_exception=False).post("/fail/").status_code == 500
    assert not written()


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("method", ["get", "head", "options", "trace"])
def test_reading_takes_no_transaction(transactional_db: None, method: str) -> None:
    assert getattr(Client(), method)("/in-transaction/").content in {b"False", b""}
    assert request(in_transaction, method.upper()).content == b"False"


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_writing_takes_one(transactional_db: None, method: str) -> None:
    assert getattr(Client(), method)("/in-transaction/").content == b"True"


def test_a_slow_sender_does_not_hold_the_lock(transactional_db: None) -> None:
    """The body is read before the transaction begins."""

    class Body(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert not connection.in_atomic_block
            return super().read(size)

    for content_type, body in (
        ("application/json", b'{"a": 1}'),
        ("application/x-www-form-urlencoded", b"a=1"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
        ),
    ):
        sent = RequestFactory().post("/", content_type=content_type)
        sent.META["CONTENT_LENGTH"] = sent.environ["CONTENT_LENGTH"] = str(len(body))
        sent._stream = Body(body)

        def view(request: HttpRequest) -> HttpResponse:
            assert connection.in_atomic_block
            return HttpResponse(request.POST.get("a", "") or request.body)

        assert EditorialTransactionMiddleware(view)(sent).content in {b"1", b'{"a": 1}'}


def test_two_requests_that_read_and_then_write(world: World) -> None:
    """On SQLite, one that had read before the other wrote could not write any more."""
    Practice.objects.update(lat=0.0)
    both_started = threading.Barrier(2)
    statuses: list[int] = []

    def increment(request: HttpRequest) -> HttpResponse:
        practices = Practice.objects.all()
        if connection.vendor == "postgresql":
            practices = practices.select_for_update()
        practice = practices.get(pk=world.hospital.pk)
        practice.lat += 1
        practice.save()
        return HttpResponse()

    def many() -> None:
        both_started.wait(10)
        statuses.extend(request(increment).status_code for _ in range(20))

    threads = [in_thread(many) for _ in range(2)]
    for thread in threads:
        thread.join()
    assert statuses == [200] * 40
    assert Practice.objects.get(pk=world.hospital.pk).lat == 40


def test_the_feed_is_read_while_an_editor_writes(consumer: Consumer, world: World) -> None:
    writing, read = threading.Event(), threading.Event()
    start = consumer.cursor

    def write_slowly() -> None:
        request(slow)

    def slow(request: HttpRequest) -> HttpResponse:
        Page.objects.filter(pk=world.angmo.pk).update(title="Dr Uncommitted")
        writing.set()
        assert read.wait(10)
        return HttpResponse()

    thread = in_thread(write_slowly)
    try:
        assert writing.wait(10)
        response = Client(headers=TOKEN).get(URL, {"after": start})
        assert response.status_code == 200
        assert b"Dr Angmo" in response.content
        assert b"Dr Uncommitted" not in response.content
    finally:
        read.set()
        thread.join()
    assert b"Dr Uncommitted" in Client(headers=TOKEN).get(URL, {"after": start}).content


def test_reading_the_feed_writes_nothing(consumer: Consumer, world: World) -> None:
    """On SQLite it would wait for whoever writes: renditions are made when an image was saved."""
    with CaptureQueriesContext(connection) as queries:
        page = reading.changes(after=consumer.cursor, limit=1000)
    assert "<img" in str(page)
    writes = ("INSERT", "UPDATE", "DELETE")
    assert [query for query in queries if query["sql"].startswith(writes)] == []


def test_the_search_service_is_nudged_after_the_commit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    committed: list[bool] = []
    monkeypatch.setattr(nudge._sender, "nudge", lambda: committed.append(not connection.in_atomic_block))
    nudge.nudge_if_moved()
    committed.clear()
    request(write_and_answer(200))
    assert committed == [True]
    request(write_and_answer(200))  # which changes nothing
    request(write_and_answer(500))
    with transaction.atomic():
        Practice.objects.update(name="Other")
    request(in_transaction, "GET")
    assert committed == [True]
