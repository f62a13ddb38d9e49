"""The report "Possible duplicates"."""

from __future__ import annotations

from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView

from cms.doctors import duplicates
from cms.doctors.listing import DoctorIndexView, explorable
from cms.doctors.models import DoctorPage
from cms.menu import item_for


def _links(likeness: duplicates.Likeness) -> SafeString:
    return format_html_join(
        ", ",
        '<a href="{}">{}</a>',
        ((reverse("wagtailadmin_pages:edit", args=[page.pk]), page.title) for page in likeness.doctors()),
    )


class DuplicatesView(ReportView):
    """What doctors have in common of whom the user may edit or explore the pages. Rows are `duplicates.Likeness`."""

    page_title = _("Possible duplicates")
    header_icon = "group"
    index_url_name = "doctor_duplicates"
    index_results_url_name = "doctor_duplicates_results"
    default_ordering = None
    is_searchable = False
    permission_policy = DoctorIndexView.permission_policy
    any_permission_required = DoctorIndexView.any_permission_required
    list_export = ["what", "doctors"]
    export_headings = {"what": _("In common"), "doctors": _("Doctors")}
    columns = [
        Column("same", label=_("In common"), accessor=str, width="40%"),
        Column("doctors", label=_("Doctors"), accessor=_links),
    ]

    @cached_property
    def no_results_message(self) -> str:
        return _now("No doctors seem to be entered twice.")

    def get_queryset(self) -> list[duplicates.Likeness]:
        return duplicates.among(explorable(DoctorPage.objects.all(), self.request.user))

    def to_row_dict(self, item: duplicates.Likeness) -> dict[str, str]:
        return {"what": str(item), "doctors": "; ".join(doctor.title for doctor in item.doctors())}


def urls() -> list[URLPattern]:
    return [
        path("reports/doctor-duplicates/", DuplicatesView.as_view(), name="doctor_duplicates"),
        path(
            "reports/doctor-duplicates/results/",
            DuplicatesView.as_view(results_only=True),
            name="doctor_duplicates_results",
        ),
    ]


def menu_item() -> MenuItem:
    url = reverse("doctor_duplicates")
    return item_for(DuplicatesView)(_("Possible duplicates"), url, icon_name="group", order=1100)
