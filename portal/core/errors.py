"""Errors people can act on: a code for machines, a sentence for people, the field it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field, and what to do about it.

    ``field`` is a path such as ``listings[3].price``; ``row`` counts file rows from 1.
    """

    field: str
    code: str
    message: Text
    row: int | None = None


class PortalError(Exception):
    """Base of every refusal. ``code`` is stable, ``message`` is shown to the user."""

    status = 400

    def __init__(self, code: str, message: Text, *, field: str = "") -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class InvalidInput(PortalError):
    """Input that breaks a rule; lists every field error found."""

    status = 422

    def __init__(self, errors: Sequence[FieldError]) -> None:
        first = errors[0]
        super().__init__(first.code, first.message, field=first.field)
        self.errors = tuple(errors)

    @classmethod
    def one(cls, field: str, code: str, message: Text) -> "InvalidInput":
        """Return the error for a single field."""
        return cls([FieldError(field, code, message)])


class NotAllowed(PortalError):
    """A policy said no, with its reason."""

    status = 403


class NotFound(PortalError):
    """Nothing the actor may see has this id. Also said of other tenants' rows."""

    status = 404


class StaleState(PortalError):
    """Somebody else moved the row first, or the move is not in the table."""

    status = 409


class TooMany(PortalError):
    """Asked too often; the message says when to come back."""

    status = 429
