"""Makes evasive spellings for tests and the large run in ``benchmarks/evasions.py``.

Shares no table with the engine: letters are found by their Unicode names, Chinese readings,
traditional forms and components are short lists written by hand. A channel gives None where a name
offers nothing to bend.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.matching.evasions.apart import (
    combining,
    emoji,
    glued_to_script,
    glued_to_word,
    punctuation,
    spacing,
    split,
    zero_width,
)
from tests.matching.evasions.chinese import (
    chinese_mask,
    chinese_split,
    components,
    homophone,
    near_homophone,
    traditional,
)
from tests.matching.evasions.letters import (
    fullwidth,
    homoglyph,
    mathematical,
    reversed_override,
    small_caps,
    styled,
    superscript,
    upside_down,
)
from tests.matching.evasions.slips import (
    leet,
    mask,
    mask_first,
    mask_last,
    mask_two,
    phonetic,
    typo,
    typo_first,
    typo_four,
)

__all__ = ["CHINESE", "DETERMINISTIC", "FUZZY", "Evasion", "any_case", "styled"]

Evasion = Callable[[str, random.Random], str | None]


def any_case(name: str, rng: random.Random) -> str:
    """As registered, in small letters, in capitals, or mixed."""
    mixed = "".join(rng.choice([c.lower(), c.upper()]) for c in name)
    return rng.choice([name, name.lower(), name.upper(), name.swapcase(), mixed])


def combined(*steps: Evasion) -> Evasion:
    """Several evasions one after the other."""

    def bend(name: str, rng: random.Random) -> str | None:
        text: str | None = name
        for step in steps:
            text = step(text, rng) if text is not None else None
        return text

    return bend


DETERMINISTIC: dict[str, Evasion] = {
    "mathematical": mathematical,
    "superscript": superscript,
    "small_caps": small_caps,
    "fullwidth": fullwidth,
    "homoglyph": homoglyph,
    "zero_width": zero_width,
    "combining": combining,
    "spacing": spacing,
    "punctuation": punctuation,
    "emoji": emoji,
    "split": split,
    "glued_to_script": glued_to_script,
    "homoglyph_spaced": combined(homoglyph, spacing),
    "homoglyph_zero_width": combined(homoglyph, zero_width),
    "fullwidth_punctuation": combined(fullwidth, punctuation),
    "combining_split": combined(split, combining),
    "mathematical_glued": combined(mathematical, glued_to_script),
}
FUZZY: dict[str, Evasion] = {
    "leet": leet,
    "mask": mask,
    "mask_two": mask_two,
    "mask_first": mask_first,
    "mask_last": mask_last,
    "typo": typo,
    "typo_first": typo_first,
    "typo_four": typo_four,
    "phonetic": phonetic,
    "glued_to_word": glued_to_word,
    "upside_down": upside_down,
    "reversed_override": reversed_override,
    "homoglyph_mask": combined(homoglyph, mask),
    "homoglyph_typo": combined(typo, homoglyph),
    "leet_spaced": combined(leet, spacing),
    "fullwidth_typo": combined(typo, fullwidth),
}
CHINESE: dict[str, Evasion] = {
    "traditional": traditional,
    "chinese_split": chinese_split,
    "homophone": homophone,
    "near_homophone": near_homophone,
    "chinese_mask": chinese_mask,
    "components": components,
}
