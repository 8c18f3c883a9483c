"""What the page of a suspected link shows about complaints."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from complaints import policies
from complaints.models import Complaint
from complaints.selectors import INFRINGING, held_of, latest_complaint
from complaints.services import filing
from complaints.services.checks import Refusal, foretell
from complaints.services.notices import GOOD_FAITH
from complaints.web import declaration
from portal.core.actors import Actor
from portal.core.policies import Permission, permissions_of
from pushes.models import SuspectedLink, Verdict
from pushes.services.review import held_verdict


def actions(request: HttpRequest, values: Mapping[str, Any]) -> str:
    """Return the one-key complaint, or the undo, or the way to the complaint; '' for others."""
    actor, link = getattr(request, "actor", None), values["link"]
    if not isinstance(actor, Actor) or Permission.VIEW_COMPLAINTS not in permissions_of(actor):
        return ""
    complaint = _complaint_on(request, link)
    now = timezone.now()
    stands = complaint is not None and complaint.state not in Complaint.CLOSED
    may_file = bool(policies.may_file(actor, now))
    may_file = may_file and not stands and _is_judged_infringing(link)
    context = {
        "link": link,
        "complaint": complaint,
        "stands": stands,
        # Said before the key is pressed: what is missing, and where to mend it.
        "refusal": _refusal(actor, link) if may_file else None,
        "may_undo": complaint is not None
        and complaint.state == Complaint.State.HELD
        and bool(policies.may_undo(actor, complaint, now)),
        "may_file": may_file,
        "declared": may_file and declaration.is_accepted(request, actor),
        "declaration": GOOD_FAITH,
        # By then the settle tick has filed it.
        "refresh_after": int(settings.UNDO_SECONDS) + 2,
    }
    return render_to_string("complaints/slots/link_actions.html", context, request)


def _refusal(actor: Actor, link: SuspectedLink) -> Refusal | None:
    (found,) = foretell(actor=actor, links=[link], now=timezone.now())
    return found if isinstance(found, Refusal) else None


def facts(request: HttpRequest, values: Mapping[str, Any]) -> str:
    """Return a card that says where the link's complaint stands."""
    actor, link = getattr(request, "actor", None), values["link"]
    if not isinstance(actor, Actor) or Permission.VIEW_COMPLAINTS not in permissions_of(actor):
        return ""
    complaint = _complaint_on(request, link)
    if complaint is None:
        return ""
    return render_to_string("complaints/slots/link_facts.html", {"complaint": complaint}, request)


def _complaint_on(request: HttpRequest, link: SuspectedLink) -> Complaint | None:
    """The newest complaint on it, read once for both places of a page."""
    if not hasattr(request, "newest_complaints"):
        request.newest_complaints = {}  # type: ignore[attr-defined]  # our own attribute
    known: dict[int, Complaint | None] = request.newest_complaints  # type: ignore[attr-defined]
    if link.pk not in known:
        known[link.pk] = latest_complaint(link)
    return known[link.pk]


def _is_judged_infringing(link: SuspectedLink) -> bool:
    """Whether the verdict, even one that could still be undone, says the link infringes."""
    loaded: list[Verdict] | None = getattr(link, "held", None)
    held = held_verdict(link) if loaded is None else next(iter(loaded), None)
    return (held.outcome if held else link.state) in INFRINGING


def desk_complaint(request: HttpRequest, values: Mapping[str, Any]) -> str:
    """Return the dialog with which the desk files about one link or a selection; '' for others."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor) or not policies.may_file(actor, timezone.now()):
        return ""
    context = {
        "declared": declaration.is_accepted(request, actor),
        "declaration": GOOD_FAITH,
        "limit": filing.LIMIT,
    }
    return render_to_string("complaints/slots/desk_complaint.html", context, request)


def desk_toasts(request: HttpRequest, values: Mapping[str, Any]) -> str:
    """Return a toast that takes back what the actor filed and can still be undone; '' for none."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        return ""
    held = [str(complaint.uuid) for complaint in held_of(actor, timezone.now())]
    if not held:
        return ""
    return render_to_string("complaints/slots/desk_toasts.html", {"held": held}, request)


def seller_facts(request: HttpRequest, values: Mapping[str, Any]) -> str:
    """Return the place where linked shops are shown once somebody asks for them."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor) or Permission.VIEW_LINKS not in permissions_of(actor):
        return ""
    return render_to_string("complaints/slots/seller_facts.html", {"link": values["link"]}, request)
