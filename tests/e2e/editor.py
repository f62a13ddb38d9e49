"""An editor at work in Wagtail's admin: the forms that it shows, filled in and sent as a browser does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests
from bs4 import BeautifulSoup, Tag

Form = dict[str, list[str]]
CONTROLS = "input[name], textarea[name], select[name]"


class Editor:
    """Logged in to the CMS at `cms_url`. A form that Wagtail refuses is an AssertionError with its reasons."""

    def __init__(self, cms_url: str, username: str, password: str) -> None:
        self.cms_url = cms_url
        self.session = requests.Session()
        self._send("/admin/login/", {"username": username, "password": password})
        assert self.session.cookies.get("sessionid"), "the editor could not log in"

    def close(self) -> None:
        self.session.close()

    def page_id(self, slug: str) -> int:
        """Of a page that is live."""
        answer = self.session.get(f"{self.cms_url}/api/v2/pages/", params={"slug": slug}, timeout=20)
        (page,) = answer.json()["items"]
        return int(page["id"])

    def add_doctor(
        self, title: str, slug: str, *, specialty: str, practice: str, go_live_at: str = ""
    ) -> None:
        """Publish a new doctor of a specialty, by its name, at a practice, by its name: at once, or at a
        time like '2026-11-22 10:00:00' in UTC."""
        practice_id = self._practice(practice).rstrip("/").rpartition("/")[2]
        path = f"/admin/pages/add/doctors/doctorpage/{self.page_id('doctors')}/"
        form = self._form(page := self._get(path))
        form |= {
            "title": [title],
            "slug": [slug],
            "specialties": [_value_of_choice(page, "specialties", specialty)],
            "practices-TOTAL_FORMS": ["1"],
            "practices-0-practice": [practice_id],
            "practices-0-accepting_new_patients": ["on"],
            "practices-0-ORDER": ["1"],
            "go_live_at": [go_live_at],
            "action-publish": ["action-publish"],
        }
        self._post(path, form)

    def save_draft(self, page_id: int, **changes: str) -> None:
        self._send(f"/admin/pages/{page_id}/edit/", changes)

    def publish(self, page_id: int, **changes: str) -> float:
        """Change fields of a page and publish it. Like the others returns when the form was sent, by
        the monotonic clock."""
        path, publish = f"/admin/pages/{page_id}/edit/", {"action-publish": "action-publish"}
        # A form with a mistake is shown again; only from one that was taken does it lead on.
        return self._send(path, {**changes, **publish}, follow=False)

    def publish_again(self, page_id: int) -> float:
        """Publish the newest draft, as the bulk action in a listing does."""
        return self._send(f"/admin/bulk/wagtailcore/page/publish/?id={page_id}&next=/admin/", {})

    def unpublish(self, page_id: int) -> float:
        return self._send(f"/admin/pages/{page_id}/unpublish/", {})

    def add_practice(self, name: str, **fields: str) -> int:
        """Its id."""
        self._send("/admin/snippets/doctors/practice/add/", {"name": name, **fields})
        return int(self._practice(name).rstrip("/").rpartition("/")[2])

    def merge_practices(self, kept: int, other: int) -> float:
        """By their ids, as the bulk action in the list of practices does."""
        path = f"/admin/bulk/doctors/practice/merge/?id={kept}&id={other}&next=/admin/"
        return self._post(path, self._form(self._get(path)) | {"kept": [str(kept)]})

    def change_practice(self, name: str, **changes: str) -> float:
        return self._send(self._practice(name), changes)

    def publish_page_texts(self, pages: str, **changes: str) -> float:
        """Those of a sort of pages in English, by its name in the list."""
        links = self._get("/admin/snippets/page_texts/pagetexts/?locale=en").select(
            "a[href*='/pagetexts/edit/']"
        )
        (path,) = {str(link["href"]) for link in links if link.get_text(strip=True) == pages}
        return self._send(path, {**changes, "action-publish": "action-publish"})

    def practice_form(self, name: str) -> Form:
        return self._form(self._get(self._practice(name)))

    def _practice(self, name: str) -> str:
        page = self._get(f"/admin/snippets/doctors/practice/?q={quote(name)}")
        links = {str(link["href"]) for link in page.select("a[href*='/practice/edit/']")}
        assert len(links) == 1, f"{len(links)} practices are found for {name!r}"
        return links.pop()

    def _get(self, path: str) -> BeautifulSoup:
        answer = self.session.get(self.cms_url + path, timeout=20)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return _parse(answer)

    def _send(self, path: str, changes: Mapping[str, str], *, follow: bool = True) -> float:
        page = self._get(path)
        form = self._form(page)
        unknown = {name for name in changes if name not in form and not name.startswith("action-")}
        assert not unknown, f"the form at {path} has no {unknown}"
        form |= {name: [value] for name, value in changes.items()}
        return self._post(path, form, follow=follow)

    def _post(self, path: str, form: Form, *, follow: bool = True) -> float:
        """`follow`: to the page that it leads to, which may say what is wrong."""
        sent = time.monotonic()
        headers = {"Referer": self.cms_url + path}
        answer = self.session.post(
            self.cms_url + path, data=form, headers=headers, timeout=60, allow_redirects=follow
        )
        if not follow and answer.status_code == 302:
            return sent
        errors = _parse(answer).select(".error-message, .messages .error")
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        assert not errors, f"{path}: {[error.get_text(' ', strip=True) for error in errors]}"
        return sent

    @staticmethod
    def _form(page: BeautifulSoup) -> Form:
        """What a browser would send if nothing were changed. The form is the largest one of the page:
        beside it there are small ones, as to log out or to lock the page."""
        form: Form = {}
        forms = (element.select(CONTROLS) for element in page.select("form[method=post i]"))
        for control in max(forms, key=len):
            name = str(control["name"])
            if "__prefix__" in name or control.has_attr("disabled"):
                continue
            if values := _values(control):
                form.setdefault(name, []).extend(values)
        return form


def _value_of_choice(page: BeautifulSoup, name: str, label: str) -> str:
    for control in page.select(f"input[name={name}]"):
        if control.parent and control.parent.get_text(strip=True) == label:
            return str(control["value"])
    raise AssertionError(f"{name} has no choice {label}")


def _parse(answer: requests.Response) -> BeautifulSoup:
    """Without what a browser does not show: the templates that scripts fill in."""
    page = BeautifulSoup(answer.text, "html.parser")
    for template in page.select("template"):
        template.decompose()
    return page


def _values(control: Tag) -> list[str]:
    kind: Any = control.get("type", "text")
    match control.name:
        case "select":
            chosen = [str(option.get("value", "")) for option in control.select("option[selected]")]
            if chosen or control.has_attr("multiple"):
                return chosen
            return [str(option.get("value", "")) for option in control.select("option")[:1]]
        case "textarea":
            return [control.get_text().removeprefix("\n")]
        case _ if kind in ("checkbox", "radio"):
            return [str(control.get("value", "on"))] if control.has_attr("checked") else []
        case _ if kind in ("submit", "button", "file"):
            return []
        case _:
            return [str(control.get("value", ""))]
