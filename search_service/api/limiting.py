"""Limits of the public API, told in the headers of draft-ietf-httpapi-ratelimit-headers-10."""

from __future__ import annotations

import ipaddress
import logging
import math
from datetime import date
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from search_service import stores
from search_service.api.problems import plain, problem
from search_service.limits.policy import Policy, Verdict

logger = logging.getLogger(__name__)

Json = dict[str, Any]


class Limit(NamedTuple):
    """A policy, and what it says of a request that has been counted."""

    policy: Policy
    verdict: Verdict

    def tell(self, response: HttpResponseBase) -> None:
        policy, verdict = self
        response.headers["RateLimit-Policy"] = f'"{policy.name}";q={policy.quota};w={policy.window_s}'
        response.headers["RateLimit"] = (
            f'"{policy.name}";r={verdict.remaining};t={math.ceil(verdict.reset_s)}'
        )

    def refusal(self) -> HttpResponse:
        policy, verdict = self
        retry_s = max(1, math.ceil(verdict.retry_s))
        detail = f"{policy.quota} requests in {policy.window_s} s are answered. Try again in {retry_s} s."
        response = plain(problem(429, "too-many-requests", "Too many requests", detail))
        response.headers["Retry-After"] = str(retry_s)
        return response


def counted(request: HttpRequest) -> Limit | None:
    """Count a request; None where nothing is limited, or can be counted for now."""
    policy = anonymous(settings.RATE_LIMIT)
    verdict = stores.limiter().take(client(request), policy) if policy else None
    return Limit(policy, verdict) if policy and verdict else None


@cache
def anonymous(limit: str) -> Policy | None:
    """The policy for whoever shows no key, and so far for all: API keys, each with a policy of its own, are to be
    told apart in `counted`. `limit` is as the setting SEARCH_RATE_LIMIT; None if there is none."""
    quota, _, window_s = limit.partition("/")
    return None if limit == "off" else Policy("anonymous", int(quota), int(window_s))


def status() -> Json:
    """For `/status/`: that nothing is limited while the counter is away is told."""
    limiter = stores.limiter()
    state = "off" if not anonymous(settings.RATE_LIMIT) else "open" if limiter.error else "on"
    return {"state": state, "counted_in": limiter.counted_in, "error": limiter.error}


def client(request: HttpRequest) -> bytes:
    """Whose request it is: a digest of its address, by which none can be found without the secret key, and which is
    another each day. The addresses of an IPv6 network (/64) are one client's."""
    return _digest(_address(request), stores.now().date())


@lru_cache(maxsize=1024)
def _digest(packed: bytes, today: date) -> bytes:
    return blake2b(packed + today.isoformat().encode(), key=_key(), digest_size=16).digest()


def _address(request: HttpRequest) -> bytes:
    """Told by the outermost of the trusted proxies: each adds, at the end of X-Forwarded-For, who asked it. What stands
    before is the client's own word."""
    direct = _packed(request.META.get("REMOTE_ADDR", ""))
    told = request.META.get("HTTP_X_FORWARDED_FOR")
    if not settings.TRUSTED_PROXIES:
        if told:
            _warn_of_a_proxy()
        return direct or b""
    hops = told.split(",") if told else []
    forwarded = _packed(hops[-settings.TRUSTED_PROXIES]) if len(hops) >= settings.TRUSTED_PROXIES else None
    return forwarded or direct or b""


@lru_cache(maxsize=1024)
def _packed(text: str) -> bytes | None:
    """An IPv4 address, or the network of an IPv6 one; some proxies tell the port, too."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped.packed if address.ipv4_mapped else address.packed[:8]
    return address.packed


@cache
def _warn_of_a_proxy() -> None:
    """Once."""
    logger.warning(
        "requests come with X-Forwarded-For, and SEARCH_TRUSTED_PROXIES is 0: behind a proxy, all clients count as one"
    )


@cache
def _key() -> bytes:
    return blake2b(settings.SECRET_KEY.encode()).digest()
