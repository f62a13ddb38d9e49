"""`make test` tells the truth: what it counts, what it calls a failure, what it says last."""

from __future__ import annotations

import os
import signal
import textwrap
from pathlib import Path
from typing import NoReturn

import pytest

from tests import __main__ as runner
from tests import servers


@pytest.fixture
def tier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runner.Tier:
    """The only tier there is; its tests are in `tmp_path`."""
    tier = runner.Tier("only-one", "tests of a test", (str(tmp_path),), needs=("REDIS_URL",))
    monkeypatch.setattr(runner, "TIERS", (tier,))
    monkeypatch.setattr(runner, "CI", False)
    monkeypatch.setenv("REDIS_URL", "redis://example.invalid")
    return tier


def write(folder: Path, code: str) -> None:
    (folder / "test_it.py").write_text(textwrap.dedent(code))


def last_line(capfd: pytest.CaptureFixture[str]) -> str:
    return capfd.readouterr().out.splitlines()[-1]


@pytest.mark.usefixtures("tier")
class TestRun:
    def test_counts(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        write(
            tmp_path,
            """
            import pytest

            def test_good(): pass
            def test_good_too(): pass
            def test_bad(): assert False
            @pytest.fixture
            def broken(): raise ValueError
            def test_broken(broken): pass
            @pytest.mark.skip
            def test_not_now(): pass
            """,
        )
        assert runner.main([]) == 1
        assert last_line(capfd) == "2 passed, 2 failed, 1 skipped"

    def test_a_skip_is_a_failure_in_ci_only(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path, "import pytest\ndef test_it(): pytest.skip()\n")
        assert runner.main([]) == 0
        monkeypatch.setattr(runner, "CI", True)
        assert runner.main([]) == 1

    def test_a_tier_without_tests_is_a_failure(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert runner.main([]) == 1
        assert last_line(capfd) == "0 passed, 1 failed, 0 skipped"

    def test_arguments_may_leave_no_test(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        write(tmp_path, "def test_it(): pass\n")
        assert runner.main(["--", "-k", "nothing"]) == 0
        assert last_line(capfd) == "0 passed, 0 failed, 0 skipped"

    def test_a_pytest_that_dies_is_a_failure(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        write(tmp_path, "def test_it():\n    import os\n    os._exit(9)\n")
        assert runner.main([]) == 1
        assert last_line(capfd) == "0 passed, 1 failed, 0 skipped"

    def test_a_test_file_that_cannot_be_read_is_a_failure(
        self, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        write(tmp_path, "import nothing_of_that_name\n")
        assert runner.main([]) == 1
        assert last_line(capfd) == "0 passed, 1 failed, 0 skipped"

    def test_a_tier_that_there_is_not(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert runner.main(["other"]) == 2
        assert "There is no tier other. There are: only-one" in capfd.readouterr().err


@pytest.mark.parametrize(("ci", "code"), [(False, 0), (True, 1)])
def test_a_server_that_is_missing(
    tier: runner.Tier,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    ci: bool,
    code: int,
) -> None:
    def missing() -> NoReturn:
        raise servers.Missing("redis-server is not on this machine")

    monkeypatch.delenv("REDIS_URL")
    monkeypatch.setattr(servers, "redis", missing)
    monkeypatch.setattr(runner, "CI", ci)
    assert runner.main([]) == code
    out = capfd.readouterr().out.splitlines()
    assert "skipped: redis-server is not on this machine" in out
    assert out[-1] == "0 passed, 0 failed, 1 skipped"


def test_a_tier_is_given_the_servers_that_it_needs_and_no_other(
    tier: runner.Tier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://example.invalid/precious")
    write(
        tmp_path,
        """
        import os

        def test_it():
            assert os.environ["REDIS_URL"] == "redis://example.invalid"
            assert "DATABASE_URL" not in os.environ
        """,
    )
    assert runner.main([]) == 0


@pytest.fixture
def lanes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tiers, of which one measures times. Their tests are in folders of their names, in the one that is returned."""
    for name in ("timed", "other"):
        (tmp_path / name).mkdir()
    tiers = [
        runner.Tier(name, "tests of a test", (str(tmp_path / name),), timed=name == "timed")
        for name in ("other", "timed")
    ]
    monkeypatch.setattr(runner, "TIERS", tiers)
    return tmp_path


def test_tiers_that_measure_times_run_beside_the_others_and_before_them(
    lanes: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    for name, other, expected in (
        ("timed", "other", niceness),
        ("other", "timed", min(niceness + runner.NICENESS, 19)),
    ):
        write(
            lanes / name,
            f"""
            import os, pathlib, time

            def test_it():
                print("said by the {name} one")
                here, there = (pathlib.Path({str(lanes)!r}, it) for it in ({name + "-ran"!r}, {other + "-ran"!r}))
                here.touch()
                deadline = time.monotonic() + 60
                while not there.exists():
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
                assert os.getpriority(os.PRIO_PROCESS, 0) == {expected}
                assert {name!r} != "other"
            """,
        )
    assert runner.main([]) == 1
    out = capfd.readouterr().out
    assert out.splitlines()[-1] == "1 passed, 1 failed, 0 skipped"
    # What one printed is in one piece, below its name.
    pieces = out.split("\n=== ")[1:]
    assert [piece.partition(":")[0] for piece in pieces[:2]] == ["timed", "other"]
    assert all("(begun)" in piece for piece in pieces[:2])
    shown = {piece.partition(":")[0]: piece for piece in pieces[2:]}
    assert "said by the other one" in shown["other"]
    assert "1 failed" in shown["other"]
    assert "1 passed" in shown["timed"]


def test_when_it_is_stopped_each_tier_ends_in_order(lanes: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("timed", "other"):
        write(
            lanes / name,
            f"""
            import os, pathlib, pytest, signal, time

            @pytest.fixture
            def service():
                yield
                pathlib.Path({str(lanes)!r}, {name + "-stopped"!r}).touch()

            def test_it(service):
                pathlib.Path({str(lanes)!r}, {name + "-ran"!r}).touch()
                if {name!r} == "timed":
                    while not pathlib.Path({str(lanes)!r}, "other-ran").exists():
                        time.sleep(0.01)
                    os.kill({os.getpid()}, signal.SIGTERM)
                time.sleep(60)
            """,
        )
    before = signal.signal(signal.SIGTERM, runner._interrupt)
    try:
        with pytest.raises(runner._Terminated):
            runner.main([])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert {path.name for path in lanes.glob("*-stopped")} == {"timed-stopped", "other-stopped"}
    assert capfd.readouterr().out.count("KeyboardInterrupt") >= 2
