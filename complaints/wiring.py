"""What this room adds to the rooms below: outbox handlers, slots, bars and navigation."""

from django.utils.translation import gettext_lazy as _

from complaints import policies
from complaints.models import Complaint
from complaints.services import (
    consequences,
    credit_feed,
    export_rows,
    freezing,
    hearing_clocks,
    hearing_handlers,
    hearing_mail,
    messages,
    misuse,
    orders,
    queueing,
    reinstatement,
    statement_export,
)
from complaints.web import client_slots, link_slots
from portal.core import events, live, outbox
from portal.core.models import JournalEntry, Organisation
from portal.core.policies import Permission
from portal.core.web import navigation, slots
from portal.core.web.navigation import Entry
from pushes.policies import bar_corrections

_SEE, _DECIDE = Permission.VIEW_COMPLAINTS, Permission.DECIDE_COMPLAINT
_MANAGE = Permission.MANAGE_PLATFORM
_BRAND = frozenset({str(Organisation.Kind.RIGHTS_HOLDER)})
_PLATFORM = frozenset({str(Organisation.Kind.PLATFORM)})
ENTRIES = (
    Entry(_("Complaints"), "complaints:complaints", "gavel", _SEE, 20, _BRAND),
    Entry(_("Complaints"), "complaints:queue", "gavel", _SEE, 20, _PLATFORM),
    Entry(
        _("Good faith"),
        "complaints:accounts",
        "badge-check",
        _SEE,
        45,
        _BRAND | _PLATFORM,
    ),
    Entry(_("Measures"), "complaints:measures", "shield-alert", _DECIDE, 47, _PLATFORM),
    Entry(
        _("Counter-notices"),
        "complaints:counter_notices",
        "scale",
        _SEE,
        25,
        _PLATFORM | _BRAND,
    ),
    Entry(_("EU records"), "complaints:eu_records", "file-output", _MANAGE, 55, _PLATFORM),
    Entry(_("Orders"), "complaints:orders", "send", _SEE, 50, _PLATFORM),
)
CALENDAR_VERBS = ("calendar.override_set", "calendar.override_removed", "calendar.year_set")


def connect() -> None:
    """Connect everything; called once when the app is ready."""
    outbox.register(orders.HANDLER, orders.deliver, abandoned=orders.give_up)
    events.subscribe(credit_feed.CONSUMER, credit_feed.take, credit_feed.HANDLERS)
    events.subscribe(freezing.CONSUMER, freezing.follow, freezing.VERBS)
    events.subscribe("consequences", consequences.follow, ("strike.added", "strike.reversed"))
    events.subscribe(
        "misuse",
        misuse.follow,
        ("credential.revoked", "credential.rejected", "counter_notice.refused"),
    )
    outbox.register(hearing_mail.HANDLER, hearing_handlers.deliver_forward)
    outbox.register(
        statement_export.HANDLER, statement_export.deliver, abandoned=statement_export.give_up
    )
    events.subscribe("complaints.clocks", _follow_calendar, CALENDAR_VERBS)
    events.subscribe("complaints.loss", reinstatement.note_put_back, ("order.acknowledged",))
    bar_corrections(policies.no_complaint_stands)
    messages.register_kind()
    slots.fill("clients", client_slots.clients)
    slots.fill("link_actions", link_slots.actions)
    slots.fill("link_facts", link_slots.facts)
    slots.fill("seller_facts", link_slots.seller_facts)
    slots.fill("desk_complaint", link_slots.desk_complaint)
    slots.fill("desk_toasts", link_slots.desk_toasts)
    export_rows.register_all()
    for entry in ENTRIES:
        navigation.add(entry)
    live.register(
        live.Topic(
            "complaints",
            Complaint,
            _SEE,
            {f"complaint.{state}": state for state in Complaint.State.values},
        )
    )


def _follow_calendar(entry: JournalEntry) -> None:
    """Recompute the running clocks after a calendar was corrected."""
    country = str(entry.data["country"])
    hearing_clocks.recompute(country=country, now=entry.at)
    queueing.recompute(country=country, now=entry.at)
