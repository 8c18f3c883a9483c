"""One portal with something on every page: what a crawl of all pages walks through."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils import translation

from brands.models import Brand
from complaints.models import Complaint, CounterNotice, CreditLine, TierAppeal
from complaints.services import credit, decisions, filing, misuse, statements, tier_appeals
from portal.core.actors import of_member
from portal.core.models import Job, Member, OutboxMessage, Role
from portal.core.services import invitations, notices
from pushes.services import reminders
from tests.brands import books
from tests.complaints.hearing import established, statement_of, submitted
from tests.complaints.support import complainant_of, platform_admin, read_journal
from tests.factories import (
    CharacteristicFactory,
    ComplaintFactory,
    CreditAccountFactory,
    InfringingLinkFactory,
    ListingVersionFactory,
    MemberFactory,
    OrganisationFactory,
    ProductModelFactory,
    RegistrationFactory,
    RulesetFactory,
    SellerFactory,
    SuspectedLinkFactory,
    give_past,
)


def build(now: datetime) -> tuple[dict[str, Member | None], list[str]]:
    """Readers by name, and addresses no page leads to (links of mails and orders)."""
    complaint = ComplaintFactory()
    brand: Brand = complaint.link.brand
    SuspectedLinkFactory(brand=brand)
    ProductModelFactory(brand=brand)
    CharacteristicFactory(brand=brand)
    RulesetFactory()
    _rejected(brand, now)
    _heard(now)
    _measured(now)
    _misused(now)
    _sampled(now)
    members: dict[str, Member | None] = {
        role: MemberFactory(organisation=brand.organisation, role=role)
        for role in (Role.OWNER, Role.REVIEWER, Role.VIEWER)
    }
    owner: Any = members[Role.OWNER]
    data = {"last_day": 1, "day_before": 2}
    notices.give(member=owner, kind=reminders.KIND, key="k", data=data, now=now)
    statement = statement_of(established(now))
    Job.objects.create(
        kind="registry.import", organisation=brand.organisation, created_by=owner, created_at=now
    )
    newcomer = MemberFactory(active=False)
    invitations.invite(actor=of_member(owner), email=newcomer.user.email, role=Role.VIEWER, now=now)
    invited = OutboxMessage.objects.get(payload__to=[newcomer.user.email])
    # In the order of crawling: who sees most comes first, because a route is visited only so often.
    readers: dict[str, Member | None] = {
        Role.OWNER: owner,
        "platform": platform_admin().member,
        Role.VIEWER: members[Role.VIEWER],
        "agent": MemberFactory(organisation=OrganisationFactory(agent=True)),
        "association": MemberFactory(organisation=OrganisationFactory(association=True)),
        Role.REVIEWER: members[Role.REVIEWER],
        "newcomer": newcomer,
        "stranger": None,
    }
    starts = [
        *_deep(owner, brand, now),
        urlsplit(statements.address_of(statement)).path,
        reverse("core:unsubscribe", args=[notices.token_for(owner, notices.NEWS)]),
        *re.findall(r"/organisation/invitations/[^/\s]+/", invited.payload["text"]),
    ]
    return readers, starts


def _deep(owner: Member, brand: Brand, now: datetime) -> list[str]:
    """Pages to which links lead only from some pages of their kind, of which few are visited."""
    source = books.upload(owner, books.book(books.model_rows(3, bad=1, brand=brand.name)), now)
    with translation.override("zh-hans"):  # a job's reasons are in the language of who asked
        books.checked(owner, source, now)
    waiting = RegistrationFactory(
        organisation=brand.organisation, brands=[brand], state="submitted", number="22222222"
    )
    rejected = Complaint.objects.get(state="rejected", link__brand=brand)
    return [
        reverse("brands:catalogue", args=[source.uuid]),
        reverse("brands:audit", args=[waiting.uuid]),
        reverse("complaints:refile", args=[rejected.uuid]),
        reverse("pushes:appraisal", args=[rejected.link.uuid]),
        reverse("complaints:counter_notice", args=[CounterNotice.objects.earliest("pk").uuid]),
        reverse("complaints:answer_appeal", args=[TierAppeal.objects.earliest("pk").uuid]),
    ]


def _rejected(brand: Brand, now: datetime) -> None:
    """A complaint that can be filed again."""
    decisions.decide(
        actor=platform_admin(),
        complaint=ComplaintFactory(link=InfringingLinkFactory(brand=brand)),
        outcome="rejected",
        code="evidence_missing",
        now=now,
    )


def _heard(now: datetime) -> None:
    """A counter-notice that waits."""
    submitted(established(now), now)


def _measured(now: datetime) -> None:
    """A shop whose strikes propose a measure."""
    seller = SellerFactory()
    for _number in range(6):
        version = ListingVersionFactory(listing__marketplace=seller.marketplace, seller=seller)
        decisions.decide(
            actor=platform_admin(),
            complaint=ComplaintFactory(link=InfringingLinkFactory(version=version)),
            outcome="established",
            code="infringement_clear",
            now=now,
        )
    read_journal()


def _misused(now: datetime) -> None:
    """An account with a step against misuse, and an appeal of its tier."""
    account = CreditAccountFactory()
    for _number in range(6):
        complaint = ComplaintFactory(
            link=InfringingLinkFactory(brand__organisation=account.organisation)
        )
        CreditLine.objects.create(
            account=account,
            kind="rejected",
            key=f"complaint:{complaint.pk}:rejected",
            complaint=complaint,
            day=now.date(),
            at=now,
        )
    misuse.consider_notices(
        organisation_id=account.organisation_id, agent_id=account.agent_id, now=now
    )
    member = MemberFactory(organisation=account.organisation, role=Role.COMPLAINANT)
    tier_appeals.make(
        actor=of_member(member),
        account=account,
        statement="Two were decided wrongly.",
        wanted="self_service",
        now=now,
    )


def _sampled(now: datetime) -> None:
    """A self-service decision that is drawn for a second look."""
    link = InfringingLinkFactory()
    account = CreditAccountFactory(organisation=link.organisation)
    give_past(account, today=now.date(), established=200)
    credit.assess(account=account, now=now)
    actor = complainant_of(link)
    filing.file(actor=actor, links=[link], now=now, statement_accepted=True)
    filing.settle_due(now=now + timedelta(minutes=1))
