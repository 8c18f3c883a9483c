"""The notice: everything a complaint must say, prefilled from what the portal knows.

Fields follow article 16(2) of the EU Digital Services Act (substantiated explanation, exact
address, name and e-mail, statement of good faith) and what marketplaces ask for besides.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brands.models import Registration
from complaints.models import Complaint
from portal.core.actors import Actor
from portal.core.models import Mandate, Member, Role
from pushes.models import SuspectedLink
from pushes.web.labels import signal_label

GOOD_FAITH_VERSION = "1"
GOOD_FAITH = gettext_lazy(
    "I declare in good faith that the information in this complaint is accurate and complete, that "
    "I am entitled to act for the owner of the right, and that the listing uses the right without "
    "permission of its owner, of anybody authorised by its owner, or of the law."
)
# Signals shown in words; the notice itself carries all of them.
SIGNALS_IN_WORDS = 5
PICTURE_FIELDS = {"image", "images", "image_urls", "logo"}


@dataclass(frozen=True)
class Grounds:
    """What a complaint rests on, as the pre-file checks found it."""

    reason: str
    registration: Registration
    mandate: Mandate | None = None


@dataclass(frozen=True)
class Again:
    """A complaint filed again: which one was rejected, and what the complainant adds to it."""

    complaint: Complaint
    supplement: str = ""

    def to_dict(self) -> dict[str, str]:
        """What the notice says of it."""
        return {
            "complaint": str(self.complaint.uuid),
            "code": self.complaint.decision.code,
            "supplement": self.supplement,
        }


def compose(
    *,
    link: SuspectedLink,
    grounds: Grounds,
    actor: Actor,
    now: datetime,
    again: Again | None = None,
) -> dict[str, Any]:
    """Return the notice as JSON values; texts are in the language in use."""
    snapshot = link.snapshot
    return {
        "version": 1,
        "language": get_language() or "en",
        "received_at": now.isoformat(),
        "reason": grounds.reason,
        "explanation": _explanation(link, grounds),
        "filed_again": again.to_dict() if again else None,
        "complainant": _complainant(actor, grounds.mandate),
        "right": _right(grounds.registration),
        "brand": {"uuid": str(link.brand.uuid), "name": link.brand.name},
        "product_model": _product_model(link),
        "listing": _listing(link),
        "seller": _seller(link),
        "where": _where(link, grounds.reason),
        "evidence": {
            "link": str(link.uuid),
            "snapshot": snapshot,
            "snapshot_hash": link.snapshot_hash,
            "seen_at": link.version.seen_at.isoformat(),
            "score": round(link.score, 6),
            "signals": link.signals,
            "pictures": _pictures(link),
            "test_purchase": None,
            "appraisal": None,
        },
        "declarations": [
            {"code": "good_faith", "version": GOOD_FAITH_VERSION, "text": str(GOOD_FAITH)}
        ],
        "trusted_flagger": None,
        "contact_for_seller": {"name": str(actor.organisation)},
    }


def digest(notice: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of the notice's canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(notice, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _explanation(link: SuspectedLink, grounds: Grounds) -> str:
    right = grounds.registration
    sentences = [
        _("The listing “%(title)s” on %(marketplace)s offers goods under the brand %(brand)s.")
        % {
            "title": link.version.title,
            "marketplace": link.listing.marketplace.name,
            "brand": link.brand.name,
        },
        _("The rights holder examined it and judged: %(reason)s.")
        % {"reason": Complaint.Reason(grounds.reason).label},
        _("The complaint rests on %(kind)s %(jurisdiction)s %(number)s, owned by %(owner)s.")
        % {
            "kind": right.get_kind_display(),
            "jurisdiction": right.jurisdiction,
            "number": right.number,
            "owner": right.owner_name,
        },
    ]
    marks = [_in_words(signal) for signal in _strongest(link)]
    if marks:
        sentences.append(_("What shows it: %(marks)s.") % {"marks": "; ".join(marks)})
    return " ".join(sentences)


def _strongest(link: SuspectedLink) -> list[dict[str, Any]]:
    fired = [s for s in link.signals if s.get("contribution", 0) > 0 and s.get("matched")]
    return sorted(fired, key=lambda s: -float(s["contribution"]))[:SIGNALS_IN_WORDS]


def _in_words(signal: Mapping[str, Any]) -> str:
    """What was found and why it tells: the words alone say nothing to who reads the notice."""
    words = {
        "label": signal_label(str(signal["kind"])),
        "matched": signal["matched"],
        "registered": signal.get("registered"),
    }
    if words["registered"]:
        return _("%(label)s: “%(matched)s” beside the registered “%(registered)s”") % words
    return _("%(label)s: “%(matched)s”") % words


def _complainant(actor: Actor, mandate: Mandate | None) -> dict[str, Any]:
    person = _person(actor)
    return {
        "organisation": str(actor.organisation),
        "name": str(person.user) if person else str(actor.organisation),
        "email": person.user.email if person else "",
        "capacity": "agent" if actor.acts_for_other else "owner",
        "agent": str(actor.member.organisation) if actor.member and actor.acts_for_other else None,
        "power_of_attorney": (
            {"mandate": str(mandate.uuid), "valid_to": mandate.valid_to.isoformat()}
            if mandate
            else None
        ),
        "api_key": actor.api_key.prefix if actor.api_key else None,
    }


def _person(actor: Actor) -> Member | None:
    """Return who answers for the notice: the member, or for a key whoever made it."""
    if actor.member is not None or actor.api_key is None:
        return actor.member
    if actor.api_key.created_by is not None:
        return actor.api_key.created_by
    owners = Member.objects.select_related("user").filter(
        organisation=actor.organisation, role=Role.OWNER, active=True
    )
    return owners.order_by("pk").first()


def _right(right: Registration) -> dict[str, Any]:
    return {
        "uuid": str(right.uuid),
        "kind": right.kind,
        "number": right.number,
        "jurisdiction": right.jurisdiction,
        "owner": right.owner_name,
        "classes": list(right.nice_classes),
        "valid_from": right.valid_from.isoformat(),
        "valid_to": right.valid_to.isoformat(),
    }


def _product_model(link: SuspectedLink) -> dict[str, Any] | None:
    model = link.product_model
    if model is None:
        return None
    return {
        "uuid": str(model.uuid),
        "name": model.name,
        "model_number": model.model_number,
        "gtin": model.gtin,
        "list_price": str(model.list_price) if model.list_price is not None else None,
        "lowest_price": str(model.lowest_price) if model.lowest_price is not None else None,
        "currency": model.currency,
    }


def listing_address(link: SuspectedLink) -> str:
    """Return the exact address of the listing, or '' when the marketplace has none."""
    template = link.listing.marketplace.listing_url
    if link.version.url or not template:
        return link.version.url
    return template.replace("{external_id}", link.listing.external_id)


def _listing(link: SuspectedLink) -> dict[str, Any]:
    marketplace = link.listing.marketplace
    return {
        "url": listing_address(link),
        "external_id": link.listing.external_id,
        "marketplace": marketplace.name,
        "jurisdiction": marketplace.jurisdiction,
        "title": link.version.title,
        "price": str(link.version.price) if link.version.price is not None else None,
        "currency": link.version.currency,
    }


def _seller(link: SuspectedLink) -> dict[str, Any] | None:
    seller = link.version.seller
    return {"external_id": seller.external_id, "name": seller.name} if seller else None


def _pictures(link: SuspectedLink) -> list[dict[str, str]]:
    """Return the listing's pictures that are kept now, in the listing's order."""
    kept = {row.url: row.file.sha256 for row in link.listing.images.all() if row.file is not None}
    urls: list[str] = link.snapshot.get("image_urls", [])
    return [{"url": url, "sha256": kept[url]} for url in urls if url in kept]


def _where(link: SuspectedLink, reason: str) -> list[str]:
    """Return where the infringement shows: title, description, image, goods."""
    fields = {str(signal.get("field", "")) for signal in link.signals}
    places: list[str] = [place for place in ("title", "description") if place in fields]
    if fields & PICTURE_FIELDS:
        places.append("image")
    if reason == Complaint.Reason.COUNTERFEIT or not places:
        places.append("goods")
    return places
