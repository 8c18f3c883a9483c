"""``manage.py prepare``: bring the database up to date, and the sample data with ``--demo``."""

import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

# Compiles the matching engine into its cache, which takes as long as the migration.
COMPILE = (sys.executable, "-m", "pushes.matching.warm")
# Said when the web process can start (``portal.up`` waits for it).
MIGRATED = "The tables are up to date."


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
        demo = options["demo"] and "seed_demo" in get_commands()
        # Beside the migration, which mostly waits for the database.
        compiling = subprocess.Popen(COMPILE, cwd=settings.BASE_DIR) if demo else None
        try:
            call_command("migrate", interactive=False, stdout=self.stdout)
            self.stdout.write(MIGRATED)
            self.stdout.flush()
        finally:
            if compiling is not None:
                # Whatever became of it: what is not in the cache is compiled when it is needed.
                compiling.wait()
        if demo:
            call_command("seed_demo", stdout=self.stdout)
