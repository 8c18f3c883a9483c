"""Test purchases and juries: independent evidence, which tells how far verdicts can be believed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import FieldError, InvalidInput, NotAllowed
from pushes.matching.learning.control import interval
from pushes.models import Appraisal, SuspectedLink
from pushes.policies import may_appraise
from pushes.services import feedback

FEWEST_JURORS: Final = 5
MOST_JURORS: Final = 10_000
LONGEST_REFERENCE: Final = 60
LONGEST_NOTE: Final = 500
Kind, Outcome = Appraisal.Kind, Appraisal.Outcome


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was found. A purchase has an ``outcome``; a jury has votes, which decide it."""

    kind: str
    reference: str
    outcome: str = ""
    votes: int | None = None
    infringing_votes: int | None = None
    note: str = ""


@transaction.atomic
def record(*, actor: Actor, link: SuspectedLink, result: Result, now: datetime) -> Appraisal:
    """Keep a result and the fact it is. Keeping the same one again changes nothing.

    It replaces the brand's verdict in what the rules learn from, and checks the reviewer who gave
    it. Raises ``InvalidInput`` naming every wrong field, or ``reference`` when another result is
    kept under it.
    """
    may_appraise(actor, link).require()
    if actor.member is None:
        raise NotAllowed("not_platform", _("Only people of the platform record appraisals."))
    _check(result)
    votes = (result.votes, result.infringing_votes) if result.kind == Kind.JURY else (None, None)
    appraisal, is_new = Appraisal.objects.get_or_create(
        link=link,
        kind=result.kind,
        reference=result.reference.strip(),
        defaults={
            "outcome": outcome_of(result),
            "votes": votes[0],
            "infringing_votes": votes[1],
            "note": result.note.strip(),
            "recorded_by": actor.member,
            "recorded_at": now,
        },
    )
    if not is_new:
        if (appraisal.outcome, appraisal.votes) != (outcome_of(result), votes[0]):
            text = _("Another result is kept under this reference already.")
            raise InvalidInput.one("reference", "taken", text)
        return appraisal
    data = {"link_id": link.pk, "kind": appraisal.kind, "outcome": appraisal.outcome}
    journal.record(
        "appraisal.recorded",
        appraisal,
        actor=actor,
        now=now,
        organisation_id=link.organisation_id,
        data=data,
    )
    feedback.record_appraisal(appraisal=appraisal, actor=actor, now=now)
    return appraisal


def outcome_of(result: Result) -> str:
    """The outcome; a jury's majority counts where it is more than chance (95 %, Wilson 1927)."""
    if result.kind == Kind.PURCHASE:
        return result.outcome
    votes, infringing = result.votes or 0, result.infringing_votes or 0
    low, high = interval(infringing / votes, votes)
    if low > 0.5:
        return Outcome.INFRINGING
    return Outcome.GENUINE if high < 0.5 else Outcome.INCONCLUSIVE


def _check(result: Result) -> None:
    errors: list[FieldError] = []
    if result.kind not in Kind.values:
        errors.append(FieldError("kind", "unknown", _("Choose a test purchase or a jury.")))
    reference = result.reference.strip()
    if not reference or len(reference) > LONGEST_REFERENCE or "\0" in reference:
        text = _("Give the order number or the number of the case, at most 60 characters.")
        errors.append(FieldError("reference", "required", text))
    if len(result.note) > LONGEST_NOTE or "\0" in result.note:
        errors.append(FieldError("note", "too_long", _("At most 500 characters.")))
    if result.kind == Kind.PURCHASE and result.outcome not in Outcome.values:
        errors.append(FieldError("outcome", "required", _("Choose what the purchase showed.")))
    if result.kind == Kind.JURY:
        errors += _wrong_votes(result)
    if errors:
        raise InvalidInput(errors)


def _wrong_votes(result: Result) -> list[FieldError]:
    votes, infringing = result.votes, result.infringing_votes
    if votes is None or not FEWEST_JURORS <= votes <= MOST_JURORS:
        return [FieldError("votes", "range", _("A jury has at least five members."))]
    if infringing is None or not 0 <= infringing <= votes:
        text = _("Give how many of the votes said that it infringes.")
        return [FieldError("infringing_votes", "range", text)]
    return []
