"""The evaluation harness, and the cases that ship."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from pytest_django import Settings

from search_service import stores
from search_service.index.protocol import Index
from search_service.places.importer import SHIPPED, import_places
from search_service.wsgi import application
from tests.evaluation import asking, cases, misspell, places, running, world
from tests.evaluation.__main__ import main
from tests.evaluation.cases import Case
from tests.evaluation.judging import problems

Json = dict[str, Any]

LEH: Json = {"lat": 34.165, "lng": 77.584, "within_km": 5}
GOOD: Json = {
    "id": "1",
    "class": "leh",
    "endpoint": "places",
    "params": {"q": "leh"},
    "expect": {"results": LEH},
}
FOREIGN: Json = {"id": "1", "source": "s", "kind": "search", "query": "Leh"}
FOREIGN |= {"expected_lat": 34.165, "expected_lon": 77.584, "tolerance_m": 5000}


def written(folder: Path, *lines: Any) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ({"about": "only the first line says"}, "required"),
        (GOOD | {"id": "0"}, "id '0' is that of line 1, too"),
        ({name: value for name, value in GOOD.items() if name != "class"}, "class"),
        (GOOD | {"endpoint": "doctors"}, "endpoint"),
        (GOOD | {"expect": {"result": LEH}}, "expect: .*result"),
        (GOOD | {"expect": {"results": LEH | {"within_top": 0}}}, "expect/results/within_top"),
        (GOOD | {"expect": {"results": {"lat": 1}}}, "expect/results"),
        (GOOD | {"endpoint": "search", "expect": {"place": {"lat": 1, "lng": 2}}}, "expect/place.*within_km"),
        (FOREIGN | {"tolerance_m": "5 km"}, "tolerance_m"),
    ],
)
def test_a_malformed_case_is_named_with_its_line(line: Any, reason: str, tmp_path: Path) -> None:
    path = written(tmp_path, GOOD | {"id": "0"}, line)
    with pytest.raises(cases.Malformed, match=rf"cases\.jsonl, line 2: .*{reason}"):
        cases.read(path)


def test_a_malformed_file_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", str(written(tmp_path, {"about": "nothing"}))]) == 2
    assert "there is no case in it" in capsys.readouterr().err


def test_a_server_that_is_not_there_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", str(written(tmp_path, GOOD)), "--url", "http://127.0.0.1:9"]) == 2
    assert "http://127.0.0.1:9" in capsys.readouterr().err


def test_cases_of_other_suites_are_read(tmp_path: Path) -> None:
    focus = {"params": {"focus.point.lat": 34, "focus.point.lon": 77.5, "layers": "coarse"}}
    first, second = cases.read(
        written(
            tmp_path, FOREIGN, FOREIGN | focus | {"id": "2", "within_top": 3, "expected": [{"name": "L"}]}
        )
    )
    assert (first.class_, first.endpoint, first.params) == ("places: s, search", "places", {"q": "Leh"})
    assert first.expect["results"] == LEH | {"within_top": 1}
    assert second.params == {"q": "Leh", "lat": "34", "lng": "77.5"}
    assert (second.expect["results"]["within_top"], second.named) == (3, "L")


@pytest.fixture
def published(index: Index, places: None) -> None:
    world.publish(index)


@pytest.fixture
def server(published: None) -> Iterator[str]:
    """The public API over HTTP."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_class_below_its_floor_ends_with_1(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = GOOD | {"id": "2", "expect": {"results": LEH | {"lng": 70}}}
    arguments = ["--cases", str(written(tmp_path, GOOD, elsewhere)), "--url", server]

    monkeypatch.setitem(running.FLOORS, "leh", 0.5)
    assert main([*arguments, "--save", str(tmp_path / "figures")]) == 0
    (figures,) = json.loads((tmp_path / "figures" / "evaluation.json").read_text())["classes"]
    assert (figures["passed"], figures["cases"], [failure["id"] for failure in figures["failures"]]) == (
        1,
        2,
        ["2"],
    )
    assert "1 of 2" in capsys.readouterr().out

    monkeypatch.setitem(running.FLOORS, "leh", 0.51)
    assert main(arguments) == 1
    out = capsys.readouterr().out
    assert "BELOW ITS FLOOR" in out
    assert "km off" in out


# Whether an answer is as expected


def what(slug: str | None, status: str = "exact", kind: str = "condition") -> Json:
    return {"status": status, "match": {"kind": kind, "slug": slug} if slug else None}


def searched(**query: Any) -> Json:
    parts = {
        "intent": {"value": "doctors", "section": None},
        "what": None,
        "place": None,
        "did_you_mean": None,
    }
    return {"query": parts | query, "conditions": [{"slug": "gout"}, {"slug": "acne"}], "doctors": None}


PLACE = {"status": "exact", "match": {"slug": "leh", "label": "Leh", "lat": 34.16, "lng": 77.58}}
DOCTORS = {"total": {"value": 1}, "results": [{"slug": "dr-a", "distance_km": 7.0}]}


