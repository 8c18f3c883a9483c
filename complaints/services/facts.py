"""What every journal entry about a complaint carries, for figures and for the wall."""

from typing import Any

from complaints.models import Complaint


def facts_of(complaint: Complaint) -> dict[str, Any]:
    """Return ids and codes of a complaint; never texts or personal data."""
    link = complaint.link
    return {
        "brand_id": link.brand_id,
        "link_id": link.pk,
        "listing_id": link.listing_id,
        "marketplace_id": link.listing.marketplace_id,
        "reason": complaint.reason,
    }
