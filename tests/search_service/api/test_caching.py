"""What browsers and CDNs are told, and what they may ask: validators, ages, encodings, HEAD, OPTIONS and CORS."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.test import Client
from django.urls import URLResolver
from pytest_django import Settings
from rest_framework.views import APIView

from search_service import stores
from search_service.api import caching
from search_service.feed import consumer, rebuilding
from search_service.feed.client import FeedClient
from search_service.feed.consumer import Outcome
from search_service.index.protocol import Index
from search_service.pages import compose
from tests.search_service import documents
from tests.search_service.api.conftest import neurology
from tests.search_service.api.test_errors import PATHS
from tests.search_service.conftest import NOW
from tests.search_service.fake_feed import FakeFeed

pytestmark = pytest.mark.usefixtures("published")

KEPT = PATHS.keys() - {"status"}
SPOKEN = KEPT - {"places", "places-nearest", "place", "schema", "docs"}
PAGE = PATHS["page"]


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """It is noon, 2026-11-22 (UTC); and how to make it another time."""

    def be(now: datetime) -> None:
        monkeypatch.setattr(stores, "now", lambda: now)

    be(datetime(2026, 11, 22, 12, tzinfo=UTC))
    return be


def ask(path: str, method: str = "get", **headers: str) -> Any:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(Client(), method)(f"/api/v1/{path}", headers=given)


def tag(path: str = PAGE, **headers: str) -> str:
    response = ask(path, **headers)
    assert response.status_code == 200
    etag: str = response["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}(-gzip|-br)?"', etag)
    return etag


# --- Validators


@pytest.mark.parametrize("name", sorted(KEPT))
def test_nothing_is_asked_for_what_has_not_changed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask(PATHS[name])
    of_index = None if name in {"schema", "docs"} else "Sun, 22 Nov 2026 10:00:00 GMT"
    assert first.headers.get("Last-Modified") == of_index

    def fail(*args: object, **kwargs: object) -> None:
        raise AssertionError("an answer was made")

    monkeypatch.setattr(APIView, "initial", fail)
    for given in (first["ETag"], f'"x", W/{first["ETag"]}'):
        again = ask(PATHS[name], if_none_match=given)
        assert (again.status_code, again.content) == (304, b"")
        assert "Content-Length" not in again
        kept = {"ETag", "Cache-Control", "Vary"}
        assert {key: again[key] for key in kept} == {key: first[key] for key in kept}
        assert ask(PATHS[name], "head", if_none_match=given).status_code == 304


def test_an_idle_poll_changes_no_answer(index: Index, client_of_feed: FeedClient) -> None:
    before = ask(PAGE)
    consumer.pull(index, client_of_feed, lambda: NOW + timedelta(minutes=1))
    position = index.reader().position()
    assert position
    assert (position.as_of, position.changed_at) == (NOW + timedelta(minutes=1), NOW)
    after = ask(PAGE)
    assert (after["ETag"], after.content) == (before["ETag"], before.content)


def test_what_is_published_changes_the_tag(published: FakeFeed, pull: Callable[[], Outcome]) -> None:
    before = tag()
    published.put(documents.doctor("new", (34.4, 76.8)))
    pull()
    again = ask(PAGE, if_none_match=before)
    assert again.status_code == 200
    assert again["ETag"] != before


def test_another_generation_day_gazetteer_program_path_or_query_is_another_tag(
    index: Index,
    client_of_feed: FeedClient,
    monkeypatch: pytest.MonkeyPatch,
    noon: Callable[[datetime], None],
) -> None:
    tags = [tag(), tag(f"{PAGE}?page_size=20"), tag("pages/myoclonus/leh-ladakh-in/")]
    rebuilding.rebuild(index, client_of_feed, lambda: NOW)
    tags.append(tag())
    noon(datetime(2026, 11, 23, tzinfo=UTC))
    tags.append(tag())
    monkeypatch.setattr(caching, "program", lambda: "a later release")
    tags.append(tag())
    monkeypatch.setattr(type(stores.gazetteer()), "generation", property(lambda self: "another"))
    tags.append(tag())
    assert len(set(tags)) == len(tags)


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], Any]:
    """Ask for PAGE, and do something while its answer is made."""

    def ask_meanwhile(do: Callable[[], object]) -> Any:
        compose_page = compose.page

        def slowly(*args: Any, **kwargs: Any) -> Any:
            do()
            return compose_page(*args, **kwargs)

        with monkeypatch.context() as while_asked:
            while_asked.setattr(compose, "page", slowly)
            response = ask(PAGE)
        assert response.status_code == 200
        return response

    return ask_meanwhile


@pytest.mark.parametrize("moved", ["generation", "position"])
def test_an_answer_is_of_the_index_as_it_was_when_it_was_asked(
    moved: str,
    published: FakeFeed,
    pull: Callable[[], Outcome],
    index: Index,
    client_of_feed: FeedClient,
    during: Callable[[Callable[[], object]], Any],
) -> None:
    def move() -> None:
        published.put(documents.doctor("new", (34.4, 76.8), specialties=[documents.reference(neurology)]))
        if moved == "generation":
            rebuilding.rebuild(index, client_of_feed, lambda: NOW)
        else:
            pull()

    before = ask(PAGE, accept_language="fr")
    response = during(move)
    assert response["Last-Modified"] == before["Last-Modified"]
    assert b'"slug":"new"' not in response.content
    after = ask(PAGE)
    assert after["ETag"] != response["ETag"]
    assert b'"slug":"new"' in after.content


@pytest.mark.parametrize("moved", ["places", "day"])
def test_an_answer_during_which_something_else_changed_has_no_tag(
    moved: str,
    monkeypatch: pytest.MonkeyPatch,
    noon: Callable[[datetime], None],
    during: Callable[[Callable[[], object]], Any],
) -> None:
    """It may be of both: the tag of neither may stand on it."""

    def move() -> None:
        if moved == "places":
            monkeypatch.setattr(type(stores.gazetteer()), "generation", property(lambda self: "another"))
        else:
            noon(datetime(2026, 11, 23, tzinfo=UTC))

    response = during(move)
    assert "ETag" not in response
    assert response["Cache-Control"] == "no-store"
    tag()


@pytest.mark.parametrize(
    "path", ["doctors/", "conditions/unicornitis/", "nothing/", "doctors/?near=Qqxzzy", "status/"]
)
def test_errors_and_the_status_have_no_tag(path: str) -> None:
    assert "ETag" not in ask(path)
    assert ask(path, if_none_match='"x"').status_code != 304


def test_the_program_is_its_files_and_settings(settings: Settings) -> None:
    caching.program.cache_clear()
    before = caching.program()
    settings.LANGUAGE_CODE = "hi"
    caching.program.cache_clear()
    try:
        assert caching.program() != before
    finally:
        caching.program.cache_clear()


# --- Answers given again


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses for which an answer has been made since."""
    addresses: list[str] = []
    initial = APIView.initial

    def noting(self: APIView, request: Any, *args: Any, **kwargs: Any) -> None:
        addresses.append(request.get_full_path())
        initial(self, request, *args, **kwargs)

    monkeypatch.setattr(APIView, "initial", noting)
    return addresses


