"""The statement of reasons (DSA article 17): one decision, two renderings.

The seller's copy names the listing, the right and the redress, in the language of the
marketplace's country; it travels in the order itself, so it reaches the seller no later than the
restriction starts. The EU record is English, is put together from codes and dates only, and must
pass ``complaints.statement_schema`` before anything of the decision is written.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from complaints import legal_grounds, policies, statement_schema
from complaints.models import Complaint, Decision, StatementDelivery, StatementOfReasons
from complaints.services.notices import listing_address
from portal.core import journal
from portal.core.actors import Actor
from portal.core.clock import day_end

SALT = "complaints.statement"
# The internal complaint must stay open for at least six months (DSA article 20(1)).
REDRESS = timedelta(days=184)
# The link lives longer than the redress, so that it can be read until its last day.
LINK_LIFE = REDRESS + timedelta(days=30)
# How long a link lives that the platform made anew.
NEW_LINK_LIFE = timedelta(days=30)
REMOVED = "DECISION_VISIBILITY_CONTENT_REMOVED"
SOURCE, TRUSTED_FLAGGER = "SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER"
# Language of the seller's copy by the marketplace's country; English elsewhere.
LANGUAGES = {"CN": "zh-hans"}
KEYWORDS = {
    Complaint.Reason.COUNTERFEIT: "KEYWORD_TRADEMARK_INFRINGEMENT",
    Complaint.Reason.TRADEMARK: "KEYWORD_TRADEMARK_INFRINGEMENT",
    Complaint.Reason.COPYRIGHT: "KEYWORD_COPYRIGHT_INFRINGEMENT",
    Complaint.Reason.DESIGN: "KEYWORD_DESIGN_INFRINGEMENT",
    Complaint.Reason.PATENT: "KEYWORD_PATENT_INFRINGEMENT",
}


class StatementInvalid(Exception):
    """A record of ours does not pass our own schema: a programming error, nothing is decided."""


def write(*, decision: Decision, now: datetime) -> StatementOfReasons:
    """Store both renderings of an established decision; raise ``StatementInvalid`` if wrong.

    A record about a marketplace of the European Economic Area then waits to be sent there.
    """
    record = eu_record(decision, now)
    if wrong := statement_schema.problems(record):
        raise StatementInvalid("; ".join(wrong))
    with translation.override(LANGUAGES.get(_marketplace(decision).jurisdiction, "en")):
        copy = seller_copy(decision, now)
    statement = StatementOfReasons.objects.create(
        decision=decision,
        puid=record["puid"],
        seller_copy=copy,
        eu_record=record,
        created_at=now,
    )
    if "territorial_scope" in record:
        StatementDelivery.objects.create(statement=statement)
    return statement


def puid_of(complaint: Complaint) -> str:
    """Return the unique id of a complaint's statement: stable, and never used again."""
    return f"sor-{complaint.uuid}"


def eu_record(decision: Decision, now: datetime) -> dict[str, Any]:
    """Return the record for the EU Transparency Database, without personal data.

    Nothing that anybody typed gets in: names, ids, numbers and the listing's own words may each
    name a person. Its texts are ours, filled with codes and dates.
    """
    complaint = decision.complaint
    listing = complaint.link.listing
    with translation.override("en"):
        record = {
            "decision_visibility": [REMOVED],
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": _law(complaint),
            "illegal_content_explanation": _explanation(complaint),
            "content_type": ["CONTENT_TYPE_PRODUCT"],
            "category": statement_schema.CATEGORY,
            "category_specification": [KEYWORDS[Complaint.Reason(complaint.reason)]],
            "content_date": listing.first_seen_at.astimezone(UTC).date().isoformat(),
            "application_date": now.astimezone(UTC).date().isoformat(),
            "decision_facts": _bare_facts(complaint),
            "source_type": _source(complaint),
            "automated_detection": "Yes",
            "automated_decision": _automation(decision),
            "puid": puid_of(complaint),
        }
    place = listing.marketplace.jurisdiction
    if place in statement_schema.TERRITORIES:
        record["territorial_scope"] = [place]
    return record


def seller_copy(decision: Decision, now: datetime) -> dict[str, Any]:
    """Return the seller's copy in the language in use, with the means of redress."""
    complaint = decision.complaint
    link, right = complaint.link, complaint.registration
    marketplace, seller = link.listing.marketplace, link.version.seller
    return {
        "puid": puid_of(complaint),
        "language": translation.get_language() or "en",
        # The seller reads the date of its own marketplace's day.
        "issued_at": now.astimezone(ZoneInfo(marketplace.zone)).isoformat(),
        "measure": {
            "code": REMOVED,
            "text": _("The listing is removed from %(marketplace)s without an end date.")
            % {"marketplace": marketplace.name},
            "territory": marketplace.jurisdiction,
        },
        "listing": {
            "external_id": link.listing.external_id,
            "title": link.version.title,
            "url": listing_address(link),
        },
        "seller": {"external_id": seller.external_id, "name": seller.name} if seller else None,
        "reason": {
            "code": complaint.reason,
            "text": str(Complaint.Reason(complaint.reason).label),
        },
        "facts": _facts(complaint),
        "ground": {"legal": _legal_ground(complaint), "explanation": _explanation(complaint)},
        "right": {
            "kind": right.kind,
            "number": right.number,
            "jurisdiction": right.jurisdiction,
            "owner": right.owner_name,
        },
        "notice": {
            "source": _source(complaint),
            "complainant": complaint.organisation.name,
            "received_at": (complaint.filed_at or complaint.created_at).isoformat(),
        },
        "automation": {"detection": True, "decision": _automation(decision)},
        "redress": _redress(decision, now),
    }


