"""The admin form of a doctor."""

from __future__ import annotations

from typing import Any

from cms.doctors import duplicates
from cms.doctors.registrations import Scheme
from cms.forms import CompletePageForm, filled_in, offer_own_language, refuse_repeats


class DoctorPageForm(CompletePageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.locale_id = self.instance.locale_id or self.parent_page.locale_id
        chosen = self.instance.specialties.all()
        offer_own_language(self.fields["specialties"], self.locale_id, chosen=chosen, order="name")
        self.kept_conditions = {row.condition_id for row in self.instance.treated_conditions.all()}

    def clean(self) -> dict[str, Any]:
        cleaned_data: dict[str, Any] = super().clean()
        refuse_repeats(self.formsets["practices"], "practice", "This practice is in the list already.")
        refuse_repeats(self.formsets["languages"], "language", "This language is in the list already.")
        refuse_repeats(
            self.formsets["treated_conditions"], "condition", "This condition is in the list already."
        )
        countries = self.formsets["telehealth_countries"]
        refuse_repeats(countries, "country", "This country is in the list already.")
        if not cleaned_data.get("telehealth") and any(filled_in(countries, "country")):
            self.add_error("telehealth", "Countries are named for telehealth: tick this, or remove them.")
        self._refuse_conditions_of_other_languages()
        self._refuse_taken_npi()
        return cleaned_data

    def _refuse_conditions_of_other_languages(self) -> None:
        """But for those that a translated page has kept."""
        for form, condition in filled_in(self.formsets["treated_conditions"], "condition"):
            if condition.locale_id != self.locale_id and condition.pk not in self.kept_conditions:
                form.add_error("condition", "This condition is in another language than the doctor's page.")

    def _refuse_taken_npi(self) -> None:
        """Other numbers may be given twice, by two registers of one name: of these the editor is only warned."""
        for form, number in filled_in(self.formsets["registrations"], "number"):
            if form.cleaned_data.get("scheme") == Scheme.NPI:
                holder = duplicates.holders_of_npi(number, self.instance).first()
                if holder is not None:
                    form.add_error("number", f"This NPI belongs to another doctor here: {holder.title}.")
