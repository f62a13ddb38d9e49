"""After changes have been applied, purges from a CDN what shows them.

Here and not in the CMS: only who has applied a change knows that an answer made from now on has it. What is purged before
would be fetched again as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from search_service import cdn
from search_service.feed.client import Page
from search_service.feed.following import Clock
from search_service.index.protocol import Change, Delete, Index, Put
from search_service.places.gazetteer import Gazetteer, PlacesUnavailable

logger = logging.getLogger(__name__)

# Beyond that, everything is purged.
MOST_KEYS = 500
# What is new shows in the answers of the places around it: so many, no further away than that.
PLACES_AROUND = 20
AROUND_KM = 50.0

Record = dict[str, Any]


class Purger:
    """Sees the changes of one pull of the feed, and then has the CDN purge what shows them.

    What was purged up to is noted beside the index: `generation`, `position` and `places`; `pending` holds the keys of
    which the CDN could not be told, `error` why, `purged_at` when it was told last. Where changes came otherwise than
    by the pulls that were seen, everything is purged.
    """

    def __init__(self, index: Index, gazetteer: Gazetteer, to: cdn.CDN, clock: Clock) -> None:
        self._index, self._gazetteer, self._cdn, self._clock = index, gazetteer, to, clock
        self._since: int | None = None
        self._keys: set[str] = set()

    def saw(self, after: int, page: Page, changes: Sequence[Change]) -> None:
        """The changes of a page that followed `after`; they have been applied."""
        if self._since is None:
            self._since = after
        for change in changes:
            if isinstance(change, Put):
                self._keys.add(str(change.document.id))
                for listing in change.document.listings:
                    self._keys.update(self._around(listing.lat, listing.lng))
            elif isinstance(change, Delete):
                self._keys.add(str(change.id))
            if len(self._keys) > MOST_KEYS:
                self._keys = {cdn.ALL}

    def purge(self) -> None:
        """What the CDN does not take now is tried again next time. Raises IndexUnavailable."""
        with self._index.lock("purge", timeout_s=0) as mine:
            if not mine:
                return  # and what was seen here is missed: next time, all is purged
            former = last(self._index) or {}
            reader = self._index.reader()
            position = reader.position()
            now: Record = {
                "generation": reader.generation,
                "position": position.seq if position else 0,
                "places": self._places(),
            }
            keys = {*former.get("pending", ()), *(self._keys if self._saw_all(former, now) else {cdn.ALL})}
            told: Record = {"pending": [], "error": "", "purged_at": former.get("purged_at")}
            if keys:
                try:
                    self._cdn.purge(keys)
                    told["purged_at"] = self._clock().isoformat()
                except cdn.PurgeFailed as error:
                    logger.warning("the CDN was not told to purge %d keys: %s", len(keys), error)
                    pending = keys if len(keys) <= MOST_KEYS else {cdn.ALL}
                    told |= {"pending": sorted(pending), "error": str(error)}
            if now | told != former:
                self._index.note("purge", now | told)

    def _saw_all(self, former: Record, now: Record) -> bool:
        """Whether nothing has changed since the last time but what was seen."""
        since = now["position"] if self._since is None else self._since
        return former.items() >= (now | {"position": since}).items()

    def _places(self) -> str | None:
        try:
            return self._gazetteer.generation
        except PlacesUnavailable:
            return None

    def _around(self, lat: float, lng: float) -> list[str]:
        try:
            near = self._gazetteer.nearest(lat, lng, limit=PLACES_AROUND, radius_km=AROUND_KM)
        except PlacesUnavailable:
            return []
        return [cdn.place(each.place.id) for each in near if each.place.id is not None]


def last(index: Index) -> Record | None:
    """What the CDN has been told, if anything."""
    return index.noted("purge")
