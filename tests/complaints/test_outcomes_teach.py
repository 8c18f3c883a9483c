"""What comes of a complaint becomes a fact the rules learn from, and checks whose word it was."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from complaints.models import Complaint, SampledReview
from complaints.services import counter_notices, credit, filing, reinstatement, sampling
from portal.core.actors import of_member
from portal.core.models import Role
from pushes.matching.learning.reliability import Check
from pushes.models import FeedbackFact
from pushes.services.evidence import checks
from tests.complaints.hearing import brand_of, established, submitted
from tests.complaints.support import complainant_of, platform_admin
from tests.factories import (
    CreditAccountFactory,
    FeedbackFactFactory,
    InfringingLinkFactory,
    MemberFactory,
    give_past,
)

pytestmark = pytest.mark.django_db
LATER = timedelta(seconds=9)


def facts() -> list[tuple[str, str, int | None]]:
    return list(FeedbackFact.objects.order_by("pk").values_list("source", "outcome", "label"))


def answered(now: datetime, **said: Any) -> Complaint:
    complaint = established(now, jurisdiction="DE", zone="Europe/Berlin")
    row = submitted(complaint, now)
    counter_notices.reply(
        actor=brand_of(complaint), counter_notice=row, text="It is fake.", now=now, **said
    )
    return complaint


@pytest.mark.parametrize(("code", "label"), [("right_stands", 1), ("proceedings", None)])
def test_a_refused_counter_notice_is_a_fact(now: datetime, code: str, label: int | None) -> None:
    suit = {"proceedings": "court", "reference": "7", "begun_on": now.date()}
    complaint = answered(now, **(suit if code == "proceedings" else {}))
    row = complaint.counter_notices.get()
    counter_notices.refuse(actor=platform_admin(), counter_notice=row, code=code, now=now)
    assert facts()[-1] == ("withstood", "withstood", label)


def test_an_accepted_counter_notice_is_a_fact_against_the_verdict(now: datetime) -> None:
    complaint = answered(now)
    reviewer = MemberFactory(organisation=complaint.organisation)
    before = now - timedelta(days=60)
    FeedbackFactFactory(link=complaint.link, reviewer=reviewer, label=1, at=before)
    row = complaint.counter_notices.get()
    first = platform_admin()
    asked = reinstatement.request(actor=first, counter_notice=row, code="first_sale", now=now)
    platform = first.member.organisation if first.member else None
    second = MemberFactory(organisation=platform, role=Role.PLATFORM_ADMIN)
    reinstatement.confirm(actor=of_member(second), reinstatement=asked, now=now)
    assert facts()[-1] == ("overturned", "overturned", 0)
    tenant = str(reviewer.organisation_id)
    assert list(checks()) == [Check(str(reviewer.pk), True, 0.0, tenant=tenant)]


def test_what_is_decided_at_once_checks_nobody_and_its_blind_review_does(now: datetime) -> None:
    link = InfringingLinkFactory()
    account = CreditAccountFactory(organisation=link.organisation)
    give_past(account, today=now.date(), established=200)
    credit.assess(account=account, now=now)
    reviewer = MemberFactory(organisation=link.organisation)
    FeedbackFactFactory(link=link, reviewer=reviewer, label=1)
    filing.file(actor=complainant_of(link), links=[link], now=now, statement_accepted=True)
    filing.settle_due(now=now + LATER)
    assert facts()[-1] == ("established", "at_once", 1)
    assert list(checks()) == []
    sampling.review(
        actor=platform_admin(), sampled=SampledReview.objects.get(), outcome="rejected",
        code="first_sale", now=now,
    )  # fmt: skip
    assert facts()[-1] == ("rejected", "rejected", 0)
    tenant = str(reviewer.organisation_id)
    assert list(checks()) == [Check(str(reviewer.pk), True, 0.0, tenant=tenant)]
