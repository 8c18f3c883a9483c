"""One verdict on many links, and taking it back: what the desk asks in one call."""

from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.core.errors import InvalidInput, NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor, needs
from pushes import selectors
from pushes.models import SuspectedLink
from pushes.services import bulk
from pushes.services.bulk import BulkResult


@require_POST
@needs(Permission.JUDGE_LINKS)
def verdicts(request: HttpRequest) -> JsonResponse:
    """Judge up to 300 links (``link`` many times) with one reason.

    Answers ``{"done": [uuid], "refused": [{"link", "title", "reason"}]}``.
    """
    confirmed = request.POST.get("confirmed", "")
    return _answer(
        bulk.give_verdicts(
            actor=actor(request),
            links=_chosen(request),
            outcome=request.POST.get("outcome", ""),
            right=request.POST.get("right", ""),
            reason=request.POST.get("reason", ""),
            confirmed=int(confirmed) if confirmed.isdecimal() and len(confirmed) < 10 else 0,
            now=timezone.now(),
        )
    )


@require_POST
@needs(Permission.JUDGE_LINKS)
def undo(request: HttpRequest) -> JsonResponse:
    """Take back what was just said about many links; answers as ``verdicts`` does."""
    return _answer(bulk.undo(actor=actor(request), links=_chosen(request), now=timezone.now()))


def _chosen(request: HttpRequest) -> list[SuspectedLink]:
    values = request.POST.getlist("link")
    if len(values) > bulk.MOST:
        raise InvalidInput.one(
            "links",
            "too_many",
            _("At most %(limit)s links can be judged at once.") % {"limit": bulk.MOST},
        )
    ids = _uuids(values)
    links = list(selectors.links_to_judge(actor(request)).filter(uuid__in=ids))
    if len(links) != len(ids):
        raise NotFound("link", _("There is no such link."))
    return links


def _uuids(values: list[str]) -> set[UUID]:
    try:
        return {UUID(value) for value in values}
    except ValueError as error:
        raise NotFound("link", _("There is no such link.")) from error


def _answer(result: BulkResult) -> JsonResponse:
    return JsonResponse(
        {
            "done": [str(verdict.link.uuid) for verdict in result.given],
            "refused": [
                {
                    "link": str(refusal.link.uuid),
                    "title": refusal.link.title[:80],
                    "reason": str(refusal.message),
                }
                for refusal in result.refused
            ],
        }
    )
