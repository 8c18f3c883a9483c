"""What every template may use."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from portal.core.errors import Text
from portal.core.live.hearers import topics_for
from portal.core.selectors import unread_notices_of
from portal.core.web import navigation

YEAR = 365 * 24 * 60 * 60
THEMES: dict[str, Text] = {"auto": _("Auto"), "light": _("Light"), "dark": _("Dark")}
SHORTCUTS: dict[str, Text] = {"on": _("Shortcuts on"), "off": _("Shortcuts off")}


@dataclass(frozen=True)
class Choice:
    """One of the values a preference can take; ``pressed`` is the aria-pressed of its button."""

    code: str
    name: Text
    pressed: str


@dataclass(frozen=True)
class Link:
    """A navigation entry on a certain page."""

    url: str
    label: Text
    icon: str
    current: bool


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the actor, the navigation, the preferences and whether data is simulated."""
    actor = getattr(request, "actor", None)
    theme = chosen(request, "theme", THEMES)
    shortcuts = chosen(request, "shortcuts", SHORTCUTS)
    return {
        "actor": actor,
        "navigation": links(navigation.entries_for(actor), request.path),
        "theme": theme,
        "theme_choices": choices(THEMES, theme),
        "shortcuts": shortcuts,
        "shortcut_choices": choices(SHORTCUTS, shortcuts),
        "language_choices": choices(language_names(), get_language() or settings.LANGUAGE_CODE),
        "demo": settings.DEMO,
        "unread_notices": SimpleLazyObject(lambda: unread_notices_of(actor)),
        "live_topics": " ".join(sorted(topics_for(actor))),
    }


def chosen(request: HttpRequest, name: str, values: dict[str, Text]) -> str:
    """Return the preference kept in a cookie, or its first value when that is none of ours."""
    value = request.COOKIES.get(name, "")
    return value if value in values else next(iter(values))


def choices(values: dict[str, Text], current: str) -> list[Choice]:
    """Return the values of a preference with the current one pressed."""
    return [
        Choice(code, name, "true" if code == current else "false") for code, name in values.items()
    ]


def language_names() -> dict[str, Text]:
    """Return every language with the name its own speakers read."""
    return {code: get_language_info(code)["name_local"] for code, _name in settings.LANGUAGES}


def links(entries: list[navigation.Entry], path: str) -> list[Link]:
    """Return the entries as links; the one with the longest address that ``path`` starts with
    is the current one."""
    urls = [reverse(entry.url_name) for entry in entries]
    current = max((url for url in urls if path.startswith(url)), key=len, default="")
    return [
        Link(url, entry.label, entry.icon.removeprefix("lucide-"), url == current)
        for entry, url in zip(entries, urls, strict=True)
    ]
