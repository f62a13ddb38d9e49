"""Messages that wait for the mail server."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Message(models.Model):
    """Written in the transaction of the act that it tells of: what is rolled back tells nobody. Deleted once it is sent."""

    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    sender = models.CharField(max_length=320)
    recipients = models.JSONField()
    content = models.BinaryField(help_text="As it is sent, headers and all.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Message {self.pk}"  # to whom and about what is nobody else's business
