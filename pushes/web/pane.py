"""What the pane of one link shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from brands.models import Registration
from portal.core.actors import Actor
from portal.core.clock import Deadline, remaining_working_time
from portal.core.models import Member, StoredFile
from portal.core.web.views import actor
from pushes import policies, selectors
from pushes.models import SecondLook, SuspectedLink, Verdict
from pushes.selectors import beside
from pushes.services import claims, rates
from pushes.services.deadlines import Deadlines
from pushes.services.reviewers import reviewers_of
from pushes.web import evidence
from pushes.web.forms import VerdictForm


def of_link(
    request: HttpRequest, link: SuspectedLink, form: VerdictForm, deadlines: Deadlines
) -> dict[str, Any]:
    """Everything the pane shows but what it loads later: versions and similar links."""
    now, deadline = timezone.now(), deadlines.explained(link)
    snapshot, who = link.snapshot, actor(request)
    description = str(snapshot.get("description", ""))[: evidence.SHORT_DESCRIPTION]
    return {
        **verdict_panel(request, link, form),
        "title": evidence.segments(str(snapshot.get("title", "")), link.signals, "title"),
        "description": evidence.segments(description, link.signals, "description"),
        "brand_field": evidence.segments(str(snapshot.get("brand", "")), link.signals, "brand"),
        "waterfall": evidence.waterfall(link),
        "band": evidence.price_band(link, rates.current()),
        "pictures": evidence.pictures_of(link),
        "model": link.product_model,
        "model_pictures": _references(link),
        "history": [] if is_blind(link) else evidence.history(selectors.history_of(link)),
        "claim": claims.holder(link, who, now),
        "reviewers": _reviewers(link, now),
        "seller": _seller(who, link),
        "appraisals": [] if is_blind(link) else list(link.appraisals.order_by("pk")),
        "notes": []
        if is_blind(link)
        else list(link.notes.select_related("member__user").order_by("at")),
        **_term(link, deadline, now),
    }


def verdict_panel(request: HttpRequest, link: SuspectedLink, form: VerdictForm) -> dict[str, Any]:
    """What can be said about the link, and what was."""
    who = actor(request)
    if is_blind(link):
        return _blind_panel(link, form)
    held = evidence.held_on(link)
    is_judged = policies.is_judged(link)
    last = _last_verdict(link) if is_judged else None
    return {
        "link": link,
        "form": form,
        "held": held[0] if held else None,
        "last_verdict": last,
        "last_right": dict(Registration.Kind.choices).get(last.right, "") if last else "",
        "is_judged": is_judged,
        "is_open": bool(policies.outcomes_for(link)),
        "judging": policies.judge(who, link),
        "may_undo": bool(held) and bool(policies.undo(who, held[0])),
        "outcomes": policies.outcomes_for(link),
        "rights": Registration.Kind.choices,
    }


def _last_verdict(link: SuspectedLink) -> Verdict | None:
    return link.verdicts.filter(state=Verdict.State.FINAL).order_by("-final_at").first()


def _reviewers(link: SuspectedLink, now: datetime) -> list[Member]:
    """Who the link can be given to; only one that waits is given to anybody."""
    if link.state != SuspectedLink.State.PENDING or is_blind(link):
        return []
    return list(reviewers_of(link.organisation_id, now=now, brand_id=link.brand_id))


def is_blind(link: SuspectedLink) -> bool:
    """Whether the link is shown as if nobody had judged it."""
    return getattr(link, "second_look", None) is not None


def _blind_panel(link: SuspectedLink, form: VerdictForm) -> dict[str, Any]:
    """What a second reviewer can say: everything, as on a link that waits."""
    look: SecondLook = link.second_look  # type: ignore[attr-defined]  # set by ``mask``
    return {
        "link": link,
        "form": form,
        "held": look if look.state == SecondLook.State.HELD else None,
        "last_verdict": None,
        "is_judged": False,
        "is_open": True,
        "is_blind": True,
        "judging": True,
        "may_undo": True,
        "outcomes": Verdict.Outcome.values,
        "rights": Registration.Kind.choices,
    }


def _references(link: SuspectedLink) -> list[StoredFile]:
    model = link.product_model
    return list(model.images.order_by("pk")) if model is not None else []


def _term(link: SuspectedLink, deadline: Deadline, now: datetime) -> Mapping[str, Any]:
    """How long is left, and why the term ends when it ends."""
    counted = evidence.counted_days(deadline)
    remaining = remaining_working_time(now, deadline)
    return {
        "remaining": remaining,
        "working_hours": _hours(remaining.working_time),
        "counted": counted,
        "days_counted": sum(day.counted for day in counted),
        "days_skipped": [day for day in counted[1:] if not day.counted],
        "calendar": deadline.calendar_version.partition(":")[0],
        "provisional": deadline.provisional,
    }


def _hours(left: timedelta) -> str:
    """Working time left, in whole hours; days of 24 hours, as the clock counts them."""
    hours = int(left.total_seconds() // 3600)
    return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}


@dataclass(frozen=True)
class SellerCard:
    """A seller as the brand knows it."""

    name: str
    external_id: str
    uuid: str
    strikes: int
    first_seen_at: datetime | None
    infringing: int
    fine: int
    waiting: int


def _seller(who: Actor, link: SuspectedLink) -> SellerCard | None:
    seller = link.seller
    if seller is None:
        return None
    states = beside.seller_states(who, link)
    return SellerCard(
        name=str(seller),
        external_id=seller.given_id,
        uuid=str(seller.uuid),
        strikes=seller.strike_points,
        first_seen_at=seller.first_seen_at,
        infringing=states.get("counterfeit", 0) + states.get("other_infringement", 0),
        fine=states.get("genuine", 0) + states.get("authorised", 0),
        waiting=states.get("pending", 0),
    )
