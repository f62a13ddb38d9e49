"""Where doctors are listed, as it was counted last."""

from __future__ import annotations

from collections import defaultdict

from django.db import models
from django.db.models import Count
from django.utils import timezone

from cms.doctors.models import DoctorPage
from cms.feed.models import Change


class ListedDoctors(models.Model):
    """In which countries there is whom for what. One row, counted anew by beat when something was published: among
    100,000 doctors that takes a second, for which no editor should wait.

    `doctors`: how many, by code of the country; `reached`: codes of countries, by the translation key of a specialty or
    condition for which somebody is listed there. `position` is the change log's before it was counted.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    counted_at = models.DateTimeField()
    position = models.BigIntegerField()
    doctors = models.JSONField()
    reached = models.JSONField()

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="dashboard_listed_one_row")]

    def __str__(self) -> str:
        return f"Listed doctors, {self.counted_at:%Y-%m-%d %H:%M}"

    @classmethod
    def last(cls) -> ListedDoctors:
        """As counted last; counted here and now, and not kept, while it never was."""
        return cls.objects.first() or cls.count()

    @classmethod
    def refresh(cls) -> None:
        """Count, if something has changed since."""
        if not cls.objects.filter(position=Change.head()).exists():
            counted = cls.count()
            fields = ("counted_at", "position", "doctors", "reached")
            cls.objects.update_or_create(id=1, defaults={name: getattr(counted, name) for name in fields})

    @classmethod
    def count(cls) -> ListedDoctors:
        """A handful of queries however many doctors there are. Their rows are pairs of a specialty or condition and a
        country, not doctors. As in search, what is a draft leads nowhere."""
        counted_at, position = timezone.now(), Change.head()
        doctors = DoctorPage.objects.live().public().order_by().filter(practices__isnull=False)
        country = "practices__practice__country"
        reached = defaultdict(list)
        for relation in ("specialties", "treated_conditions__condition"):
            pairs = doctors.filter(**{f"{relation}__live": True})
            for key, code in pairs.values_list(f"{relation}__translation_key", country).distinct():
                reached[str(key)].append(code)
        listed = doctors.values_list(country).annotate(doctors=Count("translation_key", distinct=True))
        return cls(counted_at=counted_at, position=position, doctors=dict(listed), reached=reached)

    def is_behind(self) -> bool:
        """Whether something has changed since it was counted."""
        return self.position != Change.head()
