"""The reviewer in the feed: part of the documents that are signed, contracts/feed/v1/condition.schema.json."""

from __future__ import annotations

from cms.feed.kinds import Document
from cms.review.models import Reviewer

# The lookups from a signed page to what `signature` shows.
NAMES = ("reviewer",)


def signature(reviewer: Reviewer | None) -> Document | None:
    if reviewer is None:
        return None
    return {
        "id": str(reviewer.uuid),
        "name": reviewer.name,
        "credentials": reviewer.credentials,
        "registration": (
            {
                "authority": reviewer.registration_authority,
                "number": reviewer.registration_number,
                "scheme": "",
            }
            if reviewer.registration_number
            else None
        ),
        "conflict_of_interest": reviewer.conflict_of_interest,
        "photo": None,
    }
