"""Filing again after a rejection: everything prefilled, beside what the rejected notice said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints import policies
from complaints.models import Complaint, Decision
from complaints.services import filing, notices
from complaints.services.checks import Checks, Refusal
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, Text

LONGEST: Final = 2000
# Rejections that ask for something only the complainant can say.
ASKS_FOR_MORE: Final = frozenset({Decision.Code.EVIDENCE_MISSING, Decision.Code.FIRST_SALE})
PLACES: Final[Mapping[str, Text]] = {
    "title": gettext_lazy("title"),
    "description": gettext_lazy("description"),
    "image": gettext_lazy("pictures"),
    "goods": gettext_lazy("goods"),
}


@dataclass(frozen=True)
class Line:
    """One field of the notice: as rejected, and as it would be filed now."""

    label: Text
    before: str
    now: str

    @property
    def changed(self) -> bool:
        """Whether the new notice says something else."""
        return self.before != self.now


@dataclass(frozen=True)
class Preview:
    """What filing again would send. ``refusal`` says why it cannot be filed as things stand."""

    lines: tuple[Line, ...]
    refusal: Refusal | None
    asks_for_more: bool

    @property
    def changed(self) -> bool:
        """Whether anything but the supplement differs from the rejected notice."""
        return any(line.changed for line in self.lines)


def preview(*, actor: Actor, complaint: Complaint, now: datetime) -> Preview:
    """Compose the notice anew, without writing anything, and compare it with the rejected one."""
    link = complaint.link
    found = Checks(actor=actor, links=[link], now=now).examine(link)
    asks = complaint.decision.code in ASKS_FOR_MORE
    if isinstance(found, Refusal):
        return Preview(_lines(complaint.notice, {}), found, asks)
    fresh = notices.compose(link=link, grounds=found, actor=actor, now=now)
    return Preview(_lines(complaint.notice, fresh), None, asks)


def refile(
    *,
    actor: Actor,
    complaint: Complaint,
    supplement: str,
    statement_accepted: bool,
    now: datetime,
) -> filing.FilingResult:
    """File again about the link of a rejected complaint.

    Raises ``NotAllowed``, and ``InvalidInput`` naming ``supplement`` where the rejection asked for
    more and nothing is added.
    """
    policies.may_refile(actor, complaint, now).require()
    supplement = supplement.strip()
    if not supplement and complaint.decision.code in ASKS_FOR_MORE:
        raise InvalidInput.one(
            "supplement", "required", _("Say what shows the infringement; the rejection asked so.")
        )
    if len(supplement) > LONGEST:
        words = _("At most %(limit)s characters.") % {"limit": LONGEST}
        raise InvalidInput.one("supplement", "too_long", words)
    return filing.file(
        actor=actor,
        links=[complaint.link],
        now=now,
        statement_accepted=statement_accepted,
        again=notices.Again(complaint, supplement),
    )


def _lines(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Line, ...]:
    labels = {
        "reason": _("Reason"),
        "right": _("Right"),
        "classes": _("Classes of goods"),
        "valid": _("Valid"),
        "model": _("Product model"),
        "where": _("Where it shows"),
        "signals": _("Signals"),
        "listing": _("Listing"),
        "price": _("Price"),
        "seller": _("Seller"),
        "complainant": _("Complainant"),
    }
    old, new = _told(before), _told(now)
    return tuple(Line(label, old[name], new[name]) for name, label in labels.items())


def _told(notice: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a notice as people read them; '' for what it does not say."""
    right, listing = notice.get("right") or {}, notice.get("listing") or {}
    model, seller = notice.get("product_model") or {}, notice.get("seller") or {}
    signals = (notice.get("evidence") or {}).get("signals", [])
    complainant = notice.get("complainant") or {}
    reasons = dict(Complaint.Reason.choices)
    return {
        "reason": str(reasons.get(notice.get("reason", ""), "")),
        "right": _joined(right.get("jurisdiction"), right.get("number")),
        "classes": ", ".join(str(number) for number in right.get("classes", [])),
        "valid": _joined(right.get("valid_from"), "–", right.get("valid_to")) if right else "",
        "model": _joined(model.get("name"), model.get("model_number")),
        "where": ", ".join(str(PLACES.get(place, place)) for place in notice.get("where", [])),
        "signals": str(len([s for s in signals if s.get("contribution", 0) > 0]) or ""),
        "listing": _joined(listing.get("title")),
        "price": _joined(listing.get("price"), listing.get("currency")),
        "seller": _joined(seller.get("name") or seller.get("external_id")),
        "complainant": _joined(complainant.get("organisation"), complainant.get("agent")),
    }


def _joined(*parts: Any) -> str:
    return " ".join(str(part) for part in parts if part)
