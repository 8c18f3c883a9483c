"""What a journey does with a page: sign in, switch its variants, take pictures of it."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page, Request, Response

from portal.core.models import Member, User

PASSWORD = "correct horse"
DESKTOP, PHONE = (1280, 800), (390, 844)
# Chromium says this of every 4xx answer; a refusal is not a fault.
_REFUSED = re.compile(r"Failed to load resource: .* status of 4\d\d")
_CSP_LISTENER = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `Content policy: ${event.effectiveDirective} blocked ${event.blockedURI} ${event.sample}`));
"""

# A colour on its way to the other theme is no colour of the page.
_SET_THEME = """theme => {
  document.documentElement.dataset.theme = theme;
  for (const moving of document.getAnimations()) {
    if (moving instanceof CSSTransition) moving.finish();
  }
}"""


@dataclass(frozen=True)
class Variant:
    """A way of looking at a page."""

    name: str
    theme: str = "light"
    language: str = "en"
    size: tuple[int, int] = DESKTOP


LIGHT = Variant("light")
DARK = Variant("dark", theme="dark")
CHINESE = Variant("zh-hans", language="zh-hans")
NARROW = Variant("390", size=PHONE)
VARIANTS = (LIGHT, NARROW, DARK, CHINESE)


@dataclass
class Findings:
    """What must not happen on any page of a journey; a fixture fails the test when it did."""

    host: str
    seen: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to everything the page logs, asks for and gets."""
        page.add_init_script(_CSP_LISTENER)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"script error: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _REFUSED.search(message.text):
            self.seen.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self.host:
            self.seen.append(f"request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.seen.append(f"{response.status} {response.url}")


def visit(page: Page, path: str) -> Response:
    """Open a page of the portal; return its response."""
    response = page.goto(path)
    assert response is not None, f"{path} is the page already shown"
    return response


def sign_in(page: Page, member: Member) -> None:
    """Sign in at once, as if the form had been used; the first page of a journey uses the form."""
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    _set_cookie(page, settings.SESSION_COOKIE_NAME, session)


def sign_in_by_form(page: Page, user: User, password: str = PASSWORD) -> None:
    """Sign in as people do. The address counts as verified."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    visit(page, "/accounts/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign In", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def show(page: Page, variant: Variant) -> None:
    """Show the page in a variant. Only another language loads it again, which needs a GET page."""
    width, height = variant.size
    page.set_viewport_size({"width": width, "height": height})
    if page.locator("html").get_attribute("lang") != variant.language:
        _set_cookie(page, settings.LANGUAGE_COOKIE_NAME, variant.language)
        page.reload()
    # What the server writes when the cookie says so; a journey of its own holds the cookie.
    page.evaluate(_SET_THEME, variant.theme)


def each_variant(page: Page, variants: tuple[Variant, ...] = VARIANTS) -> Iterator[Variant]:
    """Show the page in one variant after the other, and in light English at the end."""
    for variant in variants:
        show(page, variant)
        yield variant
    show(page, LIGHT)


def shot(page: Page, name: str, variants: tuple[Variant, ...] = ()) -> list[Path]:
    """Save pictures as ``var/screenshots/<name>[-<variant>].png``; return their paths.

    Without variants the page is taken as it is, in the state the journey brought it into.
    """
    folder = Path(os.environ.get("SCREENSHOTS", str(settings.BASE_DIR / "var" / "screenshots")))
    if not variants:
        return [_picture(page, folder / f"{name}.png")]
    return [
        _picture(page, folder / f"{name}-{variant.name}.png")
        for variant in each_variant(page, variants)
    ]


def sideways_overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    root = "document.documentElement"
    return int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


def _picture(page: Page, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    # On a phone the navigation sticks to the window's foot, which a full-page picture tears out.
    page.screenshot(path=path, full_page=page.evaluate("innerWidth") == DESKTOP[0])
    return path


def _set_cookie(page: Page, name: str, value: str) -> None:
    base_url = page.evaluate("location.origin")
    page.context.add_cookies([{"name": name, "value": value, "url": base_url}])
