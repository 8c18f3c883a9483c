"""Complaints, for export."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints import selectors
from portal.core.actors import Actor
from portal.core.exports import Column, Dataset, Value, register
from portal.core.policies import Permission

_CHUNK = 2_000


def _rows(actor: Actor) -> Iterator[Sequence[Value]]:
    for row in selectors.complaints_visible_to(actor).order_by("pk").iterator(_CHUNK):
        link = row.link
        yield (
            str(row.uuid),
            str(link.uuid),
            link.brand.name,
            link.listing.marketplace.name,
            link.listing.external_id,
            link.title,
            row.reason,
            f"{row.registration.jurisdiction} {row.registration.number}",
            row.state,
            row.created_at,
            row.filed_at,
            row.due_at,
            row.decided_at,
            row.notice_hash,
        )


COMPLAINTS = Dataset(
    "complaints",
    _("Complaints"),
    Permission.VIEW_COMPLAINTS,
    (
        Column("complaint", _("Complaint")),
        Column("link", _("Link")),
        Column("brand", _("Brand")),
        Column("marketplace", _("Marketplace")),
        Column("listing_id", _("Listing id")),
        Column("title", _("Title")),
        Column("reason", _("Reason")),
        Column("registration", _("Registration")),
        Column("state", _("State")),
        Column("created_at", _("Created"), "time"),
        Column("filed_at", _("Filed"), "time"),
        Column("due_at", _("Due"), "time"),
        Column("decided_at", pgettext_lazy("moment", "Decided"), "time"),
        Column("notice_sha256", _("Fingerprint of the notice")),
    ),
    lambda actor: selectors.complaints_visible_to(actor).count(),
    _rows,
)


def register_all() -> None:
    """Offer the dataset."""
    register(COMPLAINTS)
