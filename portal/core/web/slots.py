"""Slots: places in a page which upper apps fill, so that no page imports upwards."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest

Filler = Callable[[HttpRequest, Mapping[str, Any]], str]
_fillers: dict[str, list[Filler]] = defaultdict(list)


def fill(name: str, filler: Filler) -> None:
    """Add a filler: it gets the request and the slot's values, and returns safe HTML or ''."""
    _fillers[name].append(filler)


def render(name: str, request: HttpRequest, values: Mapping[str, Any]) -> str:
    """Return everything that fills the slot."""
    return "".join(filler(request, values) for filler in _fillers[name])
