"""Sends the messages that wait.

None is lost: what the server does not take now is tried again, for three days. One may come twice, if a worker is killed
just when the server has taken it; it has the same Message-ID then. The log names no address and no subject.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from smtplib import SMTP, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from cms.mail.models import Message

logger = logging.getLogger(__name__)

AT_ONCE = 100
AGAIN_AFTER = timedelta(minutes=5)
GIVEN_UP_AFTER = timedelta(days=3)


def send_due(now: datetime) -> None:
    """It may be run by several processes at once."""
    given_up, _ = Message.objects.filter(created_at__lt=now - GIVEN_UP_AFTER).delete()
    if given_up:
        logger.error("Messages were given up, since for three days they could not be sent: %d", given_up)
    due = Message.objects.filter(due_at__lte=now).order_by("pk")[:AT_ONCE]
    if not settings.EMAIL_HOST or not due:
        return
    server = EmailBackend()
    try:
        server.open()
        assert server.connection is not None
        for message in due:
            _send(server.connection, message, now)
    except OSError as error:  # all of smtplib's are
        logger.warning("The mail server cannot be used, and messages wait for it: %s", _without_names(error))
    finally:
        server.close()


def _send(connection: SMTP, message: Message, now: datetime) -> None:
    """Raises OSError when the connection is of no more use."""
    mine = Message.objects.filter(pk=message.pk, due_at=message.due_at).update(due_at=now + AGAIN_AFTER)
    if not mine:
        return
    try:
        connection.sendmail(message.sender, message.recipients, bytes(message.content))
    except (SMTPRecipientsRefused, SMTPResponseException) as error:
        for_good = all(code >= 500 for code in _codes(error))
        what = "is refused for good" if for_good else "was not taken, and is tried again"
        logger.log(
            logging.ERROR if for_good else logging.WARNING, "%s %s: %s", message, what, _without_names(error)
        )
        if not for_good:
            return
    message.delete()


def _codes(error: OSError) -> list[int]:
    """What the server answered."""
    if isinstance(error, SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, SMTPResponseException) else []


def _without_names(error: OSError) -> str:
    """Servers like to repeat the address."""
    codes = ", ".join(map(str, _codes(error)))
    return f"{type(error).__name__} {codes}".strip()
