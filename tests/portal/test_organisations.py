"""Members, invitations, consent: who is in, who let whom in."""

import re
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from portal.core import outbox
from portal.core.actors import SYSTEM, of_member
from portal.core.errors import InvalidInput, NotAllowed, NotFound, StaleState
from portal.core.models import (
    AssociationMembership,
    Member,
    Organisation,
    OutboxMessage,
    PageMail,
)
from portal.core.services import invitations, organisations
from tests.factories import MemberFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


def token_mailed() -> str:
    for message_id in outbox.due(timezone.now()):
        outbox.deliver(message_id, timezone.now())
    found = re.search(r"/invitations/([\w-]+)/", PageMail.objects.latest("pk").text)
    assert found is not None
    return found[1]


@pytest.fixture(autouse=True)
def _mail_page(settings):
    settings.EMAIL_BACKEND = "portal.core.mail.PageBackend"


class TestRegister:
    def test_the_user_becomes_owner(self, now):
        member = organisations.register(
            user=UserFactory(),
            kind="rights_holder",
            name="Tolvane",
            country="CN",
            zone="Asia/Shanghai",
            now=now,
        )
        assert (member.role, member.organisation.name) == ("owner", "Tolvane")

    def test_nobody_registers_a_platform(self, now):
        with pytest.raises(NotAllowed):
            organisations.register(
                user=UserFactory(), kind="platform", name="X", country="CN", zone="UTC", now=now
            )

    def test_a_taken_name_and_an_unknown_country_are_named(self, now):
        OrganisationFactory(name="Tolvane")
        with pytest.raises(InvalidInput) as refused:
            organisations.register(
                user=UserFactory(),
                kind="rights_holder",
                name=" ",
                country="XX",
                zone="Mars",
                now=now,
            )
        assert [e.field for e in refused.value.errors] == ["name", "country", "zone"]
        with pytest.raises(InvalidInput, match="already registered"):
            organisations.register(
                user=UserFactory(),
                kind="rights_holder",
                name="TOLVANE",
                country="CN",
                zone="UTC",
                now=now,
            )


class TestLookAlikes:
    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("N\u0456ke", "mixed_scripts"),  # a Cyrillic letter between Latin ones
            ("Nike\u200b", "hidden_character"),
            ("\u202eekiN", "hidden_character"),
            ("\u0441\u043e\u0441\u0430", "name_taken"),  # Cyrillic from end to end
            ("\uff23\uff2f\uff23\uff21", "name_taken"),  # full width
            ("C.o.c.\u00e1", "name_taken"),
            ("C0ca", "name_taken"),
            ("\U0001f34e", "no_letters"),
            ("!\u0301", "no_letters"),
        ],
    )
    def test_a_name_nobody_can_tell_from_a_registered_one_is_refused(self, now, name, code):
        kind = Organisation.Kind.RIGHTS_HOLDER
        organisations.register(
            user=UserFactory(), kind=kind, name="Coca", country="DE", zone="Europe/Berlin", now=now
        )
        with pytest.raises(InvalidInput) as refused:
            organisations.register(
                user=UserFactory(), kind=kind, name=name, country="DE", zone="UTC", now=now
            )
        assert [(error.field, error.code) for error in refused.value.errors] == [("name", code)]

    def test_another_kind_and_another_name_are_registered(self, now):
        for kind, name in (
            (Organisation.Kind.RIGHTS_HOLDER, "Coca"),
            (Organisation.Kind.AGENT, "Coca"),
            (Organisation.Kind.RIGHTS_HOLDER, "Cola"),
            (Organisation.Kind.RIGHTS_HOLDER, "可口可乐"),
            (Organisation.Kind.RIGHTS_HOLDER, "Колокол"),
        ):
            organisations.register(
                user=UserFactory(), kind=kind, name=name, country="DE", zone="UTC", now=now
            )
        assert Organisation.objects.exclude(name_skeleton="").count() == 5

    def test_stored_skeletons_are_computed_anew_and_the_first_keeps_a_shared_one(self):
        first, second, third = (
            OrganisationFactory(name=name) for name in ("राम", "Gucci", "Velmora")
        )
        Organisation.objects.filter(pk=first.pk).update(name_skeleton="रम")
        Organisation.objects.filter(pk=second.pk).update(name_skeleton="")
        Organisation.objects.filter(pk=third.pk).update(name="\u0261ucci")
        migration = import_module("portal.core.migrations.0007_skeletons_with_marks")
        migration.give_skeletons(apps, None)
        stored = Organisation.objects.in_bulk([first.pk, second.pk, third.pk])
        assert [stored[row.pk].name_skeleton for row in (first, second, third)] == [
            "राम",
            "gucci",
            "",
        ]