@pytest.mark.parametrize("name", sorted(KEPT))
def test_an_answer_is_made_once(name: str, made: list[str]) -> None:
    for encoding in ("", "gzip"):
        first, again, head = (
            ask(PATHS[name], method, accept_encoding=encoding) for method in ("get", "get", "head")
        )
        assert (again.status_code, again.content) == (200, first.content)
        assert dict(again.headers) == dict(head.headers) == dict(first.headers)
        assert len(made) == (2 if encoding else 1)


@pytest.mark.parametrize("name", sorted(KEPT - {"schema", "docs"}))  # these are of no state of the index
def test_an_answer_is_given_again_without_a_view(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask(PATHS[name])

    def fail(*args: object, **kwargs: object) -> None:
        raise AssertionError("a view was looked for")

    monkeypatch.setattr(URLResolver, "resolve", fail)
    assert ask(PATHS[name]).content == first.content
    assert ask(PATHS[name], if_none_match=first["ETag"]).status_code == 304


def test_nothing_is_given_again_under_a_name_that_is_not_ours() -> None:
    assert [ask(PAGE).status_code, ask(PAGE, host="elsewhere.example").status_code] == [200, 400]


def test_a_language_or_a_parameter_more_is_another_answer(made: list[str]) -> None:
    for language, query in (("", ""), ("fr", ""), ("", "?page_size=20")):
        ask(f"{PAGE}{query}", accept_language=language)
    assert len(made) == 3


def test_what_is_published_is_in_the_next_answer(
    published: FakeFeed, pull: Callable[[], Outcome], made: list[str]
) -> None:
    for page_size in ("10", "20"):
        published.put(documents.doctor(f"new-{page_size}", (34.39, 76.76)))
        pull()
        for _ in range(2):
            assert f"new-{page_size}" in ask("doctors/?lat=34.39&lng=76.76").content.decode()
    assert len(made) == 2


@pytest.mark.parametrize("path", ["status/", "doctors/", "conditions/unicornitis/", "doctors/?near=Qqxzzy"])
def test_what_is_not_to_be_kept_is_made_each_time(path: str, made: list[str]) -> None:
    assert ask(path).status_code == ask(path).status_code
    assert len(made) == 2


# --- Ages


def ages(response: Any) -> dict[str, str]:
    return dict(part.strip().partition("=")[::2] for part in response["Cache-Control"].split(","))


@pytest.mark.parametrize(
    ("now", "own", "shared"),
    [((12, 0, 0), 60, 300), ((23, 57, 0), 60, 180), ((23, 59, 30), 30, 30), ((23, 59, 59), 1, 1)],
)
def test_an_answer_is_kept_until_midnight_at_most(
    now: tuple[int, int, int], own: int, shared: int, noon: Callable[[datetime], None]
) -> None:
    noon(datetime(2026, 11, 22, *now, tzinfo=UTC))
    assert ages(ask(PAGE)) == {
        "public": "",
        "max-age": str(own),
        "s-maxage": str(shared),
        "stale-while-revalidate": str(own),
        "stale-if-error": "86400",
    }


def test_ages_can_be_set(settings: Settings) -> None:
    settings.CACHE_SECONDS, settings.CDN_CACHE_SECONDS = 0, 3600
    assert (ages(ask(PAGE))["max-age"], ages(ask(PAGE))["s-maxage"]) == ("0", "3600")
    assert ages(ask("nothing/")) == {"public": "", "max-age": "0"}


@pytest.mark.parametrize(
    ("path", "status", "kept"),
    [
        ("status/", 200, "no-store"),
        ("doctors/", 400, "no-store"),
        ("conditions/unicornitis/", 404, "public, max-age=60"),
        ("nothing/", 404, "public, max-age=60"),
        ("doctors/?near=Qqxzzy", 422, "public, max-age=60"),
        ("conditions/myoclonus", 301, "public, max-age=60"),
    ],
)
def test_what_is_no_answer_is_kept_shortly_or_not_at_all(path: str, status: int, kept: str) -> None:
    response = ask(path)
    assert (response.status_code, response["Cache-Control"]) == (status, kept)


def test_a_fault_of_ours_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "page", None)
    response = Client(raise_request_exception=False).get(f"/api/v1/{PAGE}")
    assert (response.status_code, response["Cache-Control"]) == (500, "no-store")
    monkeypatch.undo()


