"""Evidence as pages show it: marked spans, the waterfall, the price band, the counted days."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core.actors import Actor
from portal.core.calendars import WHY_LABELS
from portal.core.clock import Deadline, Remaining
from portal.core.models import JournalEntry
from pushes.matching import Rates
from pushes.models import Claim, ListingImage, SuspectedLink, Verdict
from pushes.services import claims
from pushes.services.deadlines import Deadlines
from pushes.web import labels

# The waterfall is drawn in a box 100 units wide.
WIDTH = 100.0
SHORT_DESCRIPTION = 4000
# Contributions are stored with six digits.
CLOSE = 1e-3


@dataclass(frozen=True)
class Segment:
    """A piece of text; ``reason`` is what fired on it, empty for plain text."""

    text: str
    reason: str = ""


def segments(text: str, signals: Iterable[Mapping[str, Any]], field: str) -> list[Segment]:
    """Cut a text at the spans that fired in ``field``; overlapping spans are joined.

    Offsets count code points of the original text. Spans that speak for the listing (a
    contribution below zero) are not marked.
    """
    spans = sorted(
        (int(s["start"]), min(int(s["end"]), len(text)), labels.signal_label(str(s["kind"])))
        for s in signals
        if s["field"] == field and s["end"] > s["start"] and s.get("contribution", 0) >= 0
    )
    pieces: list[Segment] = []
    position = 0
    for start, end, reason in _joined(spans):
        if start > position:
            pieces.append(Segment(text[position:start]))
        pieces.append(Segment(text[start:end], reason))
        position = end
    if position < len(text):
        pieces.append(Segment(text[position:]))
    return pieces


def marked(pieces: Iterable[Segment]) -> SafeString:
    """The pieces as HTML, each that fired in a ``<mark>`` that names its reason."""
    return SafeString(
        "".join(
            f'<mark title="{escape(piece.reason)}">{escape(piece.text)}</mark>'
            if piece.reason
            else escape(piece.text)
            for piece in pieces
        )
    )


def _joined(spans: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    joined: list[tuple[int, int, str]] = []
    for start, end, reason in spans:
        if start >= end:
            continue
        if joined and start < joined[-1][1]:
            first, last, before = joined[-1]
            reasons = before if reason in before.split(", ") else f"{before}, {reason}"
            joined[-1] = (first, max(last, end), reasons)
        else:
            joined.append((start, end, reason))
    return joined


@dataclass(frozen=True)
class Step:
    """One row of the waterfall. ``x`` and ``width`` are SVG units as text, free of locale.

    ``own`` is the part of the contribution that holds for this brand only.
    """

    label: str
    field: str
    matched: str
    registered: str
    contribution: float
    own: float
    x: str
    width: str
    tone: str


@dataclass(frozen=True)
class Waterfall:
    """From the starting point to the score. ``zero`` and ``limit`` are places on the scale.

    ``start`` holds for every brand; ``own_start`` is what it differs by for this one. Both and the
    steps' contributions sum to ``total``, the log-odds of the score.
    """

    steps: Sequence[Step]
    start: float
    own_start: float
    total: float
    zero: str
    limit: str
    threshold: float
    not_evaluated: Sequence[str]


def waterfall(link: SuspectedLink) -> Waterfall:
    """The signals of a link in order, each drawn from where the one before it ended."""
    fired = [s for s in link.signals if s["contribution"]]
    total = _log_odds(link.score)
    begin = total - sum(float(s["contribution"]) for s in fired)
    own_start, common = _own_start(link, begin), weights_of(link)
    threshold = threshold_of(link)
    limit = _log_odds(threshold)
    ends = [begin]
    for signal in fired:
        ends.append(ends[-1] + signal["contribution"])
    low, high = min([*ends, limit, 0.0]) - 0.3, max([*ends, limit, 0.0]) + 0.3

    def place(value: float) -> float:
        share: float = (value - low) / (high - low)
        return share * WIDTH

    steps = [
        Step(
            label=labels.signal_label(signal["kind"]),
            field=str(labels.FIELDS.get(signal["field"], "")),
            matched=signal["matched"],
            registered=signal["registered"],
            contribution=signal["contribution"],
            own=_own_part(signal, common),
            x=f"{place(min(before, after)):.2f}",
            width=f"{max(abs(place(after) - place(before)), 0.6):.2f}",
            tone="bad" if signal["contribution"] > 0 else "good",
        )
        for signal, before, after in zip(fired, ends, ends[1:], strict=False)
    ]
    idle = sorted({s["kind"] for s in link.signals if s.get("state") == "not_evaluated"})
    return Waterfall(
        steps=steps,
        start=begin - own_start,
        own_start=own_start,
        total=total,
        zero=f"{place(0.0):.2f}",
        limit=f"{place(limit):.2f}",
        threshold=threshold,
        not_evaluated=[labels.signal_label(kind) for kind in idle],
    )


def weights_of(link: SuspectedLink) -> Mapping[str, float]:
    """The weights of the link's ruleset that hold for every brand."""
    weights: Mapping[str, float] = link.ruleset.content.get("weights", {})
    return weights


