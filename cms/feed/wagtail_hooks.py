"""Scheduled publishing in Wagtail's audit log."""

from __future__ import annotations

from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from cms.feed.scheduled import REFUSED, RefusedFormatter


def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(REFUSED)(RefusedFormatter)


hooks.register("register_log_actions", register_log_actions)
