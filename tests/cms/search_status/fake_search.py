"""A search service over real HTTP that answers what a test wants, the impossible included.

The real one is asked end to end in tests/e2e/test_search_status.py.
"""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

Json = dict[str, Any]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # nor is the thread of a request waited for that is still silent

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked has left in the middle: as it should be."""


class FakeSearch:
    """Holds digests and refusals by `kind/id/locale`."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        self.refused: dict[str, Json] = {}
        self.status: Json = a_status()
        self.places: dict[str, Json] = {}  # answers by path and what was asked for; none are an empty answer
        self.asked: list[list[str]] = []  # the entities of each request
        self.requests: list[tuple[str, str]] = []  # path and Authorization of each
        # What is said instead of an answer.
        self.code = 200
        self.raw: bytes | None = None
        self.headers: dict[str, str] = {}
        self.silent_s = 0.0
        self.trickle_s = 0.0  # between two bytes of the body
        self.headers_trickle_s = 0.0  # between two headers
        search = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                code, body = search._answer(self.path, self.headers.get("Authorization", ""))
                time.sleep(search.silent_s)
                self.send_response(code)
                for name, value in search.headers.items():
                    self.send_header(name, value)
                for number in range(20 if search.headers_trickle_s else 0):
                    self.send_header(f"X-{number}", "x")
                    self.flush_headers()
                    time.sleep(search.headers_trickle_s)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if not search.trickle_s:
                    self.wfile.write(body)
                    return
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(search.trickle_s)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, path: str, authorization: str) -> tuple[int, bytes]:
        self.requests.append((path, authorization))
        if self.code != 200 or self.raw is not None:
            return self.code, self.raw or b"{}"
        url = urlsplit(path)
        if url.path == "/api/v1/status/":
            return 200, json.dumps(self.status).encode()
        if url.path.startswith("/api/v1/places/"):
            query = parse_qs(url.query)
            asked = query["q"][0] if "q" in query else f"{query['lat'][0]},{query['lng'][0]}"
            return 200, json.dumps(self.places.get(f"{url.path}?{asked}", {"results": []})).encode()
        if authorization != f"Bearer {settings.FEED_TOKEN}":
            return 401, b"{}"
        entities = parse_qs(url.query)["entity"]
        self.asked.append(entities)
        if not (url.path == "/api/operations/entities" and len(entities) <= 100):
            return 400, b"{}"
        return 200, json.dumps(an_answer([self._entity(entity) for entity in entities])).encode()

    def _entity(self, entity: str) -> Json:
        kind, id, locale = entity.split("/")
        return {
            "kind": kind,
            "id": id,
            "locale": locale,
            "digest": self.digests.get(entity),
            "refused": self.refused.get(entity),
        }


def an_answer(entities: list[Json]) -> Json:
    meta = {"generation": "20261122T100000Z-a", "position": 123, "as_of": "2026-11-22T10:00:00Z"}
    return meta | {"lag_seconds": 0.4, "entities": entities}


def a_status(**changes: Any) -> Json:
    """As GET /api/v1/status/ answers."""
    status: Json = {
        "generation": "20261122T100000Z-a",
        "position": 1234,
        "as_of": "2026-11-22T10:00:00Z",
        "epoch": "e",
        "lag_seconds": 0.4,
        "counts": {"condition": 30, "doctor": 170, "specialty": 12},
        "generations": ["20261121T100000Z-b", "20261122T100000Z-a"],
        "refused": {"count": 0, "first": []},
        "places": {},
        "rebuild": None,
        "audit": None,
    }
    return status | changes
