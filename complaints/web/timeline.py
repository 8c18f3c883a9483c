"""The history of a complaint in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from portal.core.actors import Actor
from portal.core.errors import Text
from portal.core.models import JournalEntry, Member
from pushes.web.labels import HISTORY

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
    "reinstatement.requested": (_("Reinstatement asked for"), "warn"),
    "reinstatement.confirmed": (_("Reinstatement confirmed"), "warn"),
    "reinstatement.declined": (_("Reinstatement declined"), ""),
    "complaint_message.written": (_("Message written"), ""),
    **HISTORY,
}
# Verbs whose line says more than the verb: why it came to be filed.
FROM: dict[tuple[str, str], Text] = {
    ("complaint.filed", "withdrawn"): _("Put before the platform again"),
    ("complaint.filed", "frozen"): _("Goes on: the right stands again"),
    ("complaint.filed", "under_audit"): _("Back from audit"),
    ("complaint.established", "contested"): _("Stands again"),
}


@dataclass(frozen=True)
class Event:
    """One line of the history."""

    at: datetime
    title: Text
    tone: str
    who: str = ""


def of(entries: Iterable[JournalEntry], reader: Actor) -> list[Event]:
    """Return the lines for the entries whose verbs are for everybody's eyes, in their order."""
    shown = [entry for entry in entries if entry.verb in WORDS]
    names = _names(shown, reader)
    return [_event(entry, names) for entry in shown]


def _event(entry: JournalEntry, names: Mapping[int, str]) -> Event:
    title, tone = WORDS[entry.verb]
    title = FROM.get((entry.verb, str(entry.data.get("from", ""))), title)
    who = names.get(entry.actor_id or 0, "") if entry.actor_kind == "member" else ""
    return Event(entry.at, title, tone, who)


def _names(entries: Iterable[JournalEntry], reader: Actor) -> dict[int, str]:
    """Names of the people who acted: one's own side by name, the other by its organisation."""
    ids = {
        entry.actor_id
        for entry in entries
        if entry.actor_kind == "member" and entry.actor_id is not None
    }
    own = reader.organisation.pk if reader.organisation else None
    return {
        member.pk: str(member.user if member.organisation_id == own else member.organisation)
        for member in Member.objects.select_related("user", "organisation").filter(pk__in=ids)
    }
