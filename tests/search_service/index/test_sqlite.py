"""The SQLite engine: the behaviour of every engine, and what a kill or a bad file does to this one."""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pytest

from search_service.geo import chord2_from_km
from search_service.index.protocol import (
    ANY,
    Box,
    Counted,
    Delete,
    Document,
    GenerationNotFound,
    Gone,
    Index,
    IndexUnavailable,
    Put,
    Query,
    Reader,
    SortKey,
    Stored,
    Term,
    Total,
)
from search_service.index.sqlite import SQLiteIndex, counting, loading, postings, schema, search, tree
from search_service.index.sqlite.schema import open_writer
from search_service.index.sqlite.search import Search
from search_service.index.sqlite.writer import SQLiteWriter
from tests.search_service.index.behaviour import IndexBehaviour
from tests.search_service.index.directory import (
    CARDIOLOGY,
    DELHI,
    LEH,
    MYOCLONUS,
    NEUROLOGY,
    SUVA,
    Point,
    at,
    doctor,
    found,
    gone,
    ids,
    pages,
    practice,
    puts,
    uid,
)
from tests.search_service.index.oracle import Oracle

spawn = multiprocessing.get_context("spawn")


class TestSQLiteIndex(IndexBehaviour):
    @pytest.fixture(scope="class")
    @classmethod
    def make_index(cls, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Index]:
        return lambda: SQLiteIndex(tmp_path_factory.mktemp("index") / "index", default_locale="en")

    @pytest.fixture(autouse=True)
    def many_blocks(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of the few doctors of random directories, too, there are many blocks, and branches of these."""
        if request.node.get_closest_marker("hypothesis"):
            monkeypatch.setattr(postings, "BLOCK", 2)
            monkeypatch.setattr(tree, "BRANCH", 2)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(root: Path) -> SQLiteIndex:
    return SQLiteIndex(root, default_locale="en")


def publish(index: SQLiteIndex, *documents: Document) -> Path:
    """A live generation with these documents; its file."""
    with closing(index.create()) as writer:
        writer.apply(puts(*documents), at(1))
        index.promote(writer.generation)
        return writer._path


# --- Files that are not what they should be


@pytest.mark.parametrize("content", [None, b"", b"SQLite format 3\x00"])
def test_a_generation_killed_while_it_was_made(index: SQLiteIndex, root: Path, content: bytes | None) -> None:
    publish(index, doctor(1, LEH))
    live = index.reader().generation
    half_made = root / "20991231T235959000000Z"
    half_made.mkdir()
    if content is not None:
        (half_made / "index.sqlite3").write_bytes(content)

    assert index.generations() == [live, half_made.name]
    with pytest.raises(GenerationNotFound, match="cannot be promoted"):
        index.promote(half_made.name)
    assert index.reader().generation == live
    assert index.reader().counts()["doctor"] == 1
    with closing(index.create()) as writer:
        index.promote(writer.generation)
    index.drop(half_made.name)
    assert half_made.name not in index.generations()


def test_the_live_generation_is_missing(index: SQLiteIndex, root: Path) -> None:
    publish(index, doctor(1, LEH))
    (root / "CURRENT").write_text("20200101T000000000000Z")
    for open_ in index.reader, index.writer, SQLiteIndex(root, "en").reader:
        with pytest.raises(IndexUnavailable, match="20200101T000000000000Z"):
            open_()


def test_current_is_garbage(index: SQLiteIndex, root: Path) -> None:
    publish(index, doctor(1, LEH))
    (root / "CURRENT").write_text("../../etc")
    with pytest.raises(IndexUnavailable):
        index.reader()


@pytest.mark.parametrize("damage", ["header", "all", "truncated", "gone", "version", "blocks", "documents"])
def test_a_damaged_file_is_said_to_be_so(index: SQLiteIndex, root: Path, damage: str) -> None:
    file = publish(index, *(doctor(n, LEH) for n in range(1, 500)))
    content = file.read_bytes()
    match damage:
        case "header":
            file.write_bytes(b"nonsense" * 12 + content[96:])
        case "all":
            file.write_bytes(content[:100] + os.urandom(len(content) - 100))
        case "truncated":
            file.write_bytes(content[: len(content) // 2])
        case "gone":
            file.unlink()
        case "version":
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("PRAGMA user_version = 99")
        case "blocks" | "documents":
            with closing(sqlite3.connect(file)) as connection, connection:
                connection.execute(f"DELETE FROM {'packed' if damage == 'blocks' else 'document'}")
    with pytest.raises(IndexUnavailable, match=file.parent.name):
        pages(SQLiteIndex(root, "en").reader(), Query(*LEH))


def test_a_full_disk_is_an_index_that_cannot_be_written(index: SQLiteIndex) -> None:
    publish(index, doctor(1, LEH))
    with closing(index.writer()) as writer:
        (pages_,) = writer._connection.execute("PRAGMA page_count").fetchone()
        writer._connection.execute(f"PRAGMA max_page_count = {pages_ + 4}")
        with pytest.raises(IndexUnavailable, match="full"):
            writer.apply(puts(*(doctor(n, LEH) for n in range(2, 5000))), at(2))
        assert writer.position() == at(1)
        assert writer.counts()["doctor"] == 1


# --- Loading


def is_loading(writer: SQLiteWriter) -> bool:
    return not schema.is_ready(writer._connection)


def test_loading_ends_when_it_is_read(index: SQLiteIndex) -> None:
    with closing(index.create()) as fresh:
        assert fresh.position() is None
        fresh.apply(puts(doctor(1, LEH), doctor(2, LEH), doctor(2, LEH, locale="bo"), doctor(3, LEH)), at(1))
        fresh.apply([*puts(doctor(1, SUVA)), gone(2)], at(2))
        assert fresh.position() == at(2)
        assert is_loading(fresh)
        assert found(fresh, Query(*LEH)) == [2, 3, 1]
        assert not is_loading(fresh)
        fresh.apply([*puts(doctor(1, LEH)), gone(2, locale="bo")], at(3))
        assert found(fresh, Query(*LEH)) == [1, 3]
        assert isinstance(fresh.get_by_slug("doctor", "doctor-2", "en"), Gone)


def test_a_load_that_is_gone_on_with_by_another_writer(index: SQLiteIndex) -> None:
    with closing(index.create()) as first:
        first.apply(puts(doctor(1, LEH, terms=[NEUROLOGY])), at(1))
    with closing(index.writer(first.generation)) as second:
        assert is_loading(second)
        second.apply(puts(doctor(2, LEH, terms=[NEUROLOGY])), at(2))
        index.promote(first.generation)
        assert found(second, Query(*LEH, (NEUROLOGY,))) == [1, 2]
    assert found(index.reader(), Query(*LEH, (NEUROLOGY,))) == [1, 2]


@pytest.mark.parametrize("loading", [True, False])
def test_a_batch_that_fails_leaves_nothing(index: SQLiteIndex, loading: bool) -> None:
    with closing(index.create()) as fresh:
        if not loading:
            fresh.counts()
        fresh.apply(puts(doctor(1, LEH, terms=[NEUROLOGY])), at(1))
        # More than one chunk of it is written before it fails; the number of the new term goes with it.
        many = puts(*(doctor(n, SUVA, terms=[CARDIOLOGY]) for n in range(1, 10_010)))
        with pytest.raises(ValueError, match="globe"):
            fresh.apply([*many, *puts(doctor(20_000, (91, 0)))], at(2))
        assert fresh.position() == at(1)
        assert is_loading(fresh) is loading
        fresh.apply(puts(doctor(2, LEH, terms=[MYOCLONUS]), doctor(3, LEH, terms=[CARDIOLOGY])), at(2))
        assert fresh.counts() == {"doctor": 3, "refused": 0}
        for number, term in enumerate((NEUROLOGY, MYOCLONUS, CARDIOLOGY), 1):
            assert found(fresh, Query(*LEH, (term,))) == [number]


def test_a_full_disk_ends_a_load(index: SQLiteIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(index.create()) as fresh:
        fresh.apply(puts(*(doctor(n, LEH) for n in range(1, 500))), at(1))
        for _ in range(2):
            with monkeypatch.context() as patch:
                patch.setattr(loading, "open_writer", _with_no_room)
                with pytest.raises(IndexUnavailable, match="full"):
                    fresh.counts()
        assert fresh.counts()["doctor"] == 499
        assert len(pages(fresh, Query(*LEH))) == 499


def _with_no_room(path: Path) -> sqlite3.Connection:
    connection = open_writer(path)
    (pages_,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages_ + 4}")
    return connection


# --- Readers while others write, promote and drop


def _never_fails(index: Index, stop: Callable[[], bool]) -> int:
    """Read as requests do until `stop`. What one reader says must agree with itself."""
    reads = 0
    while not stop():
        reader = index.reader()
        hits = reader.search(Query(*LEH, limit=5)).hits
        assert ids(hits) == [1, 2, 3, 4, 5]
        assert len({hit.card[-4:] for hit in hits}) == 1, "a batch was seen in part"
        stored = reader.get_by_slug("doctor", "doctor-1", "en")
        assert isinstance(stored, Stored)
        assert stored.id == uid(1)
        assert reader.position() is not None
        reads += 1
    return reads


def _read_in_process(root: Path, stop: Path, result: multiprocessing.Queue[int | str]) -> None:
    result.put("started")
    try:
        result.put(_never_fails(SQLiteIndex(root, "en"), stop.exists))
    except BaseException as error:
        result.put(repr(error))
        raise


@pytest.mark.slow
def test_readers_see_no_error_while_others_write_promote_and_drop(
    index: SQLiteIndex, root: Path, tmp_path: Path
) -> None:
    def five(version: int) -> list[Document]:
        return [doctor(n, LEH, says=f"{version:04}"[-4:]) for n in range(1, 6)]

    publish(index, *five(0))
    stop, results = tmp_path / "stop", spawn.Queue()
    outcome: list[int | BaseException] = []

    def read_in_thread() -> None:
        try:
            outcome.append(_never_fails(index, stop.exists))
        except BaseException as error:  # noqa: BLE001 - carried to the test
            outcome.append(error)

    threads = [threading.Thread(target=read_in_thread) for _ in range(3)]
    process = spawn.Process(target=_read_in_process, args=(root, stop, results))
    process.start()
    assert results.get(timeout=60) == "started"
    for thread in threads:
        thread.start()
    try:
        until = time.monotonic() + 4
        versions = count(1)
        while time.monotonic() < until:
            with closing(index.writer()) as writer:
                for _ in range(20):
                    version = next(versions)
                    writer.apply(puts(*five(version), doctor(100 + version, (0, 0))), at(version))
            former = index.reader().generation
            with closing(index.create()) as fresh:
                version = next(versions)
                fresh.apply(puts(*five(version)), at(version))
                index.promote(fresh.generation)
            # Whoever is between learning the name and opening the file must not fall.
            index.drop(former)
    finally:
        stop.touch()
        for thread in threads:
            thread.join()
        process.join()
    for reads in (*outcome, results.get(timeout=5)):
        assert isinstance(reads, int), reads
        assert reads > 20
    assert len(outcome) == 3


def test_a_reader_serves_many_threads(index: SQLiteIndex) -> None:
    publish(index, *(doctor(n, LEH) for n in range(1, 50)))
    reader, results = index.reader(), list[list[int]]()

    def read() -> None:
        for _ in range(20):
            results.append(ids(pages(reader, Query(*LEH, limit=20))))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [list(range(1, 50))] * 160
    # Connections outlive the threads and are no more than were needed at once.
    assert 1 <= len(reader._connections) <= 8


def test_a_snapshot_that_fails_is_not_used_again(index: SQLiteIndex, root: Path) -> None:
    publish(index, *(doctor(n, LEH) for n in range(1, 2_000)))
    reader = index.reader()
    with reader.snapshot() as held:
        lent = held._snapshot()
        with pytest.raises(IndexUnavailable), lent as connection:
            connection.execute("SELECT * FROM nothing_of_that_name")
    assert not len(reader._connections)
    with reader.snapshot() as held:
        assert len(held.digests()) == 1_000
    assert len(reader._connections) == 1


def test_files_are_closed_with_their_readers(index: SQLiteIndex, root: Path) -> None:
    def open_files() -> list[Path]:
        links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return [target for target in (link.readlink() for link in links) if target.is_relative_to(root)]

    for n in range(1, 5):
        publish(index, doctor(n, LEH))
        assert found(index.reader(), Query(*LEH)) == [n]
        for former in index.generations()[:-1]:
            index.drop(former)
    gc.collect()
    assert {path.parent.name for path in open_files()} == {index.reader().generation}


def test_readers_see_one_snapshot_while_blocks_are_changed(
    index: SQLiteIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each two doctors one is a woman, and it is the other one after each change."""
    monkeypatch.setattr(postings, "BLOCK", 16)
    monkeypatch.setattr(tree, "BRANCH", 2)
    women, men = (Term("gender", value) for value in ("female", "male"))

    def pair(number: int, first: Term, second: Term) -> list[Document]:
        # Both are in blocks of other postings, and in different ones.
        places = (number % 7, number % 11), (40 + number % 5, number % 13)
        return [
            doctor(2 * number + nth, place, terms=[NEUROLOGY, term])
            for nth, (place, term) in enumerate(zip(places, (first, second), strict=True))
        ]

    publish(index, *(each for number in range(100) for each in pair(number, women, men)))
    over, wrong, read = threading.Event(), list[object](), list[int]()

    def reads() -> None:
        query = Query(*LEH, (NEUROLOGY,), filters={"gender": {"female"}}, limit=200)
        reader = index.reader()
        while not over.is_set():
            found = reader.search(query, Counted(facets=("gender",)))
            if {number // 2 for number in ids(found.hits)} != set(range(100)) or len(found.hits) != 100:
                wrong.append(ids(found.hits))
            if found.counts.facets != {"gender": {"female": 100, "male": 100}}:
                wrong.append(found.counts)
            read.append(len({number % 2 for number in ids(found.hits)}))

    threads = [threading.Thread(target=reads) for _ in range(2)]
    for thread in threads:
        thread.start()
    with closing(index.writer()) as writer:
        for round_ in range(2):
            for number in range(100):
                terms = (women, men) if round_ else (men, women)
                writer.apply(puts(*pair(number, *terms)), at(2 + 100 * round_ + number))
    over.set()
    for thread in threads:
        thread.join()
    assert not wrong
    # While some had been changed, and others had not.
    assert read.count(2) > 5


# --- Kills

ROUNDS = 8


def _write_for_ever(root: Path) -> None:
    """Batch `seq` puts 40 documents and takes away the 20 first of the batch before."""
    with closing(SQLiteIndex(root, "en").writer()) as writer:
        position = writer.position()
        for seq in count(position.seq + 1 if position else 1):
            writer.apply(_batch(seq), at(seq))


def _batch(seq: int) -> list[Put | Delete]:
    return [
        *(gone(100 * (seq - 1) + n) for n in range(20)),
        *(Put(doctor(100 * seq + n, (seq % 90, n), terms=[NEUROLOGY])) for n in range(40)),
    ]


def _agrees(reader: Reader) -> int:
    """Checks that documents and postings are those of the position. Returns its `seq`."""
    position = reader.position()
    assert position is not None
    seq = position.seq
    expected = {100 * seq + n for n in range(40)} | {
        100 * before + n for before in range(1, seq) for n in range(20, 40)
    }
    assert reader.counts() == {"doctor": len(expected), "refused": 0}
    assert set(found(reader, Query(*LEH, (NEUROLOGY,), limit=1_000_000))) == expected
    return seq


@pytest.mark.slow
def test_position_and_documents_agree_after_a_kill(index: SQLiteIndex, root: Path) -> None:
    with closing(index.create()) as fresh:
        fresh.apply(_batch(1), at(1))
        index.promote(fresh.generation)
    random_ = random.Random(7)
    reached = 1
    for _ in range(ROUNDS):
        process = spawn.Process(target=_write_for_ever, args=(root,))
        process.start()
        deadline = time.monotonic() + 30
        while (position := index.reader().position()) and position.seq <= reached:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        time.sleep(random_.uniform(0, 0.1))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        # A process that comes later finds the same as one that has had the file open.
        reached, seen = _agrees(SQLiteIndex(root, "en").reader()), reached
        assert reached > seen
        assert _agrees(index.reader()) == reached
    with closing(index.writer()) as writer:
        assert writer._connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _load_for_ever(root: Path) -> None:
    with closing(SQLiteIndex(root, "en").create()) as fresh:
        for seq in count(1):
            fresh.apply(_batch(seq), at(seq))


@pytest.mark.slow
def test_a_load_that_is_killed_disturbs_nobody(index: SQLiteIndex, root: Path) -> None:
    live = publish(index, doctor(1, LEH)).parent.name
    process = spawn.Process(target=_load_for_ever, args=(root,))
    process.start()
    while len(index.generations()) < 2:
        time.sleep(0.01)
    time.sleep(0.3)
    process.kill()
    process.join()
    assert index.reader().generation == live
    with closing(index.create()) as fresh:
        fresh.apply(_batch(1), at(1))
        index.promote(fresh.generation)
    assert _agrees(index.reader()) == 1
    for name in index.generations()[:-1]:
        index.drop(name)
    assert index.generations() == [index.reader().generation]


def test_a_loaded_generation_is_written_with_care_once_it_is_live(index: SQLiteIndex) -> None:
    def journal(writer: SQLiteWriter) -> tuple[str, int]:
        (mode,) = writer._connection.execute("PRAGMA journal_mode").fetchone()
        (synchronous,) = writer._connection.execute("PRAGMA synchronous").fetchone()
        return mode, synchronous

    with closing(index.create()) as writer:
        writer.apply(_batch(1), at(1))
        assert journal(writer) == ("memory", 0)
        index.promote(writer.generation)
        writer.apply(_batch(2), at(2))
        assert journal(writer) == ("wal", 1)
    assert _agrees(index.reader()) == 2


def _hold(root: Path, held: Path) -> None:
    with SQLiteIndex(root, "en").lock("pull", 0) as mine:
        assert mine
        held.touch()
        time.sleep(60)


@pytest.mark.slow
def test_a_lock_goes_with_its_holder(index: SQLiteIndex, root: Path, tmp_path: Path) -> None:
    held = tmp_path / "held"
    process = spawn.Process(target=_hold, args=(root, held))
    process.start()
    while not held.exists():
        time.sleep(0.01)
    with index.lock("pull", 0) as mine:
        assert not mine
    threading.Timer(0.2, process.kill).start()
    with index.lock("pull", 10) as mine:
        assert mine
    process.join()


def test_any_page_of_a_country(index: SQLiteIndex) -> None:
    """With so many postings that not all are read: what is nearer than a page, or further, is skipped by blocks."""
    chance, oracle = random.Random(4), Oracle()
    # Some share a town, and many have a second practice at the other end of the country.
    towns = [(chance.uniform(8, 34), chance.uniform(70, 95)) for _ in range(300)]
    doctors = [
        doctor(
            number,
            *(chance.choice(towns) for _ in range(chance.choice([1, 1, 2, 3]))),
            terms=[NEUROLOGY] if number % 3 else [],
            own=[[practice("snm")] if chance.random() < 0.5 else []],
        )
        for number in range(1, 8_001)
    ]
    oracle.apply(puts(*doctors))
    with closing(index.create()) as writer:
        writer.apply(puts(*doctors), at(1))
        index.promote(writer.generation)
    reader = index.reader()
    for query in (
        Query(*DELHI),
        Query(*LEH, (NEUROLOGY,), radius_km=1500),
        Query(*DELHI, filters={"practice": ["snm"]}),
        Query(*LEH, box=Box(72, 10, 90, 30)),
    ):
        whole = oracle.hits(replace(query, limit=10_000))
        assert len(whole) > 1000
        for page in (0, 1, 30, 900, len(whole) - 15, len(whole) - 1, *chance.sample(range(len(whole)), 20)):
            hits = reader.search(replace(query, after=whole[page].key)).hits
            assert [hit.key for hit in hits] == [hit.key for hit in whole[page + 1 : page + 21]]
    # Not by reading all there is.
    far = oracle.hits(Query(*DELHI, limit=10_000))[7_900].key
    blocks = Search(reader._connections.borrow(), Query(*DELHI, after=far)).blocks
    (any_,) = Search(reader._connections.borrow(), Query(*DELHI)).lists(filtered=True)
    assert len(blocks([any_], 5.0, beyond=far.chord2)) < len(blocks([any_], 5.0)) / 2


def test_not_more_of_a_circle_is_read_than_may_be_among_the_hits(
    index: SQLiteIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may be nearest is read first, until all else is further than the last hit."""
    monkeypatch.setattr(postings, "BLOCK", 8)
    monkeypatch.setattr(tree, "BRANCH", 8)
    chance = random.Random(6)
    publish(
        index,
        *(doctor(number, (chance.uniform(8, 34), chance.uniform(70, 95))) for number in range(1, 8_001)),
    )
    connection = index.reader()._connections.borrow()
    far = SortKey(0, "", chord2_from_km(1_000), uid(0))
    search = Search(connection, Query(*DELHI, after=far))
    assert len(search.page()) == 20
    lists = search.lists(filtered=True)
    assert len(search.seen) < len(search.blocks(lists, 2 * far.chord2, beyond=far.chord2)) / 2
    # In a box likewise, and of this SQLite looks only at what is in the circle.
    boxed = Search(connection, Query(*DELHI, box=Box(71, 9, 94, 33), after=far._replace(chord2=1e-4)))
    assert len(boxed.page()) == 20
    near, whole = (steps(connection, partial(boxed.blocks, lists, reach)) for reach in (2e-4, 5.0))
    assert near < whole / 4


def steps(connection: sqlite3.Connection, call: Callable[[], object]) -> int:
    """How many instructions SQLite carries out."""
    done: list[None] = []
    connection.set_progress_handler(partial(done.append, None), 1)
    call()
    connection.set_progress_handler(None, 1)
    return len(done)


@pytest.mark.parametrize("name", ["abcdefgh {}", "འཇིག་མེད {}", "the same"])
def test_thousands_of_names_that_begin_alike(
    index: SQLiteIndex, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """They are met in the order of all names, not read to be put in order."""
    chance, oracle = random.Random(8), Oracle()
    doctors = [
        doctor(number, chance.choice([LEH, SUVA]), sort_name=name.format(chance.randrange(1_000)))
        for number in range(1, 3_001)
    ]
    few = [doctor(3_001, LEH, sort_name="abcd"), doctor(3_002, LEH, sort_name="the samf")]
    translated = [doctor(number, SUVA, sort_name="the same", locale="bo") for number in range(1, 30)]
    oracle.apply(puts(*doctors, *few, *translated))
    publish(index, *doctors, *few, *translated)
    query = Query(*LEH, radius_km=100, sort="name", limit=20)
    whole = oracle.hits(replace(query, limit=5_000))
    assert len(whole) > 1_000
    connection, took = index.reader()._connections.borrow(), {}
    for many in (100, 10_000):
        monkeypatch.setattr(search, "_MANY_NAMES", many)
        assert [hit.key for hit in pages(index.reader(), query)] == [hit.key for hit in whole]
        some = [
            replace(query, after=None if place is None else whole[place].key)
            for place in (None, 0, 700, len(whole) - 30)
        ]
        took[many] = sum(steps(connection, Search(connection, each).page) for each in some)
    assert took[100] < took[10_000] / 5


def test_frequent_terms_are_looked_for_among_all(index: SQLiteIndex) -> None:
    """Many lists have more blocks around a circle than one; but all of the few postings are fewer."""
    often = [Term("specialty", f"{number}") for number in range(20)]
    seldom = [Term("practice", f"{number}") for number in range(20)]
    publish(
        index,
        *(
            doctor(
                number,
                (number % 80, number % 170),
                terms=[often[number % 20], *([seldom[number // 20]] if number < 100 else [])],
            )
            for number in range(1, 3_001)
        ),
    )
    reader = index.reader()

    def lists(terms: list[Term], *, for_all: bool = False) -> int:
        search = Search(reader._connections.borrow(), Query(*LEH, tuple(terms)))
        return len(search.lists(filtered=True, for_all=for_all))

    assert (lists(often), lists(often[:1]), lists(seldom)) == (1, 1, 5)
    assert (lists(often[:10]), lists(often[:10], for_all=True)) == (1, 10)


def test_boxes_of_a_world_of_many_blocks(index: SQLiteIndex) -> None:
    chance = random.Random(5)
    doctors = [
        doctor(number, (chance.uniform(-85, 85), chance.uniform(-180, 180))) for number in range(1, 3_001)
    ]
    publish(index, *doctors)
    for box in Box(-180, -85, 180, 85), Box(-180, -90, 180, 90), Box(0, -85, 180, 85), Box(90, -85, 89, 85):
        expected = {
            number
            for number, each in enumerate(doctors, 1)
            if (box.west <= each.listings[0].lng <= box.east)
            or (box.west > box.east and not box.east < each.listings[0].lng < box.west)
        }
        hits = index.reader().search(Query(*LEH, box=box, limit=3_000)).hits
        assert set(ids(hits)) == expected


def test_a_page_that_looked_further_than_the_count(
    index: SQLiteIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number is that of the page when it is all there is, and never less than what the page shows."""
    monkeypatch.setattr(counting, "_AT_A_TIME", 1)
    monkeypatch.setattr(counting, "MOST", 1)
    # Far off, behind many of whom some pass the one filter, some the other.
    women, men = (Term("gender", value) for value in ("female", "male"))
    near = [
        doctor(number, LEH, since=since, terms=[gender])
        for number, since, gender in zip(
            range(1, 2_000), cycle((2020, 1980)), cycle((women, men)), strict=False
        )
    ]
    far = [doctor(number, SUVA, since=1980, terms=[women]) for number in range(2_000, 2_005)]
    publish(index, *near, *far)
    for limit, total in (20, Total(5, "eq")), (5, Total(5, "gte")):
        query = Query(*LEH, filters={"gender": {"female"}}, since_to=1990, limit=limit)
        found = index.reader().search(query, Counted())
        assert (len(found.hits), found.counts.total) == (min(5, limit), total)


@pytest.mark.parametrize(
    "conditions",
    [
        {"filters": {"gender": {"other"}}},
        {"filters": {"language": {"lbj"}}},
        {"since_to": 1990},
        {"verified_from": date(2026, 1, 1)},
    ],
    ids=["flag", "bit", "since", "verified"],
)
def test_what_nobody_near_passes_is_not_read(index: SQLiteIndex, conditions: dict[str, Any]) -> None:
    """Blocks know what all in them fail."""

    def some(numbers: range, point: Point, *terms: Term, **fields: Any) -> list[Document]:
        return [doctor(number, point, terms=(NEUROLOGY, *terms), **fields) for number in numbers]

    passing = Term("gender", "other"), Term("language", "lbj")
    near = some(range(1, 1_500), LEH, since=2000, verified_on=date(2025, 1, 1))
    far = some(range(1_500, 1_505), SUVA, *passing, since=1980, verified_on=date(2026, 2, 1))
    publish(index, *near, *far)
    reader = index.reader()
    # Under a term of its own, so that it is not found by the filter's list.
    query = Query(*LEH, terms=(NEUROLOGY,), **conditions)
    search = Search(reader._connections.borrow(), query)
    number = search._number(NEUROLOGY)
    assert number
    assert len(search.blocks([number.term], 5.0)) == 1
    assert len(search.blocks([number.term], 5.0, may_fail=1)) > 3
    assert [hit.id for hit in reader.search(query).hits] == [document.id for document in far]
    assert reader.search(query, Counted(facets=("gender",), since=(1970, 2010))).counts.total == Total(
        5, "eq"
    )


@pytest.mark.parametrize("may_fail", [0, 1])
def test_sifted_postings_are_all_that_may_match(
    index: SQLiteIndex, monkeypatch: pytest.MonkeyPatch, may_fail: int
) -> None:
    """Without those that fail more conditions, and without reading blocks in which all do."""
    monkeypatch.setattr(postings, "BLOCK", 4)
    chance = random.Random(may_fail)

    def some_doctor(number: int) -> Document:
        terms = [Term("gender", chance.choice(["female", "male"]))]
        terms += [Term("language", code) for code in ("bo", "hi", "en") if chance.random() < 0.2]
        return doctor(
            number,
            (chance.uniform(-80, 80), chance.uniform(-180, 180)),
            terms=terms,
            since=chance.choice([None, *range(1970, 2020)]),
            verified_on=chance.choice([None, *(date(2020 + year, 1, 1) for year in range(6))]),
        )

    publish(index, *map(some_doctor, range(1, 500)))
    query = Query(
        *LEH,
        filters={"gender": {"female"}, "language": {"bo", "hi"}},
        since_to=1985,
        verified_from=date(2023, 1, 1),
    )
    search = Search(index.reader()._connections.borrow(), query)
    any_ = search._number(ANY)
    assert any_
    blocks = [block for _, block in search.blocks([any_.term], 5.0, may_fail=may_fail)]
    judged = search.judge(search.read(blocks))
    passed = sum(passes.astype(int) for passes in judged.passes.values())
    expected = judged.postings["listing"][passed >= 4 - may_fail]
    before = search.cost
    sifted = search.sift(blocks, may_fail=may_fail)
    assert search.cost - before < (16 + 64) * len(blocks)
    assert 0 < len(sifted) < len(judged.postings) / 2
    assert sorted(sifted["listing"]) == sorted(expected)


def test_more_lists_than_one_reads_by_habit(index: SQLiteIndex) -> None:
    terms = [Term("specialty", f"{number}") for number in range(60)]
    publish(index, *(doctor(number, LEH, terms=[terms[number % 60]]) for number in range(1, 301)))
    asked = index.reader().search(Query(*LEH, (*terms[50:], *terms[:50]), limit=300)).hits
    assert [hit.term for hit in asked] == [terms[number % 60] for number in ids(asked)]
    assert len(asked) == 300


def test_a_generation_that_was_made_ready_by_somebody_who_died_then(index: SQLiteIndex, root: Path) -> None:
    with closing(index.create()) as writer:
        writer.apply(puts(doctor(1, LEH)), at(1))
        file = root / writer.generation / schema.FILE_NAME
        loading.ready(file, "en")
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        index.promote(writer.generation)
    assert found(index.reader(), Query(*LEH)) == [1]
