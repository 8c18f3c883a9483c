"""Stored listing pictures, served by us under the hash of their content."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portal.core import files
from portal.core.errors import NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor, needs
from pushes.models import ListingImage
from pushes.selectors import listings_visible_to


@needs(Permission.VIEW_LINKS)
def image(request: HttpRequest, sha256: str) -> HttpResponse:
    """Show one picture of a listing the actor may see; any other file is not found."""
    shown = (
        ListingImage.objects.select_related("file")
        .filter(
            file__sha256=sha256,
            state=ListingImage.State.STORED,
            listing__in=listings_visible_to(actor(request)),
        )
        .first()
    )
    if shown is None or shown.file is None:
        raise NotFound("no_picture", _("There is no such picture."))
    response = HttpResponse(files.read(shown.file), content_type=shown.file.media_type)
    # The address is the content: it never changes. Private, because only members may see it.
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
