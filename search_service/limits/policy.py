"""When a request is one too many: the generic cell rate algorithm, one number for each client.

The number is the moment at which all that the client has asked for so far is made good. Each request puts it off by
`window_s / quota`; one that would put it off by more than `window_s` is refused. So a client may ask for the whole
quota at once and then for as much as is made good meanwhile, and there is no moment at which windows meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

# Of a request: what adding up fractions of a second may be wrong by.
_ROUNDING = 1e-3


@dataclass(frozen=True, slots=True)
class Policy:
    """`quota` requests in `window_s` seconds. `name` is that of the RateLimit headers."""

    name: str
    quota: int
    window_s: int

    @property
    def each_s(self) -> float:
        """What one request costs."""
        return self.window_s / self.quota


class Verdict(NamedTuple):
    """`remaining`: how many requests more would be answered at once. All is made good in `reset_s` seconds. Of what is
    refused, `retry_s` tells when it would be answered."""

    allowed: bool
    remaining: int
    reset_s: float
    retry_s: float


class CounterUnavailable(Exception):
    """Nothing can be counted for now."""


class Counter(Protocol):
    name: str

    def take(self, client: bytes, policy: Policy) -> Verdict:
        """Count one request of a client (16 bytes that tell it from others), unless it is one too many. Raises
        CounterUnavailable."""


def judge(policy: Policy, due: float, now: float) -> tuple[Verdict, float]:
    """The verdict, and the number to keep. `due` is the one kept, 0 if there is none; one that is further ahead than
    any that is kept is of another policy or of before the clock was put back, and forgotten."""
    due = due if now < due <= now + policy.window_s + policy.each_s else now
    after = due + policy.each_s
    if after - now > policy.window_s + _ROUNDING * policy.each_s:
        return told(policy, due - now, allowed=False), due
    return told(policy, after - now, allowed=True), after


def told(policy: Policy, owed_s: float, *, allowed: bool) -> Verdict:
    """The verdict on a client who owes so many seconds."""
    remaining = int((policy.window_s - owed_s) / policy.each_s + _ROUNDING)
    return Verdict(allowed, max(0, remaining), owed_s, max(0.0, owed_s + policy.each_s - policy.window_s))
