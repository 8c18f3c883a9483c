"""What an actor may see of this room."""

from django.db.models import Exists, OuterRef, QuerySet

from brands.models import Brand
from portal.core import scope
from portal.core.actors import Actor
from portal.core.models import JournalEntry
from portal.core.policies import Permission, permissions_of
from pushes.models import (
    Conflict,
    Listing,
    Ruleset,
    SavedView,
    SecondLook,
    SuspectedLink,
    Verdict,
)


def links_visible_to(actor: Actor | None) -> QuerySet[SuspectedLink]:
    """Links of the organisation acted for; all of them for the platform.

    What the actor is asked to look at blind is not among them: it would tell the first verdict.
    """
    return _links_of(actor, Permission.VIEW_LINKS).exclude(pk__in=asked_blind(actor))


def links_to_judge(actor: Actor | None) -> QuerySet[SuspectedLink]:
    """Links on which the actor may give verdicts, whatever their state."""
    return _links_of(actor, Permission.JUDGE_LINKS).exclude(pk__in=asked_blind(actor))


def blind_links(actor: Actor | None) -> QuerySet[SuspectedLink]:
    """Judged links the actor is asked about as if nobody had judged them."""
    return _links_of(actor, Permission.JUDGE_LINKS).filter(pk__in=asked_blind(actor))


def asked_blind(actor: Actor | None) -> QuerySet[SecondLook, int]:
    """Keys of links the member (or the member who made the key) is asked about blind."""
    member = None
    if actor is not None:
        member = actor.member.pk if actor.member else None
        if actor.api_key is not None:
            member = actor.api_key.created_by_id
    open_looks = SecondLook.objects.filter(state__in=("open", "held"), reviewer=member)
    return (open_looks if member else SecondLook.objects.none()).values_list("link", flat=True)


def _links_of(actor: Actor | None, permission: Permission) -> QuerySet[SuspectedLink]:
    return scope.narrow(
        SuspectedLink.objects.all(), actor, permission, "organisation_id", brand="brand_id"
    )


def listings_visible_to(actor: Actor | None) -> QuerySet[Listing]:
    """Listings pushed to the organisation acted for; all of them for the platform."""
    if actor is not None and (actor.kind == "system" or actor.is_platform):
        may_view = Permission.VIEW_LINKS in permissions_of(actor)
        return Listing.objects.all() if may_view else Listing.objects.none()
    linked = _links_of(actor, Permission.VIEW_LINKS)
    return Listing.objects.filter(suspected_links__in=linked).distinct()


def verdicts_visible_to(actor: Actor | None) -> QuerySet[Verdict]:
    """Verdicts on visible links."""
    return scope.narrow(
        Verdict.objects.all(),
        actor,
        Permission.VIEW_LINKS,
        "link__organisation_id",
        brand="link__brand_id",
    ).exclude(link__in=asked_blind(actor))


def rulesets_visible_to(actor: Actor | None) -> QuerySet[Ruleset]:
    """Rulesets are the platform's: weights tell what to evade."""
    if actor is None or Permission.TUNE_RULES not in permissions_of(actor):
        return Ruleset.objects.none()
    return Ruleset.objects.all()


def brands_with_links(actor: Actor | None) -> QuerySet[Brand]:
    """Brands that have a visible link, for filters."""
    # Asked brand by brand: the index answers each at once, however many links there are.
    linked = links_visible_to(actor).filter(brand=OuterRef("pk"))
    # Narrowed first: a brand of somebody else has no visible link, and finding none is slow.
    brands = scope.narrow(
        Brand.objects.all(), actor, Permission.VIEW_LINKS, "organisation_id", brand="pk"
    )
    return brands.filter(Exists(linked)).order_by("name", "pk")


def brands_to_judge(actor: Actor | None) -> QuerySet[Brand]:
    """Brands whose links the actor may judge."""
    return scope.narrow(
        Brand.objects.all(), actor, Permission.JUDGE_LINKS, "organisation_id", brand="pk"
    )


def history_of(link: SuspectedLink) -> QuerySet[JournalEntry]:
    """What the journal says about a link the caller was allowed to see, oldest first."""
    return JournalEntry.objects.filter(
        subject_type=SuspectedLink._meta.label_lower, subject_id=link.pk
    ).order_by("id")


def saved_views_of(actor: Actor | None) -> QuerySet[SavedView]:
    """The actor's own views for the organisation acted for, oldest first."""
    if actor is None or actor.member is None or actor.organisation is None:
        return SavedView.objects.none()
    own = SavedView.objects.filter(member=actor.member, organisation=actor.organisation)
    return own.order_by("created_at", "pk")


def conflicts_visible_to(actor: Actor | None) -> QuerySet[Conflict]:
    """Listings judged differently by rights holders: for the platform's people only."""
    if actor is None or not actor.is_platform:
        return Conflict.objects.none()
    return scope.narrow(Conflict.objects.all(), actor, Permission.VIEW_LINKS, "pk", brand=None)
