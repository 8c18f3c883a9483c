"""Good-faith accounts: the arithmetic. Plain Python: no Django, no clock.

A rate from few cases proves little, so tiers compare the bounds of its Wilson score interval
(E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 1927)
and not the rate itself. With ``z`` = 1.96 a spotless account has the lower bound ``n / (n + z²)``:
90 % from 35 cases, 97 % from 125; no overturned case has the upper bound ``z² / (n + z²)``: 5 %
from 73 cases.

A case counts on the UTC day it was decided, also when it is overturned later, so that within any
window the overturned cases are a part of the established ones.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum

from complaints.tier_rules import LADDER, Rules, Tier, TierRule

# Two-sided 95 %.
Z = 1.959963984540054
# Longest look ahead of ``cases_until``.
FARTHEST = 2000


class Kind(StrEnum):
    """What one line of the ledger says; each has a counter of the same name."""

    ESTABLISHED = "established"
    REJECTED = "rejected"
    OVERTURNED = "overturned"
    RETRACTED = "retracted"
    IN_TIME = "in_time"
    LATE = "late"
    AUDIT_PASSED = "audit_passed"
    AUDIT_FAILED = "audit_failed"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counted lines of a window. ``overturned`` and ``retracted`` are parts of ``established``."""

    established: int = 0
    rejected: int = 0
    overturned: int = 0
    retracted: int = 0
    in_time: int = 0
    late: int = 0
    audit_passed: int = 0
    audit_failed: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) + getattr(other, name) for name in COUNTERS))

    @property
    def decided(self) -> int:
        """Cases the platform decided."""
        return self.established + self.rejected

    @property
    def kept(self) -> int:
        """Established cases the rights holder did not take back."""
        return self.established - self.retracted

    @property
    def audited(self) -> int:
        """Self-service decisions that were reviewed."""
        return self.audit_passed + self.audit_failed

    @property
    def judged(self) -> int:
        """Links judged or left until their deadline passed."""
        return self.in_time + self.late


COUNTERS = tuple(spec.name for spec in fields(Tally))
ONE: Mapping[Kind, Tally] = {kind: Tally(**{kind.value: 1}) for kind in Kind}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger, as far as the arithmetic cares."""

    kind: Kind
    day: date


def wilson(successes: int, trials: int, z: float = Z) -> tuple[float, float]:
    """Return the bounds of the Wilson score interval of ``successes`` in ``trials``.

    Nothing known, that is no trial, is (0, 1). Raises ``ValueError`` for impossible counts.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")
    if trials == 0:
        return 0.0, 1.0
    share, square = successes / trials, z * z
    middle = share + square / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    scale = 1 + square / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def window_start(today: date, days: int) -> date:
    """Return the first day of a window of so many days that ends today."""
    return today - timedelta(days=days - 1)


def fold(lines: Iterable[Line], today: date, days: int) -> Tally:
    """Count the lines of a window; the reference every faster count must agree with."""
    start, counts = window_start(today, days), dict.fromkeys(COUNTERS, 0)
    for line in lines:
        if start <= line.day <= today:
            counts[line.kind.value] += 1
    return Tally(**counts)


@dataclass(frozen=True, slots=True)
class Figures:
    """What an assessment looks at.

    ``own`` are the account's cases of the long window; ``long`` and ``short`` those the tier is
    judged on: the same, or those of all reason codes when the account is thin (``pooled``).
    ``conduct`` holds the verdicts of the rights holder and agent.
    """

    own: Tally
    long: Tally
    short: Tally
    conduct: Tally
    pooled: bool

    def plus(self, more: Tally) -> "Figures":
        """Return the figures after further cases, all decided today."""
        return replace(self, own=self.own + more, long=self.long + more, short=self.short + more)


def figures(own: "Windows", pool: "Windows", rules: Rules, *, is_pool: bool = False) -> Figures:
    """Return what to judge an account on: its own cases, or the pool's when there are few."""
    pooled = not is_pool and own.long.decided < rules.thin
    chosen = pool if pooled or is_pool else own
    return Figures(
        own=pool.long if is_pool else own.long,
        long=chosen.long,
        short=chosen.short,
        conduct=pool.long,
        pooled=pooled,
    )


