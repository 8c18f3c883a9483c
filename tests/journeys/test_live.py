"""Links arrive while somebody reads, on a server that is killed and comes back."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal.core import journal
from portal.core.actors import SYSTEM
from portal.core.models import Role
from portal.core.tasks import seal
from pushes.models import SuspectedLink
from tests.factories import MemberFactory, SuspectedLinkFactory
from tests.journeys.pages import DESKTOP, Findings, shot, sign_in, visit
from tests.live.conftest import Web, _server, signed_in_client, web

__all__ = ["_server", "web"]

SOON = 20_000  # milliseconds
# What Chromium says of a server that is not there, which is what happens here on purpose.
_AWAY = re.compile(r"net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED|EMPTY_RESP)")


@pytest.fixture
def link():
    return SuspectedLinkFactory()


@pytest.fixture
def reviewer(link):
    return MemberFactory(organisation=link.organisation, role=Role.REVIEWER)


@pytest.fixture
def context(browser: Browser, web: Web, reviewer) -> Iterator[BrowserContext]:
    """A signed-in browser on the server of its own."""
    width, height = DESKTOP
    context = browser.new_context(
        base_url=web.url, viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    name = settings.SESSION_COOKIE_NAME
    value = signed_in_client(reviewer).cookies[name].value
    context.add_cookies([{"name": name, "value": value, "url": web.url}])
    findings = Findings(host=urlsplit(web.url).netloc)
    context.on("page", findings.watch)
    yield context
    context.close()
    seen = [one for one in findings.seen if not _AWAY.search(one)]
    assert not seen, "\n".join(seen)


def push(link: SuspectedLink) -> None:
    journal.record("link.pushed", link, actor=SYSTEM, now=timezone.now())
    seal()


def push_new(like: SuspectedLink) -> SuspectedLink:
    made: SuspectedLink = SuspectedLinkFactory(brand=like.brand)
    push(made)
    return made


def pill(page: Page):
    return page.locator("[data-live-pill]")


def is_live(page: Page) -> None:
    """Wait until the page's connection stands (or the tab that leads says that its does)."""
    expect(page.locator("html")).to_have_attribute("data-live", "live", timeout=SOON)


def test_links_arrive_while_reading_and_nothing_moves_or_is_missed(
    web: Web, context: BrowserContext, link
):
    page = context.new_page()
    page.goto("/links/")
    is_live(page)
    row = page.locator("[data-live-id]").first
    row.hover()
    opener = row.locator("a").first
    opener.focus()
    before = row.bounding_box()

    push_new(link)
    push(SuspectedLinkFactory())  # another brand's
    expect(pill(page)).to_have_text("1 new link", timeout=SOON)
    assert row.bounding_box() == before, "the row under the cursor moved"
    expect(opener).to_be_focused()
    expect(page.locator("#live-voice")).to_have_text("1 new link", timeout=SOON)
    shot(page, "live-pill")

    # A second tab shares the first one's connection and takes over when that is closed.
    second = context.new_page()
    second.goto("/links/")
    is_live(second)
    push_new(link)
    expect(pill(page)).to_have_text("2 new links", timeout=SOON)
    expect(pill(second)).to_have_text("1 new link", timeout=SOON)
    page.close()
    push_new(link)
    expect(pill(second)).to_have_text("2 new links", timeout=SOON)

    web.kill()
    status = second.locator("[data-live-status]")
    expect(status).to_be_visible(timeout=SOON)
    expect(status).to_contain_text("Offline, trying again")
    shot(second, "live-offline")
    push_new(link)
    push_new(link)
    web.start()
    expect(pill(second)).to_have_text("4 new links", timeout=90_000)
    expect(status).to_be_hidden(timeout=SOON)
    expect(second.locator("#live-voice")).not_to_be_empty()

    pill(second).click()
    expect(second.locator("[data-live-id]")).to_have_count(
        SuspectedLink.objects.filter(organisation=link.organisation).count()
    )
    expect(pill(second)).to_be_hidden()


def test_a_new_link_judged_before_anybody_looked_is_not_new_any_more(context, link):
    page = context.new_page()
    page.goto("/links/")
    is_live(page)
    made = push_new(link)
    expect(pill(page)).to_have_text("1 new link", timeout=SOON)
    journal.record("link.genuine", made, actor=SYSTEM, now=timezone.now())
    seal()
    expect(pill(page)).to_be_hidden(timeout=SOON)


def test_a_browser_without_streams_gets_the_same_by_asking(page: Page, link, reviewer):
    """The suite's ordinary server cannot stream, so the page polls."""
    sign_in(page, reviewer)
    visit(page, "/links/")
    expect(page.locator("html")).to_have_attribute("data-live", "polling", timeout=SOON)
    push_new(link)
    expect(pill(page)).to_have_text("1 new link", timeout=SOON)
    expect(page.locator("[data-live-status]")).to_be_hidden()
