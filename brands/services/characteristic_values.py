"""Is the value of a characteristic well formed? Each kind has its form; errors teach it."""

import re
from decimal import Decimal, InvalidOperation

import re2
from django.utils.translation import gettext as _

from brands.models import Characteristic
from brands.services.cleaning import HIGHEST_PRICE, Problems
from portal.core.currencies import CURRENCIES

Kind = Characteristic.Kind
LONGEST_VALUE = 500
PATTERN_MEMORY = 256 << 10
HIGHEST_WEIGHT = 10.0
LOWEST_PRICE = Decimal("0.01")
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%")
_AMOUNT = re.compile(r"(\S+)\s+(\S+)")


def clean_value(problems: Problems, kind: str, value: str, *, prefix: str = "") -> str:
    """Return the value as it is stored; what is wrong is noted on ``value`` or ``kind``."""
    if kind not in Kind.values:
        problems.add(
            f"{prefix}kind",
            "unknown_kind",
            _("“%(kind)s” is not a kind of characteristic. Known: %(known)s.")
            % {"kind": kind[:40], "known": ", ".join(Kind.values)},
        )
        return ""
    field = f"{prefix}value"
    text = problems.text(field, value, longest=LONGEST_VALUE, required=True)
    if not text:
        return ""
    if kind in (Kind.PHRASE_PATTERN, Kind.SELLER_PATTERN):
        _check_pattern(problems, field, text)
    elif kind == Kind.PRICE_BELOW:
        return _price_rule(problems, field, text)
    elif kind == Kind.ATTRIBUTE_MISMATCH and not all(p.strip() for p in text.partition("=")):
        problems.add(
            field,
            "attribute_form",
            _("Write the attribute and its rightful value: colour=black."),
        )
    return text


def clean_weight(
    problems: Problems, value: float | str | None, *, prefix: str = ""
) -> float | None:
    """Return the multiplier of the learned weight, 0 to 10; ``None`` leaves it as learned."""
    if value is None or value == "":
        return None
    try:
        weight = float(value)
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= HIGHEST_WEIGHT:
        problems.add(f"{prefix}weight", "weight_range", _("A weight is a number from 0 to 10."))
        return None
    return weight


def _pattern_options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = PATTERN_MEMORY
    return options


def _check_pattern(problems: Problems, field: str, pattern: str) -> None:
    """RE2 only: it matches in linear time whatever people write (https://swtch.com/~rsc/regexp/)."""
    try:
        compiled = re2.compile(pattern, _pattern_options())
    except re2.error as error:
        problems.add(field, "pattern", _pattern_error(pattern, error))
        return
    if compiled.search("") is not None:
        problems.add(
            field,
            "pattern_matches_nothing",
            _("This pattern also matches an empty text, so it would match every listing."),
        )


def pattern_fault(pattern: str) -> tuple[int, int] | None:
    """Return where RE2 stumbles over a pattern, start and end from 0; ``None`` when it does not.

    A pattern that is wrong at no place of its own, such as one that is too large, is wrong as a
    whole.
    """
    try:
        re2.compile(pattern, _pattern_options())
    except re2.error as error:
        _problem, piece, position = _stumble(pattern, error)
        return (position, position + len(piece)) if position >= 0 else (0, len(pattern))
    return None


def _stumble(pattern: str, error: Exception) -> tuple[str, str, int]:
    """RE2 names the piece it stumbled over at the end of its message; say where that stands."""
    raw = error.args[0] if error.args else ""
    message = raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw)
    problem, _colon, piece = message.partition(": ")
    position = pattern.find(piece) if piece else -1
    return (problem if position >= 0 else message), piece, position


def _pattern_error(pattern: str, error: Exception) -> str:
    message, piece, position = _stumble(pattern, error)
    problem = message
    if position < 0:
        return _("This pattern cannot be read: %(problem)s.") % {"problem": message}
    return _("This pattern cannot be read at position %(position)d, “%(piece)s”: %(problem)s.") % {
        "position": position + 1,
        "piece": piece[:30],
        "problem": problem,
    }


def _price_rule(problems: Problems, field: str, text: str) -> str:
    """“40%” of the list price, or an amount with its currency: “99.90 CNY”."""
    if share := _SHARE.fullmatch(text):
        if not 0 < Decimal(share[1]) < 100:
            problems.add(
                field, "share_range", _("A share of the list price is between 0 and 100 %.")
            )
        return f"{share[1]}%"
    amount = _AMOUNT.fullmatch(text)
    if amount and amount[2].upper() in CURRENCIES and _is_price(amount[1]):
        return f"{amount[1]} {amount[2].upper()}"
    problems.add(
        field,
        "price_form",
        _("Write an amount with its currency, such as 99.90 CNY, or a share such as 40%."),
    )
    return ""


def _is_price(text: str) -> bool:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return False
    return amount.is_finite() and LOWEST_PRICE <= amount <= HIGHEST_PRICE
