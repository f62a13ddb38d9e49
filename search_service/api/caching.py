"""What browsers, CDNs and proxies may keep of the public API, for how long, and how they ask whether it still holds.

An answer depends on its address, on what the index and the gazetteer hold, on the day (UTC) and on this program: all
known before it is made. Its `ETag` is a digest of these, so that "has it changed?" (`If-None-Match`) is answered
without asking the index anything. Who adds something that answers depend on adds it here: a header of the request in
the view's `varies_by` (`languages.View` does so for `Accept-Language`), anything else in `State`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, datetime
from functools import cache, cached_property, lru_cache
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple, cast

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.http import http_date
from rest_framework.response import Response
from rest_framework.views import APIView

from search_service import settings as defaults
from search_service import stores
from search_service.api import content_coding, limiting
from search_service.api.renderers import JSONRenderer
from search_service.api.response_cache import Kept
from search_service.index.protocol import IndexUnavailable, Reader
from search_service.places.gazetteer import PlacesUnavailable

# For which a cache may go on with an answer that it cannot ask after, because nothing answers here.
STALE_IF_ERROR_SECONDS = 86_400


class State(NamedTuple):
    """What all answers depend on beside the request and the program. Two that are equal, before and after an
    answer was made, say that it is of that state alone."""

    generation: str
    position: int
    changed_at: datetime | None
    places: str | None
    day: date


class PublicView(APIView):
    """Base of the public API's views: GET, HEAD, and OPTIONS with `Allow`.

    A 200 has a strong ETag, may be kept as long as `kept_for` says, and is compressed for whoever takes it so. All but
    a 304 counts against the client's limit.
    """

    def varies_by(self, request: HttpRequest) -> tuple[str, ...]:
        """The headers, beside Accept-Encoding, that the answer to such a request depends on."""
        return ()

    def made_of(self, response: Response, content: bytes) -> bytes:
        """JSON with the ids of all that an answer shows, so that a CDN can purge it: itself."""
        return content

    def state(self) -> State | None:
        """What the answers depend on, now. None: they are not to be kept, or there is nothing to answer from."""
        try:
            position = self.reader.position()
            generation, places = self.reader.generation, stores.gazetteer().generation
        except (IndexUnavailable, PlacesUnavailable):
            return None
        seq, changed_at = (position.seq, position.changed_at) if position else (0, None)
        return State(generation, seq, changed_at, places, stores.now().date())

    @cached_property
    def reader(self) -> Reader:
        """The index, as it is from now until the request is answered. Raises IndexUnavailable."""
        return self._until_answered.enter_context(stores.index().reader().snapshot())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self._until_answered:
            return self._dispatch(request, *args, **kwargs)

    def _dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return super().dispatch(request, *args, **kwargs)
        # Not by `request.headers`, which goes through all of them first.
        state, coding = self.state(), content_coding.chosen(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        varies_by = self.varies_by(request)
        tag = _tag(request, state, varies_by, coding) if state else ""
        response: HttpResponseBase
        if tag and tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
            # Not counted: to refuse it would cost as much.
            response = HttpResponseNotModified()
        elif (limit := limiting.counted(request)) and not limit.verdict.allowed:
            response = limit.refusal()
            limit.tell(response)
        else:
            if tag and (kept := stores.responses().get(tag)):
                response = HttpResponse(kept.content, headers=kept.headers)
            else:
                response = super().dispatch(request, *args, **kwargs)
                if response.status_code == 200:
                    answer = self._finished(cast(Response, response), coding)
                    # Else another gazetteer or day came while it was made: it is right, but of no one state.
                    tag = tag if self.state() == state else ""
                    if tag:
                        stores.responses().put(tag, Kept(answer.content, dict(answer.items())))
            if limit:
                limit.tell(response)
        if tag and response.status_code in (200, 304):
            assert state
            response.headers["ETag"] = tag
            response.headers["Cache-Control"] = kept_for(stores.now())
            if state.changed_at:
                response.headers["Last-Modified"] = _told(state.changed_at)
        response.headers["Vary"] = ", ".join(("Accept-Encoding", *varies_by))
        return response

    def _finished(self, response: Response, coding: str) -> HttpResponse:
        """Rendered, with what it holds for a CDN, and compressed. Always the same bytes for the same answer."""
        answer = cast(HttpResponse, response.render())
        if cdn := stores.cdn():
            name, keys = cdn.header(self.made_of(response, answer.content))
            answer.headers[name] = keys
        if coding:
            answer.content = content_coding.COMPRESS[coding](answer.content)
            answer.headers["Content-Encoding"] = coding
        return answer

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        request.accepted_renderer = JSONRenderer()  # also where the address answers HTML
        return Response(status=204)


def _tag(request: HttpRequest, state: State, varies_by: Sequence[str], coding: str) -> str:
    headers = [request.META.get(f"HTTP_{name.upper().replace('-', '_')}") for name in varies_by]
    asked = request.path, request.META.get("QUERY_STRING"), headers
    # `changed_at` goes with the position.
    held = state.generation, state.position, state.places, state.day.toordinal()
    depends_on = repr((program(), held, asked))
    digest = blake2b(depends_on.encode(errors="backslashreplace"), digest_size=16).hexdigest()
    # Other bytes, so another tag.
    return f'"{digest}-{coding}"' if coding else f'"{digest}"'


def kept_for(now: datetime) -> str:
    """`Cache-Control` of an answer: until midnight (UTC) at most, since what is overdue or recent is so by the day."""
    passed = (now.hour * 60 + now.minute) * 60 + now.second + now.microsecond / 1e6
    left = int(86_400 - passed)
    own, shared = min(left, settings.CACHE_SECONDS), min(left, settings.CDN_CACHE_SECONDS)
    return (
        f"public, max-age={own}, s-maxage={shared}, stale-while-revalidate={own}, "
        f"stale-if-error={STALE_IF_ERROR_SECONDS}"
    )


@lru_cache(maxsize=4)
def _told(moment: datetime) -> str:
    return http_date(moment.timestamp())


@cache
def program() -> str:
    """Digest of the program: its own files, its settings, and the versions of all that is installed. So an ETag of
    before a release, or of a machine that is set up otherwise, fits nothing."""
    digest = blake2b(digest_size=16)
    folder = Path(__file__).parent.parent
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    digest.update(repr(sorted((each.name, each.version) for each in metadata.distributions())).encode())
    own = {name: getattr(settings, name) for name in dir(defaults) if name.isupper()}
    digest.update(orjson.dumps(own, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS))
    return digest.hexdigest()
