"""Reads pages of the CMS's change feed over HTTP."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import orjson
import requests
from urllib3.exceptions import HTTPError

from search_service.feed import contract
from search_service.index.protocol import Entity

logger = logging.getLogger(__name__)


class FeedUnavailable(Exception):
    """The feed could not be read now: the CMS is down, refuses, or answers something else."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the feed. `changes` are as received, not validated one by one."""

    epoch: str
    head: int
    next: int
    has_more: bool
    changes: list[Any]


class FeedClient:
    """Reads the feed at `url`, which ends in "/changes", with `token`; one connection is kept for its life."""

    def __init__(self, url: str, token: str, timeout_s: float) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.headers.update({"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
        # Neither proxies nor .netrc of the environment: the token goes to one host only.
        self._session.trust_env = False

    def read(self, after: int, limit: int) -> Page:
        """The changes after `after`, at most `limit`. Raises FeedUnavailable."""
        content = self._ask("GET", "changes", params={"after": after, "limit": limit})
        try:
            answer = orjson.loads(content)
            contract.validate("changes", {**answer, "changes": []})
            changes = answer["changes"]
            if not isinstance(changes, list):
                raise contract.NotInContract("changes: not a list")
            envelope = contract.required("change")
            for change in changes:
                # Not one bad document, but a feed of another contract: to go on would be to pass over it all.
                if isinstance(change, dict) and not change.keys() >= envelope:
                    raise contract.NotInContract(f"changes: without {sorted(envelope - change.keys())}")
        except (orjson.JSONDecodeError, TypeError, KeyError, contract.NotInContract) as error:
            raise FeedUnavailable(f"the feed's answer is not in the contract: {error}") from error
        return Page(answer["epoch"], answer["head"], answer["next"], answer["has_more"], changes)

    def digests(self, after: str | None, limit: int) -> tuple[dict[Entity, str], str | None]:
        """What is public behind `after`, of at most `limit` keys, with its digests; and what to ask for
        next, None at the end. Raises FeedUnavailable."""
        content = self._ask("GET", "digests", params={"after": after, "limit": limit})
        try:
            answer = orjson.loads(content)
            contract.validate("digests", answer)
        except (orjson.JSONDecodeError, contract.NotInContract) as error:
            raise FeedUnavailable(f"the feed's answer is not in the contract: {error}") from error
        if answer["next"] is not None and answer["next"] == after:
            raise FeedUnavailable(f"the feed's digests do not advance behind {after}")
        return {
            Entity(entity["kind"], UUID(entity["id"]), entity["locale"]): entity["digest"]
            for entity in answer["entities"]
        }, answer["next"]

    def reissue(self, entities: Sequence[Entity]) -> None:
        """Have the feed tell of these again, at most 1,000. Raises FeedUnavailable."""
        body = {
            "entities": [
                {"kind": entity.kind, "id": str(entity.id), "locale": entity.locale} for entity in entities
            ]
        }
        self._ask("POST", "reissue", json=body)

    def _ask(self, method: str, name: str, **request: Any) -> bytes:
        deadline = time.monotonic() + self._timeout_s
        body = b""
        try:
            with self._session.request(
                method,
                urljoin(self._url, name),
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
                **request,
            ) as response:
                if response.status_code not in (requests.codes.ok, requests.codes.no_content):
                    raise FeedUnavailable(f"the feed answered {response.status_code}")
                while part := response.raw.read1(1 << 20):
                    body += part
                    if time.monotonic() > deadline:
                        raise FeedUnavailable(f"the feed's answer takes longer than {self._timeout_s:g} s")
        except (requests.RequestException, HTTPError) as error:
            logger.warning("cannot reach the feed: %s", error)
            # Its text has addresses in it, and this one is shown in the public status.
            raise FeedUnavailable(f"cannot reach the feed ({type(error).__name__})") from error
        return body
