"""The misuse ladder: when a step is due, and which. Plain Python.

DSA article 23 asks to suspend, for a reasonable time and after a warning, whoever frequently files
manifestly unfounded notices or complaints, and to judge it by four factors (paragraph 3): the
absolute number, the proportion of the total, the gravity with its consequences, and the intent
where it can be found. Every step records all four.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum


class Level(StrEnum):
    """Steps of the ladder, from the lowest on."""

    WARNING = "warning"
    REDUCED = "reduced"
    SUSPENDED = "suspended"


class Gravity(IntEnum):
    """What the misuse did to others."""

    NOTHING_HAPPENED = 1
    HARMED = 2
    FORGED = 3


class Intent(StrEnum):
    """What is known of the intention."""

    UNKNOWN = "unknown"
    CARELESS = "careless"
    DELIBERATE = "deliberate"


LADDER = (Level.WARNING, Level.REDUCED, Level.SUSPENDED)
# How long a step lasts, and how long it counts as a step taken before.
TERMS = {
    Level.WARNING: timedelta(days=180),
    Level.REDUCED: timedelta(days=90),
    Level.SUSPENDED: timedelta(days=30),
}
MEMORY = timedelta(days=365)
# From so many unfounded ones since the last step, and from this share of all, a step is due.
LEAST_NUMBER, LEAST_SHARE = 5, 0.25
# From so many harmed sellers (overturned complaints) the gravity is that of harm.
HARMED_FROM = 1


@dataclass(frozen=True, slots=True)
class Factors:
    """The four factors of article 23(3) at one moment."""

    number: int
    total: int
    gravity: Gravity
    intent: Intent

    @property
    def share(self) -> float:
        """The proportion: unfounded ones of all."""
        return self.number / self.total if self.total else 0.0


def factors(*, number: int, total: int, harmed: int, is_forged: bool, warned: bool) -> Factors:
    """Return the factors from plain counts. ``warned``: a step was taken within ``MEMORY``.

    Going on after a warning is careless at least; a forged paper is deliberate.
    """
    gravity = Gravity.NOTHING_HAPPENED
    if is_forged:
        gravity = Gravity.FORGED
    elif harmed >= HARMED_FROM:
        gravity = Gravity.HARMED
    intent = Intent.UNKNOWN
    if is_forged:
        intent = Intent.DELIBERATE
    elif warned:
        intent = Intent.CARELESS
    return Factors(number, total, gravity, intent)


def is_due(found: Factors) -> bool:
    """Whether the factors call for a step: frequent and not by chance, or forged."""
    if found.gravity is Gravity.FORGED:
        return True
    return found.number >= LEAST_NUMBER and found.share >= LEAST_SHARE


def most_cases(number: int) -> int:
    """Return of how many cases so many unfounded ones are still enough for a step."""
    return int(number / LEAST_SHARE)


def next_level(last: Level | None) -> Level:
    """Return the step after the last one within ``MEMORY``: nobody is suspended unwarned."""
    if last is None:
        return LADDER[0]
    return LADDER[min(LADDER.index(last) + 1, len(LADDER) - 1)]


def needs_person(level: Level) -> bool:
    """Whether a person must confirm the step before it takes effect."""
    return level is Level.SUSPENDED
