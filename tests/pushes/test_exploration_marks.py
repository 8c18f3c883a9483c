"""Links that explore are marked and outside every term; a waterfall names the brand's own part."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from brands.models import Brand
from complaints.models import CreditLine
from portal.core.actors import of_member
from portal.core.models import JournalEntry, Member, Role
from portal.figures.projections import keys_of
from pushes import matching
from pushes.matching import BrandOffset, Weights
from pushes.models import SuspectedLink
from pushes.selectors import queue
from pushes.selectors.queue import Wanted
from pushes.services import links, review
from pushes.services.matching import match_pending
from pushes.services.notices import Holding, near_deadlines
from pushes.web.evidence import waterfall
from tests.complaints.support import read_journal
from tests.factories import (
    ListingVersionFactory,
    MatchWorkFactory,
    MemberFactory,
    RulesetFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def reviewer(brand: Brand) -> Member:
    made: Member = MemberFactory(organisation=brand.organisation, role=Role.REVIEWER)
    return made


def pair(brand: Brand, now: datetime) -> tuple[SuspectedLink, SuspectedLink]:
    """An ordinary link and one that explores, both due in an hour."""
    times = {"pushed_at": now, "due_at": now + timedelta(hours=1)}
    ordinary = SuspectedLinkFactory(brand=brand, **times)
    explores = SuspectedLinkFactory(
        brand=brand, explores=True, propensity=0.05, score=0.2, threshold=0.5, **times
    )
    return ordinary, explores


def test_the_desk_marks_what_explores(brand: Brand, reviewer: Member, signed_in: SignIn) -> None:
    ordinary, explores = pair(brand, timezone.now())
    client = signed_in(reviewer)
    assert client.get("/links/").content.decode().count("Exploration\n") == 1
    assert "Exploration\n" in client.get(f"/links/{explores.uuid}/pane").content.decode()
    assert "Exploration\n" not in client.get(f"/links/{ordinary.uuid}/pane").content.decode()


def test_what_explores_is_nobodys_deadline(brand: Brand, reviewer: Member, now: datetime) -> None:
    ordinary, _ = pair(brand, now)
    at_risk = queue.narrowed(of_member(reviewer), Wanted(view="risk"), now)
    assert list(at_risk.filter(state="pending")) == [ordinary]
    held = Holding(brand.organisation_id)
    near = near_deadlines([held], now=now, within=timedelta(days=1))
    assert [group[-1] for group in near[held]] == [1]


def test_no_figure_counts_what_explores(brand: Brand, reviewer: Member, now: datetime) -> None:
    """Neither as a push nor among the verdicts whose share in time is reported."""
    for link in pair(brand, now):
        links.record_push(link, now=now, again=False)
        review.give_verdict(actor=of_member(reviewer), link=link, outcome="genuine", now=now)
    review.settle_due(now=now + timedelta(minutes=1))
    entries = JournalEntry.objects.filter(verb__in=("link.pushed", "verdict.final"))
    counted = [measure for entry in entries for _, _, _, measure in keys_of(entry)]
    assert entries.count() == 4
    assert sorted(counted) == ["judged", "judged_genuine", "judged_in_time", "pushed"]


def test_what_explores_is_outside_the_good_faith_account(brand: Brand, now: datetime) -> None:
    ordinary, explores = pair(brand, now)
    assert links.lapse_due(now=now + timedelta(days=1)) == 2
    read_journal()
    late = CreditLine.objects.filter(kind="late")
    assert [line.link for line in late] == [ordinary]
    assert explores.pk not in late.values_list("link", flat=True)


def with_offsets(brand: Brand) -> Weights:
    """The shipped weights with a brand that differs in its start and in two signals."""
    own = BrandOffset(0.4, {"brand_disguised": 0.25, "imitation_phrase": -0.5})
    weights = replace(Weights(), brand_offsets={str(brand.uuid): own})
    ruleset = matching.Ruleset(weights)
    RulesetFactory(content=ruleset.to_dict(), content_hash=ruleset.content_hash)
    return weights


def test_the_waterfall_sums_to_the_score_and_names_the_brands_part(
    brand: Brand, reviewer: Member, signed_in: SignIn
) -> None:
    weights = with_offsets(brand)
    MatchWorkFactory(version=ListingVersionFactory(title="高仿 V\u0435lm\u043er\u0430 shoes 1:1"))
    match_pending(now=timezone.now())
    link = SuspectedLink.objects.select_related("ruleset", "brand").get()
    shown = waterfall(link)
    assert shown.start == pytest.approx(weights.intercept, abs=1e-4)
    assert shown.own_start == pytest.approx(0.4)
    total = shown.start + shown.own_start + sum(step.contribution for step in shown.steps)
    assert 1 / (1 + math.exp(-total)) == pytest.approx(link.score, abs=1e-9)
    own = {signal["kind"]: step.own for signal, step in zip(
        (s for s in link.signals if s["contribution"]), shown.steps, strict=True)}  # fmt: skip
    assert own["brand_disguised"] == pytest.approx(0.25 * link.vector["brand_disguised"], abs=1e-5)
    assert own["imitation_phrase"] == pytest.approx(
        -0.5 * link.vector["imitation_phrase"], abs=1e-5
    )
    page = " ".join(signed_in(reviewer).get(f"/links/{link.uuid}/pane").content.decode().split())
    assert "The brand's own" in page.replace("&#x27;", "'")
    assert "+0.40" in page
    assert "brand 0.25" in page


def test_a_brand_without_offsets_has_no_row_of_its_own(brand: Brand) -> None:
    RulesetFactory()
    MatchWorkFactory(version=ListingVersionFactory(title="V\u0435lm\u043er\u0430 shoes"))
    match_pending(now=timezone.now())
    shown = waterfall(SuspectedLink.objects.get())
    assert (shown.own_start, {step.own for step in shown.steps}) == (0.0, {0.0})
    assert shown.threshold == 0.5


def test_suggestions_are_in_the_brands_navigation(
    brand: Brand, reviewer: Member, signed_in: SignIn
) -> None:
    page = signed_in(reviewer).get("/links/").content.decode()
    navigation = page[page.index("<nav") : page.index("</nav>")]
    assert 'href="/suggestions/"' in navigation
    admin = signed_in(MemberFactory(platform_admin=True)).get("/links/").content.decode()
    assert 'href="/suggestions/"' not in admin[admin.index("<nav") : admin.index("</nav>")]
