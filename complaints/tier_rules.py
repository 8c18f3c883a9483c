"""The published rules of good-faith accounts: tiers, and what each asks. Plain Python."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any


class Tier(StrEnum):
    """How far the platform trusts an account."""

    STANDARD = "standard"
    TRUSTED = "trusted"
    SELF_SERVICE = "self_service"


LADDER = (Tier.STANDARD, Tier.TRUSTED, Tier.SELF_SERVICE)


class RulesError(ValueError):
    """Rules that cannot be used; ``field`` says which figure is wrong."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.field = name


@dataclass(frozen=True, slots=True)
class TierRule:
    """What a tier asks: the ``entry`` figures to rise to it, the looser ``stay`` ones to keep it.

    Rates are shares between 0 and 1; ``audit`` and ``timeliness`` are point estimates and 0 where
    nothing is asked.
    """

    cases: int
    established_entry: float
    established_stay: float
    overturned_entry: float
    overturned_stay: float
    audit: float
    timeliness: float


def _trusted() -> TierRule:
    return TierRule(73, 0.90, 0.87, 0.05, 0.07, 0.0, 0.90)


def _self_service() -> TierRule:
    return TierRule(125, 0.97, 0.96, 0.05, 0.06, 0.99, 0.90)


@dataclass(frozen=True, slots=True)
class Rules:
    """Every figure the platform publishes. Days are UTC days; shares are between 0 and 1."""

    window_long: int = 184
    window_short: int = 92
    # A reason code with fewer decided cases is judged on all reason codes together.
    thin: int = 35
    # A window with fewer cases contradicts nothing.
    least: int = 10
    timeliness_least: int = 20
    audit_least: int = 50
    lockout: int = 90
    # Re-review of self-service decisions.
    sample_first: int = 50
    sample_share: float = 0.03
    sample_month: int = 10
    trusted: TierRule = field(default_factory=_trusted)
    self_service: TierRule = field(default_factory=_self_service)

    def of(self, tier: Tier) -> TierRule:
        """Return what the tier asks; the standard tier asks nothing."""
        return self.self_service if tier is Tier.SELF_SERVICE else self.trusted

    def to_dict(self) -> dict[str, Any]:
        """Return the rules as JSON values."""
        return asdict(self)


def rules_from(content: Mapping[str, Any]) -> Rules:
    """Return stored rules; figures they do not name keep their defaults. Raises ``RulesError``."""
    plain = {spec.name for spec in fields(Rules)} - {"trusted", "self_service"}
    values: dict[str, Any] = {name: content[name] for name in plain & set(content)}
    for name, default in (("trusted", _trusted()), ("self_service", _self_service())):
        values[name] = replace(default, **content.get(name, {}))
    rules = Rules(**values)
    check(rules)
    return rules


def check(rules: Rules) -> None:
    """Raise ``RulesError`` for rules that contradict themselves."""
    _within(rules, ("sample_share",), 0, 1)
    _within(rules, ("window_short", "window_long", "lockout"), 1, 3660)
    counts = ("thin", "least", "timeliness_least", "audit_least", "sample_first", "sample_month")
    _within(rules, counts, 0, 100_000)
    if rules.window_short > rules.window_long:
        raise RulesError("window_short", "The short window is longer than the long one.")
    for name in ("trusted", "self_service"):
        _check_tier(name, getattr(rules, name))
    if rules.self_service.established_entry < rules.trusted.established_entry:
        raise RulesError(
            "self_service.established_entry", "Self-service asks less than the trusted tier."
        )


def _check_tier(name: str, rule: TierRule) -> None:
    for spec in fields(TierRule):
        top = 100_000 if spec.name == "cases" else 1
        if not 0 <= getattr(rule, spec.name) <= top:
            raise RulesError(f"{name}.{spec.name}", f"Give a figure between 0 and {top}.")
    if rule.established_stay > rule.established_entry:
        raise RulesError(f"{name}.established_stay", "Staying may not ask more than entering.")
    if rule.overturned_stay < rule.overturned_entry:
        raise RulesError(f"{name}.overturned_stay", "Staying may not ask more than entering.")


def _within(rules: Rules, names: Iterable[str], least: float, most: float) -> None:
    for name in names:
        if not least <= getattr(rules, name) <= most:
            raise RulesError(name, f"Give a figure between {least} and {most}.")
