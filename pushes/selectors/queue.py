"""The desk's list: views, filters, orders, pages from a place, capped counts.

A page is read from a place in an order (a keyset), never by counting rows off, so the last page of
300,000 links costs what the first costs. Every order has an index that starts with the tenant or
the brand and the state; a view of several states is read state by state and merged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
    TupleLessThanOrEqual,
)

from portal.core.actors import Actor
from pushes import selectors
from pushes.models import ListingImage, SuspectedLink, Verdict
from pushes.states import VERDICTS

TupleLookup = TupleGreaterThan | TupleGreaterThanOrEqual | TupleLessThan | TupleLessThanOrEqual
State = SuspectedLink.State
# Counting stops here: nobody acts on the difference between 1,000 and 40,000.
MOST_COUNTED: Final = 1000
# Rows of one answer: more than a screen shows. The desk asks for more before its keys get there.
PAGE: Final = 20
# Links shown above the one the page was opened at.
ABOVE: Final = 4

VIEWS: Final[Mapping[str, tuple[str, ...]]] = {
    "pending": (State.PENDING,),
    "risk": (State.PENDING,),
    "mine": (State.PENDING,),
    # Judged links asked about again, blind; shown as if they waited for a first verdict.
    "second": tuple(VERDICTS.split()),
    "lapsed": (State.LAPSED,),
    "appraisal": (State.APPRAISAL,),
    "infringing": (State.COUNTERFEIT, State.OTHER_INFRINGEMENT),
    "fine": (State.GENUINE, State.AUTHORISED),
    "overflow": (State.OVERFLOW,),
    "gone": (State.GONE,),
}
# Views that are more than their states.
NARROWER: Final = frozenset({"risk", "mine", "second"})
# Order → column, whether it rises, and whether a link without a value can occur.
ORDERS: Final[Mapping[str, tuple[str, bool]]] = {
    "due": ("due_at", True),
    "due_last": ("due_at", False),
    "score": ("score", False),
    "score_low": ("score", True),
    "new": ("pushed_at", False),
    "old": ("pushed_at", True),
}
# Pictures of a link's listing with their files: ``listing.pictures``. As a list, because a manager
# for each of thirty listings takes longer than the query.
PICTURES: Final = Prefetch(
    "listing__images",
    queryset=ListingImage.objects.select_related("file").order_by("pk"),
    to_attr="pictures",
)
# Stands for the states of a view in a statement that is made once for several views.
_STATE: Final = "state-{}"
# Links due so soon are at risk: the running day and the next.
RISK: Final = timedelta(hours=36)
DUE: Final[Mapping[str, timedelta]] = {
    "day": timedelta(hours=24),
    "risk": RISK,
    "three": timedelta(days=3),
    "week": timedelta(days=7),
}


@dataclass(frozen=True)
class Wanted:
    """What the list shows. ``filters`` maps lookups of ``SuspectedLink`` to values."""

    view: str = "pending"
    order: str = "due"
    words: str = ""
    due: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def states(self) -> Sequence[str]:
        """States of the view."""
        return VIEWS[self.view]

    @property
    def counts_slowly(self) -> bool:
        """Whether a view's links must be looked at one by one to be counted."""
        return bool(self.words) or "signal_kinds__contains" in self.filters

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the view narrows the list."""
        return bool(self.words or self.due or self.filters)


@dataclass(frozen=True)
class Window:
    """A page: primary keys in their order, and whether there is more on either side."""

    ids: Sequence[int]
    more_before: bool
    more_after: bool

    @property
    def goes_on(self) -> bool:
        """Whether it is not the whole list."""
        return self.more_before or self.more_after


def narrowed(actor: Actor | None, wanted: Wanted, now: datetime) -> QuerySet[SuspectedLink]:
    """Visible links that fit the filters, of any state and in no order."""
    if wanted.view == "second":
        links = selectors.blind_links(actor).filter(**wanted.filters)
    else:
        links = selectors.links_visible_to(actor).filter(**wanted.filters)
    if wanted.view == "mine":
        links = links.filter(assignee=actor.member if actor is not None else None)
    if wanted.words:
        links = links.filter(title__icontains=wanted.words)
    if due := DUE.get(wanted.due):
        links = links.filter(due_at__lte=now + due)
    if wanted.view == "risk":
        # What explores is outside the terms: nobody is late with it.
        links = links.filter(due_at__lte=now + RISK, explores=False)
    return links


def window(
    links: QuerySet[SuspectedLink], wanted: Wanted, *, at: SuspectedLink | None = None
) -> Window:
    """The first page, or the page around ``at``, which is in it when it fits the view."""
    if at is None or _place(wanted, at) is None:  # what has no clock is not in a view of deadlines
        found = _read(links, wanted, None, forward=True, number=PAGE + 1)
        return Window(found[:PAGE], more_before=False, more_after=len(found) > PAGE)
    above = _read(links, wanted, at, forward=False, number=ABOVE + 1)
    below = _read(links, wanted, at, forward=True, number=PAGE + 1, inclusive=True)
    ids = [*reversed(above[:ABOVE]), *below[:PAGE]]
    return Window(ids, more_before=len(above) > ABOVE, more_after=len(below) > PAGE)


def page_beside(
    links: QuerySet[SuspectedLink], wanted: Wanted, at: SuspectedLink, *, forward: bool
) -> Window:
    """The page after (``forward``) or before a link."""
    found = _read(links, wanted, at, forward=forward, number=PAGE + 1)
    more, ids = len(found) > PAGE, found[:PAGE]
    if forward:
        return Window(ids, more_before=True, more_after=more)
    return Window(list(reversed(ids)), more_before=more, more_after=True)


def _read(
    links: QuerySet[SuspectedLink],
    wanted: Wanted,
    at: SuspectedLink | None,
    *,
    forward: bool,
    number: int,
    inclusive: bool = False,
) -> list[int]:
    """Up to ``number`` keys from a place on, in the direction of reading."""
    column, rises = ORDERS[order_of(wanted)]
    rises = rises == forward
    if at is not None:
        links = links.filter(_from(column, rises, at, inclusive=inclusive))
    order = [column, "pk"] if rises else [f"-{column}", "-pk"]
    parts = [
        links.filter(state=state).order_by(*order).values_list("pk", column)[:number]
        for state in wanted.states
    ]
    found = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True)
    if len(parts) > 1:
        named = [column, "id"] if rises else [f"-{column}", "-id"]
        found = found.order_by(*named)[:number]
    return [pk for pk, _value in found]


def order_of(wanted: Wanted) -> str:
    """The order in force: what waits without a clock has no deadline to sort by."""
    without_clock = wanted.view in {"overflow", "gone"} and wanted.order.startswith("due")
    return "score" if without_clock else wanted.order


def _place(wanted: Wanted, at: SuspectedLink) -> object:
    """A link's value in the order in force; ``None`` when the order has no place for it."""
    return getattr(at, ORDERS[order_of(wanted)][0])


