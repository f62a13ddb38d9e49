"""What permissions and the audit log are about."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchService(models.Model):
    """The search service, for permissions and audit log to name. Its table stays empty, as that of
    Wagtail's own `Admin`."""

    class Meta:
        verbose_name = _("search service")
        default_permissions = ()
        permissions = [
            ("view_searchservice", _("Can view the search service's status")),
            ("rebuild_searchservice", _("Can rebuild the search index")),
        ]

    def __str__(self) -> str:
        return str(_("Search service"))
