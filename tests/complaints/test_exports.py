"""Exports: everything of one's own in three formats, safe for spreadsheets, for nobody else."""

import csv
import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from portal.core import exports, jobs
from portal.core.actors import of_member
from portal.core.errors import NotAllowed
from portal.core.models import Job
from tests.brands.books import upload
from tests.factories import (
    BrandFactory,
    CharacteristicFactory,
    ComplaintFactory,
    MemberFactory,
    OrganisationFactory,
    ProductModelFactory,
    RegistrationFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return MemberFactory()


@pytest.fixture
def brand(member):
    return BrandFactory(organisation=member.organisation, name="Velmora")


def exported(client, dataset, suffix) -> bytes:
    answer = client.post(reverse("core:export"), {"dataset": dataset, "suffix": suffix})
    job = Job.objects.latest("pk")
    assert answer["Location"] == reverse("core:job", args=[job.uuid])
    jobs.run_to_end(job.pk)
    answer = client.get(reverse("core:export_file", args=[job.uuid]))
    assert f".{suffix}" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    "dataset", ["product_models", "characteristics", "authorised_sellers", "links", "complaints"]
)
def test_each_dataset_has_its_own_rows_in_every_format(member, brand, signed_in, dataset):
    for owner in (brand, BrandFactory(name="Other")):
        ProductModelFactory(brand=owner, name="=1+1", model_number="0012")
        CharacteristicFactory(brand=owner, value="@fake")
        owner.authorised_sellers.create(name="-shop", created_at=owner.created_at)
        link = SuspectedLinkFactory(brand=owner, title="+title", state="counterfeit")
        right = RegistrationFactory(organisation=owner.organisation, brands=[owner])
        ComplaintFactory(link=link, registration=right)
    client = signed_in(member)
    table = list(csv.reader(io.StringIO(exported(client, dataset, "csv").decode("utf-8-sig"))))
    assert [len(table), len(table[0])] == [2, len(exports.dataset_of(dataset).columns)]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row)
    sheet = pd.read_excel(
        io.BytesIO(exported(client, dataset, "xlsx")), dtype=str, engine="calamine"
    )
    assert list(sheet.columns) == table[0]
    parquet = pq.read_table(pa.BufferReader(exported(client, dataset, "parquet")))
    assert parquet.column_names == [c.name for c in exports.dataset_of(dataset).columns]
    assert len(sheet) == parquet.num_rows == 1
    assert parquet.column("brand").to_pylist() == ["Velmora"]


def test_an_exported_catalogue_can_be_imported_again(member, brand, signed_in, now):
    ProductModelFactory(brand=brand, name="=1+1", model_number="0012", aliases=["a", "b"])
    for suffix in ("csv", "xlsx"):
        content = exported(signed_in(member), "product_models", suffix)
        source = upload(member, content, now, name=f"models.{suffix}")
        assert source.layout["samples"][0][2:4] == ["0012", "a|b"]
        assert source.mapping["8"] == "currency"


def test_a_colleague_and_a_stranger_get_nothing(member, brand, signed_in):
    exported(signed_in(member), "links", "csv")
    address = reverse("core:export_file", args=[Job.objects.get().uuid])
    colleague = MemberFactory(organisation=member.organisation)
    for other in (colleague, MemberFactory()):
        assert signed_in(other).get(address).status_code == 404


def test_nobody_exports_what_they_may_not_see(now):
    association = MemberFactory(organisation=OrganisationFactory(association=True))
    with pytest.raises(NotAllowed):
        exports.start(actor=of_member(association), now=now, dataset="links", suffix="csv")
