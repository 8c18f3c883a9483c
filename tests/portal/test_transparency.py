"""Transparency figures: from the journal, by closed half-year, safe to publish."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from portal.core import events, journal
from portal.core.actors import SYSTEM
from portal.core.models import JournalSeal, Organisation
from portal.figures import transparency
from portal.figures.models import TransparencyFigure
from portal.figures.report import closed_halves, report
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db

MAY = datetime(2025, 5, 12, 4, 0, tzinfo=UTC)
_cases = iter(range(10**6))


def happened(owner: Organisation, verb: str, at: datetime = MAY, **data: object) -> None:
    journal.record(verb, owner, actor=SYSTEM, now=at, organisation_id=owner.pk, data=data)


class Case:
    """A complaint as the journal tells of it."""

    def __init__(self, owner: Organisation, at: datetime = MAY, reason: str = "trademark") -> None:
        self.owner, self.at, self.pk = owner, at, next(_cases)
        self.tell("complaint.filed", at, reason=reason, **{"from": "held"})

    def tell(self, verb: str, at: datetime, **data: object) -> "Case":
        subject = Organisation(pk=self.pk)
        journal.record(
            verb, subject, actor=SYSTEM, now=at, organisation_id=self.owner.pk, data=data
        )
        return self

    def decided(self, hours: float, outcome: str = "established", **data: object) -> "Case":
        at = self.at + timedelta(hours=hours)
        self.tell(f"complaint.{outcome}", at, **{"from": "filed"})
        return self.tell("decision.made", at, **data)


def project() -> None:
    journal.seal()
    consumer = next(c for c in events.consumers() if c.name == transparency.CONSUMER)
    while events.run(consumer):
        pass


def figures(half: str = "2025-H1") -> dict[str, object]:
    return report(half).to_dict()


def test_it_counts_notices_decisions_and_what_became_of_them() -> None:
    owners = OrganisationFactory.create_batch(5)
    for owner in owners:
        Case(owner).decided(24, automated=True)
        Case(owner, reason="design").decided(48, "rejected")
        happened(owner, "counter_notice.submitted")
        happened(owner, "counter_notice.accepted")
        happened(owner, "complaint.overturned")
        happened(owner, "reinstatement.confirmed")
        happened(owner, "misuse_step.in_force", level="suspended")
        happened(owner, "misuse_step.in_force", level="warning")
    project()
    assert figures() == {
        "half_year": "2025-H1",
        "notices": 10,
        "notices_counterfeit": 0,
        "notices_trademark": 5,
        "notices_copyright": 0,
        "notices_design": 5,
        "notices_patent": 0,
        "decisions": 10,
        "decisions_established": 5,
        "decisions_rejected": 5,
        "automated": 5,
        "counter_notices": 5,
        "counter_notices_accepted": 5,
        "counter_notices_refused": 0,
        "reinstatements": 5,
        "overturned": 5,
        "retracted": 0,
        "suspensions": 5,
        "automated_share": 0.5,
        "median_hours_to_decide": 36.0,
    }


def test_a_case_is_counted_once_however_often_it_comes_back() -> None:
    owner = OrganisationFactory()
    case = Case(owner).decided(10)
    later = MAY + timedelta(days=3)
    case.tell("complaint.established", later, **{"from": "contested"})
    case.tell("complaint.filed", later, reason="trademark", **{"from": "withdrawn"})
    project()
    found = figures()
    assert (found["notices"], found["decisions"]) == (1, 1)
    assert found["median_hours_to_decide"] == 10.0


def test_a_case_counts_in_the_half_year_it_was_decided_in() -> None:
    owner = OrganisationFactory()
    late = datetime(2025, 6, 30, 20, 0, tzinfo=UTC)
    Case(owner, late).decided(10)
    project()
    assert figures("2025-H1")["notices"] == 1
    assert figures("2025-H1")["decisions"] == 0
    assert figures("2025-H1")["median_hours_to_decide"] is None
    assert figures("2025-H2")["decisions"] == 1
    assert figures("2025-H2")["median_hours_to_decide"] == 10.0


def test_the_running_half_year_is_not_shown() -> None:
    Case(OrganisationFactory())
    project()
    assert closed_halves(datetime(2025, 6, 30, 23, 59, tzinfo=UTC)) == []
    assert closed_halves(datetime(2025, 7, 1, tzinfo=UTC)) == ["2025-H1"]


def test_a_part_that_tells_of_few_rights_holders_is_hidden_and_cannot_be_had_by_subtraction(
    settings: Settings,
) -> None:
    settings.FIGURES_MINIMUM_BRANDS = 5
    owners = OrganisationFactory.create_batch(6)
    for owner in owners:
        Case(owner)
        Case(owner, reason="counterfeit")
    for _more in range(3):
        Case(owners[0], reason="patent")
    project()
    found = figures()
    assert found["notices"] == 15
    assert found["notices_patent"] is None
    # With one part alone hidden it would be the total less the others.
    hidden = [name for name, value in found.items() if value is None and "notices_" in name]
    assert len(hidden) > 1


def test_a_hidden_automated_part_hides_its_share(settings: Settings) -> None:
    settings.FIGURES_MINIMUM_BRANDS = 5
    Case(OrganisationFactory()).decided(1, automated=True)
    project()
    found = figures()
    assert (found["decisions"], found["automated"], found["automated_share"]) == (1, None, None)


def test_a_recount_of_the_journal_gives_the_same() -> None:
    for owner in OrganisationFactory.create_batch(3):
        Case(owner).decided(5, "rejected")
        happened(owner, "counter_notice.refused")
    project()
    stored = {
        (row.half, row.organisation_id, row.measure): row.count
        for row in TransparencyFigure.objects.all()
    }
    seq = JournalSeal.objects.latest("seq").seq
    assert stored == dict(transparency.recount(seq))


def test_everybody_reads_page_csv_and_json_with_the_same_figures(client: Client) -> None:
    for owner in OrganisationFactory.create_batch(5):
        Case(owner).decided(24)
    Case(OrganisationFactory(), reason="patent")
    project()
    page = client.get("/transparency/").content.decode()
    assert "2025-H1" in page
    assert "hidden" in page
    data = client.get("/transparency.json").json()["half_years"][0]
    assert data["decisions"] == 5
    assert data["notices_patent"] is None
    text = client.get("/transparency.csv").content.decode("utf-8-sig")
    rows = {row["measure"]: row["value"] for row in csv.DictReader(io.StringIO(text))}
    assert rows["decisions"] == "5"
    assert rows["notices_patent"] == ""
    assert rows["median_hours_to_decide"] == "24.0"
    assert data["automated_share"] == 0.0
    assert rows["automated_share"] == "0.0", "nought is a figure; only a hidden one is empty"


def test_nothing_is_said_before_the_first_half_year_is_over(client: Client) -> None:
    assert "No closed half-year yet" in client.get("/transparency/").content.decode()
    assert client.get("/transparency.json").json() == {"half_years": []}
