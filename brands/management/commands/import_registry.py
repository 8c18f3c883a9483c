"""``manage.py import_registry``: brands and what belongs to them, from a CSV or JSON file."""

import argparse
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from brands.services import bulk_import, registry_files
from portal.core import error_file, jobs
from portal.core.actors import SYSTEM
from portal.core.errors import PortalError
from portal.core.models import Job, Organisation

_OPEN = (Job.State.QUEUED, Job.State.RUNNING)


class Command(BaseCommand):
    """Imports a registry file; a second run of the same file changes nothing."""

    help = "Import brands, names, product models, characteristics and authorised sellers."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, help="a .json or .csv file")
        parser.add_argument(
            "--organisation", default="", help="the rights holder; else the file names it"
        )
        parser.add_argument(
            "--country", default="", help="ISO 3166 code, to create a rights holder not yet here"
        )
        parser.add_argument(
            "--errors", type=Path, help="where to write refused rows (default: FILE.errors.csv)"
        )
        parser.add_argument("--encoding", default="utf-8", help="of a CSV file (default: utf-8)")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="OURS=THEIRS",
            help="name of a column in the file where it differs, may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file and say what came of it."""
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        columns = dict(_pair(text) for text in options["column"])
        now = timezone.now()
        try:
            parsed = registry_files.parse(
                content, name=path.name, encoding=options["encoding"], columns=columns
            )
            organisation = _rights_holder(
                options["organisation"] or parsed.organisation,
                options["country"] or parsed.country,
                now,
            )
            job = bulk_import.start(
                actor=SYSTEM,
                now=now,
                organisation=organisation,
                content=content,
                name=path.name,
                encoding=options["encoding"],
                columns=columns,
            )
        except PortalError as error:
            raise CommandError(f"{path}: {error}") from None
        self._report(_run(job), options["errors"] or path.with_suffix(".errors.csv"))

    def _report(self, job: Job, errors: Path) -> None:
        counts = {name: job.result.get(name, 0) for name in ("created", "changed", "unchanged")}
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        self.stdout.write(f"{job.total} facts: {said}, {job.failed} refused.")
        if job.failed:
            error_file.write(job, errors)
            self.stdout.write(f"Refused rows are in {errors}.")
        if job.state != Job.State.DONE:
            raise CommandError(f"The import ended as “{job.get_state_display()}”: {job.error}")


def _pair(text: str) -> tuple[str, str]:
    ours, sign, theirs = text.partition("=")
    if not (ours and sign and theirs):
        raise CommandError(f"--column {text}: write OURS=THEIRS, such as brand=Marke.")
    return ours.strip(), theirs.strip()


def _rights_holder(name: str, country: str, now: datetime) -> Organisation:
    if not name:
        raise CommandError("Whose registry is this? Give --organisation NAME.")
    rights_holders = Organisation.objects.filter(kind=Organisation.Kind.RIGHTS_HOLDER)
    found = rights_holders.filter(name__iexact=name).first()
    if found is None and not country:
        raise CommandError(
            f"There is no rights holder “{name}”. Give --country CC to create it with this import."
        )
    return found or bulk_import.create_rights_holder(name=name, country=country, now=now)


def _run(job: Job) -> Job:
    """Run the job to its end, beside a worker that may have taken it too."""
    with tqdm(
        total=job.total,
        initial=job.done + job.failed,
        unit=" facts",
        disable=not sys.stderr.isatty(),
    ) as bar:
        while job.state in _OPEN:
            if not jobs.run_chunk(job.pk, timezone.now()):
                time.sleep(0.05)
            job.refresh_from_db()
            bar.update(job.done + job.failed - bar.n)
    return job
