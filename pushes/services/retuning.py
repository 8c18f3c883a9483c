"""Verdicts retune the rules: a candidate is fitted, shown, promoted or refused, rolled back.

Exactly one champion at any moment is held by the database; promoting and rolling back move both
rulesets in one transaction, and processes load the new champion within seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.core import journal, states
from portal.core.actors import Actor
from portal.core.errors import StaleState
from portal.core.policies import Permission, may
from pushes import matching
from pushes.matching.learning import reliability
from pushes.models import FeedbackFact, Ruleset
from pushes.services.registry import SCOPE, champion

# Fewer facts of one class than this say nothing that the shipped weights do not know better.
MINIMUM_OF_EACH: Final = 5
# A reviewer is right in about 95 % of cases both ways: weight sensitivity + specificity - 1.
VERDICT_TRUST: Final = 0.9
OUTCOME_TRUST: Final = 1.0
SHOWN_FLIPS: Final = 200
# What a decision looked at independently outweighs what the brand said itself.
_INDEPENDENT: Final = (FeedbackFact.Source.ESTABLISHED, FeedbackFact.Source.OVERTURNED)


@dataclass(frozen=True)
class Evidence:
    """One link's say: its newest fact with a label, as the engine wants it."""

    row: FeedbackFact
    fact: matching.Fact


@transaction.atomic
def retune(*, actor: Actor, now: datetime) -> Ruleset:
    """Fit a candidate to all facts around the champion, with its evaluation.

    Asking again without new facts returns the same candidate. Raises ``StaleState`` with
    ``too_few_facts`` saying how many are missing, or ``nothing_learned``.
    """
    may(actor, Permission.TUNE_RULES).require()
    current = champion(now=now)
    evidence = gather()
    _check_enough(evidence)
    old = matching.Ruleset.from_dict(current.content)
    facts = [item.fact for item in evidence]
    new = matching.teach(facts, matching.Ruleset(), base=old).ruleset
    candidate = Ruleset.objects.filter(content_hash=new.content_hash).first()
    if candidate is not None:
        if candidate.state == Ruleset.State.CANDIDATE:
            return candidate
        raise StaleState("nothing_learned", _("The facts give rules that were already decided on."))
    candidate = Ruleset.objects.create(
        content=new.to_dict(),
        content_hash=new.content_hash,
        parent=current,
        evaluation=evaluate(old, new, evidence),
        facts=len(facts),
        created_by=actor.member,
        created_at=now,
    )
    data = {"parent_id": current.pk, "facts": len(facts)}
    journal.record("ruleset.candidate", candidate, actor=actor, now=now, data=data)
    return candidate


@transaction.atomic
def promote(*, actor: Actor, ruleset: Ruleset, now: datetime) -> None:
    """Put a candidate in force; the champion retires. Raises ``StaleState`` when it was fitted
    to a champion that has been replaced since.
    """
    may(actor, Permission.TUNE_RULES).require()
    current = _locked_champion(now)
    if ruleset.parent_id != current.pk:
        raise StaleState(
            "other_champion",
            _("The rules in force have changed since this candidate was made. Retune again."),
        )
    states.move(current, "retired", actor=actor, now=now, data={"by_id": ruleset.pk})
    states.move(
        ruleset,
        "champion",
        actor=actor,
        now=now,
        data={"instead_of_id": current.pk},
        changes={"promoted_at": now},
    )


@transaction.atomic
def refuse(*, actor: Actor, ruleset: Ruleset, now: datetime) -> None:
    """Put a candidate aside for good."""
    may(actor, Permission.TUNE_RULES).require()
    states.move(ruleset, "refused", actor=actor, now=now)


@transaction.atomic
def roll_back(*, actor: Actor, now: datetime) -> Ruleset:
    """Return to the champion before this one; raises ``StaleState`` when there is none."""
    may(actor, Permission.TUNE_RULES).require()
    current = _locked_champion(now)
    previous = previous_champion(current)
    if previous is None:
        raise StaleState("no_previous", _("There are no earlier rules to return to."))
    states.move(current, "rolled_back", actor=actor, now=now, data={"to_id": previous.pk})
    states.move(
        previous,
        "champion",
        actor=actor,
        now=now,
        data={"instead_of_id": current.pk, "rollback": True},
        # Its own date of promotion stays, so that rolling back twice goes on backwards.
    )
    return previous


