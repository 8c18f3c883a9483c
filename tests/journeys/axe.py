"""Accessibility of a page, judged by axe-core, in every variant."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.pages import VARIANTS, Variant, each_variant, shot, sideways_overflow

WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def check_axe(page: Page) -> None:
    """Fail with every violation of WCAG 2.2 A and AA on the page as it is shown now."""
    answer = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG_22_AA}}).response
    # A scan that looked at nothing proves nothing.
    assert answer["passes"], f"axe found nothing to check on {page.url}"
    found = [
        f"{violation['id']} ({violation['help']}): {node['target']} {node['html'][:160]}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]
    assert not found, f"{page.url}\n" + "\n".join(found)


def check_variants(page: Page, name: str, variants: tuple[Variant, ...] = VARIANTS) -> None:
    """Check and picture a page in both themes, both languages and on a phone.

    It must have no WCAG violation and no sideways scrolling in any of them, and a title of its
    own. Pictures are ``var/screenshots/<name>-<variant>.png``.
    """
    for variant in each_variant(page, variants):
        check_axe(page)
        _check_frame(page, variant)
        shot(page, f"{name}-{variant.name}")


def _check_frame(page: Page, variant: Variant) -> None:
    assert sideways_overflow(page) == 0, f"{page.url} scrolls sideways in {variant.name}"
    own_title, _dot, _product = page.title().rpartition(" · ")
    assert own_title.strip(), f"{page.url} has no title of its own"
