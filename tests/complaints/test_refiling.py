"""After a complaint was overturned: the same offer is not complained about again, a new one is."""

from datetime import datetime, timedelta

import pytest

from complaints.models import Complaint, Decision
from complaints.selectors import ready_to_file
from complaints.services import counter_notices, decisions, filing, reinstatement
from portal.core.errors import StaleState
from pushes.models import SuspectedLink
from pushes.services.snapshots import snapshot_hash
from tests.complaints.hearing import brand_of, second_admin, submitted
from tests.complaints.support import complainant_of, platform_admin
from tests.factories import InfringingLinkFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def overturned(now: datetime) -> Complaint:
    """A complaint that was filed, established, answered and overturned."""
    snapshot = {"title": "shoe"}
    link = InfringingLinkFactory(snapshot=snapshot, snapshot_hash=snapshot_hash(snapshot))
    filing.file(actor=complainant_of(link), links=[link], now=now, statement_accepted=True)
    filing.settle_due(now=now + timedelta(minutes=1))
    complaint = Complaint.objects.get()
    decisions.decide(
        actor=platform_admin(),
        complaint=complaint,
        outcome="established",
        code=Decision.Code.INFRINGEMENT_CLEAR,
        now=now,
    )
    row = submitted(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=row, text="Hm.", now=now)
    asked = reinstatement.request(
        actor=platform_admin(), counter_notice=row, code="first_sale", now=now
    )
    reinstatement.confirm(actor=second_admin(), reinstatement=asked, now=now)
    complaint.refresh_from_db()
    return complaint


def test_the_same_offer_is_not_complained_about_again(overturned: Complaint, now: datetime) -> None:
    actor = complainant_of(overturned)
    link = SuspectedLink.objects.get()
    result = filing.file(actor=actor, links=[link], now=now, statement_accepted=True)
    assert [refusal.code for refusal in result.refused] == ["overturned_before"]
    assert not ready_to_file(actor).exists()


def test_an_offer_that_changed_or_another_right_is_a_new_case(
    overturned: Complaint, now: datetime
) -> None:
    actor = complainant_of(overturned)
    changed = {"title": "shoe, now with the logo"}
    SuspectedLink.objects.update(snapshot=changed, snapshot_hash=snapshot_hash(changed))
    link = SuspectedLink.objects.get()
    assert ready_to_file(actor).get() == link
    result = filing.file(actor=actor, links=[link], now=now, statement_accepted=True)
    assert len(result.filed) == 1


def test_a_complaint_is_decided_once_whatever_became_of_it(
    overturned: Complaint, now: datetime
) -> None:
    before = Decision.objects.count()
    for state in Complaint.State.values:
        if state in Complaint.OPEN:
            continue
        Complaint.objects.filter(pk=overturned.pk).update(state=state)
        overturned.refresh_from_db()
        for outcome, code in (("established", "infringement_clear"), ("rejected", "first_sale")):
            if (state, outcome) == (Complaint.State.FROZEN, "rejected"):
                continue  # a frozen complaint may be rejected, and this one has its decision
            with pytest.raises(StaleState):
                decisions.decide(
                    actor=platform_admin(),
                    complaint=overturned,
                    outcome=outcome,
                    code=code,
                    now=now,
                )
    assert Decision.objects.count() == before