def previous_champion(current: Ruleset) -> Ruleset | None:
    """The ruleset a rollback would return to."""
    retired = Ruleset.objects.filter(scope=current.scope, state=Ruleset.State.RETIRED)
    return retired.order_by("-promoted_at", "-pk").first()


def gather() -> list[Evidence]:
    """One piece of evidence a link, oldest link first.

    A later fact replaces an earlier one of the same link; a decision on a complaint is never
    replaced by the brand's own verdict.
    """
    rows: dict[int, FeedbackFact] = {}
    labelled = FeedbackFact.objects.filter(label__isnull=False).select_related("brand", "link")
    for row in labelled.order_by("id"):
        before = rows.get(row.link_id)
        if before is None or row.source in _INDEPENDENT or before.source not in _INDEPENDENT:
            rows[row.link_id] = row
    # An authorised seller says something about sellers only; without such a signal, nothing.
    kept = [row for _link, row in sorted(rows.items()) if row.vector]
    return [
        Evidence(
            row,
            matching.Fact(
                features=row.vector,
                label=float(row.label or 0),
                weight=weight,
                brand_id=str(row.brand.uuid),
                key=str(row.link.uuid),
                propensity=row.propensity,
            ),
        )
        for row, weight in zip(kept, _weights(kept), strict=True)
    ]


def evaluate(
    old: matching.Ruleset, new: matching.Ruleset, evidence: Sequence[Evidence]
) -> dict[str, Any]:
    """Old against new over the facts, as JSON: changed weights, flips with examples, precision."""
    result = matching.compare(old, new, [item.fact for item in evidence])
    positive = sum(item.fact.label >= 0.5 for item in evidence)
    return {
        "facts": len(evidence),
        "infringing": positive,
        "genuine": len(evidence) - positive,
        "changes": [
            {"name": change.name, "old": change.old, "new": change.new} for change in result.changes
        ],
        "volume": result.volume,
        "old_precision": result.old_precision,
        "new_precision": result.new_precision,
        "flip_count": len(result.flips),
        "flips": [_flip(flip, evidence[flip.position].row) for flip in result.flips[:SHOWN_FLIPS]],
    }


def _flip(flip: matching.Flip, row: FeedbackFact) -> dict[str, Any]:
    return {
        "link": str(row.link.uuid),
        "title": str(row.link.snapshot.get("title", ""))[:200],
        "brand": row.brand.name,
        "old_score": round(flip.old_score, 4),
        "new_score": round(flip.new_score, 4),
        "pushed_before": flip.pushed_before,
        "pushed_after": flip.pushed_after,
        "label": row.label,
    }


def _check_enough(evidence: Sequence[Evidence]) -> None:
    positive = sum(item.fact.label >= 0.5 for item in evidence)
    missing = max(0, MINIMUM_OF_EACH - positive)
    missing_genuine = max(0, MINIMUM_OF_EACH - (len(evidence) - positive))
    if missing or missing_genuine:
        raise StaleState(
            "too_few_facts",
            _(
                "There are too few facts to learn from: %(infringing)d more infringing and "
                "%(genuine)d more genuine ones are needed."
            )
            % {"infringing": missing, "genuine": missing_genuine},
        )


def _locked_champion(now: datetime) -> Ruleset:
    champion(now=now)
    found = Ruleset.objects.select_for_update().filter(scope=SCOPE, state=Ruleset.State.CHAMPION)
    current = found.first()
    if current is None:
        # Whoever held the lock replaced it, so it is no champion any more.
        raise StaleState("moved_meanwhile", _("Somebody else changed this first. Reload the page."))
    return current


def _trust(row: FeedbackFact) -> float:
    return OUTCOME_TRUST if row.source in _INDEPENDENT else VERDICT_TRUST


def _weights(rows: Sequence[FeedbackFact]) -> list[float]:
    """How far each fact is trusted, no brand with more than its largest share of the say."""
    place = {brand: number for number, brand in enumerate(sorted({r.brand_id for r in rows}))}
    brand = np.array([place[row.brand_id] for row in rows], np.int64)
    trust = np.array([_trust(row) for row in rows], np.float64)
    return list(map(float, reliability.capped(trust, brand, len(place))))
