"""Walk through a JSON document and say, for every error, where it stands and what is right."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from pushes.matching.errors import RegistryError

MAX_TEXT = 1_000
T = TypeVar("T")


class Node:
    """One JSON value with its path, so that every error can say where it stands."""

    def __init__(self, value: object, path: str) -> None:
        self.value = value
        self.path = path

    def fail(self, problem: str, hint: str) -> RegistryError:
        """The error to raise for this value."""
        return RegistryError(self.path, problem, hint)

    def known_keys(self, allowed: frozenset[str]) -> None:
        """Refuse misspelt keys: a silently ignored fact would protect nobody."""
        for key in self.mapping():
            if key not in allowed:
                raise RegistryError(
                    f"{self.path}.{key}", "unknown key", "known here: " + ", ".join(sorted(allowed))
                )

    def mapping(self) -> dict[str, object]:
        """This value as an object."""
        if not isinstance(self.value, dict):
            raise self.fail(f"expected an object, got {_type_name(self.value)}", "write {…}")
        return self.value

    def get(self, key: str) -> Node:
        """The value under ``key``; a missing key and null are both None."""
        return Node(self.mapping().get(key), f"{self.path}.{key}")

    def each(self, key: str, read: Callable[[Node], T]) -> tuple[T, ...]:
        """Read the list under ``key`` item by item; missing is empty."""
        node = self.get(key)
        if node.value is None:
            return ()
        if not isinstance(node.value, list):
            raise node.fail(f"expected a list, got {_type_name(node.value)}", "write […]")
        return tuple(
            read(Node(item, f"{node.path}[{number}]")) for number, item in enumerate(node.value)
        )

    def text(self, *, required: bool = False, longest: int = MAX_TEXT) -> str:
        """This value as trimmed text; "" when missing."""
        if self.value is None and not required:
            return ""
        if not isinstance(self.value, str):
            raise self.fail(f"expected text, got {_type_name(self.value)}", 'write "…" in quotes')
        if len(self.value) > longest:
            raise self.fail(f"{len(self.value)} characters", f"at most {longest}")
        trimmed = self.value.strip()
        if required and not trimmed:
            raise self.fail("empty", "every entry needs one")
        return trimmed

    def identifier(self) -> str:
        """An id: text, or a whole number taken as text."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value)
        return self.text(required=True, longest=200)

    def price(self) -> Decimal | None:
        """A price greater than zero, written as number or text; None when missing."""
        if self.value is None or self.value == "":
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, int | float | str):
            raise self.fail("not a price", 'write 129.90 or "129.90"')
        try:
            amount = Decimal(str(self.value))
        except InvalidOperation:
            raise self.fail(f"not a price: {self.value!r}", 'write 129.90 or "129.90"') from None
        if not amount.is_finite() or amount <= 0:
            raise self.fail(f"not a price: {self.value!r}", "greater than zero, or left out")
        return amount

    def currency(self) -> str:
        """Three capital letters, or "" when missing."""
        code = self.text(longest=10).upper()
        if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
            raise self.fail(f"not a currency: {code!r}", "three letters of ISO 4217, such as USD")
        return code

    def multiplier(self) -> float | None:
        """A number from 0 to 10, or None."""
        if self.value is None:
            return None
        number = self.value
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise self.fail(f"expected a number, got {_type_name(number)}", "0 to 10, or null")
        if not 0 <= number <= 10:
            raise self.fail(f"{number} is out of range", "0 to 10, or null")
        return float(number)

    def flag(self) -> bool | None:
        """true, false, or None when missing."""
        if self.value is not None and not isinstance(self.value, bool):
            raise self.fail(f"expected true or false, got {_type_name(self.value)}", "or leave out")
        return self.value


def _type_name(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true/false", type(None): "null"}
    return names.get(type(value), "a number")
