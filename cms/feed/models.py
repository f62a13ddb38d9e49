"""The change log, and the slugs that were in use. Their rows are written by the database itself: see triggers.py."""

from __future__ import annotations

import uuid

from django.db import models

from cms.feed.witness import witness


class Log(models.Model):
    """Identity of the change log. One row; without it the next reader begins a new epoch."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    epoch = models.UUIDField(default=uuid.uuid4)
    witness = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="feed_log_one_row")]

    def __str__(self) -> str:
        return str(self.epoch)

    @classmethod
    def current_epoch(cls) -> uuid.UUID:
        """A new one if this log was restored from a backup, as far as that can be seen."""
        log, here = cls.objects.get_or_create(id=1)[0], witness()
        if log.witness != here:
            restored = {"epoch": uuid.uuid4()} if log.witness else {}
            # Of several readers that see it at once, one begins the epoch.
            cls.objects.filter(id=1, witness=log.witness).update(witness=here, **restored)
            log.refresh_from_db()
        return log.epoch

    @classmethod
    def begin_epoch(cls) -> uuid.UUID:
        """Make all readers read from the beginning again, as after a restore. The new epoch is returned."""
        return cls.objects.update_or_create(id=1, defaults={"epoch": uuid.uuid4()})[0].epoch


class Change(models.Model):
    """An entity of the feed, at the place of its last change: one row per entity, never deleted.

    `seq` grows in the order of commits and is never given twice. Without the document, which is
    rendered when the feed is read, the row says only that something may have changed.
    """

    seq = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=32)
    key = models.UUIDField()
    locale = models.CharField(max_length=35)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "locale"], name="feed_change_once_per_entity")
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.key} {self.locale}"

    @classmethod
    def head(cls) -> int:
        """The highest seq so far, 0 while nothing has changed."""
        return int(cls.objects.aggregate(head=models.Max("seq", default=0))["head"])


class Slug(models.Model):
    """A slug under which the public could see an entity of the feed, now or before. Kept until it is forgotten.

    `seq` is the entity's place in the log when the slug came into use, last if more than once.
    """

    kind = models.CharField(max_length=32)
    key = models.UUIDField()
    locale = models.CharField(max_length=35)
    slug = models.CharField(max_length=255)
    seq = models.BigIntegerField()

    class Meta:
        constraints = [
            # By key first: so it is read.
            models.UniqueConstraint(
                fields=["key", "kind", "locale", "slug"], name="feed_slug_once_per_entity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.locale}: {self.slug}"
