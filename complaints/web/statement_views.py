"""The seller's page: a statement of reasons by signed link, without an account."""

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_GET

from complaints import misuse_selectors
from complaints.models import StatementOfReasons
from complaints.models.counter_notice import MOST_ATTEMPTS
from complaints.services import counter_notices, statements
from portal.core.errors import NotFound
from portal.core.web.limits import limit

READS = "120/hour"


@require_GET
def statement(request: HttpRequest, token: str) -> HttpResponse:
    """Show the seller's copy; 410 once the link has expired, 404 for a link we did not make."""
    limit(request, "statement", READS)
    found, is_expired = read(token)
    if is_expired:
        return expired(request, found)
    language = language_of(request, found)
    complaint = found.decision.complaint
    until = statements.redress_until(found)
    now, seller = timezone.now(), complaint.link.version.seller_id
    answers = list(complaint.counter_notices.order_by("attempt"))
    with translation.override(language):
        context = {
            "copy": statements.in_language(found, language),
            "issued_in": found.seller_copy["language"],
            "contact": settings.DEFAULT_FROM_EMAIL,
            "token": token,
            "until": until,
            "zone": complaint.link.listing.marketplace.zone,
            "answers": answers,
            "may_answer": counter_notices.may_answer(found, complaint, now),
            "step": misuse_selectors.in_force(misuse_selectors.Subject(seller_id=seller), now),
            "attempts_left": MOST_ATTEMPTS - len(answers),
            "complaint": complaint,
        }
        return private(render(request, "complaints/statement.html", context))


def read(token: str) -> tuple[StatementOfReasons, bool]:
    """Return the statement of a link and whether the link has expired; ``NotFound`` otherwise."""
    try:
        puid, is_expired = statements.read_address(token, timezone.now())
    except BadSignature as error:
        raise NotFound("unknown_link", _("This link is not complete. Copy it again.")) from error
    found = (
        StatementOfReasons.objects.select_related(
            "decision__complaint__organisation",
            "decision__complaint__registration",
            "decision__complaint__link__version__seller",
            "decision__complaint__link__listing__marketplace",
        )
        .filter(puid=puid)
        .first()
    )
    if found is None:
        raise NotFound("unknown_statement", _("There is no such statement."))
    return found, is_expired


def expired(request: HttpRequest, found: StatementOfReasons) -> HttpResponse:
    """Tell the holder of an old link what can still be done; nothing of the case is shown."""
    with translation.override(language_of(request, found)):
        context = {"puid": found.puid, "contact": settings.DEFAULT_FROM_EMAIL}
        return private(render(request, "complaints/statement_expired.html", context, status=410))


def private(response: HttpResponse) -> HttpResponse:
    """Keep the address, which is the key, out of caches, foreign referrers and search engines.

    Not ``no-referrer``: with it a browser sends forms without their origin, and they are refused.
    """
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def language_of(request: HttpRequest, found: StatementOfReasons) -> str:
    """Return the language chosen here, or the browser's, or else that of the statement."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return translation.get_supported_language_variant(wanted)
        except LookupError:
            continue
    return str(found.seller_copy["language"])
