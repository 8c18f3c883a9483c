"""What fakes have in common is suggested, and a brand reports what was missed."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from brands.models import Brand, Characteristic
from portal.core.actors import Actor, of_member
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import ApiKey, Member, Role
from pushes.models import FeedbackFact, RefusedSuggestion, SuspectedLink
from pushes.services import self_reports, suggestions
from tests.factories import (
    ApiKeyFactory,
    BrandFactory,
    FeedbackFactFactory,
    ListingVersionFactory,
    MemberFactory,
    SellerFactory,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def brand() -> Brand:
    made: Brand = BrandFactory(name="Velmora")
    return made


@pytest.fixture
def owner(brand: Brand) -> Member:
    made: Member = MemberFactory(organisation=brand.organisation, role=Role.OWNER)
    return made


def judged(brand: Brand, title: str, label: int, **fields: object) -> FeedbackFact:
    made: FeedbackFact = FeedbackFactFactory(
        link__brand=brand, link__version__title=title, link__title=title, label=label, **fields
    )
    return made


def planted(brand: Brand) -> None:
    """Fakes say 1to1 and 高仿, genuine ones do not; both say shoe and the brand."""
    for number in range(40):
        judged(brand, f"Velmora shoe{number} 1to1 高仿鞋", 1)
        judged(brand, f"Velmora shoe{number} with invoice", 0)
    for number in range(30):
        ListingVersionFactory(title=f"Garden chair number{number}")


def test_words_of_fakes_are_suggested_with_their_evidence(brand: Brand) -> None:
    planted(brand)
    found = {one.value: one for one in suggestions.suggestions_for(brand)}
    assert {"1to1", "高仿"} <= found.keys()
    assert not {"velmora", "invoice", "shoe1"} & found.keys()
    one = found["1to1"]
    assert (one.kind, one.fakes, one.genuine, one.background) == ("keyword", 40, 0, 0)
    # Wilson's lower bound of 40 of 40.
    assert one.low == pytest.approx(0.9124, abs=0.001)


def test_a_seller_of_fakes_is_suggested_and_a_mixed_one_is_not(brand: Brand) -> None:
    bad, mixed = SellerFactory(external_id="s-1", name="All copies"), SellerFactory()
    for number in range(6):
        judged(brand, f"a{number}", 1, link__version__seller=bad)
        judged(brand, f"b{number}", number % 2, link__version__seller=mixed)
    sellers = [one for one in suggestions.suggestions_for(brand) if one.kind == "seller"]
    assert [(one.value, one.label, one.fakes) for one in sellers] == [("s-1", "All copies", 6)]


def test_what_was_refused_or_declared_is_not_suggested_again(
    brand: Brand, owner: Member, now: datetime
) -> None:
    planted(brand)
    who = of_member(owner)
    for _ in range(2):
        suggestions.refuse(actor=who, brand=brand, kind="keyword", value="1to1", now=now)
    suggestions.accept(actor=who, brand=brand, kind="keyword", value="高仿", now=now)
    left = {one.value for one in suggestions.suggestions_for(brand)}
    assert not {"1to1", "高仿"} & left
    assert RefusedSuggestion.objects.count() == 1
    assert Characteristic.objects.get().state == "checking"


def test_another_tenant_neither_refuses_nor_reports(brand: Brand, now: datetime) -> None:
    stranger = of_member(MemberFactory(role=Role.OWNER))
    version = ListingVersionFactory()
    with pytest.raises(NotAllowed):
        suggestions.refuse(actor=stranger, brand=brand, kind="keyword", value="x", now=now)
    with pytest.raises(NotAllowed):
        report(stranger, brand, version.listing.marketplace.slug, version.listing.external_id)
    assert not SuspectedLink.objects.exists()


def report(actor: Actor, brand: Brand, marketplace: str, external_id: str) -> SuspectedLink:
    return self_reports.report(
        actor=actor, brand=brand, marketplace=marketplace, external_id=external_id,
        now=timezone.now(),
    )  # fmt: skip


def test_a_reported_listing_is_pushed_and_teaches(brand: Brand, owner: Member) -> None:
    version = ListingVersionFactory(title="Plain shoes without a name")
    listing = version.listing
    link = report(of_member(owner), brand, listing.marketplace.slug, listing.external_id)
    assert (link.state, link.brand, link.explores) == ("pending", brand, False)
    fact = FeedbackFact.objects.get()
    assert (fact.source, fact.label, fact.link) == ("self_report", 1, link)
    with pytest.raises(InvalidInput, match="pushed to you already"):
        report(of_member(owner), brand, listing.marketplace.slug, listing.external_id)
    with pytest.raises(InvalidInput, match="No such listing"):
        report(of_member(owner), brand, listing.marketplace.slug, "nowhere")


def test_a_key_reports_over_the_api(brand: Brand) -> None:
    key = ApiKeyFactory(
        marketplace=None, organisation=brand.organisation, scopes=[ApiKey.Scope.VERDICTS_WRITE]
    )
    client = Client(headers={"Authorization": f"Api-Key {key.prefix}.secret"})
    listing = ListingVersionFactory().listing
    body = {
        "brand": str(brand.uuid),
        "marketplace": listing.marketplace.slug,
        "external_id": listing.external_id,
    }
    answer = client.post("/api/v1/self-reports", body, "application/json")
    assert (answer.status_code, answer.json()["state"]) == (201, "pending")
    assert client.post("/api/v1/self-reports", body, "application/json").status_code == 422
    other = {**body, "brand": str(BrandFactory().uuid)}
    refused = client.post("/api/v1/self-reports", other, "application/json")
    assert (refused.status_code, SuspectedLink.objects.count()) == (422, 1)


def test_the_page_shows_accepts_refuses_and_takes_a_report(
    brand: Brand, owner: Member, signed_in: SignIn
) -> None:
    planted(brand)
    client = signed_in(owner)
    assert "1to1" in client.get("/suggestions/").content.decode()
    address = f"/suggestions/{brand.uuid}"
    accepted = {"kind": "keyword", "value": "1to1", "decision": "accept"}
    assert "being checked" in client.post(address, accepted, follow=True).content.decode()
    refused = {"kind": "keyword", "value": "高仿", "decision": "refuse"}
    assert "not be suggested" in client.post(address, refused, follow=True).content.decode()
    version = ListingVersionFactory()
    listing = version.listing
    sent = {"brand": str(brand.uuid), "marketplace": listing.marketplace.slug}
    wrong = client.post("/suggestions/report", {**sent, "external_id": "none"})
    assert wrong.status_code == 422
    assert "No such listing" in wrong.content.decode()
    done = client.post("/suggestions/report", {**sent, "external_id": listing.external_id})
    assert done.status_code == 302
    assert done["Location"].startswith("/links/")
    stranger = signed_in(MemberFactory(role=Role.OWNER))
    assert stranger.post(address, refused).status_code == 404
