"""A change feed over real HTTP that serves what a test puts into it, the malformed included.

The CMS's own feed is tested against the same contract in tests/cms/feed and end to end in tests/e2e.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
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
        self._slugs: dict[Any, list[str]] = {}
        # Public, but never noted in the log.
        self.unlogged: dict[Any, dict[str, Any]] = {}
        self.requests: list[int] = []
        self.reissued: list[tuple[str, str, str]] = []
        # Does not do what it is asked to.
        self.deaf = False
        self.redirect = ""
        # Seconds between one byte of an answer and the next.
        self.trickle_s = 0.0
        self.on_request: Callable[[int], object] | None = None
        self._lock = threading.RLock()
        self.status = 200
        self.raw_answer: bytes | None = None
        feed = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._send(*feed._answer(self.path, self.headers.get("Authorization"), b""))

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                self._send(*feed._answer(self.path, self.headers.get("Authorization"), sent))

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(302 if feed.redirect else status)
                if feed.redirect:
                    self.send_header("Location", feed.redirect)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if not feed.trickle_s:
                    self.wfile.write(body)
                    return
                with suppress(OSError):  # whoever waited may have left
                    for byte in body:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        time.sleep(feed.trickle_s)

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
        key = (str(kind), str(id_), str(locale))
        with self._lock:
            self.head += 1
            self.entries[key] = {
                "seq": self.head,
                "kind": kind,
                "id": id_,
                "locale": locale,
                "digest": None if document is None else digest(document),
                "document": document,
                "former_slugs": self._former_slugs(key, document),
            }
            return self.head

    def _former_slugs(self, key: Any, document: Any) -> list[str]:
        """Noted apart from the entries: the CMS tells of slugs that no entry has any more."""
        slugs = self._slugs.setdefault(key, [])
        if not isinstance(document, dict) or "slug" not in document:
            return [*slugs]
        if document["slug"] in slugs:
            slugs.remove(document["slug"])
        slugs.append(document["slug"])
        return slugs[:-1]

    def put_silently(self, document: dict[str, Any]) -> None:
        """Change what is public without the log's being told, as while its triggers are missing."""
        key = (document["kind"], document["id"], document["locale"])
        if key in self.entries:
            self.entries[key] |= {"document": document, "digest": digest(document)}
        else:
            self.unlogged[key] = document

    def delete_silently(self, document: dict[str, Any]) -> None:
        key = (document["kind"], document["id"], document["locale"])
        self.entries[key] |= {"document": None, "digest": None}

    def forget(self, document: dict[str, Any]) -> None:
        """Lose an entity, in the log and out of it."""
        del self.entries[document["kind"], document["id"], document["locale"]]

    def begin_epoch(self) -> None:
        self.epoch, self.entries, self.head = str(uuid.uuid4()), {}, 0

    def _answer(self, path: str, authorization: str | None, sent: bytes) -> tuple[int, bytes]:
        if authorization != f"Bearer {TOKEN}":
            return 401, b"{}"
        if self.status != 200 or self.raw_answer is not None:
            return self.status, self.raw_answer or b"{}"
        url = urlsplit(path)
        query = parse_qs(url.query)
        with self._lock:
            match url.path.rpartition("/")[2]:
                case "changes":
                    answer = self._changes(int(query["after"][0]), int(query["limit"][0]))
                case "digests":
                    answer = self._digests(query.get("after", [""])[0], int(query["limit"][0]))
                case "reissue":
                    entities = json.loads(sent)["entities"]
                    if len(entities) > 1000:
                        return 400, b"{}"
                    if not self.deaf:
                        self._reissue(entities)
                    return 204, b""
                case _:
                    return 404, b"{}"
        return 200, json.dumps(answer).encode()

    def _changes(self, after: int, limit: int) -> dict[str, Any]:
        self.requests.append(after)
        if self.on_request:
            self.on_request(after)
        rest = sorted(
            (entry for entry in self.entries.values() if entry["seq"] > after), key=lambda entry: entry["seq"]
        )
        return {
            "version": 1,
            "epoch": self.epoch,
            "head": self.head,
            "next": rest[:limit][-1]["seq"] if rest else max(after, self.head),
            "has_more": len(rest) > limit,
            "changes": rest[:limit],
        }

    def _digests(self, after: str, limit: int) -> dict[str, Any]:
        public = {key: entry["digest"] for key, entry in self.entries.items() if entry["document"]}
        public |= {key: digest(document) for key, document in self.unlogged.items()}
        keys = sorted({key[:2] for key in public if "/".join(key[:2]) > after})
        page = set(keys[:limit])
        return {
            "version": 1,
            "epoch": self.epoch,
            "head": self.head,
            "next": "/".join(keys[limit - 1]) if len(keys) > limit else None,
            "entities": [
                {"kind": key[0], "id": key[1], "locale": key[2], "digest": public[key]}
                for key in sorted(public)
                if key[:2] in page
            ],
        }

    def _reissue(self, entities: list[dict[str, str]]) -> None:
        for entity in entities:
            key = (entity["kind"], entity["id"], entity["locale"])
            self.reissued.append(key)
            document = self.unlogged.pop(key, None) or self.entries.get(key, {}).get("document")
            self.put_entry(*key, document)
