"""Verdicts retune the rules: candidate → shadow → gate → champion, and back in one click.

A candidate is fitted to all facts around the hand-set weights. In shadow it scores every push
silently, and exploration prefers what it would decide otherwise. The gate compares it with the
champion on all judged links, each scored by rules that never saw it; it may open for a part of the
step only, then that part is promoted. Exactly one champion, and at most one shadow, is held by the
database.
"""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import InvalidInput, StaleState
from portal.core.policies import Permission, may
from pushes import matching
from pushes.models import Ruleset, SuspectedLink
from pushes.services.evidence import Gathered, gather
from pushes.services.loop_policy import choices_in_force, loop_policy, set_loop_policy
from pushes.services.registry import SCOPE, champion

# Fewer facts of one class than this say nothing that the shipped weights do not know better.
MINIMUM_OF_EACH: Final = 5
SHOWN_FLIPS: Final = 200
_RETUNE_LOCK: Final = 7_261_045


@transaction.atomic
def retune(*, actor: Actor, now: datetime) -> Ruleset:
    """Fit a candidate to all facts, with its evaluation against the champion.

    Asking again without new facts returns the same candidate or shadow. Raises ``StaleState`` with
    ``too_few_facts`` saying how many are missing, or ``nothing_learned``.
    """
    may(actor, Permission.TUNE_RULES).require()
    with connection.cursor() as cursor:  # Two at once would fit the same facts twice.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_RETUNE_LOCK])
    current = champion(now=now)
    old = lesson_of(current)
    gathered = gather(names_of(current), champion=old)
    _check_enough(gathered)
    new = matching.teach(gathered.judged, _hand_set(old.ruleset), base=old.ruleset)
    return _stored(new, current, gathered, actor, now)


@transaction.atomic
def to_shadow(*, actor: Actor, ruleset: Ruleset, now: datetime) -> None:
    """Let a candidate score silently; the shadow before it is refused."""
    may(actor, Permission.TUNE_RULES).require()
    _require_parent(ruleset, _locked_champion(now))
    for earlier in _locked(Ruleset.State.SHADOW):
        states.move(earlier, "refused", actor=actor, now=now, data={"by_id": ruleset.pk})
    states.move(ruleset, "shadow", actor=actor, now=now, changes={"shadow_since": now})


@transaction.atomic
def weigh(*, ruleset: Ruleset, now: datetime) -> matching.BackTest:
    """Compare a candidate or shadow with the champion on all facts there are now, and keep it.

    Raises ``StaleState`` for one that was decided on: what it was decided by stays.
    """
    if ruleset.state not in {Ruleset.State.CANDIDATE, Ruleset.State.SHADOW}:
        raise StaleState("decided", _("These rules were already decided on."))
    current = champion(now=now)
    old = lesson_of(current)
    gathered = gather(names_of(current), champion=old)
    found = matching.back_test(old, lesson_of(ruleset), gathered.judged)
    evaluation = evaluate(found, gathered)
    ruleset.evaluation = evaluation
    Ruleset.objects.filter(pk=ruleset.pk).update(evaluation=evaluation)
    return found


@transaction.atomic
def promote(*, actor: Actor, ruleset: Ruleset, now: datetime, reason: str = "") -> Ruleset:
    """Put a candidate or shadow in force; the champion retires. Return the new champion.

    If the gate opens for a part of the step only, that part is promoted. Against a closed gate a
    person needs a ``reason``, which is kept. Raises ``StaleState`` when it was fitted to a champion
    that has been replaced since, ``InvalidInput`` naming ``reason``.
    """
    may(actor, Permission.TUNE_RULES).require()
    current = _locked_champion(now)
    _require_parent(ruleset, current)
    found = weigh(ruleset=ruleset, now=now)
    if found.step is None and not reason.strip():
        raise InvalidInput.one(
            "reason",
            "gate_closed",
            _("The gate is closed: the gain is not sure enough. Say why it is promoted anyway."),
        )
    step = found.step or 1.0
    if step < 1:
        ruleset = _part_of(ruleset, current, step, actor, now)
    states.move(current, "retired", actor=actor, now=now, data={"by_id": ruleset.pk})
    data = {"instead_of_id": current.pk, "step": step, "reason": reason.strip()[:500]}
    states.move(ruleset, "champion", actor=actor, now=now, data=data, changes={"promoted_at": now})
    return ruleset


