"""Lines for which minutes may matter."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.query import emergencies
from search_service.query.emergencies import notice

Json = dict[str, Any]

LANGUAGES: Json = tomllib.loads(emergencies.FILE.read_text(encoding="utf-8"))


def told(text: str, locale: str | None = None) -> str | None:
    """Kind and language."""
    found = notice(text, locale)
    return f"{found['kind']} {found['locale']}" if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chest pain now", "emergency en"),
        ("CAN\u2019T BREATHE!", "emergency en"),
        ("chest pain", "emergency en"),
        ("chest pain causes", None),
        ("chest pain now, what is it", "emergency en"),
        ("no chest pain", None),
        ("dizzy, not sleeping, chest pain", "emergency en"),
        ("stroke", None),
        ("what is a stroke", None),
        ("stroke signs", "emergency en"),
        ("stroke now", "emergency en"),
        ("stroke doctor open now", None),
        ("overdose", "emergency en"),
        ("overdose awareness", None),
        ("suicidal", "crisis en"),
        ("not suicidal", None),
        ("what causes suicidal thoughts", "crisis en"),
        ("took too many pills, want to die", "crisis en"),
        ("keine Luft", "emergency de"),
        ("keine Brustschmerzen", None),
        ("pas de douleur thoracique", None),
        ("no puedo respirar", "emergency es"),
        ("सांस नहीं आ रही", "emergency hi"),
        ("chest pa", None),
        ("chestpain", None),
        ("", None),
    ],
)
def test_which_lines_alarm(text: str, expected: str | None) -> None:
    assert told(text) == expected


def test_a_line_of_several_languages_is_answered_in_the_callers() -> None:
    assert told("suicide") == "crisis en"
    assert told("suicide", "fr-CA") == told("suicide", "fr_CA") == "crisis fr"
    assert told("suicide", "de") == "crisis en"
    assert told("chest pain", "fr") == "emergency en"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_each_line_of_the_lists_alarms(tag: str) -> None:
    """Written so that folding leaves something, and by itself enough where it is `anywhere` or `alone`."""
    language = LANGUAGES[tag]
    for kind in ("emergency", "crisis"):
        assert language[kind]["text"].strip()
        for run in [*language[kind]["anywhere"], *language[kind]["alone"]]:
            first = " ".join(word.split("|")[0] for word in run.split())
            found = notice(f"? {first} !", tag)
            assert found, run
            # What somebody may do to themselves is the graver.
            assert found["kind"] in (kind, "crisis"), run
        for run in language[kind].get("with_now", ()):
            first = " ".join(word.split("|")[0] for word in run.split())
            assert told(first, tag) is None, run
            assert told(f"{first} {language['now'][0]}", tag) == f"{kind} {tag}", run


def test_the_sentences_of_the_two_kinds_differ() -> None:
    texts = [language[kind]["text"] for language in LANGUAGES.values() for kind in ("emergency", "crisis")]
    assert len(set(texts)) == len(texts) == 10


@given(st.text())
def test_whatever_is_typed_is_judged(text: str) -> None:
    found = notice(text, text)
    assert found is None or found["text"]
