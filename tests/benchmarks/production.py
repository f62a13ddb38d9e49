"""The pair as docker-compose.yml starts it, with the servers that it needs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import servers
from tests.e2e.pair import Pair, production


@contextmanager
def running(folder: Path) -> Iterator[Pair]:
    """On the PostgreSQL and the Redis that the environment names, else on ones that are started here."""
    with ExitStack() as stack:
        database_url = os.environ.get("DATABASE_URL") or stack.enter_context(servers.postgresql())
        redis_url = os.environ.get("REDIS_URL") or stack.enter_context(servers.redis())
        yield stack.enter_context(production(folder, database_url, redis_url))
