"""What is scheduled goes live and expires: each object whole or not at all, none blocked by another."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.management import CommandError, call_command, get_commands
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry, Revision
from wagtail.signals import page_published, page_unpublished

from cms.beat import Scheduler
from cms.celery import app
from cms.doctors.models import DoctorPage
from cms.feed import nudge
from cms.feed.models import Change
from cms.feed.scheduled import REFUSED, publish_due
from cms.feed.tasks import publish_scheduled
from tests.cms import factories
from tests.cms.feed.conftest import Consumer, World
from tests.cms.feed.test_nudge import take_messages, use_redis_at
from tests.cms.feed.truth import differences, public_truth

PAST = timedelta(minutes=-1)


def schedule(page: Page, **changes: Any) -> None:
    """Have the page published tomorrow, and let that be a minute ago."""
    for name, value in changes.items():
        setattr(page, name, value)
    page.go_live_at = timezone.now() + timedelta(days=1)
    page.save_revision().publish()
    page.revisions.filter(approved_go_live_at__isnull=False).update(approved_go_live_at=timezone.now() + PAST)
    # As it would be: the revision holds the time too, and is not put off again.
    revision = page.revisions.get(approved_go_live_at__isnull=False)
    revision.content["go_live_at"] = (timezone.now() + PAST).isoformat()
    revision.save(update_fields=["content"])


def expire(page: Page) -> None:
    type(page).objects.filter(pk=page.pk).update(expire_at=timezone.now() + PAST)


def live(page: Page) -> bool:
    return bool(Page.objects.get(pk=page.pk).live)


def waiting() -> int:
    return len(Revision.objects.filter(approved_go_live_at__isnull=False))


@pytest.fixture
def when() -> Iterator[Callable[..., None]]:
    """Have something done at a signal of Wagtail's."""
    connected: list[tuple[Any, Any]] = []

    def when(signal: Any, do: Callable[[Page], object]) -> None:
        def receiver(instance: Page, **kwargs: Any) -> None:
            do(instance)

        signal.connect(receiver, weak=False)
        connected.append((signal, receiver))

    yield when
    for signal, receiver in connected:
        signal.disconnect(receiver)


def fail(page: Page) -> None:
    raise ZeroDivisionError


def test_the_command_is_ours() -> None:
    assert get_commands()["publish_scheduled"] == "cms.feed"


def test_a_dry_run_says_what_is_due_and_does_nothing(consumer: Consumer, world: World) -> None:
    schedule(world.draft_doctor)
    expire(world.angmo)
    head, out = Change.head(), StringIO()
    call_command("publish_scheduled", "--dryrun", stdout=out)
    assert world.draft_doctor.title in out.getvalue()
    assert world.angmo.title in out.getvalue()
    assert (Change.head(), waiting()) == (head, 1)


def test_it_publishes_and_expires_and_tells_the_search_service(consumer: Consumer, world: World) -> None:
    schedule(world.draft_doctor)
    schedule(world.dorje, credentials="MD")
    expire(world.angmo)
    take_messages()
    call_command("publish_scheduled")
    assert (live(world.draft_doctor), live(world.angmo), waiting()) == (True, False, 0)
    assert DoctorPage.objects.get(pk=world.dorje.pk).credentials == "MD"
    assert Page.objects.get(pk=world.angmo.pk).expired
    consumer.pull()
    assert differences(consumer.held, public_truth()) == []
    assert nudge._sender.flush(5)
    assert take_messages()


def schedule_what_is_refused(world: World) -> None:
    """Its slug was free when it was scheduled, and is taken when it is to go live."""
    schedule(world.draft_doctor, slug="dr-wanted")
    Page.objects.filter(pk=world.draft_doctor.pk).update(slug="dr-draft")
    Page.objects.filter(pk=world.dorje.pk).update(slug="dr-wanted")


def refusals(world: World, page: Page) -> list[str]:
    """As the page's history tells an editor."""
    html = world.admin.get(reverse("wagtailadmin_pages:history", args=[page.pk])).content
    text = " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())
    return re.findall(r"Could not be published as scheduled: .*? scheduled no longer\.", text)


