"""What fakes have in common is suggested, and a brand reports what was missed."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from brands.models import AuthorisedSeller, Brand, Characteristic
from portal.core.actors import Actor, of_member
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import ApiKey, Member, Role
from pushes import matching
from pushes.models import FeedbackFact, RefusedSuggestion, SuspectedLink
from pushes.services import admission, registry, self_reports, suggestions
from tests.factories import (
    ApiKeyFactory,
    BrandFactory,
    FeedbackFactFactory,
    ListingVersionFactory,
    MemberFactory,
    ProductModelFactory,
    SellerFactory,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


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
    assert fact.reviewer == owner
    with pytest.raises(InvalidInput, match="pushed to you already"):
        report(of_member(owner), brand, listing.marketplace.slug, listing.external_id)
    with pytest.raises(InvalidInput, match="No such listing"):
        report(of_member(owner), brand, listing.marketplace.slug, "nowhere")


def test_goods_of_a_seller_the_brand_authorised_are_not_reported(
    brand: Brand, owner: Member
) -> None:
    version = ListingVersionFactory(title=f"{brand.name} shoes")
    listing = version.listing
    AuthorisedSeller.objects.create(
        brand=brand, name=version.seller.name, created_at=timezone.now()
    )
    with pytest.raises(InvalidInput, match="You have authorised this seller"):
        report(of_member(owner), brand, listing.marketplace.slug, listing.external_id)
    assert not FeedbackFact.objects.exists()
    assert not SuspectedLink.objects.exists()


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
    neither = client.post(address, {**refused, "decision": "maybe"}, follow=True)
    assert "accept or to refuse" in neither.content.decode()
    assert "高仿" in client.get("/suggestions/").content.decode()
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


# --------------------------------------------------------------------------- prices


def priced(brand: Brand, price: str, label: int, **fields: object) -> FeedbackFact:
    return judged(
        brand,
        f"Velmora shoe at {price}",
        label,
        link__snapshot={"title": "Velmora shoe", "price": price, "currency": "CNY"},
        **fields,
    )


def price_of(brand: Brand) -> suggestions.Suggestion | None:
    kinds = [one for one in suggestions.suggestions_for(brand) if one.kind == "price_below"]
    return kinds[0] if kinds else None


def cheap_fakes(brand: Brand, **fields: object) -> None:
    for number in range(20):
        priced(brand, f"{20 + number}.00", 1, **fields)
        priced(brand, f"{80 + number}.00", 0, **fields)


def test_a_price_below_which_nearly_all_are_fakes_is_suggested(brand: Brand) -> None:
    cheap_fakes(brand)
    found = price_of(brand)
    assert found is not None
    assert (found.fakes, found.genuine) == (20, 0)
    # Just above the dearest fake, not just below the cheapest genuine one.
    assert found.value == "40 CNY"
    # 20 of 20: surely 84 %. One genuine below would leave 77 %.
    assert found.low == pytest.approx(0.8389, abs=0.001)


def test_where_products_have_a_list_price_a_share_of_it_is_suggested(brand: Brand) -> None:
    model = ProductModelFactory(brand=brand, list_price=Decimal(100), currency="CNY")
    cheap_fakes(brand, link__product_model=model)
    found = price_of(brand)
    assert found is not None
    assert found.value == "40%"


def test_fakes_that_cost_what_genuine_ones_cost_have_no_price(brand: Brand) -> None:
    for number in range(40):
        priced(brand, f"{50 + number}.00", number % 2)
    for _ in range(8):
        priced(brand, "0", 1)
    assert price_of(brand) is None
    few = BrandFactory(name="Few")
    for number in range(5):
        priced(few, f"{10 + number}.00", 1)
    assert price_of(few) is None


def test_a_refused_price_and_its_neighbours_are_not_suggested_again(
    brand: Brand, owner: Member, now: datetime
) -> None:
    cheap_fakes(brand)
    found = price_of(brand)
    assert found is not None
    suggestions.refuse(
        actor=of_member(owner), brand=brand, kind=found.kind, value=found.value, now=now
    )
    assert price_of(brand) is None
    # A few more verdicts move the limit a little: it is still the same question.
    priced(brand, "41.00", 1)
    assert price_of(brand) is None


def test_an_accepted_price_is_checked_and_then_counts(
    brand: Brand, owner: Member, now: datetime
) -> None:
    cheap_fakes(brand)
    found = price_of(brand)
    assert found is not None
    suggestions.accept(
        actor=of_member(owner), brand=brand, kind=found.kind, value=found.value, now=now
    )
    assert price_of(brand) is None
    assert admission.admit_pending(now=now) == 1
    assert Characteristic.objects.get().state in {"live", "needs_co_signal"}
    registry.forget()
    cheap = matching.Listing(id="1", title="Velmora shoe", price=Decimal(25), currency="CNY")
    dear = matching.Listing(id="2", title="Velmora shoe", price=Decimal(95), currency="CNY")
    engine = registry.current_engine().engine
    for listing, fires in ((cheap, True), (dear, False)):
        match = engine.scan_one(listing, include_below=True)[0]
        assert any(s.kind == "price_low" and s.contribution > 0 for s in match.signals) is fires


def test_a_suggestion_says_what_it_would_have_brought(brand: Brand) -> None:
    """Without the mark the forty fakes and forty genuine links score alike."""
    planted(brand)
    found = {one.value: one for one in suggestions.suggestions_for(brand)}
    assert found["1to1"].gain == pytest.approx(50, abs=1)
    # Where the rules see the mark already there is nothing to win.
    other = BrandFactory(name="Other")
    for number in range(10):
        judged(other, f"Other shoe{number} 1to1", 1, vector={"keyword": 1.0})
        judged(other, f"Other shoe{number} with invoice", 0, vector={"brand_named": 1.0})
    for one in suggestions.suggestions_for(other):
        assert one.gain == 0
