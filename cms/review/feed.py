"""The reviewer in the feed: part of the documents that are signed, contracts/feed/v1/condition.schema.json."""

from __future__ import annotations

from collections.abc import Iterable

from cms.feed.images import PublicImage, public_images
from cms.feed.kinds import Document, keep_back
from cms.review.models import Reviewer

# The lookups from a signed page to what its signature shows.
NAMES = ("reviewer", "reviewer__photo")


def signatures(reviewers: Iterable[Reviewer | None]) -> dict[int | None, Document | None]:
    """What documents show of each reviewer, by primary key; None of nobody, under None."""
    known = {reviewer.pk: reviewer for reviewer in reviewers if reviewer}
    photos = public_images(
        {pk: (reviewer.photo_id, reviewer.photo_alt or None) for pk, reviewer in known.items()}
    )
    return {None: None} | {pk: _signature(reviewer, photos[pk]) for pk, reviewer in known.items()}


def _signature(reviewer: Reviewer, photo: PublicImage | None) -> Document:
    registration = {
        "authority": reviewer.registration_authority,
        "number": reviewer.registration_number,
        "scheme": "",
    }
    return {
        "id": str(reviewer.uuid),
        "name": reviewer.name,
        "credentials": reviewer.credentials,
        "registration": registration if reviewer.registration_number else None,
        "conflict_of_interest": reviewer.conflict_of_interest,
        "photo": photo,
    }


keep_back(Reviewer, "user", "conflict_of_interest_stated_on")
