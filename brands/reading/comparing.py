"""Finds what somebody typed in the text of a document, whatever way it is written there.

Names are folded (width, case, traditional and simplified characters, punctuation, legal forms),
numbers are compared without separators, dates are read in several formats.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Final

import opencc
from rapidfuzz import fuzz

from portal.core.names import scripts_of

# A name of which this share (percent) agrees is shown as what the document says instead.
SIMILAR: Final = 80.0
# Legal forms as they end a company's name, folded. After the lists of ISO 20275 (entity legal
# forms) for the countries most rights come from.
_FORMS_LATIN: Final = frozenset(
    """
    ltd limited co company corp corporation inc incorporated llc llp lp plc gmbh ag kg ohg ug sa sas
    sarl srl spa bv nv ab as oy aps kk pte pty sdn bhd jsc pjsc ooo oao zao kft zrt sro doo
    """.split()  # noqa: SIM905  # checked against the standard by eye
)
_FORMS_HAN: Final = (
    *("股份有限公司", "有限责任公司", "集团有限公司", "有限公司"),
    *("株式会社", "合同会社", "公司", "厂"),
)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero", "february feb februar février febrero",
            "march mar märz mars marzo", "april apr avril abril", "may mai mayo",
            "june jun juni juin junio", "july jul juli juillet julio",
            "august aug août agosto", "september sep sept septembre septiembre",
            "october oct oktober octobre octubre", "november nov novembre noviembre",
            "december dec dezember décembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_HAN_DIGITS: Final = str.maketrans("〇零一二三四五六七八九", "00123456789")


class Outcome(StrEnum):
    """What a comparison found."""

    SAME = "same"
    DIFFERS = "differs"
    ABSENT = "absent"
    OTHER_SCRIPT = "other_script"
    NO_TEXT = "no_text"


@dataclass(frozen=True)
class Found:
    """Whether a value stands in the text; ``start`` and ``end`` mark where, ``says`` what does."""

    outcome: Outcome
    says: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class _Folded:
    """Text with what does not count left out; ``places`` leads each character back."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.places[start], self.places[end - 1] + 1


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _fold(text: str, keep: Callable[[str], bool]) -> _Folded:
    kept: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character).casefold():
            if keep(part):
                kept.append(part)
                places.append(place)
    plain = "".join(kept)
    simplified = str(_simplifier().convert(plain))
    # One character becomes one, or the way back would be lost.
    return _Folded(simplified if len(simplified) == len(plain) else plain, tuple(places))


def number_key(number: str) -> str:
    """Return a registration number as it is compared: letters and digits only, in capitals."""
    folded = unicodedata.normalize("NFKC", number).upper()
    return "".join(character for character in folded if character.isalnum())


def fold_name(name: str) -> str:
    """Return letters and digits of a name, folded."""
    folded = _fold(name, str.isalnum)
    return folded.text


def owner_key(name: str) -> str:
    """Return a company's name without its legal form: ``Velmora Co., Ltd.`` → ``velmora``."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", name).casefold().replace(".", ""))
    while len(words) > 1 and words[-1] in _FORMS_LATIN:
        words.pop()
    key = fold_name("".join(words))
    for form in _FORMS_HAN:
        if key.endswith(form) and len(key) > len(form):
            return key.removesuffix(form)
    return key


def same_owner(one: str, other: str) -> bool:
    """Whether two names are one company's."""
    return owner_key(one) == owner_key(other)


# --------------------------------------------------------------------------- typed against text


def find_number(typed: str, text: str) -> Found:
    """Look for a registration number, with or without separators."""
    if not text.strip():
        return Found(Outcome.NO_TEXT)
    folded = _fold(text, str.isalnum)
    wanted = _fold(typed, str.isalnum).text
    place = folded.text.find(wanted) if wanted else -1
    if place >= 0:
        start, end = folded.span(place, place + len(wanted))
        return Found(Outcome.SAME, text[start:end], start, end)
    return _nearest(typed, text, re.finditer(r"[A-Za-z0-9][\w\-./ ]{3,40}\d", text))


def find_name(typed: str, text: str) -> Found:
    """Look for a name, in any case, width and form of characters; its legal form may differ."""
    if not text.strip():
        return Found(Outcome.NO_TEXT)
    folded, wanted = _fold(text, str.isalnum), owner_key(typed)
    # With its legal form first: without it an owner is found where only its mark is printed.
    for exact in (_fold(typed, str.isalnum).text, wanted):
        place = folded.text.find(exact) if exact else -1
        if place >= 0:
            start, end = folded.span(place, place + len(exact))
            return Found(Outcome.SAME, text[start:end], start, end)
    if scripts_of(typed).isdisjoint(scripts_of(text)):
        return Found(Outcome.OTHER_SCRIPT)
    near = fuzz.partial_ratio_alignment(wanted, folded.text, score_cutoff=SIMILAR)
    if near is None or near.dest_end <= near.dest_start:
        return Found(Outcome.ABSENT)
    start, end = folded.span(near.dest_start, near.dest_end)
    return Found(Outcome.DIFFERS, text[start:end], start, end)


