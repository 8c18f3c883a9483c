"""Errors of the matching engine; each says where the trouble is and what to write instead."""

from __future__ import annotations


class MatchingError(ValueError):
    """Base of everything this package raises on purpose."""


class RegistryError(MatchingError):
    """A registry document is wrong at one place.

    ``path`` is a JSON path such as ``$.brands[3].product_models[0].gtin``, ``hint`` says what
    would be right.
    """

    def __init__(self, path: str, problem: str, hint: str) -> None:
        super().__init__(f"{path}: {problem} ({hint})")
        self.path = path
        self.problem = problem
        self.hint = hint


class RulesetError(MatchingError):
    """A ruleset document is wrong (edited by hand, cut off, or of another format)."""


class RatesError(MatchingError):
    """A table of exchange rates is wrong."""


class ListingFileError(MatchingError):
    """A file of listings cannot be read at all (a single bad row is reported, not raised)."""
