"""Shops linked with the seller of a suspected link, as the desk asks for them."""

from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from complaints.services import consequences
from portal.core.errors import NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs
from pushes.selectors import links_visible_to

# Shops are compared by what their listings say; a seller of very many may take too long.
LONGEST_MILLISECONDS = 3000


@require_GET
@needs(Permission.VIEW_LINKS)
def linked_shops(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Linked shops of a link's seller with what they share; kinds only, never the values."""
    link = links_visible_to(actor_of(request)).select_related("seller").filter(uuid=uuid).first()
    if link is None:
        raise NotFound("link_not_found", _("There is no such link."))
    context = {"rows": [], "too_slow": False}
    if link.seller is not None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {LONGEST_MILLISECONDS}")
                context["rows"] = consequences.linked_in_words(link.seller)
        except OperationalError:
            context["too_slow"] = True
    return render(request, "complaints/slots/linked_shops.html", context)
