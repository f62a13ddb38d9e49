"""What of the sample content has been loaded into this database."""

from __future__ import annotations

from django.db import models


class Loaded(models.Model):
    """An entry of the sample content that was loaded once: it is the editors' from then on.

    Without this note, what an editor has deleted would be back after the next load.
    """

    entry = models.UUIDField(primary_key=True)

    def __str__(self) -> str:
        return str(self.entry)
