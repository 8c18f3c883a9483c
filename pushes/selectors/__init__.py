"""What an actor may see of this room."""

from django.db.models import Exists, OuterRef, QuerySet

from brands.models import Brand
from portal.core import scope
from portal.core.actors import Actor
from portal.core.models import JournalEntry
from portal.core.policies import Permission, permissions_of
from pushes.models import Listing, Ruleset, SavedView, SuspectedLink, Verdict


def links_visible_to(actor: Actor | None) -> QuerySet[SuspectedLink]:
    """Links of the organisation acted for; all of them for the platform."""
    return scope.narrow(
        SuspectedLink.objects.all(), actor, Permission.VIEW_LINKS, "organisation_id"
    )


def links_to_judge(actor: Actor | None) -> QuerySet[SuspectedLink]:
    """Links on which the actor may give verdicts, whatever their state."""
    return scope.narrow(
        SuspectedLink.objects.all(), actor, Permission.JUDGE_LINKS, "organisation_id"
    )


def listings_visible_to(actor: Actor | None) -> QuerySet[Listing]:
    """Listings pushed to the organisation acted for; all of them for the platform."""
    if actor is not None and (actor.kind == "system" or actor.is_platform):
        may_view = Permission.VIEW_LINKS in permissions_of(actor)
        return Listing.objects.all() if may_view else Listing.objects.none()
    return Listing.objects.filter(suspected_links__in=links_visible_to(actor)).distinct()


def verdicts_visible_to(actor: Actor | None) -> QuerySet[Verdict]:
    """Verdicts on visible links."""
    return scope.narrow(
        Verdict.objects.all(), actor, Permission.VIEW_LINKS, "link__organisation_id"
    )


def rulesets_visible_to(actor: Actor | None) -> QuerySet[Ruleset]:
    """Rulesets are the platform's: weights tell what to evade."""
    if actor is None or Permission.TUNE_RULES not in permissions_of(actor):
        return Ruleset.objects.none()
    return Ruleset.objects.all()


def brands_with_links(actor: Actor | None) -> QuerySet[Brand]:
    """Brands that have a visible link, for filters."""
    # Asked brand by brand: the index answers each at once, however many links there are.
    linked = links_visible_to(actor).filter(brand=OuterRef("pk"))
    return Brand.objects.filter(Exists(linked)).order_by("name", "pk")


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