# --- Encodings


@pytest.mark.parametrize("coding", ["br", "gzip"])
@pytest.mark.parametrize("name", sorted(PATHS))
def test_compressed_is_another_representation_of_the_same(name: str, coding: str) -> None:
    decompress = {"br": brotli.decompress, "gzip": gzip.decompress}[coding]
    accepted = f"zstd, {coding}"
    plain, packed = ask(PATHS[name]), ask(PATHS[name], accept_encoding=accepted)
    assert packed["Content-Encoding"] == coding
    varies = "Accept-Encoding, Accept-Language" if name in SPOKEN else "Accept-Encoding"
    assert plain["Vary"] == packed["Vary"] == varies
    assert len(packed.content) == int(packed["Content-Length"])
    if name == "status":
        return
    assert decompress(packed.content) == plain.content
    assert packed["ETag"] == plain["ETag"][:-1] + f'-{coding}"'
    stores.responses.cache_clear()
    assert ask(PATHS[name], accept_encoding=accepted).content == packed.content
    assert ask(PATHS[name], accept_encoding=accepted, if_none_match=plain["ETag"]).status_code == 200
    assert ask(PATHS[name], accept_encoding=accepted, if_none_match=packed["ETag"]).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        *[(each, None) for each in ("", "gzip;q=0", "gzip; q=0.000", "identity", "x-gzip", "zstd", ",;=,")],
        *[(f"gzip;q={weight}", None) for weight in ("", "x", "-1", "2", "nan", "inf")],
        ("gzip, deflate, br, zstd", "br"),
        ("BR", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0, gzip ; q=0.001", "gzip"),
        ("gzip;q=0.5,br;q=0.5", "br"),
        ("br" * 30_000 + ", gzip", "gzip"),
        ("gzip" + "," * 60_000 + "br", "gzip"),
    ],
)
def test_the_one_that_is_liked_best(accepted: str, coding: str | None) -> None:
    assert ask(PAGE, accept_encoding=accepted).headers.get("Content-Encoding") == coding


# --- Methods, other origins


@pytest.mark.parametrize("name", sorted(PATHS))
def test_head_has_the_headers_of_get(name: str) -> None:
    get, head = ask(PATHS[name]), ask(PATHS[name], "head")
    assert head.status_code == 200
    assert head.content == b""
    if name != "status":
        assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize("name", sorted(PATHS))
def test_options_says_what_can_be_done(name: str) -> None:
    response = ask(
        PATHS[name],
        "options",
        origin="https://app.example",
        access_control_request_method="GET",
        access_control_request_headers="if-none-match",
    )
    assert (response.status_code, response.content) == (204, b"")
    assert "Content-Length" not in response
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert response["Access-Control-Allow-Headers"] == "*"


@pytest.mark.parametrize("path", [PAGE, "status/", "nothing/", "doctors/", "doctors/?near=Qqxzzy"])
def test_every_web_page_may_read_answers_and_errors(path: str) -> None:
    response = ask(path, origin="https://app.example")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response


def test_what_is_not_the_public_api_is_for_no_other_origin() -> None:
    for path in ("/healthz", "/api/operations/entities"):
        assert "Access-Control-Allow-Origin" not in Client().get(path)


def test_the_generation_of_the_gazetteer(tmp_path: Path, settings: Settings) -> None:
    assert stores.gazetteer().generation == stores.gazetteer().about().generation
    settings.PLACES_DIR = tmp_path
    stores.gazetteer.cache_clear()
    assert stores.gazetteer().generation is None
