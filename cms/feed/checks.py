"""System checks: no page model is forgotten, and the database writes the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import connections

from cms.feed import triggers
from cms.feed.kinds import undeclared
from cms.feed.models import Change


@register(Tags.models)
def check_pages_are_declared(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Each page model of ours is fed, or left out on purpose."""
    ours = [app for app in app_configs or apps.get_app_configs() if app.name.startswith("cms.")]
    return [
        checks.Error(
            f"{model._meta.label} is neither fed to the search service nor left out on purpose.",
            hint="Call cms.feed.kinds.register() or leave_out() for it in the module 'feed' of its app.",
            obj=model,
            id="feed.E001",
        )
        for model in undeclared([model for app in ours for model in app.get_models()])
    ]


@register(Tags.database)
def check_triggers(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The triggers that write the change log are in the database. A warning: `migrate` mends it.

    Before migrations it says nothing: those of an older version are not those that are wanted, and nobody should
    serve this version on them."""
    found: list[CheckMessage] = []
    for using in databases or []:
        if Change._meta.db_table not in connections[using].introspection.table_names():
            continue  # not migrated yet
        missing = triggers.missing(using)
        if missing and not triggers.is_half_migrated(using):
            found.append(
                checks.Warning(
                    f"Changes are lost: the database {using!r} has {len(missing)} triggers missing or outdated, {missing[0]} first.",
                    hint="Run `python -m cms migrate`.",
                    id="feed.W001",
                )
            )
    return found