@pytest.mark.parametrize(
    ("expect", "good", "bad"),
    [
        ({"intent": "doctors"}, {}, {"intent": {"value": "article", "section": None}}),
        ({"section": None}, {}, {"intent": {"value": "doctors", "section": "symptoms"}}),
        ({"what": {"slug": "gout"}}, {"what": what("gout")}, {"what": what("acne")}),
        ({"what": {"slug": "gout"}}, {"what": what("gout")}, {"what": what(None, "none")}),
        ({"what": {"kind": "specialty"}}, {"what": what("a", kind="specialty")}, {"what": what("a")}),
        ({"what": {"status": "exact"}}, {"what": what("gout")}, {"what": what("gout", "approximate")}),
        ({"what": {"none_of": ["gout"]}}, {"what": what("acne")}, {"what": what("gout")}),
        ({"what": {"none_of": ["gout"]}}, {"what": None}, {"what": what("gout")}),
        ({"what": None}, {"what": what(None, "text")}, {"what": what("gout")}),
        ({"place": LEH}, {"place": PLACE}, {"place": None}),
        ({"place": LEH}, {"place": PLACE}, {"place": {"status": "none", "match": None}}),
        ({"place": LEH | {"status": "exact"}}, {"place": PLACE}, {"place": PLACE | {"status": "ambiguous"}}),
        ({"place": None}, {"place": None}, {"place": PLACE}),
        ({"did_you_mean": None}, {}, {"did_you_mean": "gout"}),
        ({"did_you_mean": True}, {"did_you_mean": "gout"}, {}),
        ({"did_you_mean": "Gout"}, {"did_you_mean": "gout"}, {"did_you_mean": "acne"}),
        ({"did_you_mean": "gout"}, {"did_you_mean": "gout"}, {}),
    ],
)
def test_the_understanding_is_judged(expect: Json, good: Json, bad: Json) -> None:
    case = Case("1", "c", "search", {"q": "gout"}, expect)
    assert problems(case, 200, searched(**good)) == []
    assert len(problems(case, 200, searched(**bad))) == 1


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"any_of": ["acne", "x"], "within_top": 2}, {"any_of": ["acne"]}),
        ({"any_of": ["gout"]}, {"any_of": ["gout"], "none_of": ["gout"]}),
        ({"none_of": ["acne"]}, {"none_of": ["acne"], "within_top": 2}),
        ({"any_of": ["gout"]}, None),
    ],
)
def test_lists_are_judged(good: Json | None, bad: Json | None) -> None:
    assert problems(Case("1", "c", "search", {}, {"conditions": good}), 200, searched()) == []
    assert len(problems(Case("1", "c", "search", {}, {"conditions": bad}), 200, searched())) == 1


@pytest.mark.parametrize(
    ("doctors", "good", "bad"),
    [
        (DOCTORS, {"any_of": ["dr-a"]}, {"any_of": ["dr-b"]}),
        (DOCTORS, {"at_least": 1, "within_km": 7}, {"at_least": 1, "within_km": 6}),
        (DOCTORS, {"at_least": 1}, {"at_least": 2}),
    ],
)
def test_doctors_are_judged(doctors: Json, good: Json, bad: Json) -> None:
    answer = searched() | {"doctors": doctors}
    assert problems(Case("1", "c", "search", {}, {"doctors": good}), 200, answer) == []
    assert len(problems(Case("1", "c", "search", {}, {"doctors": bad}), 200, answer)) == 1
    assert problems(Case("1", "c", "search", {}, {"doctors": {"at_least": 1}}), 200, searched())


def test_an_answer_of_another_kind_is_a_failure() -> None:
    case = Case("1", "c", "suggest", {}, {"phrases": {"any_of": ["gout"]}})
    assert problems(case, 200, {"phrases": [{"text": "gout help", "condition": {"slug": "gout"}}]}) == []
    assert problems(case, 200, {}) == ["the answer is of another shape: KeyError 'phrases'"]
    assert problems(case, 503, None) == ["HTTP 503, not 200"]
    assert problems(Case("1", "c", "suggest", {}, {"status": 400}), 400, {}) == []


@pytest.mark.parametrize("endpoint", ["search", "suggest"])
def test_the_notice_is_judged(endpoint: str) -> None:
    notice = {"kind": "emergency", "locale": "en", "text": "Call."}
    base: dict[str, Any] = searched() if endpoint == "search" else {}
    wanted = {"kind": "emergency", "locale": "en"}
    for told, expected, said in (
        (notice, wanted, []),
        (None, None, []),
        (notice, None, ["notice emergency in en, not None"]),
        (None, wanted, ["notice None, not emergency in en"]),
        (notice, wanted | {"locale": "de"}, ["notice emergency in en, not emergency in de"]),
    ):
        case = Case("1", "c", endpoint, {}, {"notice": expected})
        assert problems(case, 200, base | {"notice": told}) == said


# What ships


def test_each_class_that_ships_has_a_floor() -> None:
    classes = {case.class_ for path in cases.SHIPPED for case in cases.read(path)}
    assert classes == set(running.FLOORS)
    assert all(0 <= floor <= 1 for floor in running.FLOORS.values())


def test_the_misspellings_are_those_of_the_conditions() -> None:
    assert misspell.text() == misspell.FILE.read_text(encoding="utf-8")


def test_conditions_say_that_they_are_samples() -> None:
    conditions = world.read("conditions.jsonl")
    assert len(conditions) == 95
    for condition in conditions:
        own = {condition["name"], *condition["alternate_names"], *condition["search_phrases"]}
        assert condition["notice"] == "Sample text. Not medical advice."
        assert set(condition["exact_names"]) <= own


@pytest.fixture
def all_published(index: Index, tmp_path: Path, settings: Settings) -> Iterator[None]:
    """With the postal codes of `make eval`, too."""
    settings.PLACES_DIR = tmp_path / "places"
    import_places([*SHIPPED, world.POSTAL_CODES], settings.PLACES_DIR)
    stores.gazetteer.cache_clear()
    world.publish(index)
    yield
    stores.gazetteer.cache_clear()


@pytest.mark.slow
def test_no_class_is_below_its_floor(all_published: None) -> None:
    """As `make eval` finds it."""
    shipped = [case for path in cases.SHIPPED for case in places.answerable(cases.read(path))]
    summaries = running.summed_up(running.run(shipped, asking.process()))
    below = [running.failures(summary, 10) for summary in summaries if summary.is_below]
    assert not below, "\n".join([running.table(summaries), *below])
