"""Whether the search service has what is published now: of one entity, and of the doctors of a practice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms.doctors.models import DoctorPage
from cms.doctors.practices import Practice
from cms.feed.digests import digest
from cms.feed.kinds import Document, Key, kinds
from cms.feed.models import Change
from cms.search_status import client
from cms.search_status.client import Held, Refusal, SearchUnavailable

MAX_DOCTORS = 300  # of a practice that are looked at
RENDERED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Presence:
    """What an editor is told. While `waiting`, it is worth asking again in a moment."""

    level: Literal["found", "info", "warning", "critical"]
    text: str
    detail: str = ""
    waiting: bool = False


def presence(instance: Model) -> Presence:
    """Of a page or snippet of a kind that is fed, or of a practice. Takes as long as `client` may."""
    try:
        return of_practice(instance) if isinstance(instance, Practice) else of_entity(instance)
    except SearchUnavailable as error:
        words = _("The search service cannot be reached: %(reason)s.")
        return Presence("warning", words % {"reason": error})


def of_entity(instance: Model) -> Presence:
    """Raises SearchUnavailable."""
    kind = next(kind for kind in kinds().values() if isinstance(instance, kind.model))
    # Each model of a kind has them.
    key: Key = (instance.translation_key, instance.locale.language_code)  # type: ignore[attr-defined]
    # The log first: should another version be published meanwhile, it is one that is waited for.
    row = Change.objects.filter(kind=kind.name, key=key[0], locale=key[1]).first()
    document = kind.render([key[0]]).get(key)
    (held,) = client.held([(kind.name, *key)])
    if document is None:
        if held.digest is not None:
            return Presence("warning", _("Not public any more, but still in search."), waiting=True)
        if getattr(instance, "live", True):
            return Presence("info", _("Not in search: it is private."))
        return Presence("info", _("Not in search: it is not published."))
    return _of_public(digest(document), held, row.seq if row else 0, instance)


def _of_public(current: str, held: Held, seq: int, instance: Model) -> Presence:
    if held.digest == current:
        if getattr(instance, "has_unpublished_changes", False):
            return Presence("found", _("Found in search: the published version."))
        return Presence("found", _("Found in search: this version."))
    if refused := _refusal_of(seq, held):
        text = (
            _("The search service refused this version and keeps an older one.")
            if held.digest
            else _("The search service refused this version: it is not in search.")
        )
        return Presence("critical", text, refused.error)
    if held.digest is not None:
        return Presence("info", _("Search has an older version; this one is on its way."), waiting=True)
    return Presence("info", _("Not in search yet; it is on its way."), waiting=True)


def _refusal_of(seq: int, held: Held) -> Refusal | None:
    """The refusal of the entity's change at `seq`, not one of a change before it."""
    return held.refused if held.refused and held.refused.seq >= seq else None


def of_practice(practice: Practice) -> Presence:
    """A practice has no document: it is in those of the doctors who work there. Raises SearchUnavailable."""
    doctors = DoctorPage.objects.live().public().filter(practices__practice=practice).distinct()
    total = doctors.count()
    if not total:
        return Presence("info", _("Not in search: no published doctor works here."))
    keys = list(doctors.order_by("pk").values_list("translation_key", "locale__language_code")[:MAX_DOCTORS])
    current, refused = _count(keys)
    asked = len(keys)
    more = _("%(total)d doctors work here.") % {"total": total} if total > asked else ""
    if current == asked:
        return Presence("found", _all_found(asked, total), more)
    text = ngettext(
        "Search has this version of %(current)d of the %(asked)d doctor who works here.",
        "Search has this version of %(current)d of the %(asked)d doctors who work here.",
        asked,
    )
    if total > asked:
        text = _("Search has this version of %(current)d of the %(asked)d doctors that were looked at.")
    detail = ngettext("%(refused)d was refused.", "%(refused)d were refused.", refused) if refused else ""
    return Presence(
        "critical" if refused else "info",
        text % {"current": current, "asked": asked},
        f"{detail % {'refused': refused}} {more}".strip(),
        waiting=current + refused < asked,
    )


def _all_found(asked: int, total: int) -> str:
    if total > asked:
        text = _("Found in search: this version, with all %(asked)d doctors that were looked at.")
    else:
        text = ngettext(
            "Found in search: this version, with the doctor who works here.",
            "Found in search: this version, with all %(asked)d doctors.",
            asked,
        )
    return text % {"asked": asked}


def _count(keys: Collection[Key]) -> tuple[int, int]:
    """Of how many of these doctors the search service has the current version, and how many it refused."""
    ids = [id for id, _locale in keys]
    seqs = {
        (id, locale): seq
        for id, locale, seq in Change.objects.filter(kind="doctor", key__in=ids).values_list(
            "key", "locale", "seq"
        )
    }
    documents: dict[Key, Document] = {}
    for start in range(0, len(ids), RENDERED_AT_ONCE):
        documents |= kinds()["doctor"].render(ids[start : start + RENDERED_AT_ONCE])
    # One that was unpublished in this moment is none of them any more.
    public = [key for key in keys if key in documents]
    current = refused = 0
    for key, held in zip(public, client.held([("doctor", *key) for key in public]), strict=True):
        if held.digest == digest(documents[key]):
            current += 1
        elif _refusal_of(seqs.get(key, 0), held):
            refused += 1
    return current, refused
