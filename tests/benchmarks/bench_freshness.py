"""How long it takes from an editor's click on "Publish" until the public API shows it.

    python -m tests.benchmarks.bench_freshness --publishes 200

In the shape of docker-compose.yml, with PostgreSQL and Redis, and in that of `make demo`. Someone asks the
public API for the page again and again from the click on: the editor's browser is still loading what
Wagtail shows next when the change is found.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import requests

from tests.benchmarks import machine
from tests.benchmarks.production import running
from tests.benchmarks.times import show
from tests.e2e.editor import Editor
from tests.e2e.pair import Pair, embedded, poll

PUBLISHES = 200
EVERY_S = 0.02
TIMEOUT_S = 30.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--publishes", type=int, default=PUBLISHES)
    options = arguments.parse_args()
    for name, shape in (("PostgreSQL and Redis", running), ("embedded default", embedded)):
        print(machine.describe(), flush=True)
        with tempfile.TemporaryDirectory(prefix="dny-bench-") as folder, shape(Path(folder)) as pair:
            searchable, answered = _publish(pair, options.publishes)
        later = [end - start for start, end in zip(answered, searchable, strict=True)]
        print(f"{name}: publish to searchable: {show(searchable)}")
        print(f"  of it, until Wagtail has handled the form: {show(answered)}")
        print(f"  and from then on: {show(later)}", flush=True)


def _publish(pair: Pair, number: int) -> tuple[list[float], list[float]]:
    """Seconds from each click until the public API shows the change, and until the form is answered."""
    searchable, answered = [], []
    with requests.Session() as public, closing(Editor(pair.cms_url, pair.username, pair.password)) as editor:
        url = f"{pair.search_url}/api/v1/doctors/"
        found = poll(
            lambda: public.get(f"{url}?place=leh-ladakh-in&page_size=1", timeout=10),
            lambda answer: answer.ok and bool(answer.json()["results"]),
            timeout_s=60,
        )
        slug = found.json()["results"][0]["slug"]
        page_id = editor.page_id(slug)
        for n in range(number):
            title = f"Dr Example {n}"
            with _form_answered(editor) as seconds, _watching(public, f"{url}{slug}/", title) as seen:
                clicked = editor.publish(page_id, title=title)
            searchable.append(seen[0] - clicked)
            answered.append(seconds[0])
    return searchable, answered


@contextmanager
def _watching(public: requests.Session, url: str, name: str) -> Iterator[list[float]]:
    """Meanwhile ask for `url` again and again. At the end the list has the moment of the first answer with
    that name."""
    seen: list[float] = []

    def watch() -> None:
        poll(
            lambda: public.get(url, timeout=10).json()["name"],
            lambda shown: bool(shown == name),
            timeout_s=TIMEOUT_S,
            every_s=EVERY_S,
        )
        seen.append(time.monotonic())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        watcher.join()


@contextmanager
def _form_answered(editor: Editor) -> Iterator[list[float]]:
    """At the end the list has the seconds that the form sent meanwhile took to be answered, without the
    page that the answer leads to."""
    seconds: list[float] = []

    def note(answer: requests.Response, **kwargs: object) -> None:
        if answer.request.method == "POST":
            seconds.append(answer.elapsed.total_seconds())

    editor.session.hooks["response"].append(note)
    try:
        yield seconds
    finally:
        editor.session.hooks["response"].remove(note)


if __name__ == "__main__":
    main()
