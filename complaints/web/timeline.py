"""The history of a complaint in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from portal.core.errors import Text
from portal.core.models import JournalEntry

# Verb → what people read, and the tone of its mark.
WORDS: dict[str, tuple[Text, str]] = {
    "complaint.held": (_("Complaint made; it could be taken back"), ""),
    "complaint.undone": (_("Taken back"), ""),
    "complaint.filed": (_("Filed with the platform"), "info"),
    "complaint.under_audit": (_("Taken into audit"), "info"),
    "complaint.established": (_("Established"), "good"),
    "complaint.rejected": (_("Rejected"), "bad"),
    "complaint.frozen": (_("Frozen"), "warn"),
    "complaint.withdrawn": (_("Withdrawn"), ""),
    "complaint.deadline_moved": (_("The day to decide by moved with the calendar"), ""),
    "complaint.contested": (_("Contested by the seller"), "warn"),
    "complaint.overturned": (_("Overturned"), "bad"),
    "complaint.retracted": (_("Retracted"), ""),
    "counter_notice.submitted": (_("The seller handed in a counter-notice"), "warn"),
    "counter_notice.forwarded": (_("Counter-notice forwarded to the rights holder"), "info"),
    "counter_notice.reached": (_("Counter-notice reached the rights holder"), "info"),
    "counter_notice.brand_replied": (_("The rights holder replied"), "info"),
    "counter_notice.proceedings_noted": (_("Notice of proceedings"), "info"),
    "counter_notice.brand_silent": (_("The rights holder was silent"), "warn"),
    "counter_notice.accepted": (_("Counter-notice accepted"), "bad"),
    "counter_notice.refused": (_("Counter-notice refused"), "good"),
    "order.queued": (_("Order to the marketplace queued"), ""),
    "order.sent": (_("Order sent to the marketplace"), "info"),
    "order.acknowledged": (_("The marketplace carried the order out"), "good"),
    "order.failed": (_("The order failed and waits for the platform"), "bad"),
}


@dataclass(frozen=True)
class Event:
    """One line of the history."""

    at: datetime
    title: Text
    tone: str


def of(entries: Iterable[JournalEntry]) -> list[Event]:
    """Return the lines for the entries whose verbs are for everybody's eyes, in their order."""
    return [Event(entry.at, *WORDS[entry.verb]) for entry in entries if entry.verb in WORDS]
