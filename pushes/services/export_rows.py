"""Suspected links with their verdicts, for export."""

from collections.abc import Iterator, Sequence

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from portal.core.actors import Actor
from portal.core.exports import Column, Dataset, Value, register
from portal.core.policies import Permission
from pushes import selectors
from pushes.models import Verdict

_CHUNK = 2_000


def _rows(actor: Actor) -> Iterator[Sequence[Value]]:
    final = Verdict.objects.filter(link=OuterRef("pk"), state=Verdict.State.FINAL).order_by("-pk")
    links = (
        selectors.links_visible_to(actor)
        .select_related("brand", "product_model", "marketplace", "listing", "seller")
        .defer("vector", "text_bands")
        .annotate(
            verdict_reason=Subquery(final.values("reason")[:1]),
            verdict_right=Subquery(final.values("right")[:1]),
        )
        .order_by("pk")
    )
    for link in links.iterator(_CHUNK):
        snapshot = link.snapshot
        yield (
            str(link.uuid),
            link.brand.name,
            link.product_model.name if link.product_model else "",
            link.marketplace.name if link.marketplace else "",
            link.listing.external_id,
            str(snapshot.get("url") or ""),
            link.title,
            None if snapshot.get("price") is None else str(snapshot["price"]),
            str(snapshot.get("currency") or ""),
            link.seller.name if link.seller else "",
            link.score,
            ", ".join(link.signal_kinds),
            link.state,
            link.verdict_right or "",
            link.verdict_reason or "",
            link.pushed_at,
            link.due_at,
            link.judged_at,
        )


LINKS = Dataset(
    "links",
    _("Suspected links with verdicts"),
    Permission.VIEW_LINKS,
    (
        Column("link", _("Link")),
        Column("brand", _("Brand")),
        Column("product_model", _("Product model")),
        Column("marketplace", _("Marketplace")),
        Column("listing_id", _("Listing id")),
        Column("url", _("Address")),
        Column("title", _("Title")),
        Column("price", _("Price")),
        Column("currency", _("Currency")),
        Column("seller", _("Seller")),
        Column("score", _("Score"), "number"),
        Column("signals", _("Signals")),
        Column("state", _("State")),
        Column("right_infringed", _("Right infringed")),
        Column("verdict_reason", _("Reason of the verdict")),
        Column("pushed_at", _("Pushed"), "time"),
        Column("due_at", _("Due"), "time"),
        Column("judged_at", _("Judged"), "time"),
    ),
    lambda actor: selectors.links_visible_to(actor).count(),
    _rows,
)


def register_all() -> None:
    """Offer the dataset."""
    register(LINKS)
