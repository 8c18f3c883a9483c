"""One agent, several clients: each by itself, and only what its letter names."""

import pytest
from django.urls import reverse

from brands.services import credential_audit
from complaints.models import CreditAccount, CreditLine, MisuseStep
from complaints.selectors import client_figures
from complaints.services import decisions, filing, misuse
from portal.core.actors import of_member
from portal.core.models import Role
from tests.brands.test_forgery import letter as letter_of
from tests.complaints.support import read_journal
from tests.factories import (
    ComplaintFactory,
    InfringingLinkFactory,
    MemberFactory,
    OrganisationFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return of_member(MemberFactory(platform_admin=True, role=Role.PLATFORM_AUDITOR))


def test_an_agent_sees_each_client_by_itself(now, auditor, signed_in) -> None:
    agent = MemberFactory(organisation=OrganisationFactory(agent=True))
    first, second = (
        ComplaintFactory(filed_by=agent),
        ComplaintFactory(filed_by=agent, state="rejected"),
    )
    for complaint in (first, second):
        letter = letter_of(
            now, holder=complaint.organisation, agent=agent.organisation, submitted_by=agent
        )
        credential_audit.take(actor=auditor, now=now, credential=letter)
        credential_audit.approve(actor=auditor, now=now, credential=letter)
    figures = {
        row.rights_holder: (row.open_count, row.rejected_count)
        for row in client_figures(agent.organisation)
    }
    assert figures == {first.organisation: (1, 0), second.organisation: (0, 1)}
    page = signed_in(agent).get(reverse("core:switch")).content.decode()
    assert str(first.organisation) in page
    assert "Mandate until" in page
    assert (
        "Mandate until"
        not in signed_in(MemberFactory()).get(reverse("core:switch")).content.decode()
    )


def test_an_agent_complains_only_about_brands_its_letter_names(now, auditor) -> None:
    link = InfringingLinkFactory()
    other = InfringingLinkFactory(organisation=link.organisation)
    agent = MemberFactory(organisation=OrganisationFactory(agent=True))
    letter = letter_of(now, holder=link.organisation, agent=agent.organisation, submitted_by=agent)
    letter.brands.set([link.brand])
    credential_audit.take(actor=auditor, now=now, credential=letter)
    credential_audit.approve(actor=auditor, now=now, credential=letter)
    acting = of_member(agent, link.organisation)
    result = filing.file(actor=acting, links=[link, other], now=now, statement_accepted=True)
    assert [complaint.link for complaint in result.filed] == [link]
    assert [refusal.code for refusal in result.refused] == ["outside_mandate"]


def test_what_an_agent_does_wrong_for_one_client_leaves_the_other_clients_account_alone(
    now, auditor
) -> None:
    agent = MemberFactory(organisation=OrganisationFactory(agent=True))
    complaints = ComplaintFactory.create_batch(2, filed_by=agent)
    for complaint in complaints:
        letter = letter_of(
            now, holder=complaint.organisation, agent=agent.organisation, submitted_by=agent
        )
        credential_audit.take(actor=auditor, now=now, credential=letter)
        credential_audit.approve(actor=auditor, now=now, credential=letter)
    bad, good = complaints
    admin = of_member(
        MemberFactory(organisation=auditor.member.organisation, role=Role.PLATFORM_ADMIN)
    )
    for complaint, outcome, code in (
        (bad, "rejected", "first_sale"),
        (good, "established", "infringement_clear"),
    ):
        decisions.decide(actor=admin, complaint=complaint, outcome=outcome, code=code, now=now)
    misuse.consider_notices(
        organisation_id=bad.organisation_id, agent_id=agent.organisation_id, now=now, is_forged=True
    )
    read_journal()
    kinds = {
        account.organisation: sorted(account.lines.values_list("kind", flat=True))
        for account in CreditAccount.objects.filter(agent=agent.organisation).exclude(reason="")
    }
    assert kinds == {bad.organisation: ["rejected"], good.organisation: ["established"]}
    assert [step.organisation for step in MisuseStep.objects.all()] == [bad.organisation]
    # Nor is anything the agent does for a client written to the account of the client's own people.
    assert not CreditLine.objects.filter(account__agent=None).exists()
