"""The admin form of a doctor."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from cms.forms import CompletePageForm, filled_in, offer_own_language, refuse_repeats


class DoctorPageForm(CompletePageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        locale_id = self.instance.locale_id or self.parent_page.locale_id
        chosen = self.instance.specialties.all()
        offer_own_language(self.fields["specialties"], locale_id, chosen=chosen, order="name")
        chosen = self.instance.treated_conditions.all()
        # Drafts may be thousands, imported from a list.
        live = Q(live=True)
        offer_own_language(
            self.fields["treated_conditions"], locale_id, chosen=chosen, order="title", only=live
        )

    def clean(self) -> dict[str, Any]:
        cleaned_data: dict[str, Any] = super().clean()
        refuse_repeats(self.formsets["practices"], "practice", "This practice is in the list already.")
        refuse_repeats(self.formsets["languages"], "language", "This language is in the list already.")
        countries = self.formsets["telehealth_countries"]
        refuse_repeats(countries, "country", "This country is in the list already.")
        if not cleaned_data.get("telehealth") and any(filled_in(countries, "country")):
            self.add_error("telehealth", "Countries are named for telehealth: tick this, or remove them.")
        return cleaned_data
