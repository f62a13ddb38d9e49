"""The kinds of entity that the feed carries.

Each is declared once, in the module `feed` of the app that has its models:

    register(Kind("doctor", DoctorPage, render, names=("practices__practice", "specialties")))

From that alone the triggers that write the change log are made (triggers.py) and the feed is
rendered (reading.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from wagtail.models import Page

Document = dict[str, Any]
# What an entity is known by within its kind: Wagtail's translation key, and the language code.
Key = tuple[UUID, str]


@dataclass(frozen=True)
class Kind:
    """One kind of entity: what the public may see of one page or translatable snippet.

    `model` has `translation_key` and `locale`; as a snippet it also has `slug` and `name`.
    `render` builds the documents of those among the given translation keys that are public now, in
    as many queries for a thousand keys as for one.
    `names` are the lookups from `model` to everything outside its own tables that its documents show.
    Its own tables (children, many-to-many, parents) need no mention, nor do the children of what is named.
    """

    name: str
    model: type[Model]
    render: Callable[[Collection[UUID]], dict[Key, Document]]
    names: tuple[str, ...] = ()

    @property
    def is_page(self) -> bool:
        return issubclass(self.model, Page)

    @property
    def has_live(self) -> bool:
        """Whether its entities may be drafts."""
        return any(field.name == "live" for field in self.model._meta.concrete_fields)

    def live(self) -> QuerySet[Any]:
        """Those of its rows that are no drafts. They may be private."""
        rows = self.model._base_manager.all()
        return rows.filter(live=True) if self.has_live else rows


_kinds: dict[str, Kind] = {}
_not_fed: set[type[Page]] = set()
_kept_back: dict[type[Model], frozenset[str]] = {}


def register(kind: Kind) -> None:
    assert kind.name not in _kinds, f"the kind {kind.name} is declared twice"
    _kinds[kind.name] = kind


def leave_out(*models: type[Page]) -> None:
    """Say that these page models are not fed, on purpose."""
    _not_fed.update(models)


def keep_back(model: type[Model], *fields: str) -> None:
    """Say that no document shows these fields of the model: a change of them alone re-issues nothing."""
    _kept_back[model] = frozenset(model._meta.get_field(name).name for name in fields)


def kept_back(model: type[Model]) -> frozenset[str]:
    """Names of the fields of the model that no document shows."""
    return _kept_back.get(model, frozenset())


def kinds() -> dict[str, Kind]:
    """All kinds by name, in the order of their names: of INSTALLED_APPS the triggers must not depend."""
    return dict(sorted(_kinds.items()))


def undeclared(models: Collection[type[Model]]) -> list[type[Model]]:
    """Those page models that are neither a kind nor left out on purpose."""
    declared = {kind.model for kind in _kinds.values()} | _not_fed
    return [model for model in models if issubclass(model, Page) and model not in declared]
