"""The staff tables under the strict policy: the page fixture fails on any violation."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import MemberFactory
from tests.journeys.pages import sign_in, visit


@pytest.mark.parametrize("path", ["/staff/", "/staff/core/member/"])
def test_staff_tables_break_no_content_policy(page: Page, path: str) -> None:
    sign_in(page, MemberFactory(platform_admin=True))
    assert visit(page, path).status == 200
    expect(page.get_by_role("heading", level=1)).to_be_visible()