@dataclass(frozen=True, slots=True)
class Windows:
    """Counts of the two windows."""

    long: Tally = Tally()
    short: Tally = Tally()


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement of a tier: ``figure`` against ``limit`` over ``sample`` cases.

    ``proven`` is false when the cases are too few to prove it although none speaks against it.
    """

    code: str
    figure: float
    limit: float
    sample: int
    met: bool
    proven_breach: bool = False


def checks(tier: Tier, seen: Figures, rules: Rules, *, entering: bool) -> list[Check]:
    """Return every requirement of a tier with the figure reached."""
    if tier is Tier.STANDARD:
        return []
    rule, case = rules.of(tier), seen.long
    established = rule.established_entry if entering else rule.established_stay
    overturned = rule.overturned_entry if entering else rule.overturned_stay
    found = [_cases(rule, case)] if entering else []
    found += [_established(case, established), _overturned(case, overturned)]
    found += _short(seen.short, established, overturned, rules)
    if seen.pooled and seen.own.decided >= rules.least:
        found.append(_share("own_established", seen.own.kept, seen.own.decided, established))
    if rule.timeliness and seen.conduct.judged >= rules.timeliness_least:
        found.append(
            _share("timeliness", seen.conduct.in_time, seen.conduct.judged, rule.timeliness)
        )
    if rule.audit and case.audited:
        found.append(_audit(case, rule.audit, rules.audit_least))
    return found


def _cases(rule: TierRule, case: Tally) -> Check:
    return Check("cases", case.decided, rule.cases, case.decided, case.decided >= rule.cases)


def _established(case: Tally, limit: float) -> Check:
    lower, __ = wilson(case.kept, case.decided)
    breach = case.decided > 0 and case.kept / case.decided < limit
    return Check("established", lower, limit, case.decided, lower >= limit, breach)


def _overturned(case: Tally, limit: float) -> Check:
    __, upper = wilson(case.overturned, case.established)
    breach = case.established > 0 and case.overturned / case.established > limit
    return Check("overturned", upper, limit, case.established, upper <= limit, breach)


def _short(short: Tally, established: float, overturned: float, rules: Rules) -> list[Check]:
    """The short window proves nothing, but its rates must not contradict."""
    found = []
    if short.decided >= rules.least:
        found.append(_share("recent_established", short.kept, short.decided, established))
    if short.established >= rules.least:
        share = short.overturned / short.established
        met = share <= overturned
        found.append(Check("recent_overturned", share, overturned, short.established, met, not met))
    return found


def _share(code: str, successes: int, trials: int, limit: float) -> Check:
    share = successes / trials
    return Check(code, share, limit, trials, share >= limit, share < limit)


def _audit(case: Tally, limit: float, least: int) -> Check:
    """Errors weigh on at least ``least`` audits: what that many could not mend ends the tier."""
    share = 1 - case.audit_failed / max(case.audited, least)
    return Check("audit", share, limit, case.audited, share >= limit, share < limit)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands.

    ``locked_until`` is the first day on which it may rise again, ``held_until`` the first on which
    it may fall again (after a granted appeal), ``cap`` the highest tier it may have (misuse).
    """

    tier: Tier = Tier.STANDARD
    locked_until: date | None = None
    held_until: date | None = None
    cap: Tier = Tier.SELF_SERVICE


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules say: the tier, the lock-out if it begins, and the checks that decided."""

    tier: Tier
    locked_until: date | None
    decided_by: tuple[Check, ...]
    cause: str


def assess(standing: Standing, seen: Figures, rules: Rules, today: date) -> Assessment:
    """Return the tier an account has from today on.

    Rising asks the entry figures and no lock-out; staying asks the looser stay figures, so a tier
    does not flicker at its border. A fall locks the account out of rising only when its rates are
    too low; one for want of cases does not.
    """
    rank = LADDER.index
    if rank(standing.tier) > rank(standing.cap):
        return Assessment(standing.cap, _lock(standing, rules, today), (), "misuse")
    is_locked = standing.locked_until is not None and today < standing.locked_until
    if not is_locked:
        for tier in reversed(LADDER[rank(standing.tier) + 1 : rank(standing.cap) + 1]):
            found = checks(tier, seen, rules, entering=True)
            if all(check.met for check in found):
                return Assessment(tier, None, tuple(found), "reached")
    locked = standing.locked_until if is_locked else None
    failed = _failing(standing.tier, seen, rules)
    is_held = standing.held_until is not None and today < standing.held_until
    if not failed or is_held:
        return Assessment(standing.tier, locked, (), "held" if failed else "kept")
    lower = next(
        tier for tier in reversed(LADDER[: rank(standing.tier)]) if not _failing(tier, seen, rules)
    )
    if any(check.proven_breach for check in failed):
        return Assessment(lower, _lock(standing, rules, today), failed, "breach")
    return Assessment(lower, locked, failed, "too_few")


def _failing(tier: Tier, seen: Figures, rules: Rules) -> tuple[Check, ...]:
    return tuple(c for c in checks(tier, seen, rules, entering=False) if not c.met)


def _lock(standing: Standing, rules: Rules, today: date) -> date:
    new = today + timedelta(days=rules.lockout)
    return max(new, standing.locked_until) if standing.locked_until else new


def forecast(
    standing: Standing, seen: Figures, rules: Rules, today: date, *, more: Tally
) -> Assessment:
    """Return what the rules would say if ``more`` cases were decided today."""
    return assess(standing, seen.plus(more), rules, today)


def cases_until(tier: Tier, seen: Figures, rules: Rules) -> int | None:
    """Return how many further established cases reach a tier; ``None`` beyond ``FARTHEST``."""
    if not _reaches(tier, seen, rules, FARTHEST):
        return None
    low, high = 0, FARTHEST
    while low < high:
        middle = (low + high) // 2
        if _reaches(tier, seen, rules, middle):
            high = middle
        else:
            low = middle + 1
    return low


def _reaches(tier: Tier, seen: Figures, rules: Rules, number: int) -> bool:
    ahead = seen.plus(Tally(established=number))
    return all(check.met for check in checks(tier, ahead, rules, entering=True))


def sampling_chance(number: int, month_volume: int, rules: Rules) -> float:
    """Return the chance with which the account's ``number``-th decision is reviewed.

    The first are all reviewed; then ``sample_share`` or as many as give ``sample_month`` of the
    ``month_volume`` decisions of the past 30 days, whichever is more.
    """
    if number <= rules.sample_first:
        return 1.0
    return min(1.0, max(rules.sample_share, rules.sample_month / max(1, month_volume)))


def owed_reviews(decided: int, rules: Rules) -> int:
    """Return how many of a month's decisions must have been reviewed at its end."""
    return min(decided, max(math.ceil(rules.sample_share * decided), rules.sample_month))
