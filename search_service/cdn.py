"""A CDN in front: by which keys answers are purged from it, and how it is told.

The keys of an answer are all ids that it holds: UUIDs of conditions, specialties, doctors and practices, `place-<id>` of
places. What is shown can so be purged wherever it is shown, without a list of what shows what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import requests

# On every answer: purged with it, all of them are.
ALL = "api"
# Instead of its keys, on an answer with more than so many (4 kB in a header); purged with any key.
MANY = "many"
MOST_KEYS = 100

_IDS = re.compile(rb'"id":(?:"([0-9A-Fa-f-]{36})"|([0-9]{1,19})[,}])')


def keys(answer: bytes) -> list[str]:
    """Of an answer's JSON, each once, in order."""
    found = dict.fromkeys(
        entity.decode().lower() if entity else place(int(number)) for entity, number in _IDS.findall(answer)
    )
    return [ALL, *found] if len(found) <= MOST_KEYS else [ALL, MANY]


def place(id: int) -> str:
    """The key of a place."""
    return f"place-{id}"


class PurgeFailed(Exception):
    """The CDN could not be reached, or refused."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of CDN wants it: the header with the keys of an answer and what is between them; at most so many keys
    in a call; and the call's method, headers and JSON body, by keys and token."""

    header: str
    separator: str
    at_once: int
    method: str
    call: Callable[[Sequence[str], str], tuple[dict[str, str], dict[str, Any] | None]]


KINDS = {
    # https://www.fastly.com/documentation/reference/api/purging/: POST /service/<id>/purge
    "fastly": Kind(
        "Surrogate-Key",
        " ",
        256,
        "POST",
        lambda keys, token: ({"Surrogate-Key": " ".join(keys), "Fastly-Key": token}, None),
    ),
    # https://developers.cloudflare.com/cache/how-to/purge-cache/purge-by-tags/: POST /zones/<id>/purge_cache
    "cloudflare": Kind(
        "Cache-Tag",
        ",",
        30,
        "POST",
        lambda keys, token: ({"Authorization": f"Bearer {token}"}, {"tags": list(keys)}),
    ),
    # With vmod_xkey, whose VCL answers PURGE; the token is what that VCL asks for.
    "varnish": Kind(
        "xkey",
        " ",
        256,
        "PURGE",
        lambda keys, token: ({"xkey-purge": " ".join(keys), "Authorization": f"Bearer {token}"}, None),
    ),
}


class CDN:
    """`url` is where a `kind` of CDN takes purges."""

    def __init__(self, kind: str, url: str, token: str, timeout_s: float = 5.0) -> None:
        self._kind, self._url, self._token, self._timeout_s = KINDS[kind], url, token, timeout_s

    def header(self, answer: bytes) -> tuple[str, str]:
        """Name and value of the header with the keys of an answer."""
        return self._kind.header, self._kind.separator.join(keys(answer))

    def purge(self, keys: Collection[str]) -> None:
        """Raises PurgeFailed."""
        for some in _batches({*keys, MANY}, self._kind.at_once):
            headers, body = self._kind.call(some, self._token)
            try:
                with requests.Session() as session:
                    # Neither proxies nor .netrc of the environment: the token goes to one host only.
                    session.trust_env = False
                    answer = session.request(
                        self._kind.method,
                        self._url,
                        headers=headers,
                        json=body,
                        timeout=self._timeout_s,
                        allow_redirects=False,
                    )
            except requests.RequestException as error:
                raise PurgeFailed(type(error).__name__) from error
            if answer.status_code != 200:
                raise PurgeFailed(f"status {answer.status_code}")


def _batches(keys: Iterable[str], size: int) -> Iterable[Sequence[str]]:
    ordered = sorted(keys)
    return (ordered[start : start + size] for start in range(0, len(ordered), size))
