from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path

import pytest

from search_service.generations import Generations


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(tmp_path / "root")


def test_there_is_nothing_at_first(generations: Generations) -> None:
    assert generations.names() == []
    assert generations.current() is None


def test_names_are_in_order_of_age(generations: Generations) -> None:
    created = [generations.create().name for _ in range(20)]
    assert generations.names() == created


def test_one_is_live_and_then_another(generations: Generations) -> None:
    first, second = generations.create(), generations.create()
    assert generations.current() is None
    generations.promote(first.name)
    assert generations.current() == first.name
    generations.promote(second.name)
    assert generations.current() == second.name
    assert generations.path(second.name) == second
    assert sorted(path.name for path in generations.root.iterdir()) == sorted(
        [first.name, second.name, "CURRENT"]
    )


def test_none_is_live_where_it_cannot_be_told_which(generations: Generations) -> None:
    live = generations.create().name
    generations.promote(live)
    current = generations.root / "CURRENT"
    current.write_bytes(b"\xff\xfe")
    assert generations.current() is None
    generations.promote(live)
    assert generations.current() == live
    current.unlink()
    assert generations.current() is None


def test_what_cannot_be_read_for_now_is_not_taken_for_none(generations: Generations) -> None:
    generations.create()
    (generations.root / "CURRENT").mkdir()
    with pytest.raises(IsADirectoryError):
        generations.current()


def test_a_new_one_is_the_youngest_by_name_whatever_the_clock_says(generations: Generations) -> None:
    generations.create()
    ahead = generations.root / "20991231T235959999999Z"
    ahead.mkdir()
    after = generations.create()
    assert generations.names()[-2:] == [ahead.name, after.name] == [ahead.name, "21000101T000000000000Z"]


@pytest.mark.parametrize("name", ["", ".", "..", "CURRENT", "20261122T101530123456Z", "../root"])
def test_names_of_no_generation(generations: Generations, name: str) -> None:
    generations.create()
    for act in (generations.path, generations.promote, generations.drop):
        with pytest.raises(LookupError):
            act(name)


def test_the_live_one_cannot_be_dropped(generations: Generations) -> None:
    first, second = generations.create(), generations.create()
    (first / "file").write_text("x")
    generations.promote(second.name)
    with pytest.raises(ValueError, match="live"):
        generations.drop(second.name)
    generations.drop(first.name)
    assert generations.names() == [second.name]


def test_a_reader_always_sees_one_or_the_other(generations: Generations) -> None:
    names = [generations.create().name for _ in range(2)]
    generations.promote(names[0])
    done = threading.Event()

    def swap() -> None:
        for i in range(200):
            generations.promote(names[i % 2])
        done.set()

    swapping = threading.Thread(target=swap)
    swapping.start()
    seen = set()
    while not done.is_set():
        seen.add(generations.current())
    swapping.join()
    assert seen == set(names)


def _hold(root: Path, holding: multiprocessing.synchronize.Event) -> None:
    with Generations(root).lock("job"):
        holding.set()
        threading.Event().wait()


def test_a_lock_is_held_by_one_and_freed_when_its_holder_dies(generations: Generations) -> None:
    context = multiprocessing.get_context("spawn")
    holding = context.Event()
    holder = context.Process(target=_hold, args=(generations.root, holding))
    holder.start()
    try:
        assert holding.wait(30)
        with generations.lock("job", timeout_s=0.05) as free:
            assert not free
        with generations.lock("other job") as free:
            assert free
    finally:
        holder.kill()
        holder.join()
    with generations.lock("job", timeout_s=5) as free:
        assert free
