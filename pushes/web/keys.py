"""The desk's keys: shipped ones, a member's own, and what each does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.core.models import Member
from pushes.models import DeskPreference
from pushes.services.preferences import SHIPPED

LABELS: Final[Mapping[str, Promise]] = {
    "next": _("Next link"),
    "previous": _("Previous link"),
    "select": _("Select; with Shift a range"),
    "counterfeit": _("Counterfeit"),
    "other_infringement": _("Other infringement"),
    "genuine": _("Genuine"),
    "authorised": _("Authorised seller"),
    "appraisal": _("Cannot tell"),
    "complaint": _("File a complaint"),
    "undo": _("Undo"),
    "skip": _("Skip"),
    "explain": _("Explain the score"),
    "note": _("Write a note"),
    "zoom": _("Zoom and compare pictures"),
    "search": _("Search"),
    "sheet": _("Show the keys"),
}


@dataclass(frozen=True)
class Key:
    """One line of the sheet."""

    action: str
    label: Promise
    key: str
    cap: str


def of_member(member: Member | None) -> Mapping[str, str]:
    """Action → key; empty when the member switched single keys off."""
    preference = preference_of(member)
    if preference is not None and not preference.keys_on:
        return {}
    return {**SHIPPED, **(preference.keys if preference else {})}


def preference_of(member: Member | None) -> DeskPreference | None:
    """The member's own keys, read once a request."""
    if member is None:
        return None
    if not hasattr(member, "_desk_preference"):
        found = DeskPreference.objects.filter(member=member).first()
        member._desk_preference = found  # type: ignore[attr-defined]  # kept for this request
    preference: DeskPreference | None = member._desk_preference  # type: ignore[attr-defined]
    return preference


def sheet(member: Member | None) -> list[Key]:
    """Every action with its key, in the order people learn them."""
    keys = of_member(member)
    return [
        Key(action, label, keys.get(action, ""), cap(keys.get(action, "")))
        for action, label in LABELS.items()
    ]


def cap(key: str) -> str:
    """What is printed on the key."""
    return str(_("Space")) if key == " " else key.upper()
