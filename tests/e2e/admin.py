"""Wagtail's admin as an editor's browser drives it: forms are read from the page and sent back changed."""

from __future__ import annotations

import re
from typing import Any

import requests
from bs4 import BeautifulSoup, Tag

from tests.e2e.pair import Pair

TIMEOUT_S = 30


class Admin:
    """The admin, for an editor who is logged in with `session`."""

    def __init__(self, pair: Pair, session: requests.Session) -> None:
        self._cms = pair.cms_url
        self._session = session

    def form(self, path: str) -> dict[str, Any]:
        """What the form at `path` would send if it were sent unchanged."""
        fields = self._page(path).select("form[method=post] :is(input, select, textarea)[name]")
        assert fields, f"no form at {path}"
        sent: dict[str, Any] = {}
        for field in fields:
            values = _values(field)
            if values is not None:
                sent[str(field["name"])] = values
        return sent

    def send(self, path: str, **changes: Any) -> requests.Response:
        """Send the form at `path` with some fields changed."""
        answer = self._session.post(
            self._cms + path,
            data=self.form(path) | changes,
            headers={"Referer": self._cms + path},
            timeout=TIMEOUT_S,
        )
        assert answer.ok, f"{path}: {answer.status_code}"
        page = BeautifulSoup(answer.text, "html.parser")
        wrong = [tag.get_text(" ", strip=True) for tag in page.select(".error-message, .messages .error")]
        assert not wrong, f"{path}: {wrong}"
        return answer

    def page_id(self, slug: str, kind: str) -> int:
        """Id of a published page; `kind` is like 'doctors.DoctorPage'."""
        answer = self._session.get(
            f"{self._cms}/api/v2/pages/", params={"slug": slug, "type": kind}, timeout=TIMEOUT_S
        )
        (item,) = answer.json()["items"]
        return int(item["id"])

    def snippet_id(self, model: str, name: str) -> int:
        """Id of a snippet by the beginning of its name; `model` is like 'doctors/practice'."""
        for link in self._page(f"/admin/snippets/{model}/?q={name}").select("td.title a, .title-wrapper a"):
            found = re.search(r"/edit/(\d+)/", str(link.get("href")))
            if found and link.get_text(strip=True).startswith(name):
                return int(found[1])
        raise AssertionError(f"no {model} is called {name}")

    def _page(self, path: str) -> BeautifulSoup:
        answer = self._session.get(self._cms + path, timeout=TIMEOUT_S)
        assert answer.ok, f"{path}: {answer.status_code}"
        return BeautifulSoup(answer.text, "html.parser")


def _values(field: Tag) -> str | list[str] | None:
    """What a browser would send for this field, None for nothing."""
    if field.name == "select":
        chosen = [str(option.get("value", "")) for option in field.select("option[selected]")]
        if chosen or field.has_attr("multiple"):
            return chosen
        first = field.select_one("option")
        return str(first.get("value", "")) if first else None
    if field.name == "textarea":
        return field.get_text()
    if field.get("type") in ("submit", "button", "file", "image"):
        return None
    if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
        return None
    return str(field.get("value", ""))
