"""Complaints over the API."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from complaints.models import Complaint, Decision
from complaints.services import decisions, evidence, filing
from portal.core import journal
from portal.core.models import ApiKey
from pushes.models import SuspectedLink
from tests.complaints.support import platform_admin
from tests.factories import (
    ApiKeyFactory,
    ComplaintFactory,
    InfringingLinkFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db

URL = "/api/v1/complaints"
ALL_SCOPES = [ApiKey.Scope.COMPLAINTS_READ, ApiKey.Scope.COMPLAINTS_WRITE]


def key_of(row: SuspectedLink | Complaint, *scopes: str) -> dict[str, str]:
    key = ApiKeyFactory(
        marketplace=None, organisation=row.organisation, scopes=list(scopes or ALL_SCOPES)
    )
    return {"authorization": f"Api-Key {key.prefix}.secret"}


def post(client: Client, headers: dict[str, str], **body: Any) -> Any:
    return client.post(URL, body, content_type="application/json", headers=headers)


def test_a_key_files_and_reads_its_complaint(client: Client) -> None:
    link = InfringingLinkFactory()
    headers = key_of(link)
    answer = post(client, headers, links=[str(link.uuid)], statement_accepted=True)
    assert answer.status_code == 201
    [filed] = answer.json()["filed"]
    assert (filed["link"], filed["state"]) == (str(link.uuid), "held")
    detail = client.get(f"{URL}/{filed['uuid']}", headers=headers).json()
    assert detail["notice"]["evidence"]["link"] == str(link.uuid)
    assert detail["orders"] == []
    assert detail["decision"] is None


def test_a_decided_complaint_shows_its_decision_and_order(client: Client, now: datetime) -> None:
    complaint = ComplaintFactory()
    decisions.decide(
        actor=platform_admin(),
        complaint=complaint,
        outcome="established",
        code=Decision.Code.INFRINGEMENT_CLEAR,
        now=now,
    )
    detail = client.get(f"{URL}/{complaint.uuid}", headers=key_of(complaint)).json()
    assert detail["decision"]["code"] == "infringement_clear"
    assert [(order["kind"], order["state"]) for order in detail["orders"]] == [
        ("take_down", "queued")
    ]


def test_each_link_has_its_own_answer(client: Client) -> None:
    good = InfringingLinkFactory()
    bad = SuspectedLinkFactory(brand=good.brand)
    ids = [str(bad.uuid), str(good.uuid)]
    answer = post(client, key_of(good), links=ids, statement_accepted=True)
    assert answer.status_code == 201
    body = answer.json()
    assert [row["link"] for row in body["filed"]] == [str(good.uuid)]
    assert [(row["link"], row["code"]) for row in body["refused"]] == [
        (str(bad.uuid), "no_verdict")
    ]


def test_when_nothing_can_be_filed_each_link_is_named_with_its_reason(client: Client) -> None:
    link = SuspectedLinkFactory()
    answer = post(client, key_of(link), links=[str(link.uuid)], statement_accepted=True)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("links[0]", "no_verdict")


def test_somebody_elses_link_is_not_found_and_named(client: Client) -> None:
    own, other = InfringingLinkFactory(), InfringingLinkFactory()
    ids = [str(own.uuid), str(other.uuid)]
    answer = post(client, key_of(own), links=ids, statement_accepted=True)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["field"] == "links[1]"
    assert not Complaint.objects.exists()


def test_without_the_declaration_nothing_is_filed(client: Client) -> None:
    link = InfringingLinkFactory()
    answer = post(client, key_of(link), links=[str(link.uuid)], statement_accepted=False)
    assert answer.status_code == 422
    assert answer.json()["code"] == "statement_missing"
    missing = post(client, key_of(link), links=[str(link.uuid)])
    assert missing.json()["errors"][0]["field"] == "statement_accepted"
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    "links", [[], ["x"], "x", None, [str(uuid.uuid4())] * 301, [None], [{"a": 1}]]
)
def test_a_malformed_call_is_refused_by_field(client: Client, links: Any) -> None:
    link = InfringingLinkFactory()
    answer = post(client, key_of(link), links=links, statement_accepted=True)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith("links")


def test_scopes_are_held_apart(client: Client) -> None:
    complaint = ComplaintFactory()
    link = InfringingLinkFactory(brand=complaint.link.brand)
    reader = key_of(complaint, ApiKey.Scope.COMPLAINTS_READ)
    writer = key_of(complaint, ApiKey.Scope.COMPLAINTS_WRITE)
    ids = [str(link.uuid)]
    assert post(client, reader, links=ids, statement_accepted=True).status_code == 403
    assert client.get(URL, headers=writer).status_code == 403
    assert post(client, writer, links=ids, statement_accepted=True).status_code == 201
    assert client.get(URL, headers=reader).status_code == 200
    assert client.get(URL).status_code in {401, 403}


def test_a_list_shows_own_complaints_only(client: Client) -> None:
    own, other = ComplaintFactory(), ComplaintFactory()
    headers = key_of(own)
    rows = client.get(URL, headers=headers).json()["results"]
    assert [row["uuid"] for row in rows] == [str(own.uuid)]
    assert client.get(f"{URL}/{other.uuid}", headers=headers).status_code == 404
    assert client.get(f"{URL}?state=rejected", headers=headers).json()["results"] == []
    assert client.get(f"{URL}?state=lost", headers=headers).status_code == 422


def test_a_list_costs_the_same_number_of_queries_however_long(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    first = ComplaintFactory()
    headers = key_of(first)
    for _number in range(3):
        ComplaintFactory(link=InfringingLinkFactory(brand=first.link.brand))
    with django_assert_max_num_queries(6):
        assert len(client.get(URL, headers=headers).json()["results"]) == 4


def test_the_sealed_evidence_is_downloaded_whatever_type_is_accepted(
    client: Client, now: datetime
) -> None:
    link = InfringingLinkFactory()
    headers = key_of(link)
    answer = post(client, headers, links=[str(link.uuid)], statement_accepted=True)
    address = f"{URL}/{answer.json()['filed'][0]['uuid']}/evidence"
    waiting = client.get(address, headers=headers | {"accept": "application/zip"})
    assert (waiting.status_code, waiting.json()["code"]) == (409, "not_sealed_yet")
    filing.settle_due(now=timezone.now() + timedelta(minutes=1))
    journal.seal()
    complaint = Complaint.objects.get()
    for accepted in ("application/zip", "application/json", "*/*"):
        answer = client.get(address, headers=headers | {"accept": accepted})
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
        assert answer.content == evidence.bundle_of(complaint)
        assert "no-store" in answer["Cache-Control"]
    assert client.get(address, headers=key_of(ComplaintFactory())).status_code == 404
    writer = key_of(complaint, ApiKey.Scope.COMPLAINTS_WRITE)
    assert client.get(address, headers=writer).status_code == 403
