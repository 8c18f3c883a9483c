"""``kill -9`` in the middle of an import; a restart finishes it exactly once.

``CHAOS_ROUNDS`` (default 1) repeats the kills at ever other points: ``make chaos`` sets it high.
"""

import os
import random
from functools import partial

import pytest
from django.utils import timezone

from portal.core.actors import SYSTEM
from portal.core.models import Job, JobError, JournalEntry
from pushes.models import Listing, ListingVersion, MatchWork
from pushes.services import listing_import
from pushes.services.listing_import import Options
from tests.chaos.conftest import kill, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "1"))
ROWS, BAD, CHUNK = 3_000, 30, "20"


@pytest.fixture
def file(tmp_path):
    """A file in which every hundredth row has no title."""
    path = tmp_path / "shop.csv"
    every = ROWS // BAD
    rows = [f"{n},{'' if n % every == 0 else f'Shoe {n}'},1,CNY,Shop {n % 40}" for n in range(ROWS)]
    path.write_text("id,title,price,currency,seller\n" + "\n".join(rows))
    return path


def assert_done_exactly_once():
    job = Job.objects.get()
    assert (job.state, job.done, job.failed) == ("done", ROWS - BAD, BAD)
    assert job.result["accepted"] == ROWS - BAD
    assert Listing.objects.count() == ListingVersion.objects.count() == ROWS - BAD
    assert MatchWork.objects.count() == ROWS - BAD
    rows = list(JobError.objects.order_by("row").values_list("row", flat=True))
    assert rows == [n + 2 for n in range(0, ROWS, ROWS // BAD)]
    assert JournalEntry.objects.filter(verb="job.done").count() == 1


def has_done(rows):
    return sum(Job.objects.values_list("done", flat=True)) >= rows


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_the_command_killed_at_several_points_finishes_exactly_once(spawn, file, round_):
    points = sorted(random.Random(round_).sample(range(20, ROWS - 500), 2))
    arguments = ("manage.py", "import_listings", str(file), "--marketplace=Shop", "--no-match")
    errors = f"--errors={file}.errors"
    for point in points:
        command = spawn(*arguments, errors, IMPORT_CHUNK=CHUNK)
        wait_until(partial(has_done, point))
        kill(command)
        assert Job.objects.get().state == "running"
    command = spawn(*arguments, errors, IMPORT_CHUNK=CHUNK)
    assert command.wait(timeout=120) == 0
    assert_done_exactly_once()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_worker_killed_at_work_leaves_the_rest_to_the_next(spawn, tmp_path, file, round_):
    point = random.Random(round_).randrange(20, ROWS - 500)
    listing_import.start(
        path=file, actor=SYSTEM, now=timezone.now(), options=Options(marketplace="Shop")
    )
    worker = start_worker(spawn, tmp_path)
    wait_until(partial(has_done, point))
    kill(worker)
    assert Job.objects.get().state == "running"
    # What the lease would take half a minute for.
    Job.objects.update(lease_until=timezone.now())
    start_worker(spawn, tmp_path)
    wait_until(lambda: Job.objects.get().state == "done", every=0.05)
    assert_done_exactly_once()


def start_worker(spawn, tmp_path):
    schedule = str(tmp_path / "schedule")
    return spawn(
        *("-m", "celery", "--quiet", "-A", "tests.chaos.worker", "worker"),
        *("--beat", "--schedule", schedule, "--concurrency", "1", "--loglevel", "warning"),
        IMPORT_CHUNK=CHUNK,
    )
