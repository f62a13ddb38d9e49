"""Django's way to the mail server: by the database."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address

from cms.mail.models import Message


class EmailBackend(BaseEmailBackend):
    """Keeps messages for `cms.mail.sending`. Whoever sends one, an editor who submits an article, waits for no mail server
    and is told of no fault of it; on SQLite, all who write would wait with the editor."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        domain = urlsplit(settings.BASE_URL).hostname
        kept = []
        for message in email_messages:
            # One id however often it is tried. Django would ask the name server for this machine's name.
            message.extra_headers.setdefault("Message-ID", make_msgid(domain=domain))
            encoding = message.encoding or settings.DEFAULT_CHARSET
            kept.append(
                Message(
                    sender=sanitize_address(message.from_email, encoding),
                    recipients=[sanitize_address(address, encoding) for address in message.recipients()],
                    content=message.message().as_bytes(linesep="\r\n"),  # type: ignore[call-arg] # Django's own
                )
            )
        Message.objects.bulk_create(message for message in kept if message.recipients)
        return len(kept)
