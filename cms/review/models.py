"""Reviewers, what a reviewed article carries, and the task by which it is reviewed."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.actions.publish_page_revision import PublishPagePermissionError
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.api import APIField
from wagtail.forms import TaskStateCommentForm
from wagtail.images.api.fields import ImageRenditionField
from wagtail.log_actions import get_active_log_context, log
from wagtail.models import AbstractGroupApprovalTask, Page, Revision, TaskState, WorkflowState
from wagtail.search import index

from cms.feed.images import PORTRAIT
from cms.languages.translated import TranslatedPage
from cms.review import audit
from cms.review.forms import ApprovalForm
from cms.review.panels import ReviewPanel
from cms.review.permissions import ReviewedPagePermissionTester
from cms.validation import check_not_in_future, check_review_dates


class ReviewStatus(models.TextChoices):
    OVERDUE = "overdue", "Overdue"
    DUE = "due", "Due soon"
    NEVER = "never", "Never reviewed"
    VALID = "valid", "Valid"


class Reviewer(index.Indexed, models.Model):
    """A clinician who signs articles."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255, help_text="As it is shown, such as 'Dr Asha Example'.")
    credentials = models.CharField(max_length=255, blank=True, help_text="Such as 'MD, neurologist'.")
    registration_authority = models.CharField(
        "authority",
        max_length=255,
        blank=True,
        help_text="Who keeps the register, such as a medical council.",
    )
    registration_number = models.CharField("number", max_length=64, blank=True)
    conflict_of_interest = models.TextField(
        blank=True,
        max_length=2000,
        verbose_name="statement",
        help_text="The reviewer's own words, shown with the article, such as 'None declared.'",
    )
    conflict_of_interest_stated_on = models.DateField("stated on", null=True, blank=True)
    photo = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    photo_alt = models.CharField(
        "alternative text",
        max_length=255,
        blank=True,
        help_text="What the photo shows, for those who cannot see it, such as 'Dr Asha Example, smiling.'",
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reviewer",
        verbose_name="user account",
        help_text="Then nobody else can sign in this reviewer's name, and this account in no other name.",
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("credentials"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("registration_authority"), FieldPanel("registration_number")])],
            heading="Registration",
        ),
        MultiFieldPanel(
            [FieldPanel("conflict_of_interest"), FieldPanel("conflict_of_interest_stated_on")],
            heading="Conflict of interest",
        ),
        MultiFieldPanel([FieldPanel("photo"), FieldPanel("photo_alt")], heading="Photo"),
        FieldPanel("user"),
    ]
    api_fields = [
        APIField("uuid"),
        APIField("name"),
        APIField("credentials"),
        APIField("photo", serializer=ImageRenditionField(PORTRAIT)),
        APIField("photo_alt"),
        APIField("registration_authority"),
        APIField("registration_number"),
        APIField("conflict_of_interest"),
        APIField("conflict_of_interest_stated_on"),
    ]
    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.SearchField("credentials"),
    ]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.credentials}" if self.credentials else self.name

    def clean(self) -> None:
        super().clean()
        errors = {}
        if bool(self.registration_authority) != bool(self.registration_number):
            missing = "registration_number" if self.registration_authority else "registration_authority"
            errors[missing] = "A registration is an authority and a number."
        if self.conflict_of_interest_stated_on and not self.conflict_of_interest:
            errors["conflict_of_interest"] = "What was stated on that day?"
        if self.photo and not self.photo_alt:
            errors["photo_alt"] = "Say what the photo shows."
        if errors:
            raise ValidationError(errors)
        check_not_in_future(
            "conflict_of_interest_stated_on", self.conflict_of_interest_stated_on, timezone.localdate()
        )


class ReviewedPage(TranslatedPage):
    """A page that is reviewed: it says who signed it, when, and until when that holds.

    It is published by an approval in a medical review, by a superuser, or by a program.
    """

    reviewer = models.ForeignKey(
        Reviewer,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who signs the article. Without a reviewer, web search engines are told not to index it.",
    )
    last_reviewed = models.DateField(null=True, blank=True)
    next_review = models.DateField(
        null=True,
        blank=True,
        help_text="After this day, web search engines are told not to index the article.",
    )

    # The dates are stamped by an approval; a superuser may set them without one.
    review_tab = ObjectList(
        [
            ReviewPanel(),
            FieldPanel("reviewer"),
            MultiFieldPanel(
                [
                    FieldPanel("last_reviewed", permission="superuser"),
                    FieldPanel("next_review", permission="superuser"),
                ],
                heading="Review",
            ),
        ],
        heading="Medical review",
    )
    api_fields = [APIField("reviewer"), APIField("last_reviewed"), APIField("next_review")]

    # Nobody has reviewed a copy or a translation.
    exclude_fields_in_copy = ["reviewer", "last_reviewed", "next_review"]

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        check_review_dates(self.last_reviewed, self.next_review, today=timezone.localdate())

    def permissions_for_user(self, user: AbstractUser) -> ReviewedPagePermissionTester:
        return ReviewedPagePermissionTester(user, self)

    def publish(self, revision: Revision, user: AbstractUser | None = None, **options: Any) -> None:
        """Raises PublishPagePermissionError for whoever may not, also where Wagtail or an add-on does not ask."""
        acting = user or get_active_log_context().user or revision.user
        if acting and not acting.is_superuser and not is_approved(revision):
            raise PublishPagePermissionError("It is published by the approval of its medical review.")
        super().publish(revision, user=user, **options)

    @classmethod
    def kept_reviewed(cls) -> QuerySet[Any]:
        """The pages whose review must not lapse: those that are live, and those that are not only because it has. What
        becomes of a page becomes of its aliases."""
        is_kept = Q(live=True) | Q(pk__in=audit.expired())
        pages: QuerySet[Any] = cls._default_manager.filter(is_kept, alias_of=None)
        return pages

    def review_status(self, today: date) -> ReviewStatus:
        if self.next_review is None:
            return ReviewStatus.NEVER
        if self.next_review < today:
            return ReviewStatus.OVERDUE
        if self.next_review <= today + timedelta(days=settings.CMS_REVIEW_WARNING_DAYS):
            return ReviewStatus.DUE
        return ReviewStatus.VALID

    @classmethod
    def with_status(cls, status: ReviewStatus, today: date) -> Q:
        """The condition that `review_status` is that."""
        soon = today + timedelta(days=settings.CMS_REVIEW_WARNING_DAYS)
        return {
            ReviewStatus.NEVER: Q(next_review=None),
            ReviewStatus.OVERDUE: Q(next_review__lt=today),
            ReviewStatus.DUE: Q(next_review__gte=today, next_review__lte=soon),
            ReviewStatus.VALID: Q(next_review__gt=soon),
        }[status]


