"""Thresholds for push, hold and block follow the facts: down by a person only, up by themselves.

A re-estimate asks every scope with enough facts (``pushes.matching.learning.control``). What would
act on more listings becomes a proposal that a person accepts or refuses with a reason; what acts on
fewer comes into force at once, unless the policy says otherwise. Asking again without new facts
changes nothing. A refusal is remembered until there are half as many facts again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import InvalidInput, StaleState
from portal.core.policies import Permission, may
from pushes import matching
from pushes.matching.learning.control import (
    BLOCK_BOUND,
    LEAST_STEP,
    Act,
    Change,
    Present,
    Targets,
    changes,
)
from pushes.matching.strategy import brand_key
from pushes.models import ControlThreshold, LoopPolicy, Ruleset
from pushes.policies import may_accept
from pushes.services.control_facts import GLOBAL, Scope, scopes_with_facts
from pushes.services.evidence import gather
from pushes.services.loop_policy import loop_policy
from pushes.services.registry import SCOPE, champion
from pushes.services.retuning import lesson_of, names_of

State = ControlThreshold.State
# A refused proposal comes again when there are so many times as many facts.
GROWN: Final = 1.5
LONGEST_REASON: Final = 500


@dataclass(frozen=True)
class Outcome:
    """What a re-estimate did: numbers of proposals made, of thresholds tightened, of both kept."""

    proposed: int = 0
    tightened: int = 0
    superseded: int = 0


@dataclass
class _Table:
    """Thresholds in force by (scope, act), and what this re-estimate proposes."""

    in_force: dict[tuple[str, str], ControlThreshold]
    proposed: dict[tuple[str, str], float | None] = field(default_factory=dict)

    def present(self, scope: Scope, ruleset: Ruleset, weights: matching.Weights) -> Present:
        own = {act: self.in_force.get((scope.name, act)) for act in Act}
        rows = {act: row or self._wider(scope, act) for act, row in own.items()}
        push, block = rows[Act.PUSH], own[Act.BLOCK]
        was_proven = block is not None and (block.low or 0.0) >= BLOCK_BOUND
        return Present(
            push=_present_push(scope, push, weights),
            hold=_value(rows[Act.HOLD]),
            block=_value(rows[Act.BLOCK]),
            was_proven=was_proven,
            proven=was_proven and block is not None and block.ruleset_id == ruleset.pk,
            inherited=frozenset(act for act in Act if own[act] is None),
        )

    def is_said_by_a_wider_one(self, scope: Scope, change: Change) -> bool:
        """Whether a wider scope is proposed to go as far; then one decision is enough."""
        for name in _wider_names(scope):
            value = self.proposed.get((name, change.act))
            if value is not None and change.value is not None:
                return change.value > value - LEAST_STEP
        return False

    def _wider(self, scope: Scope, act: str) -> ControlThreshold | None:
        rows = (self.in_force.get((name, act)) for name in _wider_names(scope))
        return next((row for row in rows if row is not None), None)


def reestimate(*, actor: Actor, now: datetime) -> Outcome:
    """Ask the facts of every scope, propose what loosens and put in force what tightens.

    Raises ``StaleState`` with ``moved_meanwhile`` when the champion was replaced while it was
    asked.
    """
    may(actor, Permission.TUNE_RULES).require()
    current, policy = champion(now=now), loop_policy()
    lesson = lesson_of(current)
    found = list(scopes_with_facts(lesson, gather(names_of(current), champion=lesson)))
    targets = Targets(push=policy.push_target, hold=policy.hold_target)
    with transaction.atomic():
        hold_still(current)
        table = _Table(_in_force())
        asked: set[tuple[str, str]] = set()
        counts = {"proposed": 0, "tightened": 0}
        for scope, scored in found:
            present = table.present(scope, current, lesson.ruleset.weights)
            for change in changes(scored, targets, present):
                if change.loosens and table.is_said_by_a_wider_one(scope, change):
                    continue
                step = _Step(scope, change, current, actor, now)
                if _was_refused(step):
                    continue
                done = _take(step, policy, table)
                asked |= {step.key} if done != "tightened" else set()
                counts[done] = counts.get(done, 0) + 1
        superseded = _supersede_others(asked, actor, now)
    return Outcome(counts["proposed"], counts["tightened"], superseded)


def nightly(*, now: datetime) -> Outcome | None:
    """Re-estimate once a night; None when the champion changed meanwhile: tomorrow, then."""
    try:
        return reestimate(actor=SYSTEM, now=now)
    except StaleState:
        return None


@transaction.atomic
def accept(*, actor: Actor, proposal: ControlThreshold, now: datetime) -> None:
    """Put a proposal in force. Of two who accept at once, one gets ``StaleState``.

    ``StaleState`` too when rules or thresholds changed since it was made: then the figures it was
    judged by do not hold any more. What one's own organisation wished, somebody else accepts.
    """
    may_accept(actor, proposal).require()
    if not proposal.wished and proposal.ruleset_id != champion(now=now).pk:
        raise StaleState(
            "other_rules",
            _("Other rules are in force since this was proposed. Estimate again."),
        )
    hold_still(champion(now=now))
    _require_open(proposal)
    before = _in_force().get((proposal.scope, proposal.act))
    if proposal.wished:
        _require_lower(proposal, champion(now=now))
    if before is not None and not proposal.wished and before.value != proposal.old_value:
        raise _other_threshold()
    if before is not None:
        states.move(before, "superseded", actor=actor, now=now, data=_facts(before))
    decided = {"decided_by": actor.member, "decided_at": now}
    states.move(proposal, "in_force", actor=actor, now=now, data=_facts(proposal), changes=decided)
    if proposal.wished:
        _end_own(proposal, actor, now)


@transaction.atomic
def refuse(*, actor: Actor, proposal: ControlThreshold, reason: str, now: datetime) -> None:
    """Put a proposal aside, with a reason that is kept and remembered. Raises ``InvalidInput``."""
    may(actor, Permission.TUNE_RULES).require()
    decided = {
        "decided_by": actor.member,
        "decided_at": now,
        "reason": _reason(reason, _("Say why it is refused: it will not be proposed again.")),
    }
    states.move(proposal, "refused", actor=actor, now=now, data=_facts(proposal), changes=decided)


@transaction.atomic
def withdraw(*, actor: Actor, threshold: ControlThreshold, reason: str, now: datetime) -> None:
    """Take a threshold out of force: the wider scope's holds again. The reason is kept.

    The facts may propose it again when there are half as many of them again.
    """
    may(actor, Permission.TUNE_RULES).require()
    if threshold.state != State.IN_FORCE:
        raise StaleState("not_in_force", _("This threshold is not in force."))
    kept = _reason(reason, _("Say why it is withdrawn: the facts had asked for it."))
    states.move(threshold, "superseded", actor=actor, now=now, data=_facts(threshold))
    marker = ControlThreshold.objects.create(
        **{name: getattr(threshold, name) for name in _COPIED},
        old_value=threshold.value,
        state=State.REFUSED,
        why=ControlThreshold.Why.WITHDRAWN,
        reason=kept,
        created_by=actor.member,
        created_at=now,
        decided_by=actor.member,
        decided_at=now,
    )
    journal.record("control.withdrawn", marker, actor=actor, now=now, data=_facts(marker))


def put_in_force(row: ControlThreshold, *, actor: Actor, now: datetime) -> None:
    """Write a new threshold that holds at once; the one before it is superseded."""
    before = _in_force().get((row.scope, row.act))
    if before is not None:
        states.move(before, "superseded", actor=actor, now=now, data=_facts(before))
    row.state, row.created_by, row.created_at, row.decided_at = (
        *(State.IN_FORCE, actor.member),
        *(now, now),
    )
    row.save(force_insert=True)
    journal.record("control.in_force", row, actor=actor, now=now, data=_facts(row))


def propose(row: ControlThreshold, *, actor: Actor, now: datetime) -> bool:
    """Write a proposal instead of the open one of its kind; False when that one says the same."""
    kind = {"scope": row.scope, "act": row.act, "wished": row.wished}
    before = ControlThreshold.objects.select_for_update().filter(state=State.PROPOSED, **kind)
    for earlier in before:
        same = ("value", "old_value", "ruleset_id", "reason")
        if all(getattr(earlier, name) == getattr(row, name) for name in same):
            return False
        states.move(earlier, "superseded", actor=actor, now=now, data=_facts(earlier))
    row.state, row.created_by, row.created_at = State.PROPOSED, actor.member, now
    row.save(force_insert=True)
    journal.record("control.proposed", row, actor=actor, now=now, data=_facts(row))
    return True


def end_wishes(brand: Brand, *, actor: Actor, now: datetime) -> None:
    """End what a brand wished and nobody decided yet."""
    rows = ControlThreshold.objects.select_for_update().filter(state=State.PROPOSED, wished=True)
    for row in rows.filter(brand=brand):
        states.move(row, "superseded", actor=actor, now=now, data=_facts(row))


def hold_still(ruleset: Ruleset) -> None:
    """Lock the champion against being replaced until the transaction ends; links can be written."""
    rows = Ruleset.objects.select_for_update(no_key=True).filter(
        pk=ruleset.pk, scope=SCOPE, state=Ruleset.State.CHAMPION
    )
    if not list(rows.values_list("pk")):
        raise StaleState("moved_meanwhile", _("Somebody else changed this first. Reload the page."))


@dataclass(frozen=True)
class _Step:
    scope: Scope
    change: Change
    ruleset: Ruleset
    actor: Actor
    now: datetime

    @property
    def key(self) -> tuple[str, str]:
        return self.scope.name, str(self.change.act)

    def row(self) -> ControlThreshold:
        rate = self.change.rate
        return ControlThreshold(
            act=str(self.change.act),
            level=self.scope.level,
            scope=self.scope.name,
            brand_id=self.scope.brand_id,
            category=self.scope.category,
            seller_id=self.scope.seller_id,
            old_value=self.change.old,
            value=self.change.value,
            links=round(rate.links, 1),
            estimate=rate.estimate,
            low=rate.low,
            high=rate.high,
            why=str(self.change.why),
            ruleset=self.ruleset,
        )


def _take(step: _Step, policy: LoopPolicy, table: _Table) -> str:
    """Carry out one change; ``proposed``, ``tightened`` or ``kept`` (an open proposal says so)."""
    row = step.row()
    if step.change.loosens or not policy.tightens_alone:
        table.proposed[step.key] = step.change.value if step.change.loosens else None
        is_new = propose(row, actor=step.actor, now=step.now)
        return "proposed" if is_new else "kept"
    put_in_force(row, actor=step.actor, now=step.now)
    table.in_force[step.key] = row
    return "tightened"


def _was_refused(step: _Step) -> bool:
    """Whether a person said no to this, on at least two thirds of the facts there are now."""
    newest = (
        ControlThreshold.objects.filter(
            scope=step.scope.name, act=str(step.change.act), state=State.REFUSED, wished=False
        )
        .order_by("-decided_at", "-pk")
        .first()
    )
    if newest is None or step.change.rate.links > GROWN * newest.links:
        return False
    asked, refused = step.change.value, newest.value
    if asked is None or refused is None:
        return asked is refused
    if step.change.loosens:
        return asked > refused - LEAST_STEP
    return abs(asked - refused) < LEAST_STEP


def _require_open(proposal: ControlThreshold) -> None:
    """Whoever waited for the lock while somebody else decided is told so."""
    open_ones = ControlThreshold.objects.select_for_update().filter(state=State.PROPOSED)
    if not list(open_ones.filter(pk=proposal.pk).values_list("pk")):
        raise StaleState("moved_meanwhile", _("Somebody else changed this first. Reload the page."))


def _require_lower(wished: ControlThreshold, ruleset: Ruleset) -> None:
    """A wish is to push more; accepted after the platform went below it, it would push less."""
    if wished.brand is None or wished.value is None:
        return
    scope = Scope(wished.level, wished.scope, brand_key(str(wished.brand.uuid)), wished.brand.pk)
    weights = matching.Ruleset.from_dict(ruleset.content).weights
    if wished.value >= _Table(_in_force()).present(scope, ruleset, weights).push:
        raise _other_threshold()


def _other_threshold() -> StaleState:
    text = _("The threshold has changed since this was proposed.")
    return StaleState("other_threshold", text)


def _end_own(wished: ControlThreshold, actor: Actor, now: datetime) -> None:
    """What a brand asked for above the platform's ends when the platform agrees to less."""
    own = _in_force().get((f"own:{wished.brand_id}", wished.act))
    if own is not None:
        states.move(own, "superseded", actor=actor, now=now, data=_facts(own))


