"""Aggregates for associations and the platform, from the daily figures."""

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.core.errors import Text
from portal.core.models import AssociationMembership, Organisation
from portal.figures.models import DailyFigure
from portal.figures.suppression import Cell, hidden_parts

MONTHS = 6
TOTALS: dict[str, Text] = {
    "pushed": _("Links pushed"),
    "judged": _("Links judged"),
    "judged_in_time": _("Judged in time"),
    "complaints": _("Complaints filed"),
    "established": _("Complaints established"),
    "rejected": _("Complaints rejected"),
    "taken_down": _("Listings taken down"),
}
# Parts that add up to a total above; hiding one of them must not leave it derivable.
PARTS: dict[str, dict[str, Text]] = {
    "judged": {
        "judged_counterfeit": _("Judged counterfeit"),
        "judged_other_infringement": _("Judged another infringement"),
        "judged_genuine": _("Judged genuine"),
        "judged_authorised": _("Judged an authorised seller"),
        "judged_appraisal": _("Could not tell"),
    },
}
# (parts, whole): all may be shown only if what is left of the whole is safe as well; otherwise the
# first part is hidden.
REMAINDERS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("judged_in_time",), "judged"),
    (("established",), "complaints"),
    (("rejected",), "complaints"),
    # What still waits is the complaints less both.
    (("rejected", "established"), "complaints"),
    (("taken_down",), "established"),
    # Nearly every established complaint is a take-down, so these rows would give a hidden one away.
    (("taken_down",), "complaints"),
    (("taken_down", "rejected"), "complaints"),
)


@dataclass(frozen=True)
class Month:
    """A calendar month (UTC). Periods are fixed: free ranges could be subtracted."""

    first: date

    @property
    def last(self) -> date:
        """The month's last day."""
        return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])


@dataclass(frozen=True)
class Row:
    """One measure over the months; ``None`` stands for a suppressed cell."""

    measure: str
    label: Text
    is_part: bool
    values: tuple[int | None, ...]


@dataclass(frozen=True)
class Table:
    """Measures by month. ``brands`` counts the consenting brands a month is drawn from."""

    months: tuple[Month, ...]
    rows: tuple[Row, ...]

    @property
    def is_empty(self) -> bool:
        """Whether not a single cell can be shown."""
        return all(value is None for row in self.rows for value in row.values)


def closed_months(today: date, count: int = MONTHS) -> tuple[Month, ...]:
    """Return the newest closed months, oldest first. The running month is never shown."""
    months = []
    year, month = today.year, today.month
    for _number in range(count):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
        months.append(Month(date(year, month, 1)))
    return tuple(reversed(months))


def association_table(association: Organisation, today: date) -> Table:
    """Return the suppressed aggregate over the association's consenting members.

    A member counts for a month if its consent covers the whole of it, so that a later consent or
    withdrawal never changes a month already shown.
    """
    months = closed_months(today)
    columns = []
    for month in months:
        consenting = AssociationMembership.objects.filter(
            Q(withdrawn_on=None) | Q(withdrawn_on__gt=month.last),
            association=association,
            consented_on__lte=month.first,
        ).values("rights_holder_id")
        figures = DailyFigure.objects.filter(organisation_id__in=consenting)
        columns.append(_suppressed(_cells(figures, month)))
    return _table(months, columns)


def platform_table(today: date) -> Table:
    """Return the aggregate over all brands; the platform holds the cases themselves."""
    months = closed_months(today)
    columns: list[dict[str, int | None]] = []
    for month in months:
        cells = _cells(DailyFigure.objects.all(), month)
        columns.append({name: cells[name].count for name in _names()})
    return _table(months, columns)


def _names() -> list[str]:
    return [*TOTALS, *(name for parts in PARTS.values() for name in parts)]


def _cells(figures: QuerySet[DailyFigure], month: Month) -> dict[str, Cell]:
    counts: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = figures.filter(day__range=(month.first, month.last))
    # By owner: the brands of one rights holder protect nobody, all of them are its own data.
    for measure, owner, count in rows.values_list("measure", "organisation_id", "count"):
        counts[measure][owner] += count
    return {name: Cell(dict(counts[name])) for name in _names()}


def _suppressed(cells: dict[str, Cell]) -> dict[str, int | None]:
    minimum = settings.FIGURES_MINIMUM_BRANDS
    shown: dict[str, int | None] = {
        name: cells[name].count if cells[name].is_safe(minimum) else None for name in TOTALS
    }
    for total, parts in PARTS.items():
        hidden = hidden_parts(
            {name: cells[name] for name in parts},
            minimum,
            total_shown=shown[total] is not None,
        )
        shown |= {name: None if name in hidden else cells[name].count for name in parts}
    for shares, whole in REMAINDERS:
        _hide_remainder(shown, cells, shares, whole, minimum)
    # Missed links are pushed less judged. Judged stays derivable from its parts, so pushed goes.
    if not _is_safe_between(cells, ("judged",), "pushed", minimum):
        shown["pushed"] = None
    return shown


def _hide_remainder(
    shown: dict[str, int | None],
    cells: dict[str, Cell],
    parts: tuple[str, ...],
    whole: str,
    minimum: int,
) -> None:
    """Hide the first part when ``whole`` less ``parts`` would tell of fewer brands than allowed.

    A month's decisions may answer another month's complaints, so this errs on the safe side.
    """
    readable = all(shown[name] is not None for name in (whole, *parts))
    if readable and not _is_safe_between(cells, parts, whole, minimum):
        shown[parts[0]] = None


def _is_safe_between(
    cells: dict[str, Cell], parts: tuple[str, ...], whole: str, minimum: int
) -> bool:
    """Whether ``whole`` less ``parts`` tells of enough rights holders, or of nothing at all."""
    rest = {
        owner: abs(count - sum(cells[part].by_brand.get(owner, 0) for part in parts))
        for owner, count in cells[whole].by_brand.items()
    }
    remainder = Cell(rest)
    return not remainder.count or remainder.is_safe(minimum)


def _table(months: tuple[Month, ...], columns: list[dict[str, int | None]]) -> Table:
    rows = []
    for total, label in TOTALS.items():
        rows.append(Row(total, label, False, tuple(column[total] for column in columns)))
        for name, part_label in PARTS.get(total, {}).items():
            values = tuple(column[name] for column in columns)
            rows.append(Row(name, part_label, True, values))
    return Table(months, tuple(rows))
