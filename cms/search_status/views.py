"""Admin views: what the search service has of one page or snippet, the report on it, and the rebuild."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.ui.tables import Column, Table, TitleColumn
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from cms.doctors.practices import Practice
from cms.feed.kinds import kinds
from cms.search_status import client
from cms.search_status.client import Difference, RefusedEntity, SearchUnavailable, Status
from cms.search_status.models import SearchService
from cms.search_status.presence import presence
from cms.search_status.rebuild import BrokerUnavailable, ask_for_rebuild, last_asked_for

# Whoever may rebuild sees what came of it.
SEE_REPORT = ("view", "rebuild")
DIFFERENCES = {
    "missing": gettext_lazy("Missing in search"),
    "outdated": gettext_lazy("Outdated in search"),
    "left_over": gettext_lazy("Left over in search"),
}
# For how long a rebuild that was asked for is awaited: then no worker takes messages.
AWAITED = timedelta(minutes=5)


class PresenceView(WagtailAdminTemplateMixin, TemplateView):
    """What the search service has of one page or snippet, for whoever may edit it.

    `results_only` is the part that the editor's panel loads.
    """

    results_only = False
    page_title = gettext_lazy("Search service")
    header_icon = "search"

    def get_template_names(self) -> list[str]:
        return ["search_status/presence_results.html" if self.results_only else "search_status/presence.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        models = {model._meta.label_lower: model for model in _models()}
        if kwargs["model"] not in models:
            raise Http404
        self.instance = get_object_or_404(models[kwargs["model"]], id=kwargs["pk"])
        self.edit_url = AdminURLFinder(self.request.user).get_edit_url(self.instance)
        if self.edit_url is None:
            raise PermissionDenied
        return super().get_context_data(**kwargs) | {
            "presence": presence(self.instance),
            "url": reverse("search_status:presence", args=[kwargs["model"], kwargs["pk"]]),
            "results_url": reverse("search_status:presence_results", args=[kwargs["model"], kwargs["pk"]]),
        }

    def get_page_subtitle(self) -> str:
        return str(self.instance)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": self.edit_url, "label": str(self.instance)},
            {"url": "", "label": _("Search service")},
        ]


class _SearchServiceMixin(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """Views for which the permissions on the search service are asked."""

    model = SearchService
    page_title = gettext_lazy("Search service")
    header_icon = "search"


class ReportView(_SearchServiceMixin, TemplateView):
    """The report: what the search service says of itself. `results_only` is what is loaded anew."""

    results_only = False
    any_permission_required = SEE_REPORT

    def get_template_names(self) -> list[str]:
        return ["search_status/report_results.html" if self.results_only else "search_status/report.html"]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": "", "label": self.page_title},
        ]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.user_has_permission("rebuild"):
            return []
        return [HeaderButton(_("Rebuild the index"), reverse("search_status:rebuild"), icon_name="rotate")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["results_url"] = reverse("search_status:report_results")
        asked_for = last_asked_for()
        context["asked_for"] = asked_for
        try:
            status = client.status()
        except SearchUnavailable as error:
            return context | {"unavailable": str(error)}
        begun = status.rebuild.started_at if status.rebuild else None
        # The search service may tell whole seconds.
        not_begun = asked_for is not None and (
            begun is None or begun < asked_for.timestamp.replace(microsecond=0)
        )
        awaited = asked_for is not None and not_begun and timezone.now() - asked_for.timestamp < AWAITED
        running = status.rebuild is not None and status.rebuild.state == "running"
        return context | {
            "status": status,
            "not_begun": not_begun,
            "changing": running or awaited,
            "counts": [
                (_name_of(kind, plural=True), number) for kind, number in sorted(status.counts.items())
            ],
            "differences": [
                (DIFFERENCES.get(name, name), number)
                for name, number in (status.audit.differences.items() if status.audit else ())
            ],
            **self._tables(status),
        }

    def _tables(self, status: Status) -> dict[str, Table]:
        first_different = status.audit.first if status.audit else []
        links = _links([*status.first_refused, *first_different], self.request.user)

        def entity(row: RefusedEntity | Difference) -> tuple[str, str]:
            return links.get((row.kind, row.id, row.locale), (row.id, ""))

        columns = [
            TitleColumn(
                "title",
                label=_("Title"),
                accessor=lambda row: entity(row)[0],
                get_url=lambda row: entity(row)[1],
            ),
            Column("kind", label=_("Kind"), accessor=lambda row: _name_of(row.kind)),
            Column("locale", label=_("Locale")),
        ]
        return {
            "refused": Table([*columns, Column("error", label=_("Why"))], status.first_refused),
            "different": Table(
                [*columns, Column("difference", label=_("Difference"), accessor=_difference)],
                first_different,
            ),
        }


class RebuildView(_SearchServiceMixin, TemplateView):
    """Asks whether to rebuild the index; a POST has it done."""

    permission_required = "rebuild"
    template_name = "search_status/rebuild.html"
    page_title = gettext_lazy("Rebuild the search index")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("search_status:report"), "label": _("Search service")},
            {"url": "", "label": _("Rebuild the index")},
        ]

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            ask_for_rebuild(timezone.now())
        except BrokerUnavailable as error:
            words = _("The message broker cannot be reached, so nothing was asked for (%(reason)s).")
            messages.error(request, words % {"reason": error})
            return redirect("search_status:rebuild")
        messages.success(request, _("The search service has been asked to rebuild its index."))
        return redirect("search_status:report")


def _models() -> list[type[Model]]:
    """Those whose editors say what the search service has."""
    return [*(kind.model for kind in kinds().values()), Practice]


def _name_of(kind: str, *, plural: bool = False) -> str:
    """A kind of the feed as editors know it."""
    if kind not in kinds():
        return kind
    options = kinds()[kind].model._meta
    return capfirst(str(options.verbose_name_plural if plural else options.verbose_name))


def _difference(row: Difference) -> str:
    return str(DIFFERENCES.get(row.difference, row.difference))


def _links(
    rows: Iterable[RefusedEntity | Difference], user: AbstractBaseUser | AnonymousUser
) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Title and address of the editor of those that exist here, by kind, id and locale as they were told.
    The address is empty for whoever may not edit it."""
    wanted: dict[str, dict[UUID, str]] = defaultdict(dict)
    for row in rows:
        with suppress(ValueError):
            wanted[row.kind][UUID(row.id)] = row.id
    finder = AdminURLFinder(user)
    links = {}
    for kind, ids in wanted.items():
        if kind not in kinds():
            continue
        found: QuerySet[Any] = (
            kinds()[kind].model._default_manager.filter(translation_key__in=ids).select_related("locale")
        )
        for instance in found:
            key = (kind, ids[instance.translation_key], instance.locale.language_code)
            links[key] = (str(instance), finder.get_edit_url(instance) or "")
    return links
