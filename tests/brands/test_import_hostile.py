"""Registry files made to break the import: the bad fact is refused alone, the others are kept."""

import pytest

from brands.models import Brand, BrandName
from brands.services import bulk_import
from portal.core import jobs
from portal.core.actors import of_member
from portal.core.models import Job, JobError
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
GOOD = '{"name": "Velmora", "aliases": ["Velmo"]}'


def run(now, brand: str) -> Job:
    member = MemberFactory()
    job = bulk_import.start(
        actor=of_member(member),
        now=now,
        organisation=member.organisation,
        content=f'{{"brands": [{GOOD}, {brand}]}}'.encode(),
        name="registry.json",
    )
    return jobs.run_to_end(job.pk)


@pytest.mark.parametrize(
    "brand",
    [
        r'{"name": "Zorvex", "a\u0000b": 1}',
        r'{"name": "Zorvex", "\ud800": 1}',
        r'{"name": "Zorvex", "aliases": [{"text": "Zo", "kind": "\ud800"}]}',
        r'{"name": "Zorvex", "characteristics": [{"kind": "\u0000", "value": "fake"}]}',
        r'{"name": "Zorvex", "characteristics":'
        r' [{"kind": "keyword", "value": "fake", "product_model": "\u0000"}]}',
        r'{"name": "Zorvex", "product_models":'
        r' [{"name": "One", "list_price": "\u0000\ud800", "currency": "CNY"}]}',
    ],
)
def test_what_no_database_can_store_is_refused_and_named(now, brand):
    job = run(now, brand)
    assert (job.state, job.failed) == (Job.State.DONE, 1)
    assert JobError.objects.filter(job=job).count() == 1
    assert BrandName.objects.get().text == "Velmo"


@pytest.mark.parametrize(
    "number", ["9" * 5000, "1e99999999999999999999", "-1e99999999999999999999"]
)
def test_a_number_beyond_all_numbers_is_refused_and_the_rest_is_kept(now, number):
    model = f'{{"name": "One", "list_price": {number}, "currency": "CNY"}}'
    job = run(now, f'{{"name": "Zorvex", "product_models": [{model}]}}')
    assert (job.state, job.failed) == (Job.State.DONE, 1)
    assert set(Brand.objects.values_list("name", flat=True)) == {"Velmora", "Zorvex"}
