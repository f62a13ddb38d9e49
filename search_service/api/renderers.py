"""JSON as the index keeps it, without serialising it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


class JSONRenderer(BaseRenderer):
    """Renders with orjson; ready JSON is embedded as an `orjson.Fragment`."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data)


class ProblemRenderer(JSONRenderer):
    """Problem details, RFC 9457."""

    media_type = "application/problem+json"
    format = "problem"
