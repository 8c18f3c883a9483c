"""How pages find a link: only what the actor may see exists."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.core.errors import NotFound
from portal.core.web.views import actor
from pushes import selectors
from pushes.models import SecondLook, SuspectedLink, Verdict
from pushes.selectors.queue import PICTURES
from pushes.services import second_looks

Load = Callable[[QuerySet[SuspectedLink]], QuerySet[SuspectedLink]]


def find(request: HttpRequest, uuid: UUID, load: Load | None = None) -> SuspectedLink:
    """The link if the actor may see it, else ``NotFound``; with its evidence, or what ``load``
    brings.

    One the actor is asked about blind comes without its verdicts (``mask``).
    """
    who, load = actor(request), load or with_evidence
    link = load(selectors.links_visible_to(who)).filter(uuid=uuid).first()
    if link is not None:
        return link
    link = load(selectors.blind_links(who)).filter(uuid=uuid).first()
    if link is None:
        raise NotFound("link", _("There is no such link."))
    return mask(link, second_looks.open_for(who.member, link))


def mask(link: SuspectedLink, look: SecondLook | None) -> SuspectedLink:
    """A copy of a judged link as if it waited: its second reviewer learns nothing of the first.

    The copy is for reading; ``second_look`` on it is the look that waits.
    """
    loaded = {
        field.attname: getattr(link, field.attname)
        for field in link._meta.concrete_fields
        if field.attname in link.__dict__
    }
    shown = SuspectedLink(**{**loaded, "state": SuspectedLink.State.PENDING, "judged_at": None})
    shown._state = link._state
    fetched = getattr(link, "_prefetched_objects_cache", {})
    shown._prefetched_objects_cache = fetched  # type: ignore[attr-defined]  # Django's own
    shown.held = []  # type: ignore[attr-defined]  # prefetched for the page
    shown.second_look = look  # type: ignore[attr-defined]  # for the page
    return shown


def with_evidence(links: QuerySet[SuspectedLink]) -> QuerySet[SuspectedLink]:
    """Load what the pane of a link shows."""
    held = Verdict.objects.filter(state=Verdict.State.HELD).select_related("member__user")
    return links.select_related(
        *("brand", "organisation", "product_model", "seller", "ruleset"),
        *("listing__marketplace", "claim__member__user"),
    ).prefetch_related(Prefetch("verdicts", queryset=held, to_attr="held"), PICTURES)
