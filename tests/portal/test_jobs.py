"""Jobs: progress and checkpoint commit together; errors end in a sentence."""

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.core import jobs
from portal.core.actors import SYSTEM
from portal.core.errors import InvalidInput
from portal.core.models import Job
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


def count_to(limit):
    def step(job, now):
        job.total = limit
        job.done += 1
        job.checkpoint = {"at": job.done}
        return job.done < limit

    return step


@pytest.fixture
def kind(monkeypatch):
    def register(step):
        monkeypatch.setitem(jobs._runners, "test", step)
        return jobs.create("test", actor=SYSTEM, now=timezone.now())

    return register


def test_a_job_runs_chunk_by_chunk_to_its_end(kind):
    job = jobs.run_to_end(kind(count_to(3)).pk)
    assert (job.state, job.done, job.checkpoint) == ("done", 3, {"at": 3})


def test_a_cancelled_job_stops_between_chunks(kind):
    job = kind(count_to(100))
    jobs.run_chunk(job.pk, timezone.now())
    jobs.request_cancel(job)
    assert not jobs.run_chunk(job.pk, timezone.now())
    stopped = Job.objects.get(pk=job.pk)
    assert (stopped.state, stopped.done) == ("cancelled", 1)


def test_a_refusal_fails_the_job_with_its_sentence(kind):
    def refuse(job, now):
        raise InvalidInput.one("file", "no_title_column", "There is no column for the title.")

    job = jobs.run_to_end(kind(refuse).pk)
    assert (job.state, job.error) == ("failed", "There is no column for the title.")


def test_a_crash_keeps_committed_chunks_and_fails_after_three_tries(kind):
    def crash(job, now):
        if job.done == 2:
            raise ZeroDivisionError
        job.done += 1
        return True

    job = jobs.run_to_end(kind(crash).pk)
    assert (job.state, job.done) == ("failed", 2)
    assert "3" in job.error


def test_a_job_somebody_works_on_is_not_handed_out(kind):
    job = kind(count_to(5))
    now = timezone.now()
    assert jobs.runnable(now) == [job.pk]
    jobs.run_chunk(job.pk, now)
    assert jobs.runnable(now) == []
    assert jobs.runnable(now + jobs.LEASE) == [job.pk]


def test_the_pages_call_a_job_what_people_call_it(signed_in):
    member = MemberFactory()
    job = Job.objects.create(
        kind="brands.import_catalogue",
        organisation=member.organisation,
        created_by=member,
        created_at=timezone.now(),
    )
    client = signed_in(member)
    for path in (reverse("core:jobs"), reverse("core:job", args=[job.uuid])):
        page = client.get(path).content.decode()
        assert "Import of a catalogue file" in page
        assert job.kind not in page


def test_every_kind_of_job_has_a_name():
    assert {kind for kind in jobs._runners if jobs.label_of(kind) == kind} == set()
