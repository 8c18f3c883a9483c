"""Accessibility of a page, judged by axe-core, in every variant."""

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.pages import VARIANTS, Variant, each_variant, shot, sideways_overflow

WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What another theme can change of a page: all else is in its structure and its words.
COLOURS = ("color-contrast", "link-in-text-block")
_BY_RULE = """async options => {
  const { violations, passes } = await axe.run(document, { preload: false, ...options });
  return {
    checked: passes.length,
    found: violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, html }) => `${id} (${help}): ${target} ${html.slice(0, 160)}`)),
  };
}"""


def check_axe(page: Page) -> None:
    """Fail with every violation of WCAG 2.2 A and AA on the page as it is shown now."""
    found = violations(page)
    assert not found, f"{page.url}\n" + "\n".join(found)


def violations(page: Page, *, but: Sequence[str] = (), only: Sequence[str] = ()) -> list[str]:
    """Every violation of WCAG 2.2 A and AA, or of the rules ``only``; without the rules ``but``."""
    options: dict[str, Any] = {
        "runOnly": {"type": "rule", "values": list(only)}
        if only
        else {"type": "tag", "values": WCAG_22_AA},
        "rules": {rule: {"enabled": False} for rule in but},
    }
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    answer = page.evaluate(_BY_RULE, options)
    # A scan that looked at nothing proves nothing.
    assert only or answer["checked"], f"axe found nothing to check on {page.url}"
    found: list[str] = answer["found"]
    return found


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
