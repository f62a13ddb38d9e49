"""Which language stands in for another."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.models import Locale
from wagtail_localize.locales.components import LocaleComponentModelForm, register_locale_component


class FallbackForm(LocaleComponentModelForm):
    def validate_with_locale(self, locale: Locale) -> None:
        """Called with the locale as its form has it: perhaps not saved yet."""
        fallback = self.cleaned_data.get("fallback")
        if fallback is None:
            return
        if fallback.language_code == locale.language_code:
            raise ValidationError({"fallback": "A language cannot stand in for itself."})
        if locale.pk and locale.pk in {step.pk for step in chain(fallback)}:
            raise ValidationError({"fallback": f"{locale} stands in for {fallback} already."})


@register_locale_component(
    heading="Fallback",
    help_text="What is not translated into this language is shown in another one. Nothing is copied.",
)
class LocaleFallback(models.Model):
    """Where an entity has no document in `locale`, that in `fallback` may be shown; if there is none either,
    that in the fallback's own fallback, and so on."""

    locale = models.OneToOneField(Locale, on_delete=models.CASCADE, related_name="fallback")
    fallback = models.ForeignKey(
        Locale,
        on_delete=models.CASCADE,
        related_name="stands_in_for",
        verbose_name="shown instead",
        help_text="Such as English.",
    )

    base_form_class = FallbackForm

    def __str__(self) -> str:
        return f"{self.locale}: {self.fallback}"


def chain(locale: Locale) -> list[Locale]:
    """The locale, its fallback, that one's, and so on."""
    steps = [locale]
    fallbacks = {row.locale_id: row.fallback for row in LocaleFallback.objects.select_related("fallback")}
    while (step := fallbacks.get(steps[-1].pk)) and step not in steps:
        steps.append(step)
    return steps


def fallback_for() -> dict[str, list[str]]:
    """By language code: the codes of the locales in which its documents may be shown, in alphabetical order."""
    codes = dict(LocaleFallback.objects.values_list("locale__language_code", "fallback__language_code"))
    shown_in: dict[str, set[str]] = {}
    for code in codes:
        step, seen = code, {code}
        while (step := codes.get(step, "")) and step not in seen:
            shown_in.setdefault(step, set()).add(code)
            seen.add(step)
    return {code: sorted(shown) for code, shown in shown_in.items()}
