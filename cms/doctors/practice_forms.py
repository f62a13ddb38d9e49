"""The admin form of a practice."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.log_actions import log

from cms.doctors import places
from cms.doctors.opening_hours import overlapping
from cms.doctors.phone import is_normalised
from cms.doctors.time_zones import only_zone
from cms.search_status.client import SearchUnavailable

OVERRIDE = "doctors.override_place_check"
PLACE_FIELDS = ("locality", "country", "lat", "lng")


class PracticeForm(WagtailAdminModelForm):
    """`place_unchecked` is why the search service could not be asked about the place, if it could not; the practice is
    saved all the same. The field `place_confirmed` is there only for whoever may override what it says.
    """

    place_unchecked = ""
    _overridden = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_normalised(self.instance.phone):
            self.fields["phone"].help_text = "To be mended: this is no telephone number. " + str(
                self.fields["phone"].help_text
            )

    def clean(self) -> dict[str, Any]:
        cleaned_data: dict[str, Any] = super().clean()
        self._check_opening_hours(cleaned_data)
        return cleaned_data

    def _post_clean(self) -> None:
        super()._post_clean()
        # Only now it is known that there can be a practice at the point at all.
        if self.errors.keys().isdisjoint(PLACE_FIELDS):
            self._check_place()

    def save(self, commit: bool = True) -> Model:
        practice: Model = super().save(commit)
        if self._overridden:
            log(practice, OVERRIDE, user=self.for_user, data={"objection": self._overridden})
        return practice

    def _check_opening_hours(self, cleaned_data: dict[str, Any]) -> None:
        rows = [
            row
            for row in self.formsets["opening_hours"].forms
            if row.is_valid() and row.cleaned_data and not row.cleaned_data.get("DELETE")
        ]
        hours = [tuple(row.cleaned_data[name] for name in ("day", "opens", "closes")) for row in rows]
        for number in overlapping(hours):
            rows[number].add_error("opens", "Overlaps with the hours of another row.")
        if rows and not (cleaned_data.get("time_zone") or only_zone(cleaned_data.get("country", ""))):
            self.add_error("time_zone", "Say in which time zone the opening hours are.")

    def _check_place(self) -> None:
        try:
            objection = places.objection(*(self.cleaned_data[name] for name in PLACE_FIELDS))
        except SearchUnavailable as error:
            self.place_unchecked = str(error)
            return
        may_override = "place_confirmed" in self.fields
        place_changed = not {*PLACE_FIELDS}.isdisjoint(self.changed_data)
        if not objection:
            # What was confirmed is no matter of doubt any more: it says nothing about the next point.
            self.instance.place_confirmed = False
        elif may_override and self.cleaned_data["place_confirmed"]:
            if place_changed or "place_confirmed" in self.changed_data:
                self._overridden = objection
        elif may_override:
            self.add_error(
                "lat",
                f"{objection} Move the point or mend the address; or, if it is so, tick “The point is right all the same”.",
            )
        elif place_changed or not self.instance.place_confirmed:
            self.add_error(
                "lat",
                f"{objection} Move the point or mend the address; if it is so, ask someone who may confirm the point.",
            )
