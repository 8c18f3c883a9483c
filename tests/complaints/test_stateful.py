"""Whatever people, programs and the clock do to complaints, in any order: nothing illegal stands.

``STATEFUL_STEPS`` (default 200) is the number of steps on PostgreSQL; ``make chaos`` does 2,000.
"""

import os
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints.models import (
    Complaint,
    CreditAccount,
    CreditLine,
    Decision,
    Order,
    SampledReview,
    Strike,
)
from complaints.services import credit, decisions, filing, sampling
from complaints.states import COMPLAINT
from portal.core import states
from portal.core.actors import SYSTEM, of_member
from portal.core.errors import NotFound, PortalError
from portal.core.models import JournalEntry
from pushes.models import Seller
from tests.complaints.support import platform_admin, read_journal
from tests.factories import (
    BrandFactory,
    CreditAccountFactory,
    InfringingLinkFactory,
    MemberFactory,
    give_past,
)

pytestmark = [pytest.mark.chaos, pytest.mark.django_db]
WALK = 50
STEPS = int(os.environ.get("STATEFUL_STEPS", "200"))
START = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)


class World:
    """A rights holder, its links, and everything that can be done to its complaints."""

    def __init__(self, seed: int) -> None:
        self.draw, self.now = random.Random(seed), START
        brand = BrandFactory()
        self.links = [InfringingLinkFactory(brand=brand) for __ in range(3)]
        self.complainant = of_member(MemberFactory(organisation=brand.organisation))
        self.admin = platform_admin()
        account = CreditAccountFactory(organisation=brand.organisation)
        if self.draw.random() < 0.5:
            give_past(account, today=START.date(), established=150)
            credit.assess(account=account, now=START)

    def step(self) -> None:
        """Do one thing; a refusal is an answer, anything else that is raised is a fault."""
        self.now += timedelta(seconds=self.draw.choice([1, 5, 30, 86_400]))
        act = self.draw.choice(
            [self.file, self.undo, self.settle, self.decide, self.decide, self.move, self.review]
        )
        try:
            with transaction.atomic():
                act()
        except PortalError:
            return

    def some(self) -> Complaint:
        rows = list(Complaint.objects.order_by("pk"))
        if not rows:
            raise NotFound("none_yet", "Nothing was filed yet.")
        return self.draw.choice(rows)

    def file(self) -> None:
        chosen = self.draw.sample(self.links, self.draw.randint(1, 3))
        filing.file(actor=self.complainant, links=chosen, now=self.now, statement_accepted=True)

    def undo(self) -> None:
        filing.undo(actor=self.complainant, complaint=self.some(), now=self.now)

    def settle(self) -> None:
        filing.settle_due(now=self.now)

    def decide(self) -> None:
        outcome, code = self.draw.choice(
            [("established", "infringement_clear"), ("rejected", "first_sale")]
        )
        decisions.decide(
            actor=self.admin, complaint=self.some(), outcome=outcome, code=code, now=self.now
        )

    def move(self) -> None:
        """What other services do: contest, freeze, withdraw, retract; or something forbidden."""
        wanted = self.draw.choice(["under_audit", "frozen", "withdrawn", "contested", "retracted"])
        states.move(self.some(), wanted, actor=SYSTEM, now=self.now)

    def review(self) -> None:
        waiting = SampledReview.objects.filter(state="waiting").first()
        if waiting is not None:
            outcome, code = self.draw.choice(
                [("established", "infringement_clear"), ("rejected", "first_sale")]
            )
            sampling.review(
                actor=self.admin, sampled=waiting, outcome=outcome, code=code, now=self.now
            )


def assert_nothing_illegal() -> None:
    """The past of every complaint follows the table, and every effect stands exactly once."""
    path: dict[int, str] = {}
    for entry in JournalEntry.objects.filter(subject_type="complaints.complaint").order_by("id"):
        to = entry.verb.removeprefix("complaint.")
        if entry.subject_id in path:
            assert COMPLAINT.allows(path[entry.subject_id], to), (path[entry.subject_id], to)
        path[entry.subject_id] = to
    for complaint in Complaint.objects.all():
        assert complaint.state == path[complaint.pk]
    standing = Complaint.objects.exclude(state__in=Complaint.CLOSED)
    assert max(Counter(standing.values_list("link_id", flat=True)).values(), default=0) <= 1
    established = Decision.objects.filter(outcome="established").count()
    assert Order.objects.count() == Strike.objects.count() == established
    given_points = sum(Strike.objects.filter(reversed_at=None).values_list("points", flat=True))
    assert sum(Seller.objects.values_list("strike_points", flat=True)) == given_points
    for decision in Decision.objects.select_related("complaint"):
        assert decision.complaint.state not in {"held", "undone", "filed"}
    lines = CreditLine.objects.filter(kind__in=["established", "rejected"]).exclude(complaint=None)
    assert lines.count() == Decision.objects.count()
    for account in CreditAccount.objects.all():
        assert credit.recount(account) == credit.counted(account)


@given(st.integers(0, 2**32))
@settings(
    max_examples=max(1, STEPS // WALK),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_order_of_events_leaves_an_illegal_state(db, seed):
    with transaction.atomic():
        world = World(seed)
        for __ in range(WALK):
            world.step()
        read_journal()
        assert_nothing_illegal()
        transaction.set_rollback(True)
