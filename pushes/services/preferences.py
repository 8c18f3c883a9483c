"""A member's keys: remapped, or switched off (WCAG 2.1.4, character key shortcuts)."""

from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from portal.core.errors import FieldError, InvalidInput
from portal.core.models import Member
from pushes.models import DeskPreference

SHIPPED: Final[Mapping[str, str]] = {
    "next": "j",
    "previous": "k",
    "select": "x",
    "counterfeit": "f",
    "other_infringement": "o",
    "genuine": "g",
    "authorised": "a",
    "appraisal": "u",
    "complaint": "c",
    "undo": "z",
    "skip": "s",
    "explain": "e",
    "note": "n",
    "zoom": " ",
    "search": "/",
    "sheet": "?",
}


@transaction.atomic
def set_keys(*, member: Member, keys: Mapping[str, str], keys_on: bool) -> DeskPreference:
    """Keep a member's keys; only what differs from the shipped ones is stored.

    Raises ``InvalidInput`` naming each action whose key is no single character or is taken.
    A preference is nobody's evidence, so it is not journalled.
    """
    chosen = {**SHIPPED, **{action: key.lower() for action, key in keys.items()}}
    errors = []
    owners: dict[str, str] = {}
    for action, key in chosen.items():
        if action not in SHIPPED:
            errors.append(FieldError(action, "unknown", _("There is no such action.")))
        elif len(key) != 1 or not key.isprintable():
            errors.append(FieldError(action, "one_key", _("Choose one character.")))
        elif key in owners:
            errors.append(
                FieldError(action, "taken", _("“%(key)s” has another use.") % {"key": key})
            )
        owners.setdefault(key, action)
    if errors:
        raise InvalidInput(errors)
    own = {action: key for action, key in chosen.items() if key != SHIPPED[action]}
    preference, _created = DeskPreference.objects.update_or_create(
        member=member, defaults={"keys": own, "keys_on": keys_on}
    )
    return preference