class TestInvitations:
    def test_the_invited_address_joins_in_the_given_role(self, now):
        owner = MemberFactory()
        invitations.invite(
            actor=of_member(owner), email="New@Example.test", role="reviewer", now=now
        )
        token = token_mailed()
        member = invitations.accept(
            token=token, user=UserFactory(email="new@example.test"), now=now
        )
        assert (member.organisation, member.role) == (owner.organisation, "reviewer")
        with pytest.raises(NotFound):
            invitations.accept(token=token, user=UserFactory(), now=now)

    def test_a_forwarded_link_joins_nobody(self, now):
        invitations.invite(
            actor=of_member(MemberFactory()), email="a@example.test", role="viewer", now=now
        )
        with pytest.raises(NotAllowed):
            invitations.accept(token=token_mailed(), user=UserFactory(), now=now)

    def test_it_expires(self, now):
        invitations.invite(
            actor=of_member(MemberFactory()), email="a@example.test", role="viewer", now=now
        )
        with pytest.raises(NotFound):
            invitations.open_invitation(token_mailed(), now + timedelta(days=15))

    def test_an_open_one_is_not_sent_twice_but_an_expired_one_may_be(self, now):
        owner = of_member(MemberFactory())
        invitations.invite(actor=owner, email="a@example.test", role="viewer", now=now)
        with pytest.raises(InvalidInput, match="already has an open"):
            invitations.invite(actor=owner, email="A@example.test", role="viewer", now=now)
        later = now + timedelta(days=15)
        assert invitations.invite(actor=owner, email="a@example.test", role="viewer", now=later)

    def test_platform_roles_cannot_be_given_away_by_a_brand(self, now):
        with pytest.raises(InvalidInput):
            invitations.invite(
                actor=of_member(MemberFactory()),
                email="a@example.test",
                role="platform_admin",
                now=now,
            )

    def test_a_viewer_may_not_invite(self, now):
        with pytest.raises(NotAllowed):
            invitations.invite(
                actor=of_member(MemberFactory(role="viewer")),
                email="a@example.test",
                role="viewer",
                now=now,
            )

    def test_the_link_does_not_stay_in_the_outbox(self, now):
        invitations.invite(
            actor=of_member(MemberFactory()), email="a@example.test", role="viewer", now=now
        )
        token = token_mailed()
        assert token not in str(list(OutboxMessage.objects.values_list("payload", flat=True)))


class TestMembers:
    def test_the_last_owner_stays(self, now):
        owner = MemberFactory()
        with pytest.raises(StaleState, match="another owner"):
            organisations.change_member(actor=of_member(owner), member=owner, now=now, active=False)

    def test_another_tenant_s_member_cannot_be_changed(self, now):
        with pytest.raises(NotAllowed):
            organisations.change_member(
                actor=of_member(MemberFactory()), member=MemberFactory(), now=now, active=False
            )

    def test_a_removed_member_can_come_back(self, now):
        owner = MemberFactory()
        other = MemberFactory(organisation=owner.organisation, role="viewer")
        organisations.change_member(actor=of_member(owner), member=other, now=now, active=False)
        organisations.add_member(
            organisation=owner.organisation, user=other.user, role="reviewer", actor=SYSTEM, now=now
        )
        assert Member.objects.get(pk=other.pk).role == "reviewer"


class TestConsent:
    def test_it_starts_today_and_ends_when_withdrawn(self, now):
        owner = of_member(MemberFactory())
        association = OrganisationFactory(association=True)
        organisations.give_consent(actor=owner, association=association, now=now)
        organisations.give_consent(actor=owner, association=association, now=now)
        organisations.withdraw_consent(
            actor=owner, association=association, now=now + timedelta(days=40)
        )
        membership = AssociationMembership.objects.get()
        assert membership.consented_on == date(2026, 6, 3)
        assert membership.withdrawn_on == date(2026, 7, 13)

    def test_it_goes_to_associations_only(self, now):
        with pytest.raises(InvalidInput):
            organisations.give_consent(
                actor=of_member(MemberFactory()), association=OrganisationFactory(), now=now
            )
