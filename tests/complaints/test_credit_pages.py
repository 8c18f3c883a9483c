"""Pages of good-faith accounts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from complaints.models import CreditRules, TierAppeal
from complaints.services import credit, misuse
from portal.core.models import Role
from tests.complaints.support import platform_admin
from tests.factories import CreditAccountFactory, MemberFactory, give_past

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return CreditAccountFactory()


@pytest.fixture
def owner(account, signed_in):
    return signed_in(MemberFactory(organisation=account.organisation))


@pytest.fixture
def staff(signed_in):
    return signed_in(platform_admin().member)


@pytest.fixture
def recent(account):
    now = timezone.now()
    give_past(account, today=now.date(), established=124, rejected=0)
    credit.assess(account=account, now=now)
    return account


def test_the_account_says_why_what_if_and_lists_cases(owner, recent):
    page = owner.get(recent.get_absolute_url()).content.decode()
    assert "97.0" in page
    assert "1 more established case reaches it" in page
    assert page.count('<th scope="row">') > 50
    ahead = owner.get(recent.get_absolute_url(), {"established": "1"}).content.decode()
    assert "would become Self-service" in ahead
    fall = owner.get(recent.get_absolute_url(), {"overturned": "40"}).content.decode()
    assert "would become Standard" in fall
    assert "Overturned, upper bound" in fall


def test_a_nonsense_forecast_is_told_not_broken(owner, recent):
    answer = owner.get(recent.get_absolute_url(), {"established": "-4", "rejected": "x"})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()


def test_a_step_against_misuse_is_in_the_forecast(owner, account):
    now = timezone.now()
    give_past(account, today=now.date(), established=60)
    for days in (2, 1):  # a warning, which takes nothing away; then reduced privileges
        page = owner.get(account.get_absolute_url(), {"established": "64"}).content.decode()
        assert "would become Trusted" in page
        assert "13 more established cases reach it" in page
        misuse.consider_notices(
            organisation_id=account.organisation_id,
            agent_id=None,
            now=now - timedelta(days=days),
            is_forged=True,
        )
    page = owner.get(account.get_absolute_url(), {"established": "64"}).content.decode()
    assert "would stay: Standard" in page
    assert "No tier above Standard for now" in page
    assert "reach it" not in page


def test_other_tenants_have_no_such_account(account, signed_in):
    stranger = signed_in(MemberFactory())
    assert stranger.get(account.get_absolute_url()).status_code == 404
    assert stranger.post(f"{account.get_absolute_url()}appeal/", {}).status_code == 404
    page = stranger.get(reverse("complaints:accounts")).content.decode()
    assert "No account yet" in page


def test_appeal_and_answer(owner, staff, recent):
    address = reverse("complaints:appeal_tier", args=[recent.uuid])
    assert owner.post(address, {"wanted": "self_service"}).status_code == 422
    data = {"wanted": "self_service", "statement": "One case was counted twice."}
    assert owner.post(address, data).status_code == 302
    appeal = TierAppeal.objects.get()
    listing = staff.get(reverse("complaints:accounts")).content.decode()
    answer = reverse("complaints:answer_appeal", args=[appeal.uuid])
    assert answer in listing
    assert owner.get(answer).status_code == 403
    assert staff.post(answer, {"granted": "yes"}).status_code == 422
    assert staff.post(answer, {"granted": "yes", "reasons": "True."}).status_code == 302
    recent.refresh_from_db()
    assert recent.tier == "self_service"
    assert "True." in owner.get(recent.get_absolute_url()).content.decode()


def test_an_appeal_can_be_taken_back(owner, recent):
    data = {"wanted": "self_service", "statement": "Why"}
    owner.post(reverse("complaints:appeal_tier", args=[recent.uuid]), data)
    address = reverse("complaints:withdraw_appeal", args=[TierAppeal.objects.get().uuid])
    assert owner.post(address).status_code == 302
    assert TierAppeal.objects.get().state == "withdrawn"
    assert owner.post(address).status_code == 409


def test_the_rules_are_published_and_only_the_operator_changes_them(owner, staff, signed_in):
    page = owner.get(reverse("complaints:good_faith_rules")).content.decode()
    assert "≥ 90.0" in page
    address = reverse("complaints:change_good_faith_rules")
    assert address not in page
    assert owner.get(address).status_code == 403
    form = staff.get(address).context["form"]
    data = {name: form[name].initial for name in form.fields if name != "reason"}
    assert staff.post(address, data).status_code == 422
    wrong = staff.post(address, data | {"reason": "x", "trusted.established_stay": "99"})
    assert wrong.status_code == 422
    assert "may not ask more" in wrong.content.decode()
    done = staff.post(address, data | {"reason": "Fewer cases", "trusted.cases": "60"})
    assert done.status_code == 302
    stored = CreditRules.objects.get()
    assert (stored.content["trusted"]["cases"], stored.content["sample_share"]) == (60, 0.03)
    assert "≥ 60" in owner.get(reverse("complaints:good_faith_rules")).content.decode()


def test_the_number_of_queries_does_not_grow(owner, recent, django_assert_max_num_queries):
    for __ in range(8):
        CreditAccountFactory(organisation=recent.organisation, agent=None, reason=f"r{__}")
    with django_assert_max_num_queries(14):
        owner.get(reverse("complaints:accounts"))
    with django_assert_max_num_queries(24):
        owner.get(recent.get_absolute_url())


def test_a_viewer_reads_but_does_not_appeal(recent, signed_in):
    viewer = signed_in(MemberFactory(organisation=recent.organisation, role=Role.VIEWER))
    page = viewer.get(recent.get_absolute_url()).content.decode()
    assert reverse("complaints:appeal_tier", args=[recent.uuid]) not in page
