"""``manage.py verify_evidence``: compare every notice and its pictures with their hashes."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from complaints.models import Complaint
from complaints.services import evidence


class Command(BaseCommand):
    """Checks that what complaints rest on is what was filed."""

    help = "Compare notices, snapshots and pictures of complaints with their hashes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one complaint; without it all are checked."""
        parser.add_argument("--complaint", type=UUID, help="check this complaint only")

    def handle(self, *args: Any, complaint: UUID | None = None, **options: Any) -> None:
        """Name each complaint whose evidence does not agree, and fail if there is one."""
        rows = Complaint.objects.order_by("pk")
        if complaint is not None:
            rows = rows.filter(uuid=complaint)
            if not rows.exists():
                raise CommandError(f"There is no complaint {complaint}.")
        wrong = 0
        for fault in evidence.faults(rows.iterator(chunk_size=500)):
            wrong += 1
            self.stdout.write(
                f"complaint {fault.complaint.uuid}: the {fault.what} is not what {fault.sha256} "
                "was taken over"
            )
        if wrong:
            raise CommandError(f"{wrong} pieces of evidence do not agree with their hashes.")
        self.stdout.write(f"The evidence of {rows.count()} complaints agrees with its hashes.")
