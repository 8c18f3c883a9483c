"""``manage.py up``: the whole portal in one terminal, for development and the demo."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.up import declare, up


class Command(BaseCommand):
    """Start servers, migrate, seed the demo, run web, worker, beat and the demo marketplace.

    Does what ``make run`` does, only slower, because Django is loaded first.
    """

    help = "Run the whole portal: servers, migrations, web, worker, beat and the demo marketplace."
    # The database that checks would ask is not up yet.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare ``--port`` and ``--no-demo``."""
        declare(parser)

    def handle(self, *_args: object, **options: Any) -> None:
        """Run until told to stop; exits with 1 when the portal could not be run."""
        sys.exit(up(port=options["port"], demo=not options["no_demo"]))
