"""Who looks at which link, told to colleagues as it happens."""

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from portal.core.actors import of_member
from portal.core.models import Role
from pushes.services import claims
from tests.factories import MemberFactory, SuspectedLinkFactory
from tests.journeys.test_live import SOON, context, is_live, link, reviewer
from tests.live.conftest import _server, web

__all__ = ["_server", "context", "link", "reviewer", "web"]

# Without its heartbeat the desk knows of a lease only what it is told.
NO_HEARTBEAT = "window.setInterval = () => 0;"


@pytest.mark.usefixtures("web")
def test_a_colleague_who_opens_a_link_is_shown_at_once(
    context: BrowserContext, link, reviewer
) -> None:
    second = SuspectedLinkFactory(brand=link.brand)
    ada = of_member(
        MemberFactory(organisation=link.organisation, role=Role.REVIEWER, user__name="Ada Berg")
    )
    page = context.new_page()
    page.add_init_script(NO_HEARTBEAT)
    page.goto(f"/links/{second.uuid}")
    is_live(page)
    mark = page.locator(f"[data-claim-of='{link.uuid}']")
    expect(mark).to_be_hidden()
    assert claims.take(actor=ada, link=link, now=timezone.now())
    expect(mark).to_contain_text("Ada Berg", timeout=SOON)
    claims.give_back(actor=ada, link=link)
    expect(mark).to_be_hidden(timeout=SOON)
    # By now the desk knows her name and asks nobody.
    assert claims.take(actor=ada, link=link, now=timezone.now())
    expect(mark).to_contain_text("Ada Berg", timeout=SOON)
