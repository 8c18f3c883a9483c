"""One brand cannot take another's links, and one bad listing stops nobody's matching."""

from datetime import datetime

import pytest

from brands.models import Brand
from brands.services import credential_audit, registration
from portal.core import events, journal
from portal.core.actors import of_member
from pushes.matching import Engine
from pushes.models import MatchWork, SuspectedLink
from pushes.services import matching, registry
from tests.factories import (
    BrandFactory,
    ListingVersionFactory,
    MatchWorkFactory,
    MemberFactory,
    OrganisationFactory,
    RegistrationFactory,
)

pytestmark = pytest.mark.django_db


def follow_the_journal() -> None:
    journal.seal()
    for consumer in events.consumers():
        events.run(consumer)
    registry.poll_now()


def test_a_brand_is_matched_only_once_a_registration_of_it_is_approved(now: datetime) -> None:
    owner = MemberFactory()
    brand = registration.register_brand(
        actor=of_member(owner), now=now, organisation=owner.organisation, name="Velmoranti"
    )
    follow_the_journal()
    assert str(brand.uuid) not in registry.current_engine().brands
    right = RegistrationFactory(
        organisation=owner.organisation, brands=[brand], state="under_audit", submitted_by=owner
    )
    auditor = of_member(MemberFactory(platform_admin=True))
    credential_audit.approve(actor=auditor, now=now, credential=right)
    follow_the_journal()
    assert str(brand.uuid) in registry.current_engine().brands


def test_what_the_operator_imports_needs_no_registration() -> None:
    brand = BrandFactory(vouched=True, organisation=OrganisationFactory())
    registry.forget()
    assert str(brand.uuid) in registry.current_engine().brands
    Brand.objects.update(vouched=False)
    registry.forget()
    assert str(brand.uuid) not in registry.current_engine().brands


def test_a_listing_the_engine_fails_on_stops_no_other(
    now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    BrandFactory(name="Velmoranti")
    for title in ("V e l m o r a n t i 高仿", "poison", "Velmoranti 高仿 1:1"):
        MatchWorkFactory(version=ListingVersionFactory(title=title))
    scan = Engine.scan

    def fail_on_poison(self, listings, **options):
        if any(listing.title == "poison" for listing in listings):
            raise OverflowError
        return scan(self, listings, **options)

    monkeypatch.setattr(Engine, "scan", fail_on_poison)
    assert matching.match_pending(now=now) == 3
    assert SuspectedLink.objects.count() == 2
    assert not MatchWork.objects.exists()
    assert "cannot be matched" in caplog.text
