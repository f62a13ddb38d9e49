"""The broker of the embedded default: kombu's filesystem transport, made safe to read while it is written."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """A message appears whole: kombu writes it in place, and a reader of the half of it dies (kombu#1551)."""

    # The filesystem transport's own differs from its base class.
    def _put(  # type: ignore[override]
        self, queue: str, payload: dict[str, Any], **kwargs: Any
    ) -> None:
        folder = Path(self.data_folder_out)
        part = folder / f"{uuid4()}.part"
        part.write_text(dumps(payload), encoding="utf-8")
        # Read in the order of their names, by `queue` after the first dot.
        part.rename(folder / f"{round(time.monotonic() * 1000)}_{uuid4()}.{queue}.msg")


class Transport(filesystem.Transport):
    Channel = Channel
