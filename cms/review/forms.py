"""What a reviewer is asked for at the approval."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.admin.widgets import AdminDateInput
from wagtail.forms import TaskStateCommentForm


def default_next_review() -> date:
    return timezone.localdate() + timedelta(days=settings.CMS_REVIEW_INTERVAL_DAYS)


class ApprovalForm(TaskStateCommentForm):
    next_review = forms.DateField(
        label="Next review",
        required=False,
        initial=default_next_review,
        widget=AdminDateInput,
        help_text="Until this day the article counts as reviewed. Left empty, it is the date proposed here.",
    )

    field_order = ["next_review", "comment"]

    def clean_next_review(self) -> date:
        next_review: date = self.cleaned_data["next_review"] or default_next_review()
        if next_review <= timezone.localdate():
            raise ValidationError("The next review must be after today.")
        return next_review
