"""Outbox handlers and job runners of this room."""

from django.utils.translation import gettext_lazy as _

from brands.selectors import DRY_RUN
from portal.core import jobs, outbox
from pushes.services import dry_run, export_rows, images, listing_import, reminders


def register_all() -> None:
    """Bind names to functions."""
    outbox.register(images.FETCH, images.fetch, abandoned=images.abandoned)
    jobs.register(listing_import.KIND, listing_import.step, _("Import of listings"))
    jobs.register(DRY_RUN, dry_run.step, _("Dry run over recent listings"))
    export_rows.register_all()
    reminders.register_kind()
