"""The pair comes up."""

from __future__ import annotations

import re

import pytest
import requests

from tests.e2e.editor import Editor
from tests.e2e.pair import Pair


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_both_services_are_well(pair: Pair, path: str) -> None:
    for url in (pair.cms_url, pair.search_url):
        answer = requests.get(url + path, timeout=10)
        assert answer.status_code == 200, f"{url}{path}: {answer.text}"


def test_static_files_are_served(pair: Pair, editor: Editor) -> None:
    """The admin and the API's documentation have their style sheets and scripts."""
    for url, page in ((pair.cms_url, "/admin/"), (pair.search_url, "/api/v1/docs/")):
        html = editor.session.get(url + page, timeout=20).text
        links = set(re.findall(r'="(/static/[^"]+)"', html))
        assert links, page
        for link in links:
            assert editor.session.get(url + link, timeout=20).status_code == 200, url + link


def test_the_services_print_nothing_alarming(pair: Pair) -> None:
    assert not pair.log.find("Traceback|CRITICAL"), pair.log.tail()
