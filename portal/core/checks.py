"""System checks: a bad configuration fails at boot, with what to set."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks as system
from django.core.checks import CheckMessage, register


def check_public_url(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Links in mails and statements need a full public address."""
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme in {"http", "https"} and parts.netloc:
        return []
    return [
        system.Error(
            f"PUBLIC_URL is '{settings.PUBLIC_URL}', which is no web address.",
            hint="Set PUBLIC_URL to the address people use, such as https://portal.example.",
            id="portal.E001",
        )
    ]


def check_eu_database(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The address of the EU Transparency Database is a web address and has its token."""
    if not settings.EU_DATABASE_URL:
        return []
    parts = urlsplit(settings.EU_DATABASE_URL)
    if parts.scheme in {"http", "https"} and parts.netloc and settings.EU_DATABASE_TOKEN:
        return []
    return [
        system.Error(
            "EU_DATABASE_URL is no web address, or EU_DATABASE_TOKEN is missing.",
            hint="Set both: the address without /api/v1, and the API token.",
            id="portal.E003",
        )
    ]


def check_https(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A public portal without HTTPS cookies leaks sessions."""
    if not settings.PUBLIC_URL.startswith("https://") or settings.SESSION_COOKIE_SECURE:
        return []
    return [
        system.Warning(
            "PUBLIC_URL uses https but cookies are not restricted to it.",
            hint="Set HTTPS=1 (and BEHIND_PROXY=1 behind a proxy that sets X-Forwarded-Proto).",
            id="portal.W001",
        )
    ]


def check_zones(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Deadlines need the time-zone database."""
    if "Asia/Shanghai" in available_timezones():
        return []
    return [
        system.Error(
            "The time-zone database is missing.",
            hint="Install the 'tzdata' package.",
            id="portal.E002",
        )
    ]


def register_all() -> None:
    """Register the checks with Django."""
    for check in (check_public_url, check_https, check_zones, check_eu_database):
        register(check)
