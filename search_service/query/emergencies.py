"""Lines that somebody may type for whom minutes matter: those, and what is said to them beside the results."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from search_service import names

Json = dict[str, Any]

FILE = Path(__file__).parent / "data" / "emergencies.toml"

# The graver first.
Kind = Literal["crisis", "emergency"]
_KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class _Lists:
    """Of one kind in one language, as the file has them."""

    text: str
    anywhere: frozenset[str]
    alone: frozenset[str]
    with_now: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Language:
    tag: str
    of: Mapping[Kind, _Lists]
    now: frozenset[str]
    learning: frozenset[str]
    denied: frozenset[str]

    def alarms(self, kind: Kind, words: Sequence[str], runs: Mapping[str, Sequence[int]]) -> bool:
        """Whether the words alarm; `runs` are all runs of them, with the places where each begins."""
        lists = self.of[kind]
        is_now = not self.now.isdisjoint(runs)
        is_learning = kind == "emergency" and not self.learning.isdisjoint(runs)
        if " ".join(words) in lists.alone:
            return True
        if is_now and not is_learning and any(run in lists.alone or run in lists.with_now for run in runs):
            return True
        if is_learning and not is_now:
            return False
        return any(
            not self._is_denied(words, start)
            for run, starts in runs.items()
            if run in lists.anywhere
            for start in starts
        )

    def _is_denied(self, words: Sequence[str], start: int) -> bool:
        return any(" ".join(words[first:start]) in self.denied for first in range(max(0, start - 3), start))


def notice(text: str, locale: str | None = None) -> Json | None:
    """What to say to who typed `text`: its kind, and a sentence in the language of the line, or, if it may be of
    several, in that of `locale` if it is among them. None for nearly all lines."""
    words = names.key(text).split()
    runs: dict[str, list[int]] = {}
    for start in range(len(words)):
        for end in range(start + 1, min(start + _longest(), len(words)) + 1):
            runs.setdefault(" ".join(words[start:end]), []).append(start)
    own = (locale or "").replace("_", "-").partition("-")[0].lower()
    languages = sorted(_languages(), key=lambda language: language.tag != own)
    for kind in _KINDS:
        for language in languages:
            if language.alarms(kind, words, runs):
                return {"kind": kind, "locale": language.tag, "text": language.of[kind].text}
    return None


@cache
def _languages() -> list[_Language]:
    return [
        _Language(
            tag,
            {kind: _lists(language[kind]) for kind in _KINDS},
            *(_folded(language[name]) for name in ("now", "learning", "denied")),
        )
        for tag, language in tomllib.loads(FILE.read_text(encoding="utf-8")).items()
    ]


def _lists(of: Json) -> _Lists:
    return _Lists(of["text"], *(_folded(of.get(name, ())) for name in ("anywhere", "alone", "with_now")))


def _folded(runs: Sequence[str]) -> frozenset[str]:
    """With each way to choose among alternatives."""
    return frozenset(
        names.key(" ".join(words))
        for run in runs
        for words in itertools.product(*(word.split("|") for word in run.split()))
    )


@cache
def _longest() -> int:
    """How many words the longest run of any list has."""
    return max(
        run.count(" ") + 1
        for language in _languages()
        for runs in (
            language.now,
            language.learning,
            *(run for lists in language.of.values() for run in (lists.anywhere, lists.alone, lists.with_now)),
        )
        for run in runs
    )