def _own_start(link: SuspectedLink, begin: float) -> float:
    """What the brand's starting point differs by; 0 where the ruleset does not explain it."""
    content = link.ruleset.content
    own = content.get("brand_offsets", {}).get(str(link.brand.uuid), {}).get("intercept", 0.0)
    explained = abs(content.get("intercept", 0.0) + own - begin) < CLOSE
    return float(own) if explained else 0.0


def _own_part(signal: Mapping[str, Any], common: Mapping[str, float]) -> float:
    """The part of a contribution that is the brand's own; 0 for a kind the ruleset lacks."""
    if signal["kind"] not in common:
        return 0.0
    own = float(signal["contribution"]) - common[signal["kind"]] * float(signal["value"])
    return own if abs(own) >= CLOSE else 0.0


def threshold_of(link: SuspectedLink) -> float:
    """The probability from which it was pushed; for links without one, by their ruleset."""
    if link.threshold is not None:
        return link.threshold
    content = link.ruleset.content
    own = content.get("brand_offsets", {}).get(str(link.brand.uuid), {}).get("threshold")
    return float(content.get("threshold", 0.5) if own is None else own)


def _log_odds(probability: float) -> float:
    kept = min(max(probability, 1e-12), 1 - 1e-12)
    return math.log(kept / (1 - kept))


@dataclass(frozen=True)
class PriceBand:
    """The listing's price beside the product's band, both in the product's currency if known."""

    amount: Decimal | None
    currency: str
    converted: Decimal | None
    lowest: Decimal | None
    listed: Decimal | None
    band_currency: str

    @property
    def share(self) -> int | None:
        """The price as percent of the list price."""
        if self.converted is None or not self.listed:
            return None
        return round(100 * self.converted / self.listed)

    @property
    def marks(self) -> "PriceMarks | None":
        """Places on a scale of 100 units from nothing to the dearest of the figures."""
        if self.converted is None or not (self.listed or self.lowest):
            return None
        top = max(self.converted, self.listed or 0, self.lowest or 0) * Decimal("1.04")
        low = self.lowest or Decimal(0)
        high = self.listed or top

        def place(value: Decimal) -> float:
            return float(100 * value / top)

        return PriceMarks(
            lowest=f"{place(low):.2f}",
            width=f"{max(place(high) - place(low), 0.5):.2f}",
            price=f"{min(place(self.converted), 98.8):.2f}",
            tone="bad" if self.converted < low else "good",
        )


@dataclass(frozen=True)
class PriceMarks:
    """The price picture in SVG units as text, free of locale."""

    lowest: str
    width: str
    price: str
    tone: str


def price_band(link: SuspectedLink, rates: Rates) -> PriceBand:
    """Compare the pushed price with the matched product model's band."""
    amount, currency = price_of(link), str(link.snapshot.get("currency", ""))
    model = link.product_model
    if model is None:
        return PriceBand(amount, currency, None, None, None, "")
    converted = None
    if amount is not None and model.currency:
        converted = rates.convert(amount, currency, model.currency)
    return PriceBand(
        amount, currency, converted, model.lowest_price, model.list_price, model.currency
    )


