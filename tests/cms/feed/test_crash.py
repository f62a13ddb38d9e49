"""A process that is killed between any two database statements of an act: afterwards the log and the public
truth agree, and the act was done wholly or not at all.

Each act runs in a forked process, which kills itself at one point: before a statement, before a COMMIT, or
after it. Then the database is looked at as it is found after a restart, and the next process gets one point
further, until one gets through.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, cast

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision
from wagtail.test.utils.form_data import inline_formset, querydict_from_html

from cms.doctors.models import DoctorPage
from cms.feed import nudge
from tests.cms import admin as forms
from tests.cms import factories
from tests.cms.feed.conftest import Consumer, World
from tests.cms.feed.truth import Documents, differences, public_truth

Act = Callable[[], object]
Prepare = Callable[[World], Act]
"""Brings the world to where the act begins, also when it has been done before."""

ACTS: list[Any] = []


def act(every: int = 1) -> Callable[[Prepare], Prepare]:
    """Note an act, to be killed at every so manieth point: one by one would take minutes for the long ones."""

    def note(prepare: Prepare) -> Prepare:
        ACTS.append(pytest.param(prepare, every, id=prepare.__name__))
        return prepare

    return note


def send(world: World, url: str, form: dict[str, Any]) -> None:
    response = world.admin.post(url, form)
    assert response.status_code == 302, forms.errors_of(response)


def bulk(world: World, action: str, *pages: Page) -> Act:
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    ids = "&".join(f"id={page.pk}" for page in pages)
    return partial(send, world, f"{url}?{ids}&next=/admin/", {})


@act(every=3)
def edit_published(world: World) -> Act:
    factories.publish(world.angmo)
    url = reverse("wagtailadmin_pages:edit", args=[world.angmo.pk])
    form: QueryDict = querydict_from_html(world.admin.get(url).content.decode(), form_id="page-edit-form")
    changes = {"title": "Dr Renamed", "slug": "dr-renamed", "practices-0-practice": world.clinic.pk}
    return partial(send, world, url, dict(form.lists()) | changes | forms.PUBLISH)


@act(every=8)
def new_doctor_published(world: World) -> Act:
    for page in DoctorPage.objects.filter(slug="dr-new"):
        page.delete()
    url = reverse("wagtailadmin_pages:add", args=["doctors", "doctorpage", world.doctors.pk])
    form = forms.doctor_form(
        title="Dr New",
        slug="dr-new",
        specialties=[world.neurology.pk],
        practices=inline_formset([{"practice": world.clinic.pk, "accepting_new_patients": "on"}]),
    )
    return partial(send, world, url, form | forms.PUBLISH)


@act()
def condition_unpublished(world: World) -> Act:
    """Those who name it change too."""
    factories.publish(world.myoclonus)
    return partial(send, world, reverse("wagtailadmin_pages:unpublish", args=[world.myoclonus.pk]), {})


@act(every=4)
def two_unpublished(world: World) -> Act:
    pages = world.myoclonus, world.dorje
    for page in pages:
        factories.publish(page)
    return bulk(world, "unpublish", *pages)


@act(every=8)
def two_published(world: World) -> Act:
    pages = world.draft_condition, world.dorje
    for page in pages:
        page.save_revision()
        Page.objects.filter(pk=page.pk).update(live=False)
    return bulk(world, "publish", *pages)


@act()
def practice_moved(world: World) -> Act:
    world.hospital.save()
    url = reverse("wagtailsnippets_doctors_practice:edit", args=[world.hospital.pk])
    return partial(send, world, url, forms.practice_form(name="Hospital", lat="35.5", lng="76.5"))


@act()
def specialty_renamed(world: World) -> Act:
    factories.publish(world.neurology)
    url = reverse("wagtailsnippets_taxonomy_specialty:edit", args=[world.neurology.pk])
    return partial(send, world, url, forms.specialty_form(name="Nerves", slug="nerves"))


@act(every=4)
def gone_live_by_publish_scheduled(world: World) -> Act:
    Page.objects.filter(pk=world.draft_doctor.pk).update(live=False)
    revision = world.draft_doctor.save_revision()
    due = timezone.now() - timedelta(minutes=1)
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=due)
    return partial(call_command, "publish_scheduled")


@act()
def expired_by_publish_scheduled(world: World) -> Act:
    factories.publish(world.myoclonus)
    due = timezone.now() - timedelta(minutes=1)
    Page.objects.filter(pk=world.myoclonus.pk).update(expire_at=due)
    return partial(call_command, "publish_scheduled")


@dataclass
class State:
    truth: Documents
    rows: Counter[str]  # how many there are, by table; of the log the consumer tells

    @classmethod
    def now(cls) -> State:
        tables = [model._meta.db_table for model in apps.get_models() if model._meta.app_label != "feed"]
        counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables)
        with connection.cursor() as cursor:
            cursor.execute(counts)
            return cls(public_truth(), Counter(dict(cursor.fetchall())))

    @property
    def public(self) -> list[str]:
        """Without what is another each time that an act is done: ids and moments."""
        return sorted(
            str(
                {name: value for name, value in document.items() if name != "id" and not name.endswith("_at")}
            )
            for document in self.truth.values()
        )


def added(before: State, after: State) -> dict[str, int]:
    """How many rows more, by table."""
    return {
        table: rows - before.rows[table] for table, rows in after.rows.items() if rows != before.rows[table]
    }


def get_through(act: Act, point: int | None = None) -> bool:
    """Do the act in a process of its own, which kills itself at a point. True if it ended before that."""
    assert nudge._sender.flush(5)
    connections.close_all()
    with warnings.catch_warnings():
        # Python 3.12 warns of the other threads: there is the one that nudges, and it sleeps.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        signal.alarm(60)
        code = 1
        try:
            if point is not None:
                die_at(point)
            act()
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as a pytest
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    exit_code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert exit_code in {0, -signal.SIGKILL}
    return exit_code == 0


def die_at(point: int) -> None:
    points, database = count(), cast("Any", connection)
    commit = database._commit

    def one_point() -> None:
        if next(points) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def execute_one(execute: Callable[..., Any], *args: Any) -> Any:
        one_point()
        return execute(*args)

    def commit_one() -> None:
        one_point()
        commit()
        one_point()

    database.execute_wrappers.append(execute_one)
    database._commit = commit_one


@pytest.mark.slow
@pytest.mark.parametrize(("prepare", "every"), ACTS)
def test_killed_between_any_two_statements(
    prepare: Prepare, every: int, consumer: Consumer, world: World
) -> None:
    act, before = prepare(world), State.now()
    assert get_through(act)
    after = State.now()
    assert after.public != before.public
    rows = added(before, after)

    def begin() -> tuple[Act, State]:
        act, before = prepare(world), State.now()
        consumer.pull()
        return act, before

    act, before = begin()
    point, done, ended = random.randrange(every), False, False
    outcomes: Counter[bool] = Counter()
    while not ended:
        ended = get_through(act, point)
        done, state = bool(consumer.pull()), State.now()
        outcomes[done] += 1
        where = f"killed at point {point}"
        assert differences(consumer.held, state.truth) == [], where
        assert state.public == (after.public if done else before.public), where
        assert added(before, state) == (rows if done else {}), where
        if done:
            act, before = begin()
            if every > 1:  # the COMMIT is somewhere since the last point: look closer
                point, every, ended = point - every, 1, False
        point += every
    assert done
    assert outcomes[False] > 10
    assert outcomes[True] >= 2  # killed after the COMMIT, and not at all
