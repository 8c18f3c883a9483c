"""What a verdict must say, whoever gives it and for whichever reason it is asked."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from brands.models import Registration
from portal.core.errors import InvalidInput
from pushes.models import Verdict

LONGEST_REASON: Final = 2000


def check_outcome(outcome: str, right: str, reason: str) -> None:
    """Raise ``InvalidInput`` naming ``outcome``, ``right`` or ``reason``."""
    if outcome not in Verdict.Outcome.values:
        raise InvalidInput.one("outcome", "unknown", _("This is not a verdict."))
    if outcome == Verdict.Outcome.OTHER_INFRINGEMENT and right not in Registration.Kind.values:
        raise InvalidInput.one("right", "required", _("Say which right is infringed."))
    if len(reason) > LONGEST_REASON:
        raise InvalidInput.one("reason", "too_long", _("Write at most 2000 characters."))
