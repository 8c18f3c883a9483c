"""The seller's page: a statement of reasons by signed link, without an account."""

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from complaints.models import StatementOfReasons
from complaints.services import statements
from portal.core.errors import NotFound


@require_GET
def statement(request: HttpRequest, token: str) -> HttpResponse:
    """Show the seller's copy; 410 once the link has expired, 404 for a link we did not make."""
    try:
        puid, is_expired = statements.read_address(token, timezone.now())
    except BadSignature as error:
        raise NotFound("unknown_link", _("This link is not complete. Copy it again.")) from error
    found = StatementOfReasons.objects.filter(puid=puid).first()
    if found is None:
        raise NotFound("unknown_statement", _("There is no such statement."))
    if is_expired:
        response = render(request, "complaints/statement_expired.html", {"puid": puid}, status=410)
    else:
        context = {"copy": found.seller_copy, "contact": settings.DEFAULT_FROM_EMAIL}
        with translation.override(_language(request, found)):
            response = render(request, "complaints/statement.html", context)
    # The address is the key: keep it out of caches, referrers and search engines.
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _language(request: HttpRequest, found: StatementOfReasons) -> str:
    """Return the language chosen on this browser, or else the statement's own."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if translation.check_for_language(chosen):
        return chosen
    return str(found.seller_copy["language"])
