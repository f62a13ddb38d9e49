"""Limits of the public API, told in the headers of draft-ietf-httpapi-ratelimit-headers-10."""

from __future__ import annotations

import ipaddress
import logging
import math
from collections.abc import Callable
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from search_service import stores
from search_service.api.middleware import PREFIX
from search_service.api.problems import plain, problem
from search_service.limits.policy import Policy, Verdict

logger = logging.getLogger(__name__)

Json = dict[str, Any]

# What is computed for each request; the pages for people are the API's answers.
LIMITED = (PREFIX, "/doctors/")


def limited(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Every request counts as one, whatever comes of it: a 304 and an error too, but not OPTIONS, which browsers ask
    of themselves, nor what is refused here."""

    def answer(request: HttpRequest) -> HttpResponse:
        policy = anonymous(settings.RATE_LIMIT)
        if not policy or request.method == "OPTIONS" or not request.path_info.startswith(LIMITED):
            return get_response(request)
        verdict = stores.limiter().take(client(request), policy)
        if verdict is None:
            return get_response(request)
        response = get_response(request) if verdict.allowed else _refused(policy, verdict)
        response.headers["RateLimit-Policy"] = f'"{policy.name}";q={policy.quota};w={policy.window_s}'
        response.headers["RateLimit"] = (
            f'"{policy.name}";r={verdict.remaining};t={math.ceil(verdict.reset_s)}'
        )
        return response

    return answer


@cache
def anonymous(limit: str) -> Policy | None:
    """The policy for whoever shows no key, and so far for all: API keys, each with a policy of its own, are to be
    told apart in `limited`. `limit` is as the setting SEARCH_RATE_LIMIT; None if there is none."""
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
    packed = _address(request)
    today = stores.now().date().isoformat().encode()
    return blake2b(packed + today, key=_key(), digest_size=16).digest()


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


def _refused(policy: Policy, verdict: Verdict) -> HttpResponse:
    retry_s = max(1, math.ceil(verdict.retry_s))
    detail = f"{policy.quota} requests in {policy.window_s} s are answered. Try again in {retry_s} s."
    response = plain(problem(429, "too-many-requests", "Too many requests", detail))
    response.headers["Retry-After"] = str(retry_s)
    return response
