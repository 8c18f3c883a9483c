"""The transparency report: closed half-years, safe to publish.

Totals are shown as the law asks for them. What splits a total could tell about one rights holder,
so it follows the rules of ``portal.figures.suppression``. The running half-year is never shown.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.core.errors import Text
from portal.figures.models import TransparencyFigure
from portal.figures.suppression import Cell, hidden_parts
from portal.figures.transparency import half_of

TOTALS: dict[str, Text] = {
    "notices": _("Notices"),
    "decisions": _("Decisions"),
    "counter_notices": _("Counter-notices"),
    "reinstatements": _("Reinstatements"),
    "suspensions": _("Suspensions for misuse"),
}
PARTS: dict[str, dict[str, Text]] = {
    "notices": {
        "notices_counterfeit": _("about counterfeit goods"),
        "notices_trademark": _("about trademarks"),
        "notices_copyright": _("about copyrights"),
        "notices_design": _("about designs"),
        "notices_patent": _("about patents"),
    },
    "decisions": {
        "decisions_established": _("established"),
        "decisions_rejected": _("rejected"),
        "automated": _("by automated means"),
    },
    "counter_notices": {
        "counter_notices_accepted": pgettext_lazy("counter-notices", "accepted"),
        "counter_notices_refused": pgettext_lazy("counter-notices", "refused"),
    },
    "reinstatements": {
        "overturned": _("after a complaint was overturned"),
        "retracted": _("after a complaint was taken back"),
    },
}
# Parts that add up to their total, so that one hidden part could be had by subtraction.
EXHAUSTIVE = {"notices", "reinstatements"}
_MEDIAN = """
    SELECT percentile_cont(0.5) WITHIN GROUP (
        ORDER BY extract(epoch FROM decided_at - filed_at)
    ) FROM figures_casetime WHERE half = %s
"""


@dataclass(frozen=True)
class Line:
    """One figure of a half-year; ``value`` is ``None`` where it is hidden."""

    measure: str
    label: Text
    is_part: bool
    value: int | None


@dataclass(frozen=True)
class Half:
    """The report of one half-year. ``automated_share`` and ``median_hours`` may be unknown."""

    half: str
    lines: tuple[Line, ...]
    automated_share: float | None
    median_hours: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values; a hidden figure is ``null``."""
        return {
            "half_year": self.half,
            **{line.measure: line.value for line in self.lines},
            "automated_share": self.automated_share,
            "median_hours_to_decide": self.median_hours,
        }


def closed_halves(now: datetime) -> list[str]:
    """Return the half-years of which there are figures and which are over, newest first."""
    known = TransparencyFigure.objects.values_list("half", flat=True).distinct()
    return sorted((half for half in known if half < half_of(now)), reverse=True)


def report(half: str) -> Half:
    """Return the figures of one half-year."""
    counts: dict[str, dict[int, int]] = defaultdict(dict)
    rows = TransparencyFigure.objects.filter(half=half)
    for measure, owner, count in rows.values_list("measure", "organisation_id", "count"):
        counts[measure][owner] = count
    lines = []
    for total, label in TOTALS.items():
        lines.append(Line(total, label, False, Cell(counts[total]).count))
        parts = {name: Cell(counts[name]) for name in PARTS.get(total, {})}
        hidden = _hidden(total, parts)
        for name, part_label in PARTS.get(total, {}).items():
            value = None if name in hidden else parts[name].count
            lines.append(Line(name, part_label, True, value))
    decisions = Cell(counts["decisions"]).count
    automated = next(line.value for line in lines if line.measure == "automated")
    share = round(automated / decisions, 4) if decisions and automated is not None else None
    return Half(half, tuple(lines), share, _median_hours(half))


def _hidden(total: str, parts: dict[str, Cell]) -> set[str]:
    """Return the parts that could tell about one rights holder; a part of nothing tells nothing."""
    filled = {name: cell for name, cell in parts.items() if cell.count}
    return hidden_parts(
        filled, settings.FIGURES_MINIMUM_BRANDS, total_shown=total in EXHAUSTIVE and bool(filled)
    )


def _median_hours(half: str) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(_MEDIAN, [half])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return None
    return round(timedelta(seconds=float(row[0])) / timedelta(hours=1), 1)
