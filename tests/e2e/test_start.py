"""The pair comes up."""

from __future__ import annotations

import pytest
import requests

from tests.e2e.pair import Pair


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_both_services_are_well(pair: Pair, path: str) -> None:
    for url in (pair.cms_url, pair.search_url):
        answer = requests.get(url + path, timeout=10)
        assert answer.status_code == 200, f"{url}{path}: {answer.text}"


def test_static_files_are_served(pair: Pair, editor: requests.Session) -> None:
    """The admin and the API's documentation have their style sheets and scripts."""
    for session, page in (
        (editor, f"{pair.cms_url}/admin/"),
        (requests.Session(), f"{pair.search_url}/api/v1/docs/"),
    ):
        with session:
            html = session.get(page, timeout=10).text
            links = [part.split('"')[0] for part in html.split('="/static/')[1:]]
            assert links, page
            for link in links:
                url = f"{page.split('/', 3)[0]}//{page.split('/')[2]}/static/{link}"
                assert session.get(url, timeout=10).status_code == 200, url


def test_the_services_print_nothing_alarming(pair: Pair) -> None:
    assert not pair.log.find("Traceback|CRITICAL"), pair.log.tail()
