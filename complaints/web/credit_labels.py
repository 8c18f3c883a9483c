"""Words for the rules of good-faith accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext_lazy as _

from complaints.credit_rules import Check, Figures, checks
from complaints.models import CreditAccount
from complaints.tier_rules import Rules, Tier
from portal.core.errors import Text

CHECKS: dict[str, Text] = {
    "cases": _("Decided cases"),
    "established": _("Established, lower bound"),
    "overturned": _("Overturned, upper bound"),
    "recent_established": _("Established in the short window"),
    "recent_overturned": _("Overturned in the short window"),
    "own_established": _("Established for this reason code alone"),
    "timeliness": _("Verdicts in time"),
    "audit": _("Re-reviews that agreed"),
}
# Requirements where less is better.
AT_MOST = {"overturned", "recent_overturned"}
CAUSES: dict[str, Text] = {
    "reached": _("the figures reach it"),
    "breach": _("a rate is too low or too high"),
    "too_few": _("too few cases to prove it"),
    "misuse": _("a step against misuse"),
    "appeal": _("an appeal was granted"),
    "kept": _("the figures keep it"),
    "held": _("held by a granted appeal"),
}
TIERS: dict[str, Text] = dict(CreditAccount.Tier.choices)


def percent(share: float, places: int = 1) -> str:
    """Return a share as a percentage in the language in use: 97.02 → “97.0 %”."""
    return f"{formats.number_format(round(share * 100, places), places)} %"


@dataclass(frozen=True)
class Requirement:
    """One line of the table of requirements."""

    label: Text
    reached: str
    to_enter: str
    to_stay: str
    sample: int
    met: bool


def requirements(tier: Tier, seen: Figures, rules: Rules) -> list[Requirement]:
    """Return what a tier asks beside what the account reaches."""
    staying = {check.code: check for check in checks(tier, seen, rules, entering=False)}
    return [
        Requirement(
            label=CHECKS[check.code],
            reached=_figure(check, check.figure),
            to_enter=_limit(check),
            to_stay=_limit(staying[check.code]) if check.code in staying else "–",
            sample=check.sample,
            met=check.met,
        )
        for check in checks(tier, seen, rules, entering=True)
    ]


def missed(found: Sequence[Check]) -> list[Text]:
    """Return the names of the requirements that are not met."""
    return [CHECKS[check.code] for check in found if not check.met]


def _figure(check: Check, value: float) -> str:
    return formats.number_format(value, 0) if check.code == "cases" else percent(value)


def _limit(check: Check) -> str:
    sign = "≤" if check.code in AT_MOST else "≥"
    return f"{sign} {_figure(check, check.limit)}"