def find_date(typed: date, text: str) -> Found:
    """Look for a day in any of the usual formats."""
    if not text.strip():
        return Found(Outcome.NO_TEXT)
    seen: list[str] = []
    for days, start, end in dates_in(text):
        if typed in days:
            return Found(Outcome.SAME, text[start:end], start, end)
        seen.append(text[start:end])
    if not seen:
        return Found(Outcome.ABSENT)
    return Found(Outcome.DIFFERS, ", ".join(dict.fromkeys(seen[:6])))


def find_classes(typed: Iterable[int], text: str) -> Found:
    """Look for the Nice classes a certificate names."""
    if not text.strip():
        return Found(Outcome.NO_TEXT)
    found = _CLASSES.search(text) or _CLASSES_HAN.search(text)
    if found is None:
        return Found(Outcome.ABSENT)
    says = {int(number) for number in re.findall(r"\d{1,2}", found[1])}
    outcome = Outcome.SAME if says == set(typed) else Outcome.DIFFERS
    return Found(outcome, found[1].strip(" ,;、，\n"), *found.span(1))


# Every piece begins with digits and its separators have none, so no text is tried twice; there are
# 45 Nice classes.
_CLASS_NUMBERS: Final = r"((?:\d{1,2}(?!\d)(?:[\s,、，;&和]|and){0,6}){1,45})"
_CLASSES: Final = re.compile(
    r"(?:class(?:es)?|klassen?|类别|類別|区分)\D{0,12}" + _CLASS_NUMBERS, re.IGNORECASE
)
_CLASSES_HAN: Final = re.compile("第?" + _CLASS_NUMBERS + "[类類]")


def _nearest(typed: str, text: str, candidates: Iterable[re.Match[str]]) -> Found:
    key = number_key(typed)
    best, score = None, SIMILAR
    for candidate in candidates:
        close = fuzz.ratio(key, number_key(candidate[0]))
        if close >= score:
            best, score = candidate, close
    if best is None:
        return Found(Outcome.ABSENT)
    return Found(Outcome.DIFFERS, text[best.start() : best.end()], *best.span())


# --------------------------------------------------------------------------- dates and scripts

_NUMBERS: Final = re.compile(r"(?<!\d)(\d{1,4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,4})(?!\d)")
_HAN: Final = re.compile(
    r"([\d〇零一二三四五六七八九]{4})\s*年\s*([\d〇一二三四五六七八九十]{1,3})\s*月\s*"
    r"([\d〇一二三四五六七八九十]{1,3})\s*日"
)
_DAY_FIRST: Final = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?([^\W\d]{3,10})\.?,?\s+(\d{4})"
)
_MONTH_FIRST: Final = re.compile(r"([^\W\d]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def dates_in(text: str) -> Iterator[tuple[set[date], int, int]]:
    """Yield every date of the text with its place; 03/04/2020 may be either of two days."""
    for found in _NUMBERS.finditer(text):
        first, middle, last = (int(part) for part in found.groups())
        orders = (
            [(first, middle, last)]
            if len(found[1]) == 4
            else [(last, middle, first), (last, first, middle)]
        )
        yield from _days(orders, found)
    for found in _HAN.finditer(text):
        year = int(found[1].translate(_HAN_DIGITS))
        yield from _days([(year, _han_number(found[2]), _han_number(found[3]))], found)
    for found in _DAY_FIRST.finditer(text):
        yield from _days([(int(found[3]), _month(found[2]), int(found[1]))], found)
    for found in _MONTH_FIRST.finditer(text):
        yield from _days([(int(found[3]), _month(found[1]), int(found[2]))], found)


def _days(
    orders: Iterable[tuple[int, int, int]], found: re.Match[str]
) -> Iterator[tuple[set[date], int, int]]:
    days = set()
    for year, month, day in orders:
        try:
            days.add(date(year, month, day))
        except ValueError:
            continue
    if days:
        yield days, *found.span()


def _month(name: str) -> int:
    return _MONTHS.get(name.casefold(), 0)


def _han_number(digits: str) -> int:
    """Read 12, 一二 or 二十一; what is no number, such as 十十一, reads as no day or month."""
    tens, ten, ones = digits.translate(_HAN_DIGITS).rpartition("十")
    if "十" in tens:
        return 0
    return (10 * int(tens or 1) if ten else 0) + int(ones or 0)
