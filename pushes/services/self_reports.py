"""“Here is one you missed”: a brand reports a listing, and the rules learn from it.

Two reports a week find what exploration cannot: listings that show nothing any rule looks for.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import InvalidInput
from portal.core.policies import Permission, may
from pushes.matching import Match
from pushes.models import FeedbackFact, Listing, ListingImage, ListingVersion, SuspectedLink
from pushes.services import feedback, links
from pushes.services.deadlines import Deadlines
from pushes.services.matching import engine_listing
from pushes.services.registry import Loaded, current_engine

LOWEST_SCORE = 1e-6


@transaction.atomic
def report(
    *, actor: Actor, brand: Brand, marketplace: str, external_id: str, now: datetime
) -> SuspectedLink:
    """Push a listing that the rules missed, and keep the report as a fact.

    ``marketplace``: its slug. The link is judged like any other. Raises ``InvalidInput`` naming
    ``external_id`` when no such listing is on offer, it was pushed already or the brand itself has
    authorised its seller, ``brand`` when the brand has no right in force.
    """
    may(actor, Permission.JUDGE_LINKS, brand.organisation_id, brand.pk).require()
    version = _version(marketplace, external_id)
    if SuspectedLink.objects.filter(brand=brand, listing=version.listing).exists():
        raise InvalidInput.one(
            "external_id", "pushed", _("This listing was pushed to you already.")
        )
    loaded = current_engine()
    declared = loaded.brands.get(str(brand.uuid))
    if declared is None:
        raise InvalidInput.one("brand", "no_right", _("This brand has no right in force."))
    match = _match(loaded, brand, version)
    # Fakes from a seller whom the rules hold for surely honest would teach against every rule.
    if any(signal.kind == "seller_authorised" for signal in match.signals):
        raise InvalidInput.one(
            "external_id",
            "authorised",
            _("You have authorised this seller. Take it off your list first."),
        )
    finding = links.Finding(
        brand=declared,
        product_model_id=None,
        version=version,
        images=list(ListingImage.objects.select_related("file").filter(listing=version.listing)),
        match=match,
    )
    link = links.push(finding, loaded=loaded, deadlines=Deadlines(), now=now)
    journal.record("link.reported", link, actor=actor, now=now, data={"brand_id": brand.pk})
    feedback.record_outcome(link=link, source=FeedbackFact.Source.SELF_REPORT, actor=actor, now=now)
    return link


def _version(marketplace: str, external_id: str) -> ListingVersion:
    listing = (
        Listing.objects.select_for_update(of=("self",))
        .select_related("head__seller", "head__listing__marketplace")
        .filter(
            marketplace__slug=marketplace,
            external_id=external_id.strip(),
            status=Listing.Status.LIVE,
            head__isnull=False,
        )
        .first()
    )
    if listing is None or listing.head is None:
        raise InvalidInput.one(
            "external_id",
            "unknown",
            _("No such listing is on offer there. Check the marketplace and the number."),
        )
    return listing.head


def _match(loaded: Loaded, brand: Brand, version: ListingVersion) -> Match:
    """What the rules say of it, however little; nothing at all is a match without signals."""
    listing = engine_listing(version)
    for match in loaded.engine.scan_one(listing, include_below=True):
        if match.brand_id == str(brand.uuid):
            return loaded.control.resolved(loaded.weights, match, listing)
    score = max(LOWEST_SCORE, loaded.weights.probability(str(brand.uuid), {}))
    threshold = loaded.control.push_threshold(loaded.weights, str(brand.uuid), listing)
    return Match(str(version.pk), str(brand.uuid), None, score, (), threshold=threshold)
