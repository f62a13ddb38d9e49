"""The order of the log is the order of commits: a reader that follows its cursor misses nothing."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import count

import pytest
from django.db import connection, transaction
from wagtail.models import Page

from cms.doctors.models import DoctorPage, DoctorPractice, Practice
from cms.taxonomy.models import Specialty
from tests.cms import factories
from tests.cms.feed.conftest import Consumer, World
from tests.cms.feed.truth import differences, public_truth

WRITERS, SECONDS = 6, 5.0


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.slow
@pytest.mark.postgresql
def test_six_writers_and_one_reader(consumer: Consumer) -> None:
    """Each transaction writes, waits a little, and commits, so that they overtake each other."""
    end = time.monotonic() + SECONDS
    locale = factories.make_locale()
    committed: list[str] = []
    errors: list[Exception] = []

    def write(writer: int) -> None:
        chance = random.Random(writer)
        try:
            for number in count():
                if time.monotonic() > end:
                    return
                with transaction.atomic():
                    specialty = Specialty.objects.create(
                        name=f"{writer}-{number}", slug=f"{writer}-{number}", locale=locale
                    )
                    time.sleep(chance.uniform(0, 0.008))
                committed.append(specialty.name)
        except Exception as error:  # noqa: BLE001 - told to the test
            errors.append(error)

    writers = [in_thread(partial(write, number)) for number in range(WRITERS)]
    reads = 0
    while any(writer.is_alive() for writer in writers):
        reads += bool(consumer.pull())
    consumer.pull()
    assert errors == []
    assert len(committed) > 500
    assert reads > 20
    assert set(committed) - {document["name"] for document in consumer.held.values()} == set()


@pytest.mark.postgresql
def test_transactions_that_do_not_see_each_other(consumer: Consumer, world: World) -> None:
    """One has a doctor work at a clinic, the other moves the clinic: neither sees what the other does."""
    consumer.pull()
    moved, commit = threading.Event(), threading.Event()

    def move_the_clinic() -> None:
        with transaction.atomic():
            Practice.objects.filter(pk=world.clinic.pk).update(lat=10.5)
            moved.set()
            assert commit.wait(10)

    thread = in_thread(move_the_clinic)
    try:
        assert moved.wait(10)
        DoctorPractice.objects.create(page=world.angmo, practice=world.clinic, sort_order=9)
        consumer.pull()
        assert differences(consumer.held, public_truth()) == []
    finally:
        commit.set()
        thread.join()
    consumer.pull()
    angmo = consumer.held["doctor", str(world.angmo.translation_key), "en"]
    assert {practice["lat"] for practice in angmo["practices"]} == {world.hospital.lat, 10.5}
    assert differences(consumer.held, public_truth()) == []


@pytest.mark.postgresql
def test_constraints_checked_early(consumer: Consumer, world: World) -> None:
    """Django's check_constraints() has the triggers fire in the middle of a transaction, as loaddata does."""
    consumer.pull()
    with transaction.atomic():
        Page.objects.filter(pk=world.angmo.pk).update(title="Dr Early")
        connection.check_constraints()
        Page.objects.filter(pk=world.angmo.pk).update(title="Dr Late")
        Page.objects.filter(pk=world.dorje.pk).update(title="Dr Later")
    consumer.pull()
    assert differences(consumer.held, public_truth()) == []


def test_each_entity_of_one_statement_has_a_seq_of_its_own(consumer: Consumer, world: World) -> None:
    consumer.pull()
    four = [world.myoclonus.pk, world.restless_legs.pk, world.angmo.pk, world.dorje.pk]
    Page.objects.filter(pk__in=four).update(title="Same")
    changes = consumer.pull()
    assert len({change["seq"] for change in changes}) == len(changes) == 4


def test_a_seq_is_never_given_twice(consumer: Consumer, world: World) -> None:
    given = [change["seq"] for change in consumer.pull()]
    DoctorPage.objects.get(pk=world.angmo.pk).delete()
    with transaction.atomic():
        Practice.objects.update(name="Rolled back")
        transaction.set_rollback(True)
    Practice.objects.update(name="Other")
    later = [change["seq"] for change in consumer.pull()]
    assert min(later) > max(given)
    assert len(set(later)) == len(later)
