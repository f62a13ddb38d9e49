"""Asks the search service what it has. It may be slow, down or strange at any time, and an editor waits:
each question is answered or given up within SEARCH_TIMEOUT_SECONDS.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR, socket
from threading import Timer
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

MAX_BYTES = 1_000_000
MAX_NUMBER = 10**18
MAX_ENTITIES = 100  # that one request may ask for

# Kind, translation key and language code, as the feed has them.
Entity = tuple[str, UUID, str]
Json = dict[str, Any]
T = TypeVar("T")


class SearchUnavailable(Exception):
    """The search service did not answer, or not as it should. The message is the reason, for editors."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the search service could not use: the change at `seq` of the feed, and why."""

    seq: int
    error: str


@dataclass(frozen=True, slots=True)
class Held:
    """What the search service has of one entity: the digest of its document, None without one."""

    digest: str | None
    refused: Refusal | None


@dataclass(frozen=True, slots=True)
class RefusedEntity:
    """`kind`, `id` and `locale` are as the feed had them: they may be what is malformed."""

    kind: str
    id: str
    locale: str
    error: str


@dataclass(frozen=True, slots=True)
class Difference:
    """An entity that the audit found to differ: 'missing', 'outdated' or 'left_over'."""

    kind: str
    id: str
    locale: str
    difference: str


@dataclass(frozen=True, slots=True)
class Rebuild:
    """The last rebuild. `state` is 'running', 'done', 'refused', 'failed' or 'killed'; it has read `seq` of `head`."""

    state: str
    started_at: datetime
    ended_at: datetime | None
    generation: str
    seq: int
    head: int
    error: str


@dataclass(frozen=True, slots=True)
class Audit:
    """The last comparison with the feed. `differences` are numbers by name, `error` why it was not finished."""

    at: datetime
    compared: int
    differences: dict[str, int]
    repaired: int
    first: list[Difference]
    error: str


@dataclass(frozen=True, slots=True)
class Status:
    generation: str
    position: int
    lag_seconds: float | None
    counts: dict[str, int]
    generations: list[str]
    refused: int
    first_refused: list[RefusedEntity]
    rebuild: Rebuild | None
    audit: Audit | None


def held(entities: Sequence[Entity]) -> list[Held]:
    """What the search service has of each, in their order. Raises SearchUnavailable."""
    deadline = new_deadline()
    found: list[Held] = []
    for start in range(0, len(entities), MAX_ENTITIES):
        asked = [f"{kind}/{id}/{locale}" for kind, id, locale in entities[start : start + MAX_ENTITIES]]
        answer = get("/api/operations/entities", {"entity": asked}, deadline, token=settings.FEED_TOKEN)
        rows = items(answer, "entities")
        if ["/".join(value(row, name, str) for name in ("kind", "id", "locale")) for row in rows] != asked:
            raise _unexpected("entities")
        found += [Held(optional(row, "digest", str), _refusal(row)) for row in rows]
    return found


def status() -> Status:
    """What the search service says of itself. Raises SearchUnavailable."""
    deadline = new_deadline()
    answer = get("/api/v1/status/", {}, deadline)
    refused = value(answer, "refused", dict)
    rebuild, audit = optional(answer, "rebuild", dict), optional(answer, "audit", dict)
    return Status(
        generation=value(answer, "generation", str),
        position=value(answer, "position", int),
        lag_seconds=optional_number(answer, "lag_seconds"),
        counts=_numbers(answer, "counts"),
        generations=_texts(answer, "generations"),
        refused=value(refused, "count", int),
        first_refused=[
            RefusedEntity(*(value(row, name, str) for name in ("kind", "id", "locale", "error")))
            for row in items(refused, "first")
        ],
        rebuild=_rebuild(rebuild) if rebuild is not None else None,
        audit=_audit(audit) if audit is not None else None,
    )


def _rebuild(row: Json) -> Rebuild:
    return Rebuild(
        state=value(row, "state", str),
        started_at=_moment(row, "started_at"),
        ended_at=_optional_moment(row, "ended_at"),
        generation=value(row, "generation", str),
        seq=value(row, "seq", int),
        head=value(row, "head", int),
        error=value(row, "error", str),
    )


def _audit(row: Json) -> Audit:
    return Audit(
        at=_moment(row, "at"),
        compared=value(row, "compared", int),
        differences=_numbers(row, "differences"),
        repaired=value(row, "repaired", int),
        first=[
            Difference(*(value(found, name, str) for name in ("kind", "id", "locale", "difference")))
            for found in items(row, "first")
        ],
        error=optional(row, "error", str) or "",
    )


# --- HTTP


