"""``manage.py prepare``: bring the database up to date, and the sample data with ``--demo``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrate and, for a demo, seed in one process, because starting Django twice takes seconds.

    Needs the role that owns the tables (``DATABASE_OWNER_URL`` as ``DATABASE_URL``). May be
    repeated; both steps change nothing when there is nothing to do.
    """

    help = "Apply migrations and, with --demo, make the sample data. May be repeated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare ``--demo``."""
        parser.add_argument("--demo", action="store_true", help="make the sample data as well")

    def handle(self, *_args: object, **options: Any) -> None:
        """Run the steps in order; an error of either ends the command."""
        call_command("migrate", interactive=False, stdout=self.stdout)
        if options["demo"] and "seed_demo" in get_commands():
            call_command("seed_demo", stdout=self.stdout)
