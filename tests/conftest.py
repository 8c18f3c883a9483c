"""Fixtures every test may use. Servers are started in ``tests/servers.py``."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings

from portal.core.models import Member
from pushes.services import registry

# The suite plays the same examples every time, so that it fails for what changed; ``make chaos``
# looks for new ones. No deadline: it would measure what else the machine does.
hypothesis_settings.register_profile("suite", derandomize=True, deadline=None)
hypothesis_settings.register_profile("explore", deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Hash passwords cheaply: a slow hash defends real ones and would be most of the suite."""
    hashers = "django.contrib.auth.hashers"
    settings.PASSWORD_HASHERS = [
        f"{hashers}.MD5PasswordHasher",
        f"{hashers}.PBKDF2PasswordHasher",  # what a fixture of a whole module was made with
    ]


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """A page read in Chinese leaves its language in this thread; the next test starts in ours."""
    translation.activate("en")


@pytest.fixture(autouse=True)
def _own_media(settings: Settings, tmp_path: Path) -> None:
    """Give every test its own file store."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _clean_cache(request: pytest.FixtureRequest) -> None:
    """Throttles, sessions and the engine of one test do not reach the next."""
    registry.forget()
    marked = request.node.get_closest_marker("django_db") is not None
    if marked or {"db", "transactional_db"} & set(request.fixturenames):
        cache.clear()


@pytest.fixture
def now() -> datetime:
    """A Wednesday morning in Shanghai, far from holidays."""
    return datetime(2026, 6, 3, 2, 0, tzinfo=UTC)


@pytest.fixture
def signed_in() -> Callable[[Member], Client]:
    """Return a function that gives a browser signed in as a member."""

    def sign_in(member: Member) -> Client:
        client = Client()
        client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
