"""Cleaning of what people and files declare: every problem is collected, none is guessed away.

Texts are trimmed and otherwise kept as written: how a name is spelt is the very thing compared.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.core.currencies import CURRENCIES
from portal.core.errors import FieldError, InvalidInput, Text

# Control characters and lone surrogates: nothing a person types, and no database stores the latter.
_FORBIDDEN = frozenset({"Cc", "Cs"})
HIGHEST_PRICE = Decimal("999999999999.99")


class Problems:
    """The field errors found so far."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, field: str, code: str, message: Text) -> None:
        """Note what is wrong with a field."""
        self.errors.append(FieldError(field, code, message))

    def require_none(self) -> None:
        """Raise ``InvalidInput`` with everything found."""
        if self.errors:
            raise InvalidInput(self.errors)

    def text(self, field: str, value: str, *, longest: int, required: bool = False) -> str:
        """Return the trimmed text; ``""`` with a problem noted when it cannot be used."""
        text = value.strip()
        if not text:
            if required:
                self.add(field, "required", _("Fill this in."))
        elif len(text) > longest:
            self.add(
                field,
                "too_long",
                _("%(length)d characters are too many: at most %(longest)d.")
                % {"length": len(text), "longest": longest},
            )
        elif bad := _forbidden(text):
            self.add(
                field,
                "control_character",
                _("The character %(code)s at position %(position)d cannot be stored.") % bad,
            )
        else:
            return text
        return ""

    def texts(self, field: str, values: Iterable[str], *, longest: int) -> list[str]:
        """Return the trimmed texts, each once, in their order."""
        kept = (self.text(field, value, longest=longest) for value in values)
        return list(dict.fromkeys(text for text in kept if text))

    def price(self, field: str, value: Decimal | str | None) -> Decimal | None:
        """Return a price with at most two decimals; ``None`` when empty or wrong."""
        if value is None or value == "":
            return None
        try:
            amount = Decimal(value.strip() if isinstance(value, str) else value)
        except InvalidOperation:
            self.add(
                field, "not_a_price", _("“%s” is not a price. Write 129.90.") % str(value)[:40]
            )
            return None
        if not amount.is_finite() or amount <= 0:
            self.add(field, "not_positive", _("A price is greater than zero, or left empty."))
        elif amount > HIGHEST_PRICE:
            self.add(field, "too_high", _("This price is too high to be stored."))
        elif amount != amount.quantize(Decimal("0.01")):
            self.add(field, "too_precise", _("A price has at most two decimals."))
        else:
            return amount.quantize(Decimal("0.01"))
        return None

    def currency(self, field: str, value: str) -> str:
        """Return the ISO 4217 code in capitals, ``""`` when empty or wrong."""
        code = value.strip().upper()
        if not code:
            return ""
        if code not in CURRENCIES:
            self.add(
                field,
                "unknown_currency",
                _("“%s” is not a currency. Write its ISO 4217 code, such as CNY.") % code[:20],
            )
            return ""
        return code

    def gtin(self, field: str, value: str) -> str:
        """Return the digits of a GTIN, ``""`` when empty or wrong."""
        digits = value.strip().replace(" ", "").replace("-", "")
        if not digits:
            return ""
        if len(digits) not in (8, 12, 13, 14) or not (digits.isascii() and digits.isdigit()):
            self.add(field, "not_a_gtin", _("A GTIN has 8, 12, 13 or 14 digits."))
            return ""
        if gtin_check_digit(digits[:-1]) != int(digits[-1]):
            self.add(
                field,
                "gtin_check_digit",
                _("The last digit does not fit the others: there is a typing error in this GTIN."),
            )
            return ""
        return digits


def gtin_check_digit(body: str) -> int:
    """Return the GS1 check digit: weights 3 and 1 from the right, complement to ten."""
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(body)))
    return (10 - total % 10) % 10


def _forbidden(text: str) -> dict[str, object] | None:
    for position, character in enumerate(text, start=1):
        if unicodedata.category(character) in _FORBIDDEN:
            return {"code": f"U+{ord(character):04X}", "position": position}
    return None


def storable(text: str) -> str:
    """Return a text to be shown with what no database stores (NUL, lone surrogates) replaced."""
    return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)


@contextmanager
def refusing(constraint: str, *, field: str, code: str, message: Text) -> Iterator[None]:
    """Turn a violation of one database constraint into a field error; others stay failures.

    The database decides about duplicates, so that two writers at once cannot both pass.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if getattr(diagnosis, "constraint_name", None) != constraint:
            raise
        raise InvalidInput.one(field, code, message) from None
