"""Real Chromium against the live server.

``page`` fails its test on a console error, a violation of the content policy, a 5xx answer, or a
request to any other host. Without Chromium the journeys are skipped, unless ``REQUIRE_BROWSER=1``.
"""

import os
import shutil
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from threading import get_ident
from urllib.parse import urlsplit

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from pushes.models import SuspectedLink
from tests.journeys.pages import DESKTOP, Findings
from tests.journeys.stage import (
    Stage,
    a_year_ago,
    marketplace,
    set_stage,
    ticking,
    wait_for,
)

PATIENCE = 30_000.0
LISTINGS = 45
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark every test of this folder, and let one process run them: it holds the browser."""
    item.add_marker(pytest.mark.journey)
    item.add_marker(pytest.mark.xdist_group("journeys"))


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


# The whole folder shares one browser. It does not live longer than the folder, because Playwright
# leaves an event loop running in this thread, in which Django refuses the database unless told.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium with a profile of its own."""
    path = _chromium()
    if path is None:
        reason = "No Chromium found: install it or set CHROMIUM to its path."
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        # A bound for what never happens; a busy machine is slower than Playwright's five seconds.
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def live(live_server: LiveServer) -> str:
    """Address of the running portal."""
    return str(live_server.url)


@pytest.fixture(autouse=True)
def _server_at_rest(live: str) -> Iterator[None]:
    """Let the last requests of a closed page end before its tables are emptied.

    A page that is left says so to the server, and nobody waits for the answer.
    """
    open_requests: set[int] = set()

    def opened(**_about: object) -> None:
        open_requests.add(get_ident())

    def ended(**_about: object) -> None:
        open_requests.discard(get_ident())

    request_started.connect(opened)
    request_finished.connect(ended)
    yield
    try:
        _wait_for_rest(open_requests)
    finally:
        request_started.disconnect(opened)
        request_finished.disconnect(ended)


def _wait_for_rest(open_requests: Collection[int]) -> None:
    """Wait until nothing was asked of the server or the database three times in a row."""
    quiet, until = 0, time.monotonic() + PATIENCE / 1000
    while quiet < 3 and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            is_quiet = cursor.fetchone() == (0,) and not open_requests
        quiet = quiet + 1 if is_quiet else 0
        time.sleep(0.05)


@pytest.fixture
def page(browser: Browser, live: str) -> Iterator[Page]:
    """A page in a fresh browser context; paths are relative to the portal."""
    width, height = DESKTOP
    context = browser.new_context(
        base_url=live,
        viewport={"width": width, "height": height},
        locale="en-GB",
        color_scheme="light",
        reduced_motion="reduce",
    )
    findings = Findings(host=urlsplit(live).netloc)
    page = context.new_page()
    findings.watch(page)
    # Cookies can be set and read from the start only on a page of the portal.
    page.goto("/static/icon.svg")
    yield page
    context.close()
    assert not findings.seen, "\n".join(findings.seen)


@pytest.fixture
def stage(live: str, settings: Settings, tmp_path: Path) -> Stage:
    """The demo's brands; time to undo is short."""
    settings.UNDO_SECONDS = 3.0
    settings.PUBLIC_URL = live
    return set_stage(tmp_path, founded=a_year_ago())


@pytest.fixture
def site(stage: Stage, live: str) -> Iterator[str]:
    """The marketplace's address, once its listings are matched."""
    with marketplace(stage, live, listings=LISTINGS) as address, ticking():
        wait_for(lambda: SuspectedLink.objects.filter(brand=stage.brands["veltrano"]).exists())
        yield address
