"""Files and long answers reach the browser in blocks, whoever made them."""

import csv
import io
import warnings

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone

from portal.core.models import Job, JobError, Role
from portal.core.web.streams import BLOCK
from tests.factories import MemberFactory


async def read(answer) -> list[bytes]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Django warns when it has to collect an answer first
        return [part async for part in answer]


def test_a_static_file_is_streamed_asynchronously():
    async def fetch():
        answer = await AsyncClient().get("/static/portal.css")
        assert isinstance(answer, StreamingHttpResponse)
        return answer.is_async, await read(answer)

    is_async, parts = async_to_sync(fetch)()
    assert is_async
    assert b"".join(parts) == b"".join(Client().get("/static/portal.css"))


@pytest.fixture
def failed_import(db):
    member = MemberFactory(role=Role.OWNER)
    job = Job.objects.create(
        kind="brands.import_registry",
        organisation=member.organisation,
        created_by=member,
        created_at=timezone.now(),
    )
    JobError.objects.bulk_create(
        JobError(job=job, row=row, code="bad", message="This is no number. " * 5)
        for row in range(1, 2001)
    )
    return member, job


def test_a_long_error_file_comes_in_blocks(failed_import):
    member, job = failed_import

    async def fetch():
        client = AsyncClient()
        await client.aforce_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
        answer = await client.get(reverse("core:job_errors", args=[job.uuid]))
        return await read(answer)

    parts = async_to_sync(fetch)()
    assert len(parts) > 2
    assert all(len(part) < 2 * BLOCK for part in parts)
    rows = list(csv.DictReader(io.StringIO(b"".join(parts).decode("utf-8-sig"))))
    assert [int(row["row"]) for row in rows] == list(range(1, 2001))
