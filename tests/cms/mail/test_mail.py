"""Editors and reviewers are told by mail, by a real SMTP server, whether or not it is there just now."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from wagtail.admin.mail import send_mail as wagtails_send_mail

from cms.conditions.models import ConditionPage
from cms.mail.models import Message
from cms.mail.sending import send_due
from cms.mail.tasks import send_mail
from cms.roles.groups import EDITORS, MEDICAL_REVIEWERS
from tests.cms import factories
from tests.cms.mail.sink import Sink, mail_server
from tests.cms.review.conftest import Staff, make_staff

pytestmark = pytest.mark.django_db
BASE = "https://cms.example.org"


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    with mail_server() as sink:
        settings.EMAIL_BACKEND = "cms.mail.backend.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", sink.port, 0.3
        settings.DEFAULT_FROM_EMAIL = "Doctors near you <cms@example.org>"
        settings.WAGTAILADMIN_BASE_URL = settings.BASE_URL = BASE
        yield sink


@pytest.fixture
def writer() -> Staff:
    return _with_address(make_staff(EDITORS), "writer@example.org")


@pytest.fixture
def reviewer() -> Staff:
    return _with_address(make_staff(MEDICAL_REVIEWERS), "reviewer@example.org")


@pytest.fixture
def draft() -> ConditionPage:
    return factories.make_condition("Asthma", live=False)


def _with_address(staff: Staff, address: str) -> Staff:
    staff.user.email = address
    staff.user.save()
    return staff


def a_message(to: str = "somebody@example.org") -> None:
    wagtails_send_mail("Greetings", "A text.", [to])


def test_the_way_of_an_article(sink: Sink, writer: Staff, reviewer: Staff, draft: ConditionPage) -> None:
    edit = f"{BASE}/admin/pages/{draft.pk}/edit/"
    writer.submit(draft, title="Asthma")
    assert not sink.messages, "an editor waits for no mail server"
    for act, data in (("reject", {"comment": "Cite a guideline."}), ("approve", {})):
        send_mail()
        reviewer.decide(draft, act, **data)
        send_mail()
        if act == "reject":
            writer.submit(draft, title="Asthma")
    told = []
    for message in sink.messages:
        text = message.get_body().get_content()  # type: ignore[union-attr]
        assert message["From"] == "Doctors near you <cms@example.org>"
        assert edit in text
        assert "None" not in text
        assert "preview" not in text
        told.append((message["To"], message["Subject"].split(" has been ")[1].split()[0]))
        if "rejected" in message["Subject"]:
            assert "Cite a guideline." in text
    assert told == [
        ("reviewer@example.org", "submitted"),
        ("writer@example.org", "rejected"),
        ("reviewer@example.org", "submitted"),
        ("writer@example.org", "approved"),
    ]
    assert not Message.objects.exists()


def test_a_forgotten_password(sink: Sink, writer: Staff, client: Client, settings: Settings) -> None:
    settings.WAGTAIL_PASSWORD_RESET_ENABLED = True
    writer.user.set_password("only-for-this-test")
    writer.user.save()
    assert client.post("/admin/password_reset/", {"email": writer.user.email}).status_code == 302
    send_mail()
    (message,) = sink.messages
    text = message.get_body().get_content()  # type: ignore[union-attr]
    assert f"{BASE}/admin/password_reset/confirm/" in text


def test_what_is_rolled_back_tells_nobody(sink: Sink) -> None:
    with transaction.atomic():
        a_message()
        transaction.set_rollback(True)
    send_mail()
    assert not sink.messages


@pytest.mark.parametrize("how", ["nobody listens", "silent", "not found"])
def test_a_server_that_is_away_loses_nothing(
    sink: Sink, settings: Settings, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        if how == "nobody listens":
            silent.close()
        settings.EMAIL_PORT = (
            sink.port if how == "not found" else silent.getsockname()[1] if how == "silent" else 1
        )
        settings.EMAIL_HOST = "nowhere.invalid" if how == "not found" else "127.0.0.1"
        a_message()
        started = time.monotonic()
        send_mail()
        assert time.monotonic() - started < 5
    assert "messages wait for it" in caplog.text
    assert "example.org" not in caplog.text
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    send_mail()
    assert [message["To"] for message in sink.messages] == ["somebody@example.org"]


def test_what_is_not_taken_now_is_tried_again(sink: Sink, caplog: pytest.LogCaptureFixture) -> None:
    now = timezone.now()
    a_message()
    sink.answer_to_recipients = "450 Later, {address}"
    send_due(now + timedelta(seconds=1))
    sink.answer_to_recipients = "250 OK"
    send_due(now + timedelta(seconds=2))
    assert not sink.messages
    send_due(now + timedelta(minutes=6))
    assert len(sink.messages) == 1
    assert not Message.objects.exists()
    assert "tried again: SMTPRecipientsRefused 450" in caplog.text
    assert "somebody" not in caplog.text


def test_what_is_refused_for_good_keeps_nobody_else_waiting(
    sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    a_message()
    sink.answer_to_recipients = "550 No such user: {address}"
    send_mail()
    assert not Message.objects.exists()
    assert "refused for good: SMTPRecipientsRefused 550" in caplog.text
    sink.answer_to_recipients = "250 OK"
    a_message("another@example.org")
    send_mail()
    assert [message["To"] for message in sink.messages] == ["another@example.org"]
    assert "somebody" not in caplog.text


def test_after_three_days_it_is_given_up(sink: Sink, caplog: pytest.LogCaptureFixture) -> None:
    a_message()
    send_due(timezone.now() + timedelta(days=4))
    assert not sink.messages
    assert not Message.objects.exists()
    assert "given up" in caplog.text


def test_a_message_that_another_process_sends_is_left_to_it(sink: Sink) -> None:
    a_message()
    (message,) = Message.objects.all()
    Message.objects.update(due_at=timezone.now() + timedelta(minutes=5))  # it was faster
    send_mail()
    assert not sink.messages
    assert str(message) == f"Message {message.pk}"
