"""The thresholds page of the platform, and the slider of a brand."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from brands.models import Brand
from portal.core.models import Member, Role
from pushes.matching.learning.reliability import UNCHECKED
from pushes.models import ControlThreshold, SuspectedLink
from pushes.services import control, registry
from pushes.services.loop_policy import loop_policy
from pushes.services.threshold_curve import Curve, curve_of
from pushes.web.threshold import point_at
from tests.factories import MemberFactory
from tests.pushes.judged import FAINT, SURE, judge

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
PAGE, CURVE = "/rules/thresholds", "/threshold/"
# Two of three signals of a fake, far below the threshold.
BELOW = {"brand_named": 1.0, "imitation_phrase": 0.2}


@pytest.fixture
def owner(brand: Brand) -> Member:
    made: Member = MemberFactory(organisation=brand.organisation, role=Role.OWNER)
    return made


@pytest.fixture
def admin() -> Member:
    made: Member = MemberFactory(platform_admin=True)
    return made


def the(state: str) -> ControlThreshold:
    return ControlThreshold.objects.get(state=state)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_person_estimates_accepts_and_withdraws(
    brand: Brand, admin: Member, signed_in: SignIn
) -> None:
    judge(brand, 120, 1, SURE, source="established")
    client = signed_in(admin)
    assert "Nothing is proposed" in text(client, PAGE)
    done = client.post(f"{PAGE}/estimate", follow=True).content.decode()
    assert "1 proposal" in done
    assert "Of 120 judged links" in " ".join(done.split())
    assert "Thresholds" in text(client, "/rules/")
    proposal = the("proposed")
    client.post(f"{PAGE}/{proposal.uuid}", {"decision": "accept"})
    assert the("in_force") == proposal
    # The second press comes too late and is told so.
    late = client.post(f"{PAGE}/{proposal.uuid}", {"decision": "accept"})
    assert late.status_code == 409
    client.post(f"{PAGE}/{proposal.uuid}", {"decision": "withdraw", "reason": ""})
    assert the("in_force") == proposal
    client.post(f"{PAGE}/{proposal.uuid}", {"decision": "withdraw", "reason": "Sale week"})
    assert not ControlThreshold.objects.filter(state="in_force").exists()
    assert "Sale week" in text(client, PAGE)


def test_a_refusal_without_a_reason_is_named(
    brand: Brand, admin: Member, signed_in: SignIn
) -> None:
    judge(brand, 120, 1, SURE, source="established")
    control.nightly(now=timezone.now())
    client, proposal = signed_in(admin), the("proposed")
    refused = client.post(f"{PAGE}/{proposal.uuid}", {"decision": "refuse"}, follow=True)
    assert "Say why it is refused" in refused.content.decode()
    client.post(f"{PAGE}/{proposal.uuid}", {"decision": "refuse", "reason": "Sellers first"})
    assert the("refused").reason == "Sellers first"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"push_target": "60", "hold_target": "95"}, (0.6, 0.95, False)),
        ({"push_target": "much", "hold_target": "95"}, (0.7, 0.9, True)),
        ({"push_target": "60", "hold_target": "100"}, (0.7, 0.9, True)),
    ],
)
def test_targets_are_kept_when_they_are_in_range(
    admin: Member, signed_in: SignIn, sent: dict[str, str], kept: tuple[float, float, bool]
) -> None:
    signed_in(admin).post(f"{PAGE}/targets", sent)
    policy = loop_policy()
    assert (policy.push_target, policy.hold_target, policy.tightens_alone) == kept


def test_other_choices_of_the_loop_stay_as_they_were(admin: Member, signed_in: SignIn) -> None:
    client = signed_in(admin)
    client.post("/rules/policy", {"promotes_alone": "on", "exploration_percent": "7"})
    client.post(f"{PAGE}/targets", {"push_target": "60", "hold_target": "95"})
    client.post("/rules/policy", {"exploration_percent": "3"})
    policy = loop_policy()
    assert (policy.promotes_alone, policy.exploration) == (False, 0.03)
    assert (policy.push_target, policy.hold_target) == (0.6, 0.95)


def test_only_those_who_tune_see_and_decide(brand: Brand, owner: Member, signed_in: SignIn) -> None:
    judge(brand, 120, 1, SURE, source="established")
    control.nightly(now=timezone.now())
    proposal, client = the("proposed"), signed_in(owner)
    assert client.get(PAGE).status_code == 403
    for path, sent in (
        (f"{PAGE}/estimate", {}),
        (f"{PAGE}/targets", {"push_target": "60", "hold_target": "90"}),
        (f"{PAGE}/{proposal.uuid}", {"decision": "accept"}),
    ):
        assert client.post(path, sent).status_code == 403
    assert the("proposed") == proposal


# --------------------------------------------------------------------------- the slider


def test_the_curve_is_what_the_facts_say(brand: Brand) -> None:
    judge(brand, 30, 0, FAINT)
    judge(brand, 60, 1, SURE, source="established")
    judge(brand, 10, 1, BELOW, source="established", propensity=0.1)
    now = timezone.now()
    SuspectedLink.objects.update(pushed_at=now - timedelta(days=13), due_at=now)
    points = {point.percent: point for point in the_curve(brand).points}
    assert list(points) == list(range(5, 100))
    # Thirty verdicts of reviewers nobody knows are believed as far as such are.
    weight, doubt = 30 * UNCHECKED.weight, UNCHECKED.soft_label(False)
    assert points[50].precision.estimate == pytest.approx((60 + weight * doubt) / (60 + weight))
    assert points[80].precision.estimate == 1
    # Every judged link counts as one, however many it stands for.
    assert [points[percent].judged for percent in (5, 50, 80)] == [100, 90, 60]
    # The ten explored stand for a hundred: 60 of 160 are found from 0.5 on.
    recall = points[50].recall
    assert recall is not None
    found = 60 + 30 * doubt
    assert recall.value == pytest.approx(found / (found + 100), abs=0.01)
    assert recall.low < recall.value < recall.high
    # 90 links and ten explored ones in 13 days.
    assert points[50].weekly == pytest.approx(90 / (13 / 7), rel=0.01)
    assert points[5].weekly == pytest.approx(190 / (13 / 7), rel=0.01)
    assert points[99].weekly == 0


def test_without_exploration_nobody_knows_the_recall(brand: Brand) -> None:
    judge(brand, 30, 1, SURE)
    assert the_curve(brand).points[0].recall is None


def test_the_slider_works_without_a_script(brand: Brand, owner: Member, signed_in: SignIn) -> None:
    judge(brand, 30, 0, FAINT)
    judge(brand, 60, 1, SURE, source="established")
    client = signed_in(owner)
    shown = text(client, f"{CURVE}?brand={brand.uuid}&threshold=80")
    assert 'type="range"' in shown
    assert 'value="80"' in shown
    assert '<span data-figure="precision">100 %' in shown
    assert "The platform pushes from 50 % on." in shown


@pytest.mark.parametrize("asked", ["", "x", "-5", "1e9", "nan", "50.4"])
def test_whatever_is_asked_shows_a_point(brand: Brand, asked: str) -> None:
    judge(brand, 3, 1, SURE)
    curve = the_curve(brand)
    assert 5 <= point_at(curve, asked, 0.5).percent <= 99


def test_a_brand_without_links_is_told_so(owner: Member, signed_in: SignIn) -> None:
    assert "No links yet" in text(signed_in(owner), CURVE)


def test_a_brand_tightens_at_once_and_proposes_what_is_looser(
    brand: Brand, owner: Member, signed_in: SignIn
) -> None:
    judge(brand, 3, 1, SURE)
    client = signed_in(owner)
    address = f"{CURVE}{brand.uuid}"
    done = client.post(address, {"value": "80"}, follow=True).content.decode()
    assert "In force" in done
    assert "You asked for 80 %." in " ".join(done.split())
    registry.poll_now()
    assert registry.current_engine().control.own == {str(brand.uuid): 0.8}
    looser = {"value": "30", "reason": "We miss many"}
    assert "the platform decides" in client.post(address, looser, follow=True).content.decode()
    assert the("proposed").reason == "We miss many"
    wrong = client.post(address, {"value": "much"}, follow=True).content.decode()
    assert "from 5 to 99" in wrong


def test_another_brands_figures_stay_unseen(brand: Brand, signed_in: SignIn) -> None:
    judge(brand, 3, 1, SURE)
    stranger = signed_in(MemberFactory(role=Role.OWNER))
    assert "Velmora" not in text(stranger, f"{CURVE}?brand={brand.uuid}")
    assert stranger.post(f"{CURVE}{brand.uuid}", {"value": "80"}).status_code == 404
    reviewer = signed_in(MemberFactory(organisation=brand.organisation, role=Role.REVIEWER))
    assert "Velmora" in text(reviewer, CURVE)
    assert reviewer.post(f"{CURVE}{brand.uuid}", {"value": "80"}).status_code == 403


def test_a_new_fact_does_not_have_everything_read_again(brand: Brand) -> None:
    judge(brand, 30, 1, SURE)
    assert judged(brand) == 30
    judge(brand, 10, 0, SURE)
    assert judged(brand) == 30
    cache.delete(key_of(brand, "fresh"))
    assert judged(brand) == 40


def test_one_request_at_a_time_works_the_curve_out(
    brand: Brand, owner: Member, signed_in: SignIn
) -> None:
    judge(brand, 30, 1, SURE)
    cache.add(key_of(brand, "lock"), 1)
    assert curve_of(brand, now=timezone.now()) is None
    client = signed_in(owner)
    assert "being worked out" in text(client, CURVE)
    cache.delete(key_of(brand, "lock"))
    assert "being worked out" not in text(client, CURVE)
    judge(brand, 10, 0, SURE)
    cache.delete(key_of(brand, "fresh"))
    cache.add(key_of(brand, "lock"), 1)
    # The one before, while somebody works on the newer.
    assert judged(brand) == 30


def key_of(brand: Brand, part: str) -> str:
    return f"threshold-curve:{brand.uuid}:{registry.champion().pk}:{part}"


def judged(brand: Brand) -> int:
    return the_curve(brand).judged


def the_curve(brand: Brand) -> Curve:
    curve = curve_of(brand, now=timezone.now())
    assert curve is not None
    return curve
