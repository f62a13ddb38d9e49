"""A change feed over real HTTP that serves what a test puts into it, the malformed included.

The CMS's own feed is tested against the same contract in tests/cms/feed and end to end in tests/e2e.
"""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-token-of-the-tests"


def digest(document: Any) -> str:
    return hashlib.md5(json.dumps(document).encode()).hexdigest()


class FakeFeed:
    """Keeps one entry per entity, moved to a new seq at each change, as the real log does."""

    def __init__(self) -> None:
        self.epoch = str(uuid.uuid4())
        self.head = 0
        self.entries: dict[Any, dict[str, Any]] = {}
        self.requests: list[int] = []
        self.status = 200
        self.raw_answer: bytes | None = None
        feed = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, body = feed._answer(self.path, self.headers.get("Authorization"))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/feed/changes"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, document: dict[str, Any]) -> int:
        return self.put_entry(document["kind"], document["id"], document["locale"], document)

    def delete(self, document: dict[str, Any]) -> int:
        return self.put_entry(document["kind"], document["id"], document["locale"], None)

    def put_entry(self, kind: Any, id_: Any, locale: Any, document: Any) -> int:
        self.head += 1
        key = (str(kind), str(id_), str(locale))
        self.entries[key] = {
            "seq": self.head,
            "kind": kind,
            "id": id_,
            "locale": locale,
            "digest": None if document is None else digest(document),
            "document": document,
        }
        return self.head

    def _answer(self, path: str, authorization: str | None) -> tuple[int, bytes]:
        if authorization != f"Bearer {TOKEN}":
            return 401, b"{}"
        if self.status != 200 or self.raw_answer is not None:
            return self.status, self.raw_answer or b"{}"
        query = parse_qs(urlsplit(path).query)
        after, limit = int(query["after"][0]), int(query["limit"][0])
        self.requests.append(after)
        rest = sorted(
            (entry for entry in self.entries.values() if entry["seq"] > after), key=lambda entry: entry["seq"]
        )
        page = {
            "version": 1,
            "epoch": self.epoch,
            "head": self.head,
            "next": rest[:limit][-1]["seq"] if rest else max(after, self.head),
            "has_more": len(rest) > limit,
            "changes": rest[:limit],
        }
        return 200, json.dumps(page).encode()
