"""Reads pages of the CMS's change feed over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import requests

from search_service.feed import contract


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
    """Reads the feed at `url` with `token`; one connection is kept for its life."""

    def __init__(self, url: str, token: str, timeout_s: float) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"
        # Neither proxies nor .netrc of the environment: the token goes to one host only.
        self._session.trust_env = False

    def read(self, after: int, limit: int) -> Page:
        """The changes after `after`, at most `limit`. Raises FeedUnavailable."""
        try:
            response = self._session.get(
                self._url,
                params={"after": after, "limit": limit},
                timeout=self._timeout_s,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise FeedUnavailable(f"cannot reach the feed: {error}") from error
        if response.status_code != requests.codes.ok:
            raise FeedUnavailable(f"the feed answered {response.status_code}")
        try:
            answer = orjson.loads(response.content)
            contract.validate("changes", {**answer, "changes": []})
            changes = answer["changes"]
            if not isinstance(changes, list):
                raise contract.NotInContract("changes: not a list")
        except (orjson.JSONDecodeError, TypeError, KeyError, contract.NotInContract) as error:
            raise FeedUnavailable(f"the feed's answer is not in the contract: {error}") from error
        return Page(answer["epoch"], answer["head"], answer["next"], answer["has_more"], changes)
