"""``manage.py verify_journal``: recompute the hash chain."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.core import journal
from portal.core.models import JournalSeal


class Command(BaseCommand):
    """Checks that no sealed entry was changed, removed or put in between."""

    help = "Recompute the journal's hash chain and print its head."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to start."""
        parser.add_argument("--after", type=int, default=0, help="seal number known to be good")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and print the head to be kept outside the database."""
        broken = journal.broken_seals(after=options["after"])
        if broken:
            numbers = ", ".join(map(str, broken[:20]))
            raise CommandError(f"The chain is broken at {len(broken)} seals: {numbers}")
        head = JournalSeal.objects.order_by("-seq").first()
        if head is None:
            self.stdout.write("The journal is empty.")
            return
        self.stdout.write(f"Intact up to seal {head.seq}. Head: {head.hash}")