def new_deadline() -> float:
    """When an editor who asks now has waited long enough, by the monotonic clock."""
    return time.monotonic() + settings.SEARCH_TIMEOUT_SECONDS


def get(path: str, query: dict[str, list[str]], deadline: float, token: str = "") -> Any:
    """The JSON at a path of the search service. Raises SearchUnavailable.

    http.client, since it follows no redirect, with which the token would go elsewhere.
    """
    base = urlsplit(settings.SEARCH_URL)
    connect = HTTPSConnection if base.scheme == "https" else HTTPConnection
    connection = connect(base.hostname or "", base.port, timeout=_left(deadline))
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    target = f"{base.path.rstrip('/')}{path}"
    try:
        connection.connect()
        with _hung_up_at(deadline, connection.sock):
            connection.request(
                "GET", f"{target}?{urlencode(query, doseq=True)}" if query else target, headers=headers
            )
            with connection.getresponse() as response:
                if response.status != HTTPStatus.OK:
                    raise SearchUnavailable(_said(response.status))
                body = response.read(MAX_BYTES + 1)
        # What was cut off looks like an answer that ends early.
        _left(deadline)
        if len(body) > MAX_BYTES:
            raise SearchUnavailable(_("its answer is too long"))
    except (OSError, HTTPException, UnicodeError) as error:
        if isinstance(error, TimeoutError) or time.monotonic() >= deadline:
            reason = _("no answer within %(seconds)g s") % {"seconds": settings.SEARCH_TIMEOUT_SECONDS}
        elif isinstance(error, OSError):
            reason = error.strerror or str(error)
        else:
            reason = _("what answers does not speak HTTP")
        raise SearchUnavailable(reason) from error
    finally:
        connection.close()
    try:
        answer = json.loads(body)
        # Half a surrogate pair is JSON, but no text that a page could show.
        json.dumps(answer, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise SearchUnavailable(_("its answer is not JSON")) from error
    return answer


@contextmanager
def _hung_up_at(deadline: float, connected: socket) -> Iterator[None]:
    """A time-out of a socket is for each of its reads, and an answer may come a byte at a time."""

    def hang_up() -> None:
        with suppress(OSError):
            connected.shutdown(SHUT_RDWR)

    timer = Timer(_left(deadline), hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _left(deadline: float) -> float:
    """Seconds until the deadline. Raises TimeoutError after it."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _said(status: int) -> str:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return _("it does not accept the FEED_TOKEN of the CMS (401)")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return _("it has no index yet (503)")
        case _:
            return _("it answered with status %(status)d") % {"status": status}


# --- What is in an answer, here and in that to others who ask by `get`. Each raises SearchUnavailable when it is
# something else.


def _unexpected(name: str) -> SearchUnavailable:
    return SearchUnavailable(_("its answer has something else than expected at “%(name)s”") % {"name": name})


def value(source: object, name: str, kind: type[T]) -> T:
    found = source.get(name) if isinstance(source, dict) else None
    # A boolean is an int to Python.
    if not isinstance(found, kind) or isinstance(found, bool):
        raise _unexpected(name)
    return found


def optional(source: object, name: str, kind: type[T]) -> T | None:
    if isinstance(source, dict) and source.get(name) is None:
        return None
    return value(source, name, kind)


def items(source: object, name: str) -> list[Any]:
    return value(source, name, list)


def number(source: object, name: str) -> float:
    found = optional_number(source, name)
    if found is None or not math.isfinite(found):
        raise _unexpected(name)
    return found


def _texts(source: object, name: str) -> list[str]:
    found = items(source, name)
    if not all(isinstance(text, str) for text in found):
        raise _unexpected(name)
    return found


def _numbers(source: object, name: str) -> dict[str, int]:
    found: Json = value(source, name, dict)
    return {key: value(found, key, int) for key in found}


def _moment(source: object, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(value(source, name, str))
    except ValueError as error:
        raise _unexpected(name) from error
    # At the ends of the calendar there are moments that no other time zone can show.
    if found.tzinfo is None or not MINYEAR < found.year < MAXYEAR:
        raise _unexpected(name)
    return found


def _optional_moment(source: object, name: str) -> datetime | None:
    return None if optional(source, name, str) is None else _moment(source, name)


def optional_number(source: object, name: str) -> float | None:
    if isinstance(source, dict) and isinstance(found := source.get(name), float):
        return found
    whole = optional(source, name, int)
    # Python's JSON knows integers that no float can hold.
    return None if whole is None else float(max(-MAX_NUMBER, min(whole, MAX_NUMBER)))


def _refusal(row: object) -> Refusal | None:
    found = optional(row, "refused", dict)
    return None if found is None else Refusal(value(found, "seq", int), value(found, "error", str))