def _from(column: str, rises: bool, at: SuspectedLink, *, inclusive: bool) -> Q | TupleLookup:
    """Rows at or past a link, as one comparison of pairs: it bounds the index scan, however many
    links end at one moment.
    """
    value = getattr(at, column)
    if value is None:
        return Q(pk__in=())
    place, pair = (value, at.pk), Tuple(F(column), F("pk"))
    if rises:
        return (TupleGreaterThanOrEqual if inclusive else TupleGreaterThan)(pair, place)
    return (TupleLessThanOrEqual if inclusive else TupleLessThan)(pair, place)


def rows(ids: Sequence[int]) -> list[SuspectedLink]:
    """The links of a page, in its order, with what a row of the list shows."""
    found = {link.pk: link for link in with_row(SuspectedLink.objects.filter(pk__in=ids))}
    return [found[pk] for pk in ids if pk in found]


def with_row(links: QuerySet[SuspectedLink]) -> QuerySet[SuspectedLink]:
    """Load what a row shows: brand, organisation, pictures, the held verdict, the lease."""
    held = Verdict.objects.filter(state=Verdict.State.HELD).select_related("member__user")
    return (
        links.select_related("brand", "organisation", "listing", "claim__member__user")
        .defer("vector", "text_bands")
        .prefetch_related(Prefetch("verdicts", queryset=held, to_attr="held"), PICTURES)
    )


Counted = tuple[QuerySet[SuspectedLink], Sequence[str]]


def counts(wanted: Mapping[str, Counted]) -> dict[str, int]:
    """Links of each set in its states up to ``MOST_COUNTED``, in one statement.

    Views that share a set and a number of states share the work of making their SQL.
    """
    if not wanted:
        return {}
    made: dict[tuple[int, int], tuple[str, Sequence[Any]] | None] = {}
    parts, values = [], list[Any]()
    for links, states in wanted.values():
        key = (id(links), len(states))
        if key not in made:
            made[key] = _made(links, len(states))
        counted = made[key]
        if counted is None:
            parts.append("0")
            continue
        sql, params = counted
        named = dict(zip(map(_STATE.format, range(len(states))), states, strict=True))
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608  # our queryset
        values.extend(
            named.get(value, value) if isinstance(value, str) else value for value in params
        )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)  # made of our querysets
        found = cursor.fetchone() or ()
    return dict(zip(wanted, map(int, found), strict=True))


def _made(links: QuerySet[SuspectedLink], number: int) -> tuple[str, Sequence[Any]] | None:
    """SQL of links in so many states, which stand as marks among the parameters."""
    marks = [_STATE.format(place) for place in range(number)]
    rows = links.filter(state__in=marks).order_by().values("pk")[:MOST_COUNTED]
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:  # Django knows without asking
        return None
    return sql, params


def first_to_judge(
    links: QuerySet[SuspectedLink], wanted: Wanted, after: SuspectedLink
) -> SuspectedLink | None:
    """The next link of the order that nobody has judged or is judging, from ``after`` on."""
    held = Verdict.objects.filter(link=OuterRef("pk"), state=Verdict.State.HELD)
    free = links.exclude(pk=after.pk).filter(~Exists(held))
    found = _read(free, wanted, after, forward=True, number=1) or _read(
        free, wanted, None, forward=True, number=1
    )
    return SuspectedLink.objects.filter(pk__in=found).first()
