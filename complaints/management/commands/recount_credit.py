"""``manage.py recount_credit``: count every good-faith account afresh from its ledger."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from complaints.models import CreditAccount
from complaints.services import credit


class Command(BaseCommand):
    """Compare the daily counts with the ledger; they must agree."""

    help = "Counts good-faith accounts afresh from the ledger and says where the counts differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--repair``."""
        parser.add_argument(
            "--repair", action="store_true", help="write counts that differ anew from the ledger"
        )

    def handle(self, *args: Any, repair: bool = False, **options: Any) -> None:
        """Check every account; fail when one differs and is not repaired."""
        accounts, wrong = 0, 0
        for account in CreditAccount.objects.order_by("pk").iterator(chunk_size=500):
            accounts += 1
            if credit.recount(account) == credit.counted(account):
                continue
            wrong += 1
            self.stdout.write(f"account {account.uuid}: the counts differ from the ledger")
            if repair:
                now = timezone.now()
                credit.restore_days(account=account, now=now)
                credit.assess(account=account, now=now)
        if wrong and not repair:
            raise CommandError(
                f"{wrong} of {accounts} accounts differ. Run with --repair to count them anew."
            )
        self.stdout.write(f"{accounts} accounts agree with the ledger.")
