"""What browsers, CDNs and proxies may keep of the public API, for how long, and how they ask whether it still holds.

An answer depends on its address, on what the index and the gazetteer hold, on the day (UTC) and on this program: all
known before it is made. Its `ETag` is a digest of these, so that "has it changed?" (`If-None-Match`) is answered
without asking the index anything. Who adds something that answers depend on adds it here: a header of the request in
the view's `varies_by` (`languages.View` does so for `Accept-Language`), anything else in `State`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

Answer = Callable[[HttpRequest], HttpResponseBase]

# For which a cache may go on with an answer that it cannot ask after, because nothing answers here.
STALE_IF_ERROR_SECONDS = 86_400
# Headers of a request that the answer of any view may depend on, beside Accept-Encoding.
_MAY_VARY_BY = ("Accept-Language",)


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
        """The headers, of `_MAY_VARY_BY`, that the answer to such a request depends on."""
        return ()

    def made_of(self, response: Response, content: bytes) -> bytes:
        """JSON with the ids of all that an answer shows, so that a CDN can purge it: itself."""
        return content

    def state(self) -> State | None:
        """What the answers depend on, now. None: they are not to be kept, or there is nothing to answer from."""
        return _state(lambda: self.reader)

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
        state, coding = self.state(), _coding(request)
        if again := _again(request, state, coding):
            return again
        varies_by = self.varies_by(request)
        tag = _digest(request, state, varies_by, coding) if state else ""
        response: HttpResponseBase
        if tag and _has(request, tag):
            response = HttpResponseNotModified()
        elif (limit := limiting.counted(request)) and not limit.verdict.allowed:
            response = limit.refusal()
            limit.tell(response)
        else:
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code == 200:
                answer = self._finished(cast(Response, response), coding)
                if self.state() != state:
                    # Another gazetteer or day came while it was made: it is right, but of no one state.
                    tag = ""
                elif state:
                    kept = Kept(tag, varies_by, answer.content, dict(answer.items()))
                    stores.responses().put(_digest(request, state, _MAY_VARY_BY, coding), kept)
            if limit:
                limit.tell(response)
        _tell(response, tag, state, varies_by)
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


def kept(get_response: Answer) -> Answer:
    """Middleware, the last: what was answered before is given again without a view, to look for which takes longer than
    all the rest."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        again = None
        if request.method in ("GET", "HEAD"):
            again = _again(request, _state(lambda: stores.index().reader()), _coding(request))
        return again or get_response(request)

    return answer


def _again(request: HttpRequest, state: State | None, coding: str) -> HttpResponse | None:
    """The answer that was made for such a request in this state, if it is kept; or that it has not changed, or that
    the client asks too often."""
    found = stores.responses().get(_digest(request, state, _MAY_VARY_BY, coding)) if state else None
    if not found:
        return None
    response: HttpResponse
    if _has(request, found.tag):
        response = HttpResponseNotModified()
    elif (limit := limiting.counted(request)) and not limit.verdict.allowed:
        response = limit.refusal()
        limit.tell(response)
    else:
        response = HttpResponse(found.content, headers=found.headers)
        if limit:
            limit.tell(response)
    _tell(response, found.tag, state, found.varies_by)
    return response


def _has(request: HttpRequest, tag: str) -> bool:
    """Whether a client has the answer of that tag. It is not counted: to refuse it would cost as much."""
    return tag in request.META.get("HTTP_IF_NONE_MATCH", "")


def _tell(response: HttpResponseBase, tag: str, state: State | None, varies_by: Sequence[str]) -> None:
    """How long a response may be kept, by what it is known, and what it depends on."""
    if tag and response.status_code in (200, 304):
        assert state
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = kept_for(stores.now())
        if state.changed_at:
            response.headers["Last-Modified"] = _told(state.changed_at)
    response.headers["Vary"] = ", ".join(("Accept-Encoding", *varies_by))


def _state(reader: Callable[[], Reader]) -> State | None:
    """As `reader` has the index."""
    try:
        index = reader()
        position, generation = index.position(), index.generation
        places = stores.gazetteer().generation
    except (IndexUnavailable, PlacesUnavailable):
        return None
    seq, changed_at = (position.seq, position.changed_at) if position else (0, None)
    return State(generation, seq, changed_at, places, stores.now().date())


def _coding(request: HttpRequest) -> str:
    # Not by `request.headers`, which goes through all of them first.
    return content_coding.chosen(request.META.get("HTTP_ACCEPT_ENCODING", ""))


def _digest(request: HttpRequest, state: State, varies_by: Sequence[str], coding: str) -> str:
    """Of a request, of the headers in it that the answer depends on, and of the state: the answer's ETag."""
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