def test_one_that_fails_blocks_no_other(
    consumer: Consumer, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    schedule_what_is_refused(world)
    other = factories.make_doctor("Dr Other", live=False, slug="dr-wanted-later")
    schedule(other)
    with caplog.at_level(logging.ERROR, logger="cms.feed.scheduled"), pytest.raises(CommandError, match="1"):
        call_command("publish_scheduled")
    assert [record.name for record in caplog.records if record.exc_info] == ["cms.feed.scheduled"]
    assert (live(world.draft_doctor), live(other)) == (False, True)
    consumer.pull()
    assert differences(consumer.held, public_truth()) == []

    Page.objects.filter(pk=world.dorje.pk).update(slug="dr-dorje")
    call_command("publish_scheduled")
    assert live(world.draft_doctor)


def test_one_that_is_refused_says_so_once_to_editors_and_operators(
    consumer: Consumer, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    schedule_what_is_refused(world)
    head = Change.head()
    now = timezone.now()
    assert [publish_due(now + timedelta(minutes=minute)) for minute in range(3)] == [1, 1, 1]
    (said,) = refusals(world, world.draft_doctor)
    assert "slug: The slug 'dr-wanted' is already in use" in said
    (record,) = [record for record in caplog.records if record.exc_info]
    assert record.name == "cms.feed.scheduled"
    assert PageLogEntry.objects.get(action=REFUSED, page=world.draft_doctor.pk).timestamp == now
    report = world.admin.get(reverse("wagtailadmin_reports:site_history"), {"action": REFUSED})
    assert "already in use" in report.content.decode()
    assert Change.head() == head
    assert not refusals(world, world.dorje)

    # Another version, that can be.
    schedule(DoctorPage.objects.get(pk=world.draft_doctor.pk), slug="dr-other")
    assert publish_due(now) == 0
    assert live(world.draft_doctor)


def test_each_revision_that_is_refused_says_so(consumer: Consumer, world: World) -> None:
    for _ in range(2):
        Page.objects.filter(pk=world.dorje.pk).update(slug="dr-dorje")
        schedule_what_is_refused(world)
        assert [publish_due(timezone.now()), publish_due(timezone.now())] == [1, 1]
    assert len(refusals(world, world.draft_doctor)) == 2


def test_why_it_was_refused_is_text(consumer: Consumer, world: World) -> None:
    log(world.dorje, REFUSED, data={"reason": "title: <script>alert(1)</script>"})
    for url in (
        reverse("wagtailadmin_pages:history", args=[world.dorje.pk]),
        reverse("wagtailadmin_reports:site_history"),
    ):
        html = world.admin.get(url).content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert(1)" not in html


def test_one_that_fails_half_way_has_not_happened(
    consumer: Consumer, world: World, when: Callable[..., None]
) -> None:
    """Wagtail's own has committed the page by then, and goes on to note it in other commits."""
    schedule(world.draft_doctor)
    expire(world.angmo)
    head = Change.head()
    when(page_published, fail)
    when(page_unpublished, fail)
    assert publish_due(timezone.now()) == 2
    assert (live(world.draft_doctor), live(world.angmo), waiting()) == (False, True, 1)
    assert Change.head() == head


def test_what_an_editor_called_off_meanwhile_does_not_happen(
    consumer: Consumer, world: World, when: Callable[..., None]
) -> None:
    schedule(world.dorje)
    schedule(world.draft_doctor)
    expire(world.angmo)
    expire(world.myoclonus)

    def call_off(page: Page) -> None:
        Revision.objects.for_instance(world.draft_doctor).update(approved_go_live_at=None)
        Page.objects.filter(pk=world.myoclonus.pk).update(expire_at=None)

    when(page_unpublished, call_off)
    # Of two that expire, the one that expired first is the first.
    Page.objects.filter(pk=world.angmo.pk).update(expire_at=timezone.now() + 2 * PAST)
    assert publish_due(timezone.now()) == 0
    assert (live(world.angmo), live(world.myoclonus), live(world.draft_doctor)) == (False, True, False)


def test_what_would_have_expired_already_is_never_seen(
    consumer: Consumer, world: World, when: Callable[..., None]
) -> None:
    schedule(world.draft_doctor, expire_at=timezone.now() + PAST)
    seen: list[bool] = []
    when(page_published, lambda page: transaction.on_commit(lambda: seen.append(live(page))))
    assert publish_due(timezone.now()) == 0
    assert (seen, waiting()) == ([False], 0)
    consumer.pull()
    assert differences(consumer.held, public_truth()) == []


def test_nothing_due_writes_nothing(consumer: Consumer, world: World) -> None:
    world.draft_doctor.go_live_at = timezone.now() + timedelta(days=1)
    world.draft_doctor.expire_at = timezone.now() + timedelta(days=2)
    world.draft_doctor.save_revision().publish()
    head = Change.head()
    assert publish_due(timezone.now()) == 0
    assert (Change.head(), waiting()) == (head, 1)
    # As if it were the day after.
    assert publish_due(timezone.now() + timedelta(days=1, minutes=1)) == 0


def test_beat_calls_a_task_that_the_worker_has() -> None:
    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
        assert 0 < entry["options"]["expires"] <= entry["schedule"]


def test_the_task(consumer: Consumer, world: World) -> None:
    schedule(world.draft_doctor)
    publish_scheduled.apply().get()
    assert live(world.draft_doctor)


@pytest.mark.parametrize("broker", ["up", "down"])
def test_beat_does_itself_what_it_cannot_send(
    consumer: Consumer, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: str
) -> None:
    schedule(world.draft_doctor)
    scheduler = Scheduler(app, schedule_filename=str(tmp_path / "schedule"))
    if broker == "down":
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        use_redis_at(port, monkeypatch)
        monkeypatch.setattr(app.amqp, "_producer_pool", None)
    scheduler.apply_entry(scheduler.schedule["publish-scheduled"])
    scheduler.close()
    assert live(world.draft_doctor) == (broker == "down")
