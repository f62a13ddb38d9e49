"""What is logged of a request: never the condition and the place, which together are health data."""

from __future__ import annotations

import logging


class RequestFilter(logging.Filter):
    """For Django's `django.request`: puts the route in the place of the path.

    Leaves out 503, which /readyz says until the index has been filled; the API logs its own with the reason.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", None) == 503:
            return False
        match = getattr(getattr(record, "request", None), "resolver_match", None)
        record.args = (
            (*record.args[:-1], match.route if match else "?") if isinstance(record.args, tuple) else ()
        )
        return True
