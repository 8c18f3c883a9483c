"""``manage.py erase_identities``: erase who answered, where the time for keeping it is over."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from complaints.services import retention


class Command(BaseCommand):
    """Does at once what a tick does every hour."""

    help = "Erases names, addresses and telephones of sellers whose cases ended long ago."

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase until nothing is due, and say how many."""
        erased, now = 0, timezone.now()
        while done := retention.erase_due(now=now):
            erased += done
        self.stdout.write(f"{erased} identities erased.")