class MedicalReviewTask(AbstractGroupApprovalTask):
    """A member of its groups approves and thereby signs, or asks for changes.

    Whoever is linked to a reviewer signs as that one, others for the reviewer whom the article names.
    """

    class Meta:
        verbose_name = "medical review"
        verbose_name_plural = "medical reviews"

    @classmethod
    def get_description(cls) -> str:
        return "A member of the chosen groups, who did not submit the article, approves it and signs."

    def start(self, workflow_state: WorkflowState, user: AbstractUser | None = None) -> TaskState:
        # After "request changes", somebody else may submit it again: that is who must not approve it.
        if user:
            workflow_state.requested_by = user
        return super().start(workflow_state, user=user)

    def get_actions(self, obj: Page, user: AbstractUser) -> list[tuple[str, str, bool]]:
        actions = {name for name, _, _ in super().get_actions(obj, user)}
        offered = [("reject", "Request changes", True)] if "reject" in actions else []
        if "approve" in actions and not self.why_not_approve(obj, user):
            offered.append(("approve", "Approve and sign", True))
        return offered

    def why_not_approve(self, page: Page, user: AbstractUser) -> str:
        """What keeps a member from approving what is in review; empty if nothing does."""
        if user.is_superuser:
            return ""
        state = page.current_workflow_state
        if state and state.requested_by_id == user.pk:
            return "You have submitted it yourself: another reviewer must approve it."
        named = page.get_latest_revision_as_object().reviewer
        if named and named.user_id and named.user_id != user.pk and not signs_as(user):
            return f"It is for {named.name} to sign, who has an account."
        return ""

    def get_form_for_action(self, action: str) -> type[TaskStateCommentForm]:
        return ApprovalForm if action == "approve" else TaskStateCommentForm

    @transaction.atomic
    def on_action(self, task_state: TaskState, user: AbstractUser, action_name: str, **kwargs: Any) -> None:
        # Asked of its own page: the view has looked at whichever page stands in its address.
        page = task_state.workflow_state.content_object.specific
        offered = {name for name, _, _ in self.get_actions(page, user)}
        # Of two who decide at once, the second is refused.
        row = TaskState.objects.select_for_update().get(pk=task_state.pk)
        if action_name not in offered or row.status != TaskState.STATUS_IN_PROGRESS:
            raise PermissionDenied
        # From the editor's page comes JSON: what its dialogue has checked, if nobody has changed it since.
        given = {name: "" if value is None else str(value) for name, value in kwargs.items()}
        form = self.get_form_for_action(action_name)(given)
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.as_data().values() for error in errors])
        if action_name == "approve":
            self._sign(page, task_state, user, form.cleaned_data["next_review"])
        super().on_action(task_state, user, action_name, comment=form.cleaned_data["comment"])

    def _sign(self, page: ReviewedPage, task_state: TaskState, user: AbstractUser, next_review: date) -> None:
        """Stamp a revision of its own, so that history tells what was submitted from what the approval added."""
        article = page.get_latest_revision_as_object()
        article.reviewer = signs_as(user) or article.reviewer
        article.last_reviewed = timezone.localdate()
        article.next_review = next_review
        task_state.revision = article.save_revision(user=user, changed=False)
        # Where Wagtail looks for the revision that must be approved.
        task_state.workflow_state.content_object.latest_revision = task_state.revision
        log(
            page,
            audit.SIGNED,
            user=user,
            revision=task_state.revision,
            data={
                "reviewer": str(article.reviewer or ""),
                "next_review": next_review.isoformat(),
            },
        )
        own = task_state.workflow_state.requested_by_id == user.pk
        if own or not self._user_in_groups(user):
            log(page, audit.BYPASSED, user=user, revision=task_state.revision)


def signs_as(user: AbstractUser) -> Reviewer | None:
    """The reviewer whose account this is."""
    return Reviewer.objects.filter(user_id=user.pk).first()


def is_approved(revision: Revision) -> bool:
    """Whether a medical review has approved just this revision."""
    approved = revision.task_states.filter(status=TaskState.STATUS_APPROVED)
    return bool(approved.filter(task__in=MedicalReviewTask.objects.all()).exists())
