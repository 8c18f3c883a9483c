"""What a characteristic would find among recent listings, and how often such ones were right.

The preview runs the engine on the newest live listings with this one mark, as its admission does
later, and stops at a number of listings or at a moment, whichever comes first: it is asked again
with every pause in writing.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import F
from scipy.stats import binomtest

from brands.models import Brand, Characteristic, ProductModel
from brands.services.characteristics import Declared
from pushes import matching
from pushes.matching import Engine, RegistryError, Signal, SignalState
from pushes.models import FeedbackFact, Listing, ListingVersion
from pushes.services import admission
from pushes.services.engine_facts import SIGNAL_OF
from pushes.services.matching import engine_listing

LISTINGS: Final = 5_000
SECONDS: Final = 1.5
EXAMPLES: Final = 10
_BATCH: Final = 500
# The newest verdicts tell more about tomorrow than all of them.
_FACTS: Final = 2_000
# With fewer a share would only be noise.
ENOUGH_VERDICTS: Final = 5


@dataclass(frozen=True)
class Hit:
    """A listing it would find, with the engine's explanation."""

    version: ListingVersion
    signals: tuple[Signal, ...]


@dataclass(frozen=True)
class Preview:
    """``hits`` of ``looked_at`` listings; ``often`` when it could not stand alone.

    ``complete`` says that time did not run out. ``problem`` says why it can never work.
    """

    looked_at: int = 0
    hits: int = 0
    examples: tuple[Hit, ...] = ()
    complete: bool = True
    problem: str = ""

    @property
    def often(self) -> bool:
        """Whether it alarms on more listings than a mark that stands alone may."""
        return admission.alarms_too_often(self.hits, self.looked_at)


@dataclass(frozen=True)
class Precision:
    """Of ``judged`` links with this reason, ``confirmed`` were infringing.

    ``low`` and ``high`` bound the share (95 %, E. B. Wilson, JASA 22, 1927). ``exact`` is false
    when the verdicts are about other characteristics of the same kind.
    """

    confirmed: int
    judged: int
    low: float
    high: float
    exact: bool


def preview(
    *,
    brand: Brand,
    declared: Declared,
    product_model: ProductModel | None = None,
    seconds: float = SECONDS,
) -> Preview:
    """Return what the characteristic, whose value is clean, would find."""
    mark = Characteristic(
        brand=brand, product_model=product_model, kind=declared.kind, value=declared.value
    )
    if problem := admission.problem_with(mark):
        return Preview(problem=problem)
    try:
        engine = Engine(matching.Registry(tuple(admission.engine_brands([mark]))))
    except RegistryError as error:
        return Preview(problem=f"{error.problem} ({error.hint})")
    kind = SIGNAL_OF.get(mark.kind, mark.kind)
    stop = time.monotonic() + seconds
    looked_at = hits = 0
    examples: list[Hit] = []
    for batch in recent_listings(LISTINGS):
        found = engine.scan([engine_listing(version) for version in batch], include_below=True)
        for version, matches in zip(batch, found, strict=True):
            fired = [s for match in matches for s in match.signals if _fires(s, kind, mark.value)]
            hits += bool(fired)
            if fired and len(examples) < EXAMPLES:
                examples.append(Hit(version, tuple(fired)))
        looked_at += len(batch)
        if time.monotonic() > stop:
            return Preview(looked_at, hits, tuple(examples), complete=False)
    return Preview(looked_at, hits, tuple(examples))


def _fires(signal: Signal, kind: str, value: str) -> bool:
    return (
        signal.kind == kind
        and signal.registered == value
        and signal.state is SignalState.FIRED
        and signal.value > 0
    )


def recent_listings(
    most: int, *, before: int | None = None, batch: int = _BATCH
) -> Iterator[list[ListingVersion]]:
    """Yield what live listings say now, newest first, a batch at a time."""
    heads = (
        ListingVersion.objects.select_related("listing__marketplace", "seller")
        .filter(listing__head_id=F("pk"), listing__status=Listing.Status.LIVE)
        .order_by("-pk")
    )
    while most > 0:
        rows = heads if before is None else heads.filter(pk__lt=before)
        found = list(rows[: min(batch, most)])
        if not found:
            return
        yield found
        most -= len(found)
        before = found[-1].pk


def expected_precision(brand: Brand, kind: str, value: str) -> Precision | None:
    """Return how often links with this reason were confirmed; ``None`` with too few verdicts.

    The last fact about a link counts: an overturned complaint corrects the verdict before it.
    Without verdicts on this very value, those on the brand's characteristics of its kind count.
    """
    signal = SIGNAL_OF.get(kind, kind)
    facts = (
        FeedbackFact.objects.filter(brand=brand, label__isnull=False, vector__has_key=signal)
        .order_by("-at", "-pk")
        .values_list("link_id", "label", "link__signals")[:_FACTS]
    )
    same: dict[int, int] = {}
    alike: dict[int, int] = {}
    for link_id, label, signals in facts:
        alike.setdefault(link_id, int(label or 0))
        if any(s["kind"] == signal and s["registered"] == value for s in signals):
            same.setdefault(link_id, int(label or 0))
    for labels, exact in ((same, True), (alike, False)):
        if len(labels) >= ENOUGH_VERDICTS:
            confirmed = sum(labels.values())
            bounds = binomtest(confirmed, len(labels)).proportion_ci(method="wilson")
            return Precision(confirmed, len(labels), bounds.low, bounds.high, exact)
    return None
