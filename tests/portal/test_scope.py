"""The tenant scope fails closed, and the permission matrix is what the docs say."""

from datetime import date

import pytest

from portal.core import scope
from portal.core.actors import Actor, of_key, of_member
from portal.core.errors import NotAllowed
from portal.core.models import ApiKey, Mandate
from portal.core.policies import MATRIX, Permission, may, permissions_of
from pushes.models import SuspectedLink
from tests.factories import (
    ApiKeyFactory,
    MemberFactory,
    OrganisationFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db


def visible(actor: Actor | None) -> int:
    return scope.narrow(
        SuspectedLink.objects.all(),
        actor,
        Permission.VIEW_LINKS,
        "organisation_id",
        brand="brand_id",
    ).count()


def test_strangers_see_nothing():
    SuspectedLinkFactory()
    assert visible(None) == 0
    assert visible(Actor(kind="member")) == 0


def test_a_member_sees_the_own_organisation_only():
    link = SuspectedLinkFactory()
    SuspectedLinkFactory()
    assert visible(of_member(MemberFactory(organisation=link.organisation))) == 1
    assert visible(of_member(MemberFactory())) == 0


def test_a_removed_member_sees_nothing():
    link = SuspectedLinkFactory()
    assert visible(of_member(MemberFactory(organisation=link.organisation, active=False))) == 0


def test_a_marketplace_key_sees_no_links():
    SuspectedLinkFactory()
    assert visible(of_key(ApiKeyFactory())) == 0


def test_the_platform_sees_all():
    SuspectedLinkFactory()
    SuspectedLinkFactory()
    assert visible(of_member(MemberFactory(platform_admin=True))) == 2


def test_an_agent_acts_only_under_a_valid_mandate():
    agent = MemberFactory(organisation=OrganisationFactory(agent=True))
    holder = OrganisationFactory()
    today = date(2026, 6, 3)
    assert not scope.may_act_for(agent, holder, today)
    mandate = Mandate.objects.create(
        agent=agent.organisation,
        rights_holder=holder,
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 6, 3),
    )
    assert scope.may_act_for(agent, holder, today)
    assert not scope.may_act_for(agent, holder, date(2026, 6, 4))
    mandate.revoked_at = mandate.rights_holder.created_at
    mandate.save()
    assert not scope.may_act_for(agent, holder, today)


def test_an_agent_does_not_manage_the_people_of_its_client():
    agent = MemberFactory(organisation=OrganisationFactory(agent=True))
    granted = permissions_of(of_member(agent, OrganisationFactory()))
    assert Permission.JUDGE_LINKS in granted
    assert Permission.MANAGE_MEMBERS not in granted


def test_a_policy_says_why_not():
    viewer = of_member(MemberFactory(role="viewer"))
    with pytest.raises(NotAllowed, match="role"):
        may(viewer, Permission.JUDGE_LINKS).require()
    owner = of_member(MemberFactory())
    with pytest.raises(NotAllowed, match="another organisation"):
        may(owner, Permission.JUDGE_LINKS, OrganisationFactory().pk).require()


@pytest.mark.parametrize(
    ("kind", "role", "expected"),
    [
        ("rights_holder", "viewer", {"view_registry", "view_links", "view_complaints"}),
        ("association", "viewer", {"view_figures"}),
        ("association", "reviewer", set()),
        ("rights_holder", "platform_admin", set()),
        ("platform", "owner", set()),
    ],
)
def test_the_matrix_grants_exactly(kind, role, expected):
    assert {str(p) for p in MATRIX[kind].get(role, set())} == expected


def test_a_key_of_the_platform_may_not_do_what_no_member_of_the_platform_may():
    platform = MemberFactory(platform_admin=True).organisation
    key = ApiKeyFactory(marketplace=None, organisation=platform, scopes=ApiKey.Scope.values)
    assert permissions_of(of_key(key)) == {
        Permission.VIEW_REGISTRY,
        Permission.VIEW_LINKS,
        Permission.VIEW_COMPLAINTS,
    }


def test_a_key_of_a_rights_holder_holds_its_scopes_and_no_more():
    scopes = [ApiKey.Scope.VERDICTS_WRITE, ApiKey.Scope.LISTINGS_WRITE]
    key = ApiKeyFactory(marketplace=None, organisation=OrganisationFactory(), scopes=scopes)
    assert permissions_of(of_key(key)) == {Permission.JUDGE_LINKS}
