"""Counts in Redis, for all machines, by its clock."""

from __future__ import annotations

from functools import cached_property
from typing import cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from search_service.limits.policy import CounterUnavailable, Policy, Verdict, told

# As `policy.judge`.
_SCRIPT = """
local time = redis.call('TIME')
local now, window, each = time[1] + time[2] / 1e6, tonumber(ARGV[1]), tonumber(ARGV[2])
local due = tonumber(redis.call('GET', KEYS[1]) or 0)
if due <= now or due > now + window + each then due = now end
local owed = due + each - now
if owed > window + each / 1000 then return {0, tostring(due - now)} end
redis.call('SET', KEYS[1], string.format('%.6f', due + each), 'PX', math.ceil(owed * 1000))
return {1, tostring(owed)}
"""


class RedisCounter:
    name = "redis"

    def __init__(self, url: str) -> None:
        self._url = url

    def take(self, client: bytes, policy: Policy) -> Verdict:
        try:
            answer = self._redis.execute_command(  # type: ignore[no-untyped-call]
                "EVAL", _SCRIPT, 1, b"limit:" + client, policy.window_s, policy.each_s
            )
        except RedisError as error:
            raise CounterUnavailable(f"Redis: {error}") from error
        allowed, owed_s = cast("tuple[int, bytes]", answer)
        return told(policy, float(owed_s), allowed=bool(allowed))

    @cached_property
    def _redis(self) -> Redis:
        """One connection for all threads, in turns: a pool's own work takes longer than the answer. It is
        made here, when Redis may be away."""
        return Redis.from_url(
            self._url,
            socket_timeout=0.1,
            socket_connect_timeout=0.2,
            retry=Retry(NoBackoff(), 0),
            single_connection_client=True,
        )
