"""``manage.py seed_demo``: simulated organisations, people and a past, for the demo."""

import time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from complaints.demo import logins, seed


class Command(BaseCommand):
    """Make the sample data once; may be repeated.

    Needs the role that owns the tables, like migrations, and nothing else running on the data.
    """

    help = "Make the sample data of the demo. May be repeated; then it changes nothing."

    def handle(self, *_args: object, **_options: Any) -> None:
        """Make what is missing and say how long it took."""
        start = time.monotonic()
        if seed.seed(now=timezone.now()):
            took = time.monotonic() - start
            self.stdout.write(f"Made the sample data in {took:.1f} s; sign-ins: {logins.path()}")
