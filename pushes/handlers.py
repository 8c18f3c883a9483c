"""Outbox handlers and job runners of this room."""

from portal.core import jobs, outbox
from pushes.services import images, listing_import, reminders


def register_all() -> None:
    """Bind names to functions."""
    outbox.register(images.FETCH, images.fetch, abandoned=images.abandoned)
    jobs.register(listing_import.KIND, listing_import.step)
    reminders.register_kind()
