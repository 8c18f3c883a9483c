"""Filing complaints: what is checked, what is stored, and that each link has one complaint."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from brands.models import AuthorisedSeller
from complaints.models import Complaint
from complaints.services import filing, notices
from portal.core.actors import Actor, of_key, of_member
from portal.core.errors import InvalidInput, NotAllowed, NotFound
from portal.core.models import ApiKey, Mandate, Role
from pushes.models import SuspectedLink, Verdict
from tests.complaints.support import complainant_of
from tests.factories import (
    ApiKeyFactory,
    BrandFactory,
    ComplaintFactory,
    InfringingLinkFactory,
    MarketplaceFactory,
    MemberFactory,
    OrganisationFactory,
    RegistrationFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db


def file_one(link: SuspectedLink, actor: Actor, now: datetime) -> filing.FilingResult:
    return filing.file(actor=actor, links=[link], now=now, statement_accepted=True)


def refusal_of(link: SuspectedLink, actor: Actor, now: datetime) -> str:
    result = file_one(link, actor, now)
    assert result.filed == []
    assert not Complaint.objects.filter(link=link).exists()
    return result.refused[0].code


def test_one_key_files_a_held_complaint(now: datetime) -> None:
    link = InfringingLinkFactory()
    [complaint] = file_one(link, complainant_of(link), now).filed
    assert complaint.state == Complaint.State.HELD
    assert complaint.held_until > now
    assert complaint.registration == link.brand.registrations.get()
    assert complaint.reason == Complaint.Reason.COUNTERFEIT


def test_the_notice_carries_every_field_and_its_hash_survives_the_database(now: datetime) -> None:
    link = InfringingLinkFactory(
        signals=[
            {
                "kind": "keyword",
                "field": "title",
                "start": 0,
                "end": 4,
                "matched": "高仿",
                "registered": "",
                "value": 1.0,
                "contribution": 2.5e-07,
            }
        ]
    )
    member = MemberFactory(organisation=link.organisation, role=Role.COMPLAINANT)
    [complaint] = file_one(link, of_member(member), now).filed
    complaint.refresh_from_db()
    notice = complaint.notice
    assert notices.digest(notice) == complaint.notice_hash
    assert "高仿" in notice["explanation"]
    assert link.brand.name in notice["explanation"]
    assert notice["where"] == ["title", "goods"]
    assert notice["complainant"]["email"] == member.user.email
    assert notice["complainant"]["capacity"] == "owner"
    assert notice["right"]["number"] == complaint.registration.number
    assert notice["right"]["classes"] == [25]
    assert notice["right"]["valid_to"] == "2030-12-31"
    assert notice["listing"]["external_id"] == link.listing.external_id
    assert notice["seller"]["external_id"] == link.version.seller.external_id
    assert notice["evidence"]["snapshot_hash"] == link.snapshot_hash
    assert notice["evidence"]["snapshot"] == link.snapshot
    assert notice["declarations"][0]["code"] == "good_faith"
    assert notice["received_at"] == now.isoformat()
    assert {"language", "trusted_flagger", "contact_for_seller", "reason"} <= set(notice)
    assert {"test_purchase", "appraisal"} <= set(notice["evidence"])


def test_the_notice_says_why_what_was_found_tells(now: datetime) -> None:
    def signal(kind: str, matched: str, registered: str, weight: float) -> dict[str, object]:
        words = {"field": "title", "matched": matched, "registered": registered}
        return {**words, "kind": kind, "contribution": weight, "start": 0, "end": 3}

    link = InfringingLinkFactory(
        signals=[
            signal("seller_not_authorised", "Shop 13", "", 0.5),
            signal("price_low", "9 CNY", "≥ 99 CNY", 1.5),
            signal("price_plausible", "9 CNY", "", -0.3),
        ]
    )
    actor = complainant_of(link)
    filing.file(actor=actor, links=[link], now=now, statement_accepted=True)
    told = Complaint.objects.get().notice["explanation"]
    assert told.endswith(
        "What shows it: Price below the plausible band: “9 CNY” beside the registered “≥ 99 CNY”; "
        "Seller is not on the brand's list: “Shop 13”."
    )


def test_the_notice_names_the_exact_address_of_the_listing(now: datetime) -> None:
    market = MarketplaceFactory(listing_url="https://market.test/items/{external_id}")
    link = InfringingLinkFactory(marketplace=market)
    [complaint] = file_one(link, complainant_of(link), now).filed
    expected = f"https://market.test/items/{link.listing.external_id}"
    assert complaint.notice["listing"]["url"] == expected


def test_a_notice_cannot_be_changed_once_made(now: datetime) -> None:
    complaint = ComplaintFactory()
    with pytest.raises(IntegrityError, match="notice"), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(notice={"version": 2})


def test_it_refuses_without_the_declaration_of_good_faith(now: datetime) -> None:
    link = InfringingLinkFactory()
    with pytest.raises(InvalidInput) as refused:
        filing.file(actor=complainant_of(link), links=[link], now=now, statement_accepted=False)
    assert refused.value.code == "statement_missing"
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.VIEWER])
def test_only_roles_that_complain_may_file(role: str, now: datetime) -> None:
    link = InfringingLinkFactory()
    with pytest.raises(NotAllowed):
        file_one(link, complainant_of(link, role), now)


def test_the_platform_cannot_complain_for_a_brand(now: datetime) -> None:
    link = InfringingLinkFactory()
    with pytest.raises(NotAllowed):
        file_one(link, of_member(MemberFactory(platform_admin=True)), now)


def test_somebody_elses_link_is_not_found_and_nothing_is_written(now: datetime) -> None:
    own, other = InfringingLinkFactory(), InfringingLinkFactory()
    with pytest.raises(NotFound):
        filing.file(actor=complainant_of(own), links=[own, other], now=now, statement_accepted=True)
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("state", ["pending", "genuine", "authorised", "appraisal", "gone"])
def test_it_refuses_a_link_that_is_not_judged_an_infringement(state: str, now: datetime) -> None:
    link = InfringingLinkFactory(state=state)
    assert refusal_of(link, complainant_of(link), now) == "no_verdict"


def test_a_held_verdict_becomes_final_first(now: datetime) -> None:
    link = InfringingLinkFactory(state=SuspectedLink.State.PENDING, judged_at=None)
    actor = complainant_of(link)
    verdict = Verdict.objects.create(
        link=link,
        outcome=Verdict.Outcome.COUNTERFEIT,
        member=actor.member,
        given_at=now,
        held_until=now + timedelta(seconds=8),
    )
    assert len(file_one(link, actor, now).filed) == 1
    verdict.refresh_from_db()
    link.refresh_from_db()
    assert verdict.state == Verdict.State.FINAL
    assert link.state == SuspectedLink.State.COUNTERFEIT


def test_it_refuses_without_any_registration(now: datetime) -> None:
    link = InfringingLinkFactory(registered=False)
    assert refusal_of(link, complainant_of(link), now) == "no_right"


@pytest.mark.parametrize("state", ["draft", "submitted", "suspended", "revoked", "expired"])
def test_it_refuses_a_registration_that_is_not_approved(state: str, now: datetime) -> None:
    link = InfringingLinkFactory(registered=False)
    RegistrationFactory(organisation=link.organisation, brands=[link.brand], state=state)
    assert refusal_of(link, complainant_of(link), now) == "no_right"


def test_it_refuses_a_right_of_another_jurisdiction(now: datetime) -> None:
    link = InfringingLinkFactory(marketplace=MarketplaceFactory(jurisdiction="DE"))
    assert refusal_of(link, complainant_of(link), now) == "no_right"


def test_a_european_right_covers_a_member_state(now: datetime) -> None:
    market = MarketplaceFactory(jurisdiction="DE", zone="Europe/Berlin")
    link = InfringingLinkFactory(marketplace=market, registered=False)
    RegistrationFactory(organisation=link.organisation, brands=[link.brand], jurisdiction="EU")
    assert len(file_one(link, complainant_of(link), now).filed) == 1


def test_the_day_counts_where_the_marketplace_is() -> None:
    link = InfringingLinkFactory(registered=False)
    RegistrationFactory(
        organisation=link.organisation, brands=[link.brand], valid_to=date(2026, 6, 3)
    )
    actor = complainant_of(link)
    after_midnight_in_shanghai = datetime(2026, 6, 3, 16, 0, tzinfo=UTC)
    assert refusal_of(link, actor, after_midnight_in_shanghai) == "no_right"
    assert file_one(link, actor, after_midnight_in_shanghai - timedelta(seconds=1)).filed


@pytest.mark.parametrize("kind", ["copyright", "design", "patent"])
def test_another_infringement_needs_the_right_the_verdict_names(kind: str, now: datetime) -> None:
    link = InfringingLinkFactory(state=SuspectedLink.State.OTHER_INFRINGEMENT)
    actor = complainant_of(link)
    Verdict.objects.create(
        link=link,
        outcome=Verdict.Outcome.OTHER_INFRINGEMENT,
        right=kind,
        member=actor.member,
        state=Verdict.State.FINAL,
        given_at=now,
        held_until=now,
        final_at=now,
    )
    assert refusal_of(link, actor, now) == "no_right"  # the brand's trademark does not help
    right = RegistrationFactory(organisation=link.organisation, brands=[link.brand], kind=kind)
    [complaint] = file_one(link, actor, now).filed
    assert (complaint.reason, complaint.registration) == (kind, right)


@pytest.mark.parametrize("by", ["id", "name"])
def test_it_refuses_a_seller_the_brand_has_authorised(by: str, now: datetime) -> None:
    link = InfringingLinkFactory()
    seller = link.version.seller
    named = {"external_id": seller.external_id} if by == "id" else {"name": seller.name.upper()}
    AuthorisedSeller.objects.create(brand=link.brand, created_at=now, **named)
    assert refusal_of(link, complainant_of(link), now) == "seller_authorised"


def test_a_seller_authorised_elsewhere_or_under_another_id_is_not_this_one(now: datetime) -> None:
    link = InfringingLinkFactory()
    seller = link.version.seller
    AuthorisedSeller.objects.create(
        brand=link.brand,
        marketplace=MarketplaceFactory(),
        external_id=seller.external_id,
        created_at=now,
    )
    AuthorisedSeller.objects.create(
        brand=link.brand, external_id="another", name=seller.name, created_at=now
    )
    assert file_one(link, complainant_of(link), now).filed


def test_it_refuses_a_second_complaint_while_one_stands(now: datetime) -> None:
    link = InfringingLinkFactory()
    actor = complainant_of(link)
    assert file_one(link, actor, now).filed
    assert file_one(link, actor, now).refused[0].code == "duplicate"


def test_the_same_link_named_twice_in_a_call_is_filed_once(now: datetime) -> None:
    link = InfringingLinkFactory()
    result = filing.file(
        actor=complainant_of(link), links=[link, link], now=now, statement_accepted=True
    )
    assert len(result.filed) == 1
    assert result.refused == []


@pytest.mark.parametrize("state", Complaint.CLOSED)
def test_a_complaint_that_is_over_does_not_bar_another_one(state: str, now: datetime) -> None:
    link = ComplaintFactory(state=state).link
    assert file_one(link, complainant_of(link), now).filed


def test_an_agent_needs_a_mandate_that_is_valid_today(now: datetime) -> None:
    link = InfringingLinkFactory()
    agent = MemberFactory(organisation=OrganisationFactory(agent=True), role=Role.COMPLAINANT)
    mandate = Mandate.objects.create(
        agent=agent.organisation,
        rights_holder=link.organisation,
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 6, 2),
    )
    actor = of_member(agent, link.organisation)
    with pytest.raises(NotAllowed) as refused:
        file_one(link, actor, now)
    assert refused.value.code == "mandate_not_valid"
    mandate.valid_to = date(2026, 6, 3)
    mandate.save()
    [complaint] = file_one(link, actor, now).filed
    assert complaint.notice["complainant"]["capacity"] == "agent"
    assert complaint.notice["complainant"]["power_of_attorney"] == {
        "mandate": str(mandate.uuid),
        "valid_to": "2026-06-03",
    }


def test_a_key_files_in_the_name_of_whoever_made_it(now: datetime) -> None:
    link = InfringingLinkFactory()
    owner = MemberFactory(organisation=link.organisation)
    key = ApiKeyFactory(
        marketplace=None,
        organisation=link.organisation,
        scopes=[ApiKey.Scope.COMPLAINTS_WRITE],
        created_by=owner,
    )
    [complaint] = file_one(link, of_key(key), now).filed
    assert complaint.filed_by_key == key
    assert complaint.notice["complainant"]["email"] == owner.user.email


def test_each_link_of_a_call_has_its_own_answer(now: datetime) -> None:
    brand = BrandFactory()
    good = InfringingLinkFactory(brand=brand)
    bad = SuspectedLinkFactory(brand=brand)
    result = filing.file(
        actor=complainant_of(good), links=[bad, good], now=now, statement_accepted=True
    )
    assert [complaint.link for complaint in result.filed] == [good]
    assert [(refusal.link, refusal.code) for refusal in result.refused] == [(bad, "no_verdict")]


def test_a_call_takes_300_links_in_a_fixed_number_of_queries(now: datetime) -> None:
    brand, market = BrandFactory(), MarketplaceFactory()
    links = InfringingLinkFactory.create_batch(filing.LIMIT, brand=brand, marketplace=market)
    actor = complainant_of(links[0])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        result = filing.file(actor=actor, links=links, now=now, statement_accepted=True)
    assert len(result.filed) == filing.LIMIT
    assert len(queries) <= 16
    extra = InfringingLinkFactory(brand=brand, marketplace=market)
    with pytest.raises(InvalidInput) as refused:
        filing.file(actor=actor, links=[*links, extra], now=now, statement_accepted=True)
    assert refused.value.code == "too_many"
