"""How pages find a link: only what the actor may see exists."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.core.errors import NotFound
from portal.core.web.views import actor
from pushes import selectors
from pushes.models import SuspectedLink, Verdict


def find(request: HttpRequest, uuid: UUID) -> SuspectedLink:
    """The link if the actor may see it, else ``NotFound``."""
    visible = with_evidence(selectors.links_visible_to(actor(request)))
    link = visible.filter(uuid=uuid).first()
    if link is None:
        raise NotFound("link", _("There is no such link."))
    return link


def with_evidence(links: QuerySet[SuspectedLink]) -> QuerySet[SuspectedLink]:
    """Load what the pane of a link shows."""
    held = Verdict.objects.filter(state=Verdict.State.HELD).select_related("member__user")
    return links.select_related(
        *("brand", "organisation", "product_model", "seller", "ruleset"),
        *("listing__marketplace", "claim__member__user"),
    ).prefetch_related(Prefetch("verdicts", queryset=held, to_attr="held"), "listing__images__file")
