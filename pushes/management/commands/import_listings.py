"""``manage.py import_listings``: listings from a CSV, JSON Lines or Parquet file."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from portal.core import error_file, jobs
from portal.core.actors import SYSTEM
from portal.core.errors import InvalidInput
from portal.core.models import Job
from pushes.models import SuspectedLink
from pushes.services import listing_import, matching
from pushes.services.listing_import import Options, Started
from pushes.services.record_files import ENCODINGS

# A worker of a running portal may hold the job; then it is watched, not fought over.
WATCH_SECONDS: Final = 0.2


class Command(BaseCommand):
    """Imports listings; what is wrong with a row goes to an error file, the rest is kept."""

    help = _("Imports listings from a CSV, JSON Lines or Parquet file.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help=_("A .csv, .tsv, .jsonl or .parquet file."))
        parser.add_argument(
            "--marketplace",
            default="",
            help=_("Name of the marketplace of every row; without it the file needs a column."),
        )
        parser.add_argument(
            "--map",
            dest="mapping",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help=_("What a column is, where its name does not tell. May be given many times."),
        )
        parser.add_argument(
            "--errors",
            type=Path,
            help=_("Where refused rows go. Default: FILE's name with .errors.csv, in this folder."),
        )
        parser.add_argument("--encoding", default="utf-8", choices=ENCODINGS)
        parser.add_argument("--currency", default="", help=_("Of prices that name none."))
        parser.add_argument(
            "--jurisdiction",
            default=listing_import.NO_JURISDICTION,
            help=_("ISO 3166 code given to marketplaces this import makes. Default: %(default)s."),
        )
        parser.add_argument(
            "--no-match", action="store_true", help=_("Leave matching to the running portal.")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, match, and print what became of it."""
        began = time.monotonic()
        started = self._start(options)
        self._announce(started)
        job = self._run(started.job)
        self._announce_marketplaces(job)
        errors = self._write_errors(job, options["errors"])
        if job.state != Job.State.DONE:
            raise CommandError(job.error or _("The import was cancelled."))
        took = time.monotonic() - began
        links = None if options["no_match"] else self._match()
        self._print_summary(job, took, time.monotonic() - began - took, links, errors)

    def _start(self, options: dict[str, Any]) -> Started:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(_("%(path)s: there is no such file.") % {"path": path})
        try:
            return listing_import.start(
                path=path,
                actor=SYSTEM,
                now=timezone.now(),
                options=Options(
                    marketplace=options["marketplace"],
                    mapping=tuple(options["mapping"]),
                    encoding=options["encoding"],
                    currency=options["currency"],
                    jurisdiction=options["jurisdiction"],
                ),
            )
        except InvalidInput as error:
            raise CommandError("\n".join(str(e.message) for e in error.errors)) from error

    def _announce(self, started: Started) -> None:
        assigned = ", ".join(f"{column} → {name}" for column, name in started.assigned.items())
        self.stdout.write(_("Columns: %(columns)s.") % {"columns": assigned})
        if started.ignored:
            ignored = ", ".join(started.ignored)
            self.stdout.write(_("Left out: %(columns)s.") % {"columns": ignored})
        if started.resumed:
            row = started.job.checkpoint.get("row", 0)
            message = _("This import was begun before; it goes on behind row %(row)s.")
            self.stdout.write(message % {"row": row})

    def _run(self, job: Job) -> Job:
        done, size = listing_import.progress(job)
        unit = _("rows") if job.params["format"] == "parquet" else "B"
        with tqdm(total=size, initial=done, unit=unit, unit_scale=True, disable=None) as bar:
            while job.state in {Job.State.QUEUED, Job.State.RUNNING}:
                if not jobs.run_chunk(job.pk, timezone.now()):
                    time.sleep(WATCH_SECONDS)
                job = Job.objects.select_related("file").get(pk=job.pk)
                bar.update(listing_import.progress(job)[0] - bar.n)
                bar.set_postfix(refused=job.failed, refresh=False)
        return job

    def _announce_marketplaces(self, job: Job) -> None:
        for name in job.result.get("marketplaces_made", []):
            message = _(
                "Marketplace “%(name)s” did not exist and was made, with jurisdiction %(code)s."
            )
            values = {"name": name, "code": job.params["jurisdiction"]}
            self.stdout.write(self.style.WARNING(message % values))

    def _write_errors(self, job: Job, path: Path | None) -> Path | None:
        if not job.failed:
            return None
        path = path or Path(f"{job.params['name']}.errors.csv")
        error_file.write(job, path)
        return path

    def _match(self) -> int:
        before = SuspectedLink.objects.count()
        with tqdm(unit=_("listings"), desc=_("Matching"), disable=None) as bar:
            while matched := matching.match_pending(now=timezone.now()):
                bar.update(matched)
        return SuspectedLink.objects.count() - before

    def _print_summary(
        self, job: Job, took: float, matching_took: float, links: int | None, errors: Path | None
    ) -> None:
        lines = [
            (_("Rows"), str(job.done + job.failed)),
            (_("Accepted"), str(job.result.get("accepted", 0))),
            (_("Unchanged"), str(job.result.get("unchanged", 0))),
            (_("Refused"), str(job.failed)),
            (_("Seconds"), f"{took:.1f}"),
        ]
        if links is not None:
            lines += [
                (_("Seconds matching"), f"{matching_took:.1f}"),
                (_("Links pushed"), str(links)),
            ]
        if errors is not None:
            lines.append((_("Error file"), str(errors)))
        width = max(len(name) for name, _value in lines)
        for name, value in lines:
            self.stdout.write(f"{name.ljust(width)}  {value}")
