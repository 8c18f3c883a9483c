"""The rules of hearing in force: an operator's own, or else the shipped one."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from brands.models import Registration
from complaints.hearing_rules import EVERYWHERE, SHIPPED, Rule, places
from complaints.models import HearingRule
from portal.core import journal
from portal.core.actors import Actor
from portal.core.clock import MAX_TERM_DAYS, known_countries
from portal.core.errors import FieldError, InvalidInput
from portal.core.policies import Permission, may

LONGEST_SOURCE = 500
CHOICES: dict[str, list[str]] = {
    "term_kind": HearingRule.Term.values,
    "term_from": HearingRule.Start.values,
    "stopped_by": HearingRule.StoppedBy.values,
    "on_silence": HearingRule.OnSilence.values,
}


def rule_for(jurisdiction: str, right: str) -> Rule:
    """Return the rule for a right relied on in a jurisdiction; there always is one."""
    own = {
        (row.jurisdiction, row.right): row
        for row in HearingRule.objects.filter(jurisdiction__in=[jurisdiction, EVERYWHERE])
    }
    for place in places(jurisdiction, right):
        if place in own:
            return _of(own[place])
        if place in SHIPPED:
            return SHIPPED[place]
    raise LookupError(jurisdiction)  # the shipped table has a rule for everywhere


@transaction.atomic
def set_rule(
    *, jurisdiction: str, right: str, rule: Rule, actor: Actor, now: datetime
) -> HearingRule:
    """State the rule of a jurisdiction, with its source; open cases keep theirs.

    Raises ``InvalidInput`` naming the field, ``NotAllowed`` for people who do not run the platform.
    """
    may(actor, Permission.MANAGE_PLATFORM).require()
    _check(jurisdiction, right, rule)
    values: dict[str, Any] = rule.to_dict()
    del values["pauses"]
    values["source"] = rule.source.strip()
    row, _created = HearingRule.objects.update_or_create(
        jurisdiction=jurisdiction, right=right, defaults={**values, "changed_at": now}
    )
    data = {"jurisdiction": jurisdiction, "right": right, "on_silence": rule.on_silence}
    journal.record(
        "hearing_rule.set", row, actor=actor, now=now, data={**data, "term_days": rule.term_days}
    )
    return row


def _of(row: HearingRule) -> Rule:
    shipped = SHIPPED[EVERYWHERE, ""]
    return Rule(
        **{
            name: getattr(row, name, getattr(shipped, name))
            for name in Rule.__dataclass_fields__
            if name != "pauses"
        },
        pauses=shipped.pauses,
    )


def _check(jurisdiction: str, right: str, rule: Rule) -> None:
    errors = [*_place_errors(jurisdiction, right), *_rule_errors(rule)]
    if errors:
        raise InvalidInput(errors)


def _place_errors(jurisdiction: str, right: str) -> list[FieldError]:
    errors = []
    if jurisdiction != EVERYWHERE and jurisdiction not in known_countries():
        text = _("Give an ISO 3166 code such as CN, or * for everywhere else.")
        errors.append(FieldError("jurisdiction", "unknown_country", text))
    if right and right not in Registration.Kind.values:
        errors.append(FieldError("right", "unknown", _("There is no such kind of right.")))
    return errors


def _rule_errors(rule: Rule) -> list[FieldError]:
    errors = []
    for field, allowed in CHOICES.items():
        if getattr(rule, field) not in allowed:
            errors.append(FieldError(field, "unknown", _("Choose one of the listed values.")))
    for field in ("term_days", "reply_days", "decision_days"):
        if not 1 <= getattr(rule, field) <= MAX_TERM_DAYS:
            text = _("Give 1 to %(most)s days.") % {"most": MAX_TERM_DAYS}
            errors.append(FieldError(field, "out_of_range", text))
    if not 1 <= len(rule.source.strip()) <= LONGEST_SOURCE:
        text = _("Name the law and its article, in 1 to 500 characters.")
        errors.append(FieldError("source", "missing_source", text))
    return errors