def address_of(statement: StatementOfReasons) -> str:
    """Return the signed link under which the seller reads the statement without an account.

    The same statement always has the same link: a repeated order says the same thing twice.
    """
    return _address(statement, statement.created_at + LINK_LIFE)


def _address(statement: StatementOfReasons, until: datetime) -> str:
    token = signing.Signer(salt=SALT).sign_object(
        {"puid": statement.puid, "until": int(until.timestamp())}
    )
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('complaints:statement', args=[token])}"


@transaction.atomic
def new_address(*, actor: Actor, statement: StatementOfReasons, now: datetime) -> str:
    """Return a link that lives from now on, for a seller whose first one expired or was lost.

    It opens the statement and what became of it; the time for a counter-notice stays as it was.
    """
    policies.may_decide(actor, statement.decision.complaint).require()
    until = now + NEW_LINK_LIFE
    journal.record(
        "statement.link_renewed",
        statement,
        actor=actor,
        now=now,
        organisation_id=statement.decision.organisation_id,
        data={"puid": statement.puid, "until": until.isoformat()},
    )
    return _address(statement, until)


def redress_until(statement: StatementOfReasons) -> datetime:
    """Return the last instant at which the seller may complain to the platform."""
    zone = ZoneInfo(_marketplace(statement.decision).zone)
    return day_end((statement.created_at + REDRESS).astimezone(zone).date(), zone)


def in_language(statement: StatementOfReasons, language: str) -> dict[str, Any]:
    """Return the seller's copy for reading in a language; the issued one is the one that counts."""
    if language == statement.seller_copy["language"]:
        return dict(statement.seller_copy)
    with translation.override(language):
        return seller_copy(statement.decision, statement.created_at)


def read_address(token: str, now: datetime) -> tuple[str, bool]:
    """Return the statement's puid and whether the link has expired.

    Raises ``django.core.signing.BadSignature`` for a link we did not make.
    """
    try:
        content = signing.Signer(salt=SALT).unsign_object(token)
        return str(content["puid"]), now.timestamp() > content["until"]
    except (ValueError, KeyError, TypeError) as error:
        raise signing.BadSignature("not a statement link") from error


def _marketplace(decision: Decision) -> Any:
    return decision.complaint.link.listing.marketplace


def _law(complaint: Complaint) -> str:
    return legal_grounds.ground(complaint.registration.jurisdiction, complaint.registration.kind)


def _source(complaint: Complaint) -> str:
    return TRUSTED_FLAGGER if complaint.notice.get("trusted_flagger") else SOURCE


def _legal_ground(complaint: Complaint) -> str:
    right = complaint.registration
    return _("%(law)s. Right relied on: %(kind)s, registration %(number)s.") % {
        "law": _law(complaint),
        "kind": right.get_kind_display(),
        "number": right.number,
    }


def _explanation(complaint: Complaint) -> str:
    if complaint.reason == Complaint.Reason.COUNTERFEIT:
        return _(
            "The goods carry the registered trademark without having been made or allowed by its "
            "owner. Offering them infringes the trademark."
        )
    return _("The listing uses what the registered right protects without permission of its owner.")


def _facts(complaint: Complaint) -> str:
    link = complaint.link
    zone = ZoneInfo(link.listing.marketplace.zone)
    seen = link.version.seen_at.astimezone(zone).date().isoformat()
    return _(
        "The rights holder notified the listing %(listing)s on %(marketplace)s, as seen on "
        "%(seen)s, as: %(reason)s. The platform compared the listing as seen with the registered "
        "right and found the notice established."
    ) % {
        "listing": link.listing.external_id,
        "marketplace": link.listing.marketplace.name,
        "seen": seen,
        "reason": Complaint.Reason(complaint.reason).label,
    }


def _bare_facts(complaint: Complaint) -> str:
    """The facts without a word that anybody typed."""
    link, right = complaint.link, complaint.registration
    zone = ZoneInfo(link.listing.marketplace.zone)
    received = (complaint.filed_at or complaint.created_at).astimezone(zone).date()
    seen = link.version.seen_at.astimezone(zone).date()
    reason = str(Complaint.Reason(complaint.reason).label).lower()
    kind = str(right.get_kind_display()).lower()
    return (
        f"The rights holder notified an offer of goods on {received}, as seen on {seen}, as: "
        f"{reason}. The right relied on is a {kind} valid in {right.jurisdiction}. The platform "
        "compared the offer as seen with the registered right and found the notice established."
    )


def _automation(decision: Decision) -> str:
    if decision.automated:
        return "AUTOMATED_DECISION_FULLY"
    return "AUTOMATED_DECISION_NOT_AUTOMATED"


def _redress(decision: Decision, now: datetime) -> list[dict[str, str]]:
    zone = ZoneInfo(_marketplace(decision).zone)
    until = (now + REDRESS).astimezone(zone).date().isoformat()
    return [
        {
            "kind": "internal_complaint",
            "until": until,
            "text": _(
                "You can complain to the platform free of charge until %(until)s: hand in a "
                "counter-notice with your reasons and evidence on the page of this statement."
            )
            % {"until": until},
        },
        {
            "kind": "out_of_court",
            "text": _(
                "You can take the dispute to a certified out-of-court dispute settlement body."
            ),
        },
        {"kind": "court", "text": _("You can go to a court that is competent for your case.")},
    ]
