"""Reads the feed in processes that are killed: `python -m tests.search_service.feed.killed FEED_URL TOKEN INDEX_DIR`.

Each line on its input is a job: `pull` or `rebuild`, and when the process that does it is killed: `line N`, before
the Nth line of the search service's code, or `after S`, so many seconds after its start. Answers with the
signal that ended it, 0 when it came to its end before.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import django
from django.conf import settings


def main(url: str, token: str, index_dir: str) -> None:
    django.setup()
    settings.INDEX_DIR, settings.FEED_URL, settings.FEED_TOKEN = Path(index_dir), url, token
    from search_service import stores
    from search_service.feed import consumer, rebuilding

    jobs: dict[str, Callable[[], object]] = {
        "pull": lambda: consumer.pull(stores.index(), stores.feed_client(), stores.now),
        "rebuild": lambda: rebuilding.rebuild(stores.index(), stores.feed_client(), stores.now),
    }
    _say("ready")
    for line in sys.stdin:
        job, how, when = line.split()
        child = os.fork()
        if child == 0:
            if how == "line":
                _kill_at_line(int(when))
            jobs[job]()
            os._exit(0)
        if how == "after":
            time.sleep(float(when))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the job failed"
        _say(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)


def _say(answer: object) -> None:
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


def _kill_at_line(number: int) -> None:
    left = number

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if "/search_service/" not in frame.f_code.co_filename:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


if __name__ == "__main__":
    main(*sys.argv[1:])
