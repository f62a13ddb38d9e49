"""Sets of files: built beside the one that is served, whatever happens meanwhile."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from search_service import stores
from search_service.feed import rebuilding
from search_service.feed.client import FeedClient
from search_service.feed.consumer import Outcome
from search_service.index.protocol import Index
from search_service.pages.compose import Site
from search_service.sitemaps import building, running, tasks
from search_service.sitemaps.entries import Sources
from search_service.sitemaps.sets import Sets
from tests.search_service.api.conftest import Get, myoclonus, restless_legs
from tests.search_service.conftest import NOW
from tests.search_service.fake_feed import FakeFeed
from tests.search_service.sitemaps.conftest import SITE, Build, Read, texts
from tests.search_service.sitemaps.test_files import checked

Json = dict[str, Any]
Pull = Callable[[], Outcome]
HOUR = timedelta(hours=1)


def sources() -> Sources:
    site = Site(stores.page_urls(), 2)
    return Sources(stores.index().reader(), stores.gazetteer(), site, NOW.date())


def build(
    sets: Sets, now: datetime = NOW, most_urls: int = 3, progress: building.Progress = lambda *_: None
) -> Json:
    of = building.state(sources(), "program")
    return building.build(sets, sources(), of, f"{SITE}/", lambda: now, progress, most_urls=most_urls)


def folders(sets: Sets) -> list[str]:
    return sorted(path.name for path in Path(sets.root).iterdir() if path.is_dir())


def test_index_and_files(sitemaps: Sets, client: Client) -> None:
    about = build(sitemaps)
    named = checked(client.get("/sitemap.xml").content)
    assert named == [f"{SITE}/sitemaps/{n}.xml.gz" for n in range(1, len(named) + 1)]
    urls = [
        url
        for address in named
        for url in checked(gzip.decompress(client.get(address.removeprefix(SITE)).content))
    ]
    assert len(urls) == len({*urls}) == about["urls"] > 6
    assert len(named) == -(-len(urls) // 3)


def test_what_has_not_changed_says_so(
    sitemaps: Sets, client: Client, published: FakeFeed, pull: Pull
) -> None:
    build(sitemaps)
    first = {name: client.get(f"/sitemaps/{name}")["ETag"] for name in ("1.xml.gz", "3.xml.gz")}
    published.put(restless_legs | {"last_published_at": "2026-11-22T09:00:00Z"})
    pull()
    build(sitemaps, NOW + HOUR)
    changed = {name: client.get(f"/sitemaps/{name}")["ETag"] != tag for name, tag in first.items()}
    assert {*changed.values()} == {True, False}
    at = texts(client.get("/sitemap.xml").content, ".//{*}lastmod")
    for name, is_other in changed.items():
        expected = NOW + HOUR if is_other else NOW
        assert at[int(name[0]) - 1] == expected.isoformat()


def test_who_has_read_an_index_finds_what_it_names(
    sitemaps: Sets, client: Client, published: FakeFeed, pull: Pull
) -> None:
    build(sitemaps, most_urls=1)
    before = checked(client.get("/sitemap.xml").content)
    for document in (myoclonus, restless_legs):
        published.delete(document)
    pull()
    build(sitemaps)
    assert len(checked(client.get("/sitemap.xml").content)) < len(before)
    for address in before:
        assert client.get(address.removeprefix(SITE)).status_code == 200
    build(sitemaps)
    assert len(folders(sitemaps)) == 2
    assert client.get(before[-1].removeprefix(SITE)).status_code == 404


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()])
def test_a_build_that_fails_leaves_what_is_served(
    sitemaps: Sets, read: Read, get: Get, error: BaseException
) -> None:
    build(sitemaps)
    before, kept = read(), folders(sitemaps)

    def fail(done: int, all_: int, urls: int) -> None:
        raise error

    with pytest.raises(type(error)):
        build(sitemaps, progress=fail)
    assert (read(), folders(sitemaps)) == (before, kept)
    told = get("status/")["sitemaps"]
    assert (told["state"], told["error"]) == ("failed", str(error) or repr(error))
    assert told["served"]["urls"] == len(before)


def test_a_build_that_was_killed_leaves_nothing_behind(sitemaps: Sets, get: Get) -> None:
    sitemaps.create()
    sitemaps.note({"state": "running", "started_at": NOW.isoformat(), "ended_at": None, "error": ""})
    assert get("status/")["sitemaps"] == {"state": "killed", "error": "", "served": None}
    build(sitemaps)
    assert len(folders(sitemaps)) == 1
    assert get("status/")["sitemaps"]["state"] == "done"


def test_one_builds_at_a_time(sitemaps: Sets, get: Get) -> None:
    seen = []

    def again(done: int, all_: int, urls: int) -> None:
        with pytest.raises(building.BuildRunning):
            build(sitemaps)
        seen.append(get("status/")["sitemaps"]["state"])
        assert not building.is_due(sitemaps, building.state(sources(), "other"), NOW + 9 * HOUR, HOUR)

    build(sitemaps, progress=again)
    assert {*seen} == {"running"}


def test_the_index_may_be_another_meanwhile(
    sitemaps: Sets, read: Read, index: Index, client_of_feed: FeedClient, published: FakeFeed, pull: Pull
) -> None:
    done: list[object] = []

    def rebuild(*of: int) -> None:
        if not done:
            done.append(of)
            published.delete(restless_legs)
            pull()
            for _ in range(2):
                rebuilding.rebuild(index, client_of_feed, lambda: NOW)

    build(sitemaps, progress=rebuild)
    assert f"{SITE}/doctors/neurology/" in read()
    build(sitemaps)
    assert not any("restless" in url for url in read())


def test_when_it_is_due(sitemaps: Sets, published: FakeFeed, pull: Pull) -> None:
    def is_due(after: timedelta, **of: object) -> bool:
        state = building.state(sources(), "program") | of
        return building.is_due(sitemaps, state, NOW + after, HOUR)

    assert is_due(timedelta(0))
    build(sitemaps)
    assert not is_due(9 * HOUR)
    assert is_due(timedelta(0), generation="other")
    assert is_due(timedelta(0), places="other")
    assert is_due(timedelta(0), program="other")
    for of in ({"day": "2026-11-23"}, {"position": 99}):
        assert not is_due(HOUR / 2, **of)
        assert is_due(HOUR, **of)
    published.put(myoclonus | {"name": "Jerks"})
    pull()
    assert is_due(HOUR)
    sitemaps.note({"state": "failed", "started_at": (NOW + HOUR).isoformat(), "ended_at": None, "error": ""})
    assert not is_due(HOUR + timedelta(minutes=9))
    assert is_due(HOUR + timedelta(minutes=11))


def test_the_task_has_them_built(
    sitemaps: Sets, get: Get, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("INDEX_DIR", "PLACES_DIR", "SITEMAPS_DIR", "PAGE_URL", "FEED_TOKEN"):
        monkeypatch.setenv(name, str(getattr(settings, name)))
    monkeypatch.setenv("SEARCH_SECRET_KEY", "x")
    settings.HAS_SITEMAPS = False
    tasks.build_sitemaps()
    settings.HAS_SITEMAPS = True
    assert sitemaps.last() is None
    tasks.build_sitemaps()
    deadline = time.monotonic() + 60
    while get("status/")["sitemaps"]["state"] in ("none", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert tasks.children.pop().wait() == 0
    # With three doctors in reach at least, as by default.
    assert get("status/")["sitemaps"]["state"] == "done"
    live = sitemaps.live()
    assert live
    assert live["urls"] == 4
    assert datetime.now(UTC) - datetime.fromisoformat(live["built_at"]) < timedelta(minutes=2)


def test_where_it_is_not_set_where_the_pages_are(
    sitemaps: Sets, get: Get, client: Client, settings: Settings
) -> None:
    call_command("build_sitemaps", verbosity=0)
    settings.HAS_SITEMAPS = False
    with pytest.raises(CommandError, match="PAGE_URL"):
        call_command("build_sitemaps")
    assert get("status/")["sitemaps"]["state"] == "off"
    for path in ("/sitemap.xml", "/sitemaps/1.xml.gz"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["detail"]) == (404, running.NOT_SET)
    assert "Sitemap" not in client.get("/robots.txt").content.decode()


def test_http(
    sitemaps: Sets, client: Client, build: Build, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "now", lambda: NOW)  # before midnight it is kept for less
    answer = client.get("/sitemap.xml")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer["Retry-After"]
    build()
    for path, content_type in (
        ("/sitemap.xml", "application/xml"),
        ("/sitemaps/1.xml.gz", "application/gzip"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
        assert answer["Cache-Control"].startswith("public, max-age=60, ")
        assert "Content-Encoding" not in answer
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head["Content-Length"] == str(len(answer.content))
        for asked in (
            {"HTTP_IF_NONE_MATCH": answer["ETag"]},
            {"HTTP_IF_MODIFIED_SINCE": answer["Last-Modified"]},
        ):
            again = client.get(path, **asked)  # type: ignore[arg-type]
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
        refused = client.post(path)
        assert (refused.status_code, refused["Content-Type"]) == (405, "application/problem+json")
    for path in ("2.xml.gz", "0.xml.gz", "sitemap.xml", "about.json", "..", "%2e%2e%2fCURRENT", "x" * 300):
        answer = client.get(f"/sitemaps/{path}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json"), path
    assert client.get("/robots.txt").content.decode().splitlines()[-1] == f"Sitemap: {SITE}/sitemap.xml"
