"""``kill -9`` while complaints are filed, decided, reviewed and put right: each effect once.

``CHAOS_ROUNDS`` (default 1) repeats the kills at ever other points: ``make chaos`` sets it high.
"""

import os
import random
from collections import Counter
from functools import partial

import pytest
from django.utils import timezone

from complaints.models import (
    Complaint,
    CreditAccount,
    CreditLine,
    Decision,
    Order,
    Reinstatement,
    SampledReview,
    Strike,
)
from complaints.services import credit, filing
from portal.core.actors import of_member
from portal.core.models import Cursor, JournalSeal, JournalWaiting, OutboxMessage
from pushes.models import FeedbackFact, Seller
from tests.chaos.conftest import kill, wait_until
from tests.complaints.support import platform_admin
from tests.factories import (
    BrandFactory,
    CreditAccountFactory,
    InfringingLinkFactory,
    MemberFactory,
    give_past,
)

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "1"))
LINKS, KILLS = 24, 3


def effects() -> int:
    """Everything written so far; a kill is timed by it."""
    models = (Decision, Order, Strike, CreditLine, SampledReview, FeedbackFact)
    return sum(model.objects.count() for model in models)


def is_done() -> bool:
    states = Counter(Complaint.objects.values_list("state", flat=True))
    reviewed = SampledReview.objects.filter(state__in=["waiting", "disagreed"])
    sealed = JournalSeal.objects.count()
    read = Cursor.objects.filter(name="good-faith", seq=sealed).exists()
    decided = states["established"] + states["overturned"] == LINKS
    behind = reviewed.exists() or JournalWaiting.objects.exists()
    return decided and not behind and sealed > 0 and read


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_whatever_is_killed_every_effect_happens_exactly_once(spawn, settings, round_):
    settings.UNDO_SECONDS = 0
    now, draw = timezone.now(), random.Random(round_)
    admin = platform_admin()
    MemberFactory(organisation=admin.organisation, role="platform_admin")
    for is_self_service in (True, False):
        brand = BrandFactory()
        if is_self_service:
            account = CreditAccountFactory(organisation=brand.organisation)
            give_past(account, today=now.date(), established=400)
            credit.assess(account=account, now=now)
            assert account.tier == "self_service"
        filing.file(
            actor=of_member(MemberFactory(organisation=brand.organisation)),
            links=[InfringingLinkFactory(brand=brand) for __ in range(LINKS // 2)],
            now=now,
            statement_accepted=True,
        )
    before = CreditLine.objects.count()
    for point in sorted(draw.sample(range(before + 3, before + LINKS * 4), KILLS)):
        worker = spawn("-m", "tests.chaos.decider", UNDO_SECONDS="0")
        wait_until(partial(lambda least: effects() >= least or is_done(), point))
        kill(worker)
    worker = spawn("-m", "tests.chaos.decider", UNDO_SECONDS="0")
    wait_until(is_done, every=0.05)
    kill(worker)
    assert_each_effect_once(before)


def assert_each_effect_once(before: int) -> None:
    assert Decision.objects.count() == Strike.objects.count() == LINKS
    assert Order.objects.filter(kind="take_down").count() == LINKS
    wrong = SampledReview.objects.filter(state="corrected").count()
    assert Order.objects.filter(kind="reinstate").count() == wrong
    assert Complaint.objects.filter(state="overturned").count() == wrong
    assert OutboxMessage.objects.filter(handler="orders.send").count() == LINKS + wrong
    mails = OutboxMessage.objects.filter(key__startswith="mail:decision:")
    assert mails.count() == LINKS
    told = OutboxMessage.objects.filter(key__startswith="mail:reinstated:")
    assert len({key.split(":")[2] for key in told.values_list("key", flat=True)}) == wrong
    assert Reinstatement.objects.filter(ground="corrected", state="confirmed").count() == wrong
    lines = Counter(CreditLine.objects.exclude(complaint=None).values_list("kind", flat=True))
    reviewed = SampledReview.objects.count()
    assert (
        lines
        == Counter(
            {
                "established": LINKS,
                "audit_passed": reviewed - wrong,
                "audit_failed": wrong,
                "overturned": wrong,
            }
        )
        - Counter()
    )
    standing = sum(Strike.objects.filter(reversed_at=None).values_list("points", flat=True))
    assert sum(Seller.objects.values_list("strike_points", flat=True)) == standing
    for account in CreditAccount.objects.all():
        assert credit.recount(account) == credit.counted(account)
    assert CreditLine.objects.count() == before + sum(lines.values())
