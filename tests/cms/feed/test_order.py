"""The order of the log is the order of commits: a reader that follows its cursor misses nothing."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count, pairwise

import pytest
from django.db import connection, transaction
from wagtail.models import Page

from cms.doctors.models import DoctorPage, DoctorPractice
from cms.doctors.practices import Practice
from cms.taxonomy.models import Specialty
from tests.cms import factories
from tests.cms.feed.conftest import Consumer, World
from tests.cms.feed.truth import differences, public_truth

WRITERS, SECONDS = 6, 10.0


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@dataclass(frozen=True)
class Write:
    """A number that was committed, and where in a document it shows. Later ones there are higher."""

    kind: str
    key: str
    field: str
    number: int

    def is_held_by(self, consumer: Consumer) -> bool:
        document = consumer.held.get((self.kind, self.key, "en"))
        if document is None:
            return False
        shown = document["practices"][0]["phone"] if self.field == "phone" else document[self.field]
        return int(shown) >= self.number


# Of two lengths: two transactions that save titles of exactly the average length can deadlock in Wagtail's
# search index, which on PostgreSQL weighs all such anew.
TITLES = ("Dr Example", "Dr Example with a name that is longer than most")


class Writer:
    """Changes content at random: specialties, a practice, doctors who work there or at another's practice."""

    def __init__(self, number: int) -> None:
        self.chance = random.Random(number)
        self.practice = factories.make_practice(phone="0")
        self.working_here = [
            factories.make_doctor(
                TITLES[n % 2], slug=f"{number}-{n}", practices=[self.practice], credentials="0"
            )
            for n in range(4)
        ]
        self.publishing = self.working_here[:2]

    def insert(self, number: int) -> list[Write]:
        locale, how_many = factories.make_locale(), self.chance.choice([1, 1, 1, 50])
        made = Specialty.objects.bulk_create(
            Specialty(name=str(number), slug=f"{number}-{n}", locale=locale) for n in range(how_many)
        )
        return [Write("specialty", str(specialty.translation_key), "name", number) for specialty in made]

    def change_the_practice(self, number: int) -> list[Write]:
        """Which is shown by all of its doctors."""
        Practice.objects.filter(pk=self.practice.pk).update(phone=str(number))
        return [Write("doctor", str(page.translation_key), "phone", number) for page in self.working_here]

    def publish(self, number: int) -> list[Write]:
        page = self.chance.choice(self.publishing)
        page.credentials = str(number)
        page.save_revision().publish()
        return [Write("doctor", str(page.translation_key), "credentials", number)]


@pytest.mark.slow
@pytest.mark.postgresql
def test_six_writers_and_one_reader(consumer: Consumer) -> None:
    """Each transaction writes, waits a little, and commits, so that they overtake each other. Whatever had
    been committed when the reader began to read is held when it has read."""
    consumer.limit = 500
    writers = [Writer(number) for number in range(WRITERS)]
    for writer, neighbour in pairwise([*writers, writers[0]]):
        writer.publishing += neighbour.working_here[2:]
    numbers = count(1)
    committed: list[Write] = []
    errors: list[Exception] = []
    end = time.monotonic() + SECONDS

    def write(writer: Writer) -> None:
        try:
            while time.monotonic() < end:
                (act,) = writer.chance.choices(
                    [writer.insert, writer.change_the_practice, writer.publish], [7, 2, 1]
                )
                with transaction.atomic():
                    writes = act(next(numbers))
                    time.sleep(writer.chance.choice([0, 0.002, 0.008, 0.05]))
                committed.extend(writes)
        except Exception as error:  # noqa: BLE001 - told to the test
            errors.append(error)

    threads = [in_thread(partial(write, writer)) for writer in writers]
    reads = checked = 0
    missed: list[Write] = []
    while any(thread.is_alive() for thread in threads) or checked < len(committed):
        before = len(committed)
        reads += bool(consumer.pull())
        missed += [write for write in committed[checked:before] if not write.is_held_by(consumer)]
        checked = before
    assert errors == []
    assert missed == []
    assert differences(consumer.held, public_truth()) == []
    shown = Counter(write.field for write in committed)
    assert shown["name"] > 500
    assert shown["phone"] > 100
    assert shown["credentials"] > 10
    assert reads > 20


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
