"""Every pair of colours that carries text or bounds a control holds WCAG 2.2 AA in both themes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = Path(settings.BASE_DIR) / "portal" / "static" / "tokens.css"
TEXT, CONTROL = 4.5, 3.0
GROUNDS = ("sunken", "ground", "surface", "raised", "hover")
TONES = ("good", "warn", "bad", "info", "plain", "accent")


def tokens() -> dict[str, tuple[str, str]]:
    """Colour tokens as (light, dark)."""
    css = TOKENS.read_text()
    pairs = {
        name: (light, dark)
        for name, light, dark in re.findall(
            r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", css
        )
    }
    plain = re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css)
    return pairs | {name: (colour, colour) for name, colour in plain}


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2, definition of relative luminance)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def needed() -> Iterator[tuple[str, str, float]]:
    """(foreground, background, least ratio) of everything the style sheets combine."""
    for ground in GROUNDS:
        for text in ("text", "soft", "faint", "accent"):
            yield text, ground, TEXT
    for tone in TONES:
        yield tone, f"{tone}-soft", TEXT
        yield "text", f"{tone}-soft", TEXT
        for ground in ("ground", "surface", "raised", "hover"):
            yield tone, ground, TEXT
    for fill in ("accent-fill", "accent-fill-hover", "bad-fill", "bad-fill-hover"):
        yield "on-fill", fill, TEXT
    for ground in ("ground", "surface", "raised"):
        yield "edge", ground, CONTROL
    for tone in TONES:
        # Bars are drawn on their track in the tone of what they measure.
        yield tone, "plain-soft", CONTROL
    yield "text", "mark", TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), list(needed()))
def test_a_pair_of_colours_has_enough_contrast(theme, front, back, least):
    colours = tokens()
    ratio = contrast(colours[front][theme], colours[back][theme])
    assert ratio >= least, f"{front} on {back}: {ratio:.2f}"


def test_black_on_white_is_21_to_1():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
