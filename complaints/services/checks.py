"""Checks before a complaint is filed. Each refusal says what is missing.

The facts of all links of a call are read at once: 300 links cost about as many queries as one.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _

from brands.models import AuthorisedSeller, Brand, Registration
from brands.selectors import registration_for
from complaints.models import Complaint
from complaints.selectors import INFRINGING
from complaints.services.notices import Grounds
from portal.core import scope
from portal.core.actors import Actor
from portal.core.errors import Text
from portal.core.models import Mandate
from pushes.models import SuspectedLink, Verdict

OVERTURNED = _(
    "A complaint about this offer was overturned, and the offer has not changed since. File again "
    "once it shows something new, or for another right."
)


@dataclass(frozen=True)
class Refusal:
    """Why one link cannot be complained about; ``code`` is stable."""

    link: SuspectedLink
    code: str
    message: Text


class Checks:
    """The checks of one call over its links."""

    def __init__(self, *, actor: Actor, links: Sequence[SuspectedLink], now: datetime) -> None:
        self._now = now
        self._mandate = _mandate(actor, now)
        self._mandated = frozenset(self._mandate.brand_keys if self._mandate else ())
        self._rights = _rights_named(links)
        self._standing = set(
            Complaint.objects.filter(link__in=links)
            .exclude(state__in=Complaint.CLOSED)
            .values_list("link_id", flat=True)
        )
        self._overturned = overturned_offers(links)
        self._authorised: dict[int, list[AuthorisedSeller]] = defaultdict(list)
        brands = {link.brand_id for link in links}
        for seller in AuthorisedSeller.objects.filter(brand_id__in=brands):
            self._authorised[seller.brand_id].append(seller)
        self._registrations: dict[tuple[int, str, date, str], Registration | None] = {}

    def examine(self, link: SuspectedLink, held: str = "") -> Grounds | Refusal:
        """Return what the complaint rests on, or the first reason against it.

        ``held`` is the outcome of a verdict that is not final yet, to be taken for the link's.
        """
        state = held or link.state
        barred = self._barred(link, state)
        if barred is not None:
            return barred
        reason = self._reason(link, state)
        if (link.pk, reason, link.snapshot_hash) in self._overturned:
            return Refusal(link, "overturned_before", OVERTURNED)
        registration = self._registration(link, reason)
        if registration is None:
            return Refusal(link, "no_right", _no_right(link, reason))
        return Grounds(reason, registration, self._mandate)

    def _barred(self, link: SuspectedLink, state: str) -> Refusal | None:
        """Return what speaks against any complaint about the link."""
        if link.pk in self._standing:
            return Refusal(link, "duplicate", _("A complaint about this link stands already."))
        if state not in INFRINGING:
            return Refusal(
                link, "no_verdict", _("Judge the link as an infringement before you complain.")
            )
        if self._mandated and link.brand_id not in self._mandated:
            return Refusal(
                link,
                "outside_mandate",
                _("Your letter of authorisation does not name this brand."),
            )
        if self._is_authorised(link):
            return Refusal(
                link,
                "seller_authorised",
                _("The seller is on the brand's list of authorised ones."),
            )
        return None

    def _reason(self, link: SuspectedLink, state: str) -> str:
        if state == SuspectedLink.State.COUNTERFEIT:
            return Complaint.Reason.COUNTERFEIT
        named = self._rights.get(link.pk, "")
        return named if named in Complaint.Reason.values else Complaint.Reason.TRADEMARK

    def _registration(self, link: SuspectedLink, reason: str) -> Registration | None:
        marketplace = link.listing.marketplace
        day = self._now.astimezone(ZoneInfo(marketplace.zone)).date()
        right = _right_kind(reason)
        key = (link.brand_id, marketplace.jurisdiction, day, right)
        if key not in self._registrations:
            self._registrations[key] = registration_for(
                brand=link.brand, jurisdiction=marketplace.jurisdiction, on=day, right=right
            )
        return self._registrations[key]

    def _is_authorised(self, link: SuspectedLink) -> bool:
        seller = link.version.seller
        if seller is None:
            return False
        return any(
            _same_seller(listed, seller.marketplace_id, seller.external_id, seller.name)
            for listed in self._authorised[link.brand_id]
        )


def overturned_offers(links: Sequence[SuspectedLink]) -> set[tuple[int, str, str]]:
    """Return link, reason and snapshot of complaints that were overturned: what was decided."""
    rows = Complaint.objects.filter(link__in=links, state=Complaint.State.OVERTURNED)
    return set(rows.values_list("link_id", "reason", KT("notice__evidence__snapshot_hash")))


def foretell(
    *, actor: Actor, links: Sequence[SuspectedLink], now: datetime
) -> list[Grounds | Refusal]:
    """Return what filing would find for each link, in their order, without writing anything.

    A verdict that can still be undone counts, because filing makes it final first.
    """
    held = dict(
        Verdict.objects.filter(link__in=links, state=Verdict.State.HELD).values_list(
            "link_id", "outcome"
        )
    )
    examined = Checks(actor=actor, links=links, now=now)
    return [examined.examine(link, held.get(link.pk, "")) for link in links]


def _right_kind(reason: str) -> str:
    """Return the kind of right a reason needs: a counterfeit infringes the trademark."""
    if reason == Complaint.Reason.COUNTERFEIT:
        return Registration.Kind.TRADEMARK
    return reason


def _same_seller(
    listed: AuthorisedSeller, marketplace_id: int, external_id: str, name: str
) -> bool:
    """Whether a seller is the listed one: by its id where one is listed, else by its name."""
    if listed.marketplace_id not in {None, marketplace_id}:
        return False
    if listed.external_id:
        return listed.external_id == external_id
    return listed.name.strip().casefold() == name.strip().casefold()


def _rights_named(links: Sequence[SuspectedLink]) -> dict[int, str]:
    """Return for each link the right its latest final verdict names."""
    verdicts = (
        Verdict.objects.filter(link__in=links, state=Verdict.State.FINAL)
        .order_by("link_id", "-given_at", "-pk")
        .distinct("link_id")
    )
    return dict(verdicts.values_list("link_id", "right"))


def _mandate(actor: Actor, now: datetime) -> Mandate | None:
    """Return the mandate an agent's member acts under today."""
    if actor.member is None or actor.organisation is None or not actor.acts_for_other:
        return None
    today = now.astimezone(ZoneInfo(actor.organisation.zone)).date()
    return scope.mandate_of(actor.member, actor.organisation, today)


def _no_right(link: SuspectedLink, reason: str) -> str:
    brand: Brand = link.brand
    return _(
        "%(brand)s has no approved %(right)s registration that is valid today and covers %(place)s."
    ) % {
        "brand": brand.name,
        "right": Registration.Kind(_right_kind(reason)).label,
        "place": link.listing.marketplace.jurisdiction,
    }
