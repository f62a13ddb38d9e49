"""Asking the public API, of a server or in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import requests

# An endpoint (`search`) and its parameters, to the HTTP status and the JSON of the answer, None if it is none.
Ask = Callable[[str, Mapping[str, str]], tuple[int, Any]]

TIMEOUT_S = 30


class Unreachable(Exception):
    """The server does not answer. The text says why."""


def server(url: str) -> Ask:
    session = requests.Session()

    def ask(endpoint: str, params: Mapping[str, str]) -> tuple[int, Any]:
        address = f"{url.rstrip('/')}/api/v1/{endpoint}/"
        try:
            answer = session.get(address, params=params, timeout=TIMEOUT_S)
        except requests.RequestException as error:
            raise Unreachable(f"{url}: {error}") from error
        try:
            return answer.status_code, answer.json()
        except ValueError:
            return answer.status_code, None

    return ask


def process() -> Ask:
    """The API as this process's Django settings have it."""
    from django.test import Client

    client = Client(raise_request_exception=False, SERVER_NAME="localhost")

    def ask(endpoint: str, params: Mapping[str, str]) -> tuple[int, Any]:
        answer = client.get(f"/api/v1/{endpoint}/", params)
        is_json = answer["Content-Type"].startswith(("application/json", "application/problem+json"))
        return answer.status_code, answer.json() if is_json else None

    return ask