def _supersede_others(kept: set[tuple[str, str]], actor: Actor, now: datetime) -> int:
    """End proposals that the facts do not ask for any more."""
    rows = ControlThreshold.objects.select_for_update().filter(state=State.PROPOSED, wished=False)
    ended = 0
    for row in rows.order_by("pk"):
        if (row.scope, row.act) not in kept:
            states.move(row, "superseded", actor=actor, now=now, data=_facts(row))
            ended += 1
    return ended


_COPIED: Final = (
    *("act", "level", "scope", "brand_id", "category", "seller_id", "value", "links"),
    *("estimate", "low", "high", "ruleset_id"),
)


def _in_force() -> dict[tuple[str, str], ControlThreshold]:
    rows = ControlThreshold.objects.filter(state=State.IN_FORCE)
    return {(row.scope, row.act): row for row in rows}


def _facts(row: ControlThreshold) -> Mapping[str, Any]:
    return {
        "act": row.act,
        "level": row.level,
        "brand_id": row.brand_id,
        "seller_id": row.seller_id,
        "old": row.old_value,
        "value": row.value,
        "low": row.low,
        "why": row.why,
    }


def _reason(given: str, message: Any) -> str:
    reason = given.strip()
    if not reason:
        raise InvalidInput.one("reason", "required", message)
    return reason[:LONGEST_REASON]


def _present_push(scope: Scope, row: ControlThreshold | None, weights: matching.Weights) -> float:
    """What holds for pushes now; everybody's row is no looser than the rules' for a brand."""
    brand = scope.key[0] if scope.key else ""
    if row is None or row.value is None:
        return weights.threshold_for(brand)
    everybodys = row.level == ControlThreshold.Level.GLOBAL
    return max(row.value, weights.offset(brand).threshold or 0.0) if everybodys else row.value


def _value(row: ControlThreshold | None) -> float | None:
    return None if row is None else row.value


def _wider_names(scope: Scope) -> tuple[str, ...]:
    if scope.level == ControlThreshold.Level.GLOBAL:
        return ()
    if scope.level == ControlThreshold.Level.BRAND:
        return (GLOBAL.name,)
    return (f"brand:{scope.brand_id}", GLOBAL.name)