def price_of(link: SuspectedLink) -> Decimal | None:
    """The price as pushed."""
    price = link.snapshot.get("price")
    return None if price is None else Decimal(price)


@dataclass(frozen=True)
class CountedDay:
    """One day of a deadline, with why it counted or did not."""

    day: datetime
    counted: bool
    why: str
    note: str


def counted_days(deadline: Deadline) -> list[CountedDay]:
    """The days a deadline walked over, named for people."""
    return [
        CountedDay(
            day=datetime(count.day.year, count.day.month, count.day.day),  # noqa: DTZ001  # a date
            counted=count.counted,
            why=str(WHY_LABELS[count.why]),
            note=count.note,
        )
        for count in deadline.counted
    ]


@dataclass(frozen=True)
class LinkCard:
    """A link as the inbox shows it. Texts are ready: a list writes them for every row.

    ``left`` says how many working days are left; empty where no term runs or a verdict is held.
    """

    link: SuspectedLink
    address: str
    label: str
    title: SafeString
    price: str
    score: str
    picture: str
    left: str
    held: Verdict | None
    claim: Claim | None


def card(
    link: SuspectedLink, deadlines: Deadlines, now: datetime, reader: Actor | None = None
) -> LinkCard:
    """Build the card. Needs ``held``, pictures, brand, organisation and claim with the link."""
    left, held = "", held_on(link)
    if not held and link.state == SuspectedLink.State.PENDING and link.due_at is not None:
        left = left_of(deadlines.remaining(link, now))
    pictures = pictures_of(link)
    title, price = str(link.snapshot.get("title", "")), price_of(link)
    return LinkCard(
        link=link,
        address=f"{_root('pushes:links')}{link.uuid}",
        label=_("Select %(title)s") % {"title": shortened(title)},
        title=marked(segments(title, link.signals, "title")),
        price="" if price is None else number_format(price, 2, force_grouping=True),
        score=number_format(link.score, 2),
        picture=f"{_images()}{pictures[0]}" if pictures else "",
        left=left,
        held=held[0] if held else None,
        claim=claims.holder(link, reader, now),
    )


def held_on(link: SuspectedLink) -> Sequence[Verdict]:
    """The verdict on it that can still be undone, as loaded with the link."""
    held: Sequence[Verdict] = getattr(link, "held", ())
    return held


def left_of(remaining: Remaining) -> str:
    """How many working days are left, in words."""
    if remaining.overdue:
        return _("Term is over")
    days = remaining.working_days
    text = ngettext("%(days)s working day left", "%(days)s working days left", days)
    return text % {"days": days}


def shortened(text: str, most: int = 60) -> str:
    """At most so many characters, the last an ellipsis where something was cut off."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


@cache
def _root(name: str) -> str:
    """Address of a page, worked out once: a list needs it for every row."""
    return reverse(name)


@cache
def _images() -> str:
    return reverse("pushes:image", args=["0" * 64]).removesuffix("0" * 64)


def pictures_of(link: SuspectedLink) -> list[str]:
    """SHA-256 of the pushed listing's pictures which are stored, in the listing's order."""
    listing = link.listing
    images: Iterable[ListingImage] = (
        listing.pictures if hasattr(listing, "pictures") else listing.images.all()
    )
    stored = {image.url: image.file.sha256 for image in images if image.file is not None}
    urls: Sequence[str] = link.snapshot.get("image_urls", [])
    return [stored[url] for url in urls if url in stored]


@dataclass(frozen=True)
class Event:
    """One line of a link's history."""

    at: datetime
    title: str
    tone: str
    detail: str


def history(entries: Iterable[JournalEntry]) -> list[Event]:
    """Journal entries named for people; entries nobody needs to read are left out."""
    events = []
    for entry in (entry for entry in entries if entry.verb in labels.HISTORY):
        title, tone = labels.HISTORY[entry.verb]
        changes = [str(labels.CHANGES.get(code, code)) for code in entry.data.get("changes", [])]
        events.append(Event(entry.at, str(title), tone, ", ".join(changes)))
    return events
