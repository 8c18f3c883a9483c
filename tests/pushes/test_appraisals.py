"""Test purchases and juries: recorded once, believed as they are, and a check of the reviewers."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from portal.core.actors import Actor, of_member
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import JournalEntry, Member, Role
from pushes import matching
from pushes.matching.learning import reliability
from pushes.models import Appraisal, FeedbackFact, SuspectedLink
from pushes.services import appraisals, feedback
from pushes.services.appraisals import Result
from pushes.services.evidence import checks, gather
from tests.factories import FeedbackFactFactory, MemberFactory, SuspectedLinkFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
NAMES = tuple(sorted(matching.Ruleset().weights.weights))
PURCHASE = Result(kind="purchase", reference="ORDER-1", outcome="genuine")


@pytest.fixture
def admin() -> Member:
    made: Member = MemberFactory(platform_admin=True)
    return made


@pytest.fixture
def link() -> SuspectedLink:
    made: SuspectedLink = SuspectedLinkFactory(
        state="appraisal", vector={"brand_disguised": 1.0}, propensity=0.5
    )
    return made


def record(admin: Member, link: SuspectedLink, result: Result, now: datetime) -> Appraisal:
    return appraisals.record(actor=of_member(admin), link=link, result=result, now=now)


@pytest.mark.parametrize(("outcome", "label"), [("infringing", 1), ("genuine", 0),
                                                ("inconclusive", None)])  # fmt: skip
def test_a_purchase_is_a_fact_with_the_signals_of_its_push(
    admin: Member, link: SuspectedLink, now: datetime, outcome: str, label: int | None
) -> None:
    result = Result(kind="purchase", reference="ORDER-1", outcome=outcome, note="Seal 0815")
    for _ in range(2):
        found = record(admin, link, result, now)
    assert (found.outcome, found.votes, found.note) == (outcome, None, "Seal 0815")
    fact = FeedbackFact.objects.get()
    assert (fact.source, fact.outcome, fact.label) == ("purchase", outcome, label)
    assert (fact.vector, fact.propensity) == ({"brand_disguised": 1.0}, 0.5)
    entry = JournalEntry.objects.get(verb="appraisal.recorded")
    assert entry.data == {"link_id": link.pk, "kind": "purchase", "outcome": outcome}


@pytest.mark.parametrize(
    ("votes", "infringing", "outcome"),
    [
        (5, 5, "infringing"),
        (5, 0, "genuine"),
        # Four of five is what chance does three times in eight.
        (5, 4, "inconclusive"),
        (31, 16, "inconclusive"),
        (31, 22, "infringing"),
        (31, 9, "genuine"),
    ],
)
def test_a_jury_decides_by_a_majority_that_is_more_than_chance(
    admin: Member, link: SuspectedLink, now: datetime, votes: int, infringing: int, outcome: str
) -> None:
    result = Result(kind="jury", reference="J-1", votes=votes, infringing_votes=infringing)
    assert record(admin, link, result, now).outcome == outcome


def test_independent_evidence_replaces_the_verdict_and_checks_its_reviewer(
    admin: Member, now: datetime
) -> None:
    reviewer = MemberFactory()
    before = reliability.reliabilities(checks()).of(str(reviewer.pk)).weight
    for number in range(6):
        link = SuspectedLinkFactory()
        FeedbackFactFactory(link=link, reviewer=reviewer, label=1)
        kind = "jury" if number % 2 else "purchase"
        record(
            admin, link,
            Result(kind=kind, reference="1", outcome="genuine", votes=9, infringing_votes=0), now,
        )  # fmt: skip
    after = reliability.reliabilities(checks()).of(str(reviewer.pk)).weight
    assert after < before / 2
    found = gather(NAMES)
    assert len(found.labels) == 0 or set(found.labels.tolist()) == {0.0}
    assert len(list(checks())) == 6


def test_what_was_decided_at_once_on_the_brands_word_checks_nobody(
    admin: Member, now: datetime
) -> None:
    """A self-service account that files on its own verdict would vote itself reliable."""
    reviewer = MemberFactory()
    fact = FeedbackFactFactory(reviewer=reviewer, link__vector={"brand_disguised": 1.0})

    def established(reference: str, *, automated: bool) -> None:
        feedback.record_outcome(
            link=fact.link, source=FeedbackFact.Source.ESTABLISHED, actor=of_member(admin), now=now,
            reference=reference, automated=automated,
        )  # fmt: skip

    established("c", automated=True)
    assert list(checks()) == []
    word = reliability.UNCHECKED
    assert gather(NAMES).judged.evidence.labels.tolist() == [pytest.approx(word.fair_label(True))]
    assert gather(NAMES).doubted.tolist() == [pytest.approx(word.soft_label(True))]
    # A person who was not shown the decision agrees: that is a check.
    established("review:1", automated=False)
    tenant = str(fact.link.organisation_id)
    assert list(checks()) == [reliability.Check(str(reviewer.pk), True, 1.0, tenant=tenant)]
    assert gather(NAMES).judged.evidence.labels.tolist() == [1.0]


def test_a_refused_counter_notice_is_evidence_of_infringement(admin: Member, now: datetime) -> None:
    fact = FeedbackFactFactory(reviewer=MemberFactory())
    feedback.record_outcome(
        link=fact.link, source=FeedbackFact.Source.WITHSTOOD, actor=of_member(admin), now=now,
        reference="n",
    )  # fmt: skip
    assert [check.truth for check in checks()] == [1.0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "seance"}, "kind"),
        ({"reference": " "}, "reference"),
        ({"reference": "x" * 61}, "reference"),
        ({"reference": "a\0"}, "reference"),
        ({"outcome": "perhaps"}, "outcome"),
        ({"note": "x" * 501}, "note"),
        ({"kind": "jury"}, "votes"),
        ({"kind": "jury", "votes": 4, "infringing_votes": 4}, "votes"),
        ({"kind": "jury", "votes": 9}, "infringing_votes"),
        ({"kind": "jury", "votes": 9, "infringing_votes": 10}, "infringing_votes"),
        ({"kind": "jury", "votes": 9, "infringing_votes": -1}, "infringing_votes"),
    ],
)
def test_what_is_wrong_is_named(
    admin: Member, link: SuspectedLink, now: datetime, changes: dict[str, Any], field: str
) -> None:
    given = {"kind": "purchase", "reference": "1", "outcome": "genuine", **changes}
    with pytest.raises(InvalidInput) as refusal:
        record(admin, link, Result(**given), now)
    assert field in {error.field for error in refusal.value.errors}
    assert not Appraisal.objects.exists()


def test_another_result_under_the_same_reference_is_refused(
    admin: Member, link: SuspectedLink, now: datetime
) -> None:
    record(admin, link, PURCHASE, now)
    other = Result(kind="purchase", reference="ORDER-1", outcome="infringing")
    with pytest.raises(InvalidInput, match="kept under this reference"):
        record(admin, link, other, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appraisal.objects.create(
            link=link, kind="jury", reference="2", outcome="genuine", votes=5, infringing_votes=6,
            recorded_by=admin, recorded_at=now,
        )  # fmt: skip


def test_an_appraisal_is_never_changed(admin: Member, link: SuspectedLink, now: datetime) -> None:
    kept = record(admin, link, PURCHASE, now)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Appraisal.objects.filter(pk=kept.pk).update(outcome="infringing")


def test_only_people_of_the_platform_record(link: SuspectedLink, now: datetime) -> None:
    owner: Actor = of_member(MemberFactory(organisation=link.organisation, role=Role.OWNER))
    with pytest.raises(NotAllowed):
        appraisals.record(actor=owner, link=link, result=PURCHASE, now=now)


def test_nobody_checks_the_verdicts_of_their_own_organisation(
    admin: Member, link: SuspectedLink, now: datetime
) -> None:
    MemberFactory(organisation=link.organisation, user=admin.user)
    with pytest.raises(NotAllowed) as refusal:
        record(admin, link, PURCHASE, now)
    assert refusal.value.code == "own_organisation"
    assert not FeedbackFact.objects.exists()


def test_staff_record_on_a_page_and_the_brand_sees_it(
    admin: Member, link: SuspectedLink, signed_in: SignIn
) -> None:
    client, address = signed_in(admin), f"/links/{link.uuid}/appraisal"
    assert "Record a result" in client.get(f"/links/{link.uuid}").content.decode()
    assert "What the purchase showed" in client.get(address).content.decode()
    wrong = client.post(address, {"kind": "jury", "reference": "J-1", "votes": "9"})
    assert wrong.status_code == 422
    assert "Give how many of the votes" in wrong.content.decode()
    sent = {"kind": "jury", "reference": "J-1", "votes": "9", "infringing_votes": "9"}
    assert "Recorded: Infringing" in client.post(address, sent, follow=True).content.decode()
    owner = signed_in(MemberFactory(organisation=link.organisation, role=Role.OWNER))
    seen = " ".join(owner.get(f"/links/{link.uuid}").content.decode().split())
    assert "9 of 9 votes" in seen
    assert "Record a result" not in seen
    assert owner.get(address).status_code == 403
    assert owner.post(address, sent).status_code == 403


def test_staff_record_over_the_api_and_the_brand_reads(
    admin: Member, link: SuspectedLink, signed_in: SignIn
) -> None:
    client, address = signed_in(admin), f"/api/v1/links/{link.uuid}/appraisals"
    body = {"kind": "purchase", "reference": "ORDER-1", "outcome": "infringing"}
    for _ in range(2):
        answer = client.post(address, json.dumps(body), "application/json")
        assert (answer.status_code, answer.json()["outcome"]) == (201, "infringing")
    bad = client.post(address, json.dumps({**body, "outcome": "?"}), "application/json")
    assert bad.status_code in {400, 422}
    owner = signed_in(MemberFactory(organisation=link.organisation, role=Role.OWNER))
    assert [one["reference"] for one in owner.get(address).json()] == ["ORDER-1"]
    assert owner.post(address, json.dumps(body), "application/json").status_code == 403
    stranger = signed_in(MemberFactory(role=Role.OWNER))
    assert stranger.get(address).status_code == 404
