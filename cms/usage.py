"""Where a snippet is used, a page at a time."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from wagtail.models import ReferenceIndex
from wagtail.models.reference_index import ReferenceGroups
from wagtail.snippets.views.snippets import UsageView as SnippetUsageView


class PagedReferenceGroups(ReferenceGroups):
    """Of thousands of doctors at a practice, Wagtail's reads each one to show twenty."""

    def __getitem__(self, key: slice) -> list[Any]:
        sources = self.qs.values_list("base_content_type", "object_id").distinct()[key]
        # Without any, an `or` of nothing would be everything.
        wanted = Q(pk__in=[])
        for content_type, pk in sources:
            wanted |= Q(base_content_type=content_type, object_id=pk)
        return list(ReferenceGroups(self.qs.filter(wanted)))


class UsageView(SnippetUsageView):
    def get_queryset(self) -> PagedReferenceGroups:
        return PagedReferenceGroups(ReferenceIndex.get_references_to(self.object))
