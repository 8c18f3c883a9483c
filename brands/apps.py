"""The brands room."""

from django.apps import AppConfig


class BrandsConfig(AppConfig):
    """Who owns what, and what a fake looks like."""

    name = "brands"

    def ready(self) -> None:
        """Add the room's jobs."""
        from brands.services import bulk_import
        from portal.core import jobs

        jobs.register(bulk_import.KIND, bulk_import.step)