@transaction.atomic
def refuse(*, actor: Actor, ruleset: Ruleset, now: datetime) -> None:
    """Put a candidate or shadow aside for good."""
    may(actor, Permission.TUNE_RULES).require()
    states.move(ruleset, "refused", actor=actor, now=now)


@transaction.atomic
def roll_back(*, actor: Actor, now: datetime) -> Ruleset:
    """Return to the champion before this one; raises ``StaleState`` when there is none.

    From then on rules are promoted by a person, until somebody chooses otherwise: the same facts
    would bring the same rules back.
    """
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
    choices = choices_in_force()
    if choices.promotes_alone:
        set_loop_policy(actor=actor, choices=replace(choices, promotes_alone=False), now=now)
    return previous


def nightly(*, now: datetime) -> dict[str, Any]:
    """One turn of the loop: gate the shadow, then put what the newest facts teach into shadow.

    Running it twice changes nothing the second time. Returns what was done: ``{"promoted",
    "shadow", "stopped"}``, where ``stopped`` is the code of why nothing new was learned.
    """
    done: dict[str, Any] = {"promoted": None, "shadow": None, "stopped": ""}
    try:
        shadow = current_shadow()
        if shadow is not None and shadow.parent_id == champion(now=now).pk:
            found = weigh(ruleset=shadow, now=now)
            if found.step is not None and loop_policy().promotes_alone:
                done["promoted"] = promote(actor=SYSTEM, ruleset=shadow, now=now).pk
    except (StaleState, InvalidInput):
        pass  # A person decided meanwhile, or new facts closed the gate between two looks.
    try:
        candidate = retune(actor=SYSTEM, now=now)
        if candidate.state == Ruleset.State.CANDIDATE:
            to_shadow(actor=SYSTEM, ruleset=candidate, now=now)
            done["shadow"] = candidate.pk
    except StaleState as refusal:
        done["stopped"] = refusal.code
    return done


def current_shadow() -> Ruleset | None:
    """The ruleset that scores silently."""
    return Ruleset.objects.filter(scope=SCOPE, state=Ruleset.State.SHADOW).first()


def previous_champion(current: Ruleset) -> Ruleset | None:
    """The ruleset a rollback would return to."""
    retired = Ruleset.objects.filter(scope=current.scope, state=Ruleset.State.RETIRED)
    return retired.order_by("-promoted_at", "-pk").first()


def lesson_of(ruleset: Ruleset) -> matching.Lesson:
    """A stored ruleset with its twins; one without (the shipped one) saw no fact."""
    return matching.Lesson.from_stored(matching.Ruleset.from_dict(ruleset.content), ruleset.twins)


def names_of(ruleset: Ruleset) -> tuple[str, ...]:
    """The signals a ruleset weighs, in the order of the arrays."""
    return tuple(sorted(matching.Ruleset.from_dict(ruleset.content).weights.weights))


def evaluate(found: matching.BackTest, gathered: Gathered) -> dict[str, Any]:
    """A back-test as JSON: changed weights, flips with examples, the gate, calibration, brands."""
    return {
        "facts": len(gathered.links),
        "infringing": gathered.infringing,
        "genuine": gathered.genuine,
        "changes": [asdict(change) for change in found.changes],
        "volume": round(found.gate.volume),
        "old_precision": found.gate.champion,
        "new_precision": found.gate.challenger,
        "gate": {**asdict(found.at_step), "gain": found.at_step.gain, "step": found.step},
        "calibration": [found.old_calibration, found.new_calibration],
        "recall": asdict(found.recall) if found.recall else None,
        "brands": _brand_rows(found),
        "flip_count": len(found.flips),
        "flips": _shown_flips(found, gathered),
    }


def _brand_rows(found: matching.BackTest) -> list[dict[str, Any]]:
    uuids = [row.brand for row in found.brands]
    names = {str(u): name for u, name in Brand.objects.filter(uuid__in=uuids).values_list(
        "uuid", "name")}  # fmt: skip
    return [{**asdict(row), "name": names.get(row.brand, "")} for row in found.brands]


