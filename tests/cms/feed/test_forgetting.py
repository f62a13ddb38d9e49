"""A former slug is forgotten: by the database, by the feed, for good."""

from __future__ import annotations

import threading
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from cms.doctors.models import DoctorPage
from cms.feed import forgetting, triggers
from cms.feed.kinds import kinds
from cms.feed.models import Change, Slug
from tests.cms import factories
from tests.cms.feed.acts import delete, edit, publish, restrict, snippet, unpublish
from tests.cms.feed.conftest import Consumer, World
from tests.cms.feed.test_order import in_thread
from tests.cms.feed.test_slugs import ANGMO, DORJE, former, kept, rename, republish


def forget(kind: str, entity: object, *options: str) -> str:
    """Run the command; what it prints."""
    out = StringIO()
    call_command("forget_slugs", kind, str(entity), *options, stdout=out)
    return out.getvalue()


def told_from_the_beginning(entity: Any, kind: str = "doctor") -> list[str]:
    """The former slugs of an entity, as a rebuild reads them."""
    (entry,) = [
        entry
        for entry in Consumer().pull()
        if (entry["kind"], entry["id"]) == (kind, str(entity.translation_key))
    ]
    return list(entry["former_slugs"])


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One for each time that the search service was told to look."""
    sent: list[None] = []
    monkeypatch.setattr("cms.feed.management.commands.forget_slugs.nudge", lambda: sent.append(None))
    return sent


def test_all_former_slugs_of_a_doctor(consumer: Consumer, world: World, nudges: list[None]) -> None:
    publish(world, world.angmo, slug="dr-second")
    publish(world, world.angmo, slug="dr-third")
    rename(world.dorje, "dr-other")
    assert former(consumer, world.angmo) == [ANGMO, "dr-second"]
    printed = forget("doctor", "dr-third")
    (entry,) = consumer.pull()
    assert (entry["id"], entry["former_slugs"]) == (str(world.angmo.translation_key), [])
    assert entry["document"]["slug"] == "dr-third"
    assert told_from_the_beginning(world.angmo) == []
    assert former(consumer, world.dorje) == [DORJE]
    assert printed.splitlines() == [
        f"doctor {world.angmo.translation_key}, now dr-third (en)",
        f"  forgot {ANGMO} (en)",
        "  forgot dr-second (en)",
        "The search service forgets them when it next reads the feed.",
    ]
    assert len(nudges) == 1


@pytest.mark.parametrize("named", [ANGMO, "dr-second", "dr-third", "id", "ID"])
def test_an_entity_is_named_by_its_id_or_any_of_its_slugs(
    consumer: Consumer, world: World, named: str
) -> None:
    rename(world.angmo, "dr-second", "dr-third")
    id_ = str(world.angmo.translation_key)
    forget("doctor", {"id": id_, "ID": id_.upper()}.get(named, named))
    assert former(consumer, world.angmo) == []


def test_only_the_slugs_that_are_named(consumer: Consumer, world: World) -> None:
    rename(world.angmo, "dr-second", "dr-third", "dr-fourth")
    printed = forget("doctor", "dr-fourth", "--slug", "dr-second", "--slug", ANGMO)
    assert former(consumer, world.angmo) == ["dr-third"]
    assert "dr-third" not in printed


def test_of_what_is_unpublished_the_last_one_too(consumer: Consumer, world: World) -> None:
    rename(world.angmo, "dr-second")
    unpublish(world, world.angmo)
    assert former(consumer, world.angmo) == [ANGMO, "dr-second"]
    forget("doctor", ANGMO, "--slug", "dr-second")
    assert former(consumer, world.angmo) == [ANGMO]
    assert "not public" in forget("doctor", "dr-second")  # the draft is still called so
    assert former(consumer, world.angmo) == []
    assert consumer.held.keys().isdisjoint({("doctor", str(world.angmo.translation_key), "en")})


def test_of_what_is_private_all_too(consumer: Consumer, world: World) -> None:
    restrict(world, world.doctors, "login")
    forget("doctor", ANGMO)
    assert former(consumer, world.angmo) == []
    assert former(consumer, world.dorje) == [DORJE]


@pytest.mark.parametrize("by_id", [True, False])
def test_of_a_page_that_was_deleted(consumer: Consumer, world: World, by_id: bool) -> None:
    rename(world.angmo, "dr-second")
    delete(world, world.angmo)
    assert former(consumer, world.angmo) == [ANGMO, "dr-second"]
    forget("doctor", world.angmo.translation_key if by_id else ANGMO)
    (entry,) = consumer.pull()
    assert (entry["document"], entry["former_slugs"]) == (None, [])
    assert told_from_the_beginning(world.angmo) == []
    assert forget("doctor", world.angmo.translation_key).endswith("It has no former slugs.\n")


def test_of_a_snippet_that_was_deleted(consumer: Consumer, world: World) -> None:
    slug = world.unused_specialty.slug
    snippet(world, "taxonomy_specialty:delete", world.unused_specialty.pk)
    forget("specialty", slug)
    assert former(consumer, world.unused_specialty) == []


def test_in_all_languages(consumer: Consumer, world: World) -> None:
    page = world.angmo.copy_for_translation(factories.make_locale("hi"), copy_parents=True)
    factories.publish(DoctorPage.objects.get(pk=page.pk))
    rename(page, "dr-hindi", "dr-hindi-second")
    rename(world.angmo, "dr-second")
    printed = forget("doctor", "dr-second")
    assert former(consumer, page) == former(consumer, world.angmo) == []
    assert "now dr-second (en), dr-hindi-second (hi)" in printed
    assert f"forgot {ANGMO} (en)" in printed
    assert "forgot dr-hindi (hi)" in printed


# --- Not undone.


def test_nothing_brings_it_back(consumer: Consumer, world: World) -> None:
    publish(world, world.angmo, slug="dr-second")
    forget("doctor", "dr-second")
    edit(world, world.angmo, credentials="A draft")
    publish(world, world.angmo, credentials="MD")
    unpublish(world, world.angmo)
    publish(world, world.angmo)
    triggers.reissue([("doctor", world.angmo.translation_key, "en")])
    triggers.remove()
    triggers.install()
    assert former(consumer, world.angmo) == []
    # The slug that it has is noted, and is told when it is a former one.
    republish(world.angmo, "dr-third")
    assert former(consumer, world.angmo) == ["dr-second"]


def test_what_is_forgotten_and_used_again_is_noted_again(consumer: Consumer, world: World) -> None:
    rename(world.angmo, "dr-second")
    forget("doctor", "dr-second")
    rename(world.angmo, ANGMO, "dr-third")
    assert former(consumer, world.angmo) == ["dr-second", ANGMO]


def test_one_who_publishes_meanwhile_waits(consumer: Consumer, world: World) -> None:
    """So the slug that is public at the end is kept, whoever comes first."""
    rename(world.angmo, "dr-second")
    done = threading.Event()

    def publish_the_former_one() -> None:
        rename(world.angmo, ANGMO)
        done.set()

    with transaction.atomic():
        forgetting.forget(kinds()["doctor"], world.angmo.translation_key)
        other = in_thread(publish_the_former_one)
        assert not done.wait(0.3)
    other.join()
    assert former(consumer, world.angmo) == ["dr-second"]
    rename(world.angmo, "dr-third")
    assert former(consumer, world.angmo) == ["dr-second", ANGMO]


# --- Nothing is forgotten.


def test_a_dry_run_changes_nothing(consumer: Consumer, world: World, nudges: list[None]) -> None:
    rename(world.angmo, "dr-second")
    consumer.pull()
    before, head = kept(), Change.head()
    printed = forget("doctor", "dr-second", "--dry-run")
    assert (kept(), Change.head(), nudges) == (before, head, [])
    assert printed.splitlines()[1:] == [f"  would forget {ANGMO} (en)", "Nothing was changed."]


def test_there_is_nothing_to_forget(consumer: Consumer, world: World, nudges: list[None]) -> None:
    before = kept()
    assert forget("doctor", ANGMO).endswith("It has no former slugs.\n")
    assert forget("doctor", world.draft_doctor.translation_key).endswith("It has no former slugs.\n")
    assert (kept(), nudges) == (before, [])


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        forget(*arguments)
    return str(error.value)


@pytest.mark.parametrize("entity", [DORJE + "-", "", "myoclonus", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_entity(consumer: Consumer, world: World, entity: str) -> None:
    assert refused("doctor", entity) == f"No doctor has, or had, the id or slug {entity}."


def test_an_unknown_kind(consumer: Consumer, world: World) -> None:
    assert "invalid choice: 'practice'" in refused("practice", "hospital")


def test_a_slug_that_the_entity_never_had(consumer: Consumer, world: World) -> None:
    rename(world.angmo, "dr-second")
    before = kept()
    assert refused("doctor", "dr-second", "--slug", ANGMO, "--slug", DORJE) == (
        f"{DORJE} is not a former slug of this doctor; there are: {ANGMO}. Nothing was forgotten."
    )
    assert kept() == before


def test_the_slug_that_is_public_now(consumer: Consumer, world: World) -> None:
    """In whatever language: then it is no secret."""
    page = world.angmo.copy_for_translation(factories.make_locale("hi"), copy_parents=True)
    factories.publish(DoctorPage.objects.get(pk=page.pk))
    rename(page, "dr-second", "dr-hindi")
    rename(world.angmo, "dr-second")
    before = kept()
    assert refused("doctor", ANGMO, "--slug", "dr-second") == (
        "dr-second is the slug of this doctor now (en): publish it under another one first. Nothing was forgotten."
    )
    assert kept() == before


def test_a_slug_that_several_have_had(consumer: Consumer, world: World) -> None:
    rename(world.angmo, "dr-second")
    rename(world.dorje, ANGMO)
    unpublish(world, world.angmo)
    first, second = sorted([world.angmo.translation_key, world.dorje.translation_key])
    described = {world.angmo.translation_key: "not public", world.dorje.translation_key: f"now {ANGMO} (en)"}
    assert refused("doctor", ANGMO).splitlines()[1:] == [
        f"  doctor {first}, {described[first]}",
        f"  doctor {second}, {described[second]}",
    ]
    assert Slug.objects.filter(slug=ANGMO).count() == 2


def test_not_by_halves(consumer: Consumer, world: World) -> None:
    """What is refused has not moved the log either."""
    rename(world.angmo, "dr-second")
    before, head = kept(), Change.head()
    with pytest.raises(forgetting.NotForgotten):
        forgetting.forget(kinds()["doctor"], world.angmo.translation_key, [ANGMO, DORJE])
    assert (kept(), Change.head()) == (before, head)
