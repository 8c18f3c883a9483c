"""Text that is shown otherwise than it is stored: in another order, turned, or as flags.

A right-to-left override makes "ekin" appear as "nike"; turned letters spell a name from the right
("ǝʞᴉu"); two regional letters alone are one picture, a flag, and no letters of a name. All are
rare, so whole batches are looked through for one of the signs first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pushes.matching import kernel
from pushes.matching.kernel import U32

OVERRIDE, ENDS = "\u202e", "\u202c\u202d\u202a\u202b\u2069\n"
TURNED = dict(
    zip(
        "ɐqɔpǝɟƃɥᴉıɾʞןɯuodbɹsʇnʌʍxʎzƎ∀Ԁ⅄˥Ⅎ⅁ƆWM",
        "abcdefghiijklmnopqrstuvwxyzeapylfgcmw",
        strict=True,
    )
)
SURE = "ɐɔǝɟƃɥᴉɾʞɹʇʌʍʎƎ∀⅄˥Ⅎ⅁"
"""Letters that are only seen turned; the others have another reading."""
TURNED_RUN = re.compile(f"[{''.join(TURNED)}lsoxz ]+")
"""Letters that may be turned; only a run with a sure one is read so."""
LEAST_SURE = 1
REGIONAL, REGIONAL_LAST = "\U0001f1e6", "\U0001f1ff"
FLAG = re.compile(
    f"(?<![{REGIONAL}-{REGIONAL_LAST}])[{REGIONAL}-{REGIONAL_LAST}]{{2}}"
    f"(?![{REGIONAL}-{REGIONAL_LAST}])"
)
PICTURE = "\U0001f3f3\U0001f3f3"
"""Stands for a flag: as many characters, and none of them a letter."""


class Reading:
    """A text as it is shown, with the way back to where its characters are stored.

    ``text`` has as many characters as the original; ``runs`` are the turned stretches.
    """

    def __init__(self, text: str) -> None:
        self.runs: list[tuple[int, int]] = []
        text = FLAG.sub(PICTURE, text)
        text = self._unturn(text) if any(sign in text for sign in SURE) else text
        self.text = self._override(text) if OVERRIDE in text else text

    def _override(self, text: str) -> str:
        at = text.find(OVERRIDE)
        while at >= 0:
            stop = next((n for n in range(at + 1, len(text)) if text[n] in ENDS), len(text))
            text = text[: at + 1] + text[at + 1 : stop][::-1] + text[stop:]
            self.runs.append((at + 1, stop))
            at = text.find(OVERRIDE, stop)
        return text

    def _unturn(self, text: str) -> str:
        for run in list(TURNED_RUN.finditer(text)):
            start, stop = _whole_words(text, *run.span())
            piece = text[start:stop]
            if sum(char in SURE for char in piece) < LEAST_SURE:
                continue
            upright = "".join(TURNED.get(char, char) for char in reversed(piece))
            text = text[:start] + upright + text[stop:]
            self.runs.append((start, stop))
        return text

    def original(self, start: int, end: int) -> tuple[int, int] | None:
        """Where ``text[start:end]`` is stored; None when it is not in a turned stretch."""
        turned = False
        for first, stop in reversed(self.runs):
            if first <= start and end <= stop:
                start, end = first + stop - end, first + stop - start
                turned = True
        return (start, end) if turned else None


_TURNING = np.zeros(ord(REGIONAL_LAST) + 1, np.uint8)
_TURNING[[ord(sign) for sign in (OVERRIDE, *SURE)]] = 1
_TURNING[ord(REGIONAL) :] = 1


def readings(texts: Sequence[str], points: U32) -> dict[int, Reading]:
    """Text number → reading, for the texts that are shown in another order than they are stored.

    ``points``: the code points of all texts, which are looked through for one of the signs first.
    """
    if not kernel.holds_any(points, _TURNING):
        return {}
    found = {number: Reading(text) for number, text in enumerate(texts) if not text.isascii()}
    return {number: read for number, read in found.items() if read.text != texts[number]}


def _whole_words(text: str, start: int, stop: int) -> tuple[int, int]:
    """The part of text[start:stop] in which no word goes on outside, without spaces around it."""
    if text[stop : stop + 1].isalnum():
        stop = max(start, text.rfind(" ", start, stop))
    if start and text[start - 1].isalnum():
        start = (text.find(" ", start, stop) + 1) or stop
    piece = text[start:stop]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