def _shown_flips(found: matching.BackTest, gathered: Gathered) -> list[dict[str, Any]]:
    shown = found.flips[:SHOWN_FLIPS]
    pks = [int(gathered.links[flip.position]) for flip in shown]
    links = SuspectedLink.objects.select_related("brand").in_bulk(pks)
    return [
        {
            "link": str(links[pk].uuid),
            "title": links[pk].title[:200],
            "brand": links[pk].brand.name,
            "old_score": round(flip.old_score, 4),
            "new_score": round(flip.new_score, 4),
            "pushed_before": flip.pushed_before,
            "pushed_after": flip.pushed_after,
            "label": int(gathered.labels[flip.position] >= 0.5),
        }
        for flip, pk in zip(shown, pks, strict=True)
    ]


def _hand_set(current: matching.Ruleset) -> matching.Ruleset:
    """The shipped weights, and nothing yet for signals that were accepted since."""
    shipped = matching.Ruleset().weights
    accepted = dict.fromkeys(current.weights.weights, 0.0)
    return current.with_weights(
        shipped.with_signals({**accepted, **shipped.weights}, current.weights.signs)
    )


def _stored(
    new: matching.Lesson, current: Ruleset, gathered: Gathered, actor: Actor, now: datetime
) -> Ruleset:
    known = Ruleset.objects.filter(content_hash=new.ruleset.content_hash).first()
    if known is not None:
        if known.state in {Ruleset.State.CANDIDATE, Ruleset.State.SHADOW}:
            return known
        raise StaleState("nothing_learned", _("The facts give rules that were already decided on."))
    found = matching.back_test(lesson_of(current), new, gathered.judged)
    return _created(new, current, evaluate(found, gathered), actor, now)


def _created(
    lesson: matching.Lesson, parent: Ruleset, evaluation: dict[str, Any], actor: Actor,
    now: datetime,
) -> Ruleset:  # fmt: skip
    candidate = Ruleset.objects.create(
        content=lesson.ruleset.to_dict(),
        content_hash=lesson.ruleset.content_hash,
        twins=lesson.twins_to_list(),
        parent=parent,
        evaluation=evaluation,
        facts=evaluation["facts"],
        created_by=actor.member,
        created_at=now,
    )
    data = {"parent_id": parent.pk, "facts": evaluation["facts"]}
    journal.record("ruleset.candidate", candidate, actor=actor, now=now, data=data)
    return candidate


def _part_of(
    ruleset: Ruleset, current: Ruleset, step: float, actor: Actor, now: datetime
) -> Ruleset:
    """The ruleset that lies a part of the way; the whole step is refused in its favour."""
    part = matching.towards(lesson_of(current), lesson_of(ruleset), step)
    known = Ruleset.objects.filter(content_hash=part.ruleset.content_hash).first()
    if known is not None:
        raise StaleState("nothing_learned", _("The facts give rules that were already decided on."))
    created = _created(part, current, {**ruleset.evaluation, "part_of": str(ruleset.uuid)}, actor,
                       now)  # fmt: skip
    data = {"part_id": created.pk, "step": step}
    states.move(ruleset, "refused", actor=actor, now=now, data=data)
    return created


def _require_parent(ruleset: Ruleset, current: Ruleset) -> None:
    if ruleset.parent_id != current.pk:
        raise StaleState(
            "other_champion",
            _("The rules in force have changed since this candidate was made. Retune again."),
        )


def _check_enough(gathered: Gathered) -> None:
    missing = max(0, MINIMUM_OF_EACH - gathered.infringing)
    missing_genuine = max(0, MINIMUM_OF_EACH - gathered.genuine)
    if missing or missing_genuine:
        raise StaleState(
            "too_few_facts",
            _(
                "There are too few facts to learn from: %(infringing)d more infringing and "
                "%(genuine)d more genuine ones are needed."
            )
            % {"infringing": missing, "genuine": missing_genuine},
        )


def _locked(state: Ruleset.State) -> list[Ruleset]:
    # Without the key: links and facts that name the ruleset go on being written meanwhile.
    rows = Ruleset.objects.select_for_update(no_key=True)
    return list(rows.filter(scope=SCOPE, state=state))


def _locked_champion(now: datetime) -> Ruleset:
    champion(now=now)
    found = _locked(Ruleset.State.CHAMPION)
    if not found:
        # Whoever held the lock replaced it, so it is no champion any more.
        raise StaleState("moved_meanwhile", _("Somebody else changed this first. Reload the page."))
    return found[0]
