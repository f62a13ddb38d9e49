"""The users of the sample: an editor who may do everything, and one for each role."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from cms.demo.loading import LoadError
from cms.roles.groups import DIRECTORY_MANAGERS, EDITORS, MEDICAL_REVIEWERS, PUBLISHERS

ROLES = {
    "writer": EDITORS,
    "reviewer": MEDICAL_REVIEWERS,
    "directory": DIRECTORY_MANAGERS,
    "publisher": PUBLISHERS,
}


def make_logins(username: str, password: str, say: Callable[[str], object]) -> User:
    """The editor `username`, a superuser. Who is there already stays as he is; the others get the password,
    without which only the editor must be there. Raises LoadError.
    """
    editor = User.objects.filter(username=username).first()
    if editor is None and not password:
        raise LoadError(
            f"There is no user {username!r} yet: give a password by --password or DEMO_EDITOR_PASSWORD."
        )
    if password:
        there = set(User.objects.filter(username__in=[username, *ROLES]).values_list("username", flat=True))
        roles = {name: Group.objects.filter(name=ROLES[name]) for name in ROLES if name not in there}
        if editor is None or roles:
            _check(password, username)
        if editor is None:
            editor = User.objects.create_superuser(username, password=password, **_person(username))
            say(f"Editor: {username}")
        for name, groups in roles.items():
            User.objects.create_user(name, password=password, **_person(name)).groups.set(groups)
            say(f"{ROLES[name]}: {name}")
    assert editor
    return editor


def _person(username: str) -> dict[str, str]:
    """Without a name and an address, Wagtail's account page saves nothing."""
    return {
        "first_name": username.capitalize(),
        "last_name": "Sample",
        "email": f"{username}@example.org",
    }


def _check(password: str, username: str) -> None:
    try:
        validate_password(password, User(username=username))
    except ValidationError as error:
        raise LoadError(f"--password: {' '.join(error.messages)}") from error
