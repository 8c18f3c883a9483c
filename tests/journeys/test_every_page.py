"""Every page is looked at by axe: here, or in the journey that walks through it."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from playwright.sync_api import Page

from brands.models import Brand, ProductModel
from complaints.models import (
    Complaint,
    CounterNotice,
    MisuseStep,
    SampledReview,
    ShopConsequence,
    StatementOfReasons,
)
from complaints.services import messages, statements
from portal.core.actors import of_member
from portal.core.models import Job, Member, Role
from portal.core.services import notices
from tests.complaints.support import platform_admin
from tests.journeys.axe import check_variants
from tests.journeys.pages import PHONE, Variant, sign_in, visit
from tests.portal import whole_world
from tests.portal.crawling import NO_PAGES, is_page, named_routes

# Both themes, both languages, both widths in two looks: more would take minutes.
LOOKS = (Variant("390", size=PHONE), Variant("dark-zh-hans", theme="dark", language="zh-hans"))
# Pages that a journey of their own shows to axe in every variant.
ELSEWHERE = {
    "brands:audit": "test_audit",
    "brands:audit_names": "test_audit",
    "brands:audit_queue": "test_audit",
    "brands:credential": "test_audit",
    "brands:credentials": "test_audit",
    "brands:registers": "test_audit",
    "core:register": "test_shell",
    "complaints:account": "test_good_faith",
    "complaints:accounts": "test_good_faith",
    "complaints:answer_appeal": "test_good_faith",
    "complaints:appeal_tier": "test_good_faith",
    "complaints:change_good_faith_rules": "test_good_faith",
    "complaints:good_faith_rules": "test_good_faith",
    "complaints:complaints": "test_loop",
    "complaints:decide": "test_loop",
    "complaints:fallen": "test_audit",
    "complaints:orders": "test_loop",
    "complaints:queue": "test_loop",
    "complaints:ready": "test_complaints",
    "complaints:seller": "test_loop",
    "complaints:statement": "test_loop",
    "figures:figures": "test_loop",
    "pushes:conflicts": "test_desk_many",
    "pushes:keys": "test_desk_many",
    "pushes:link": "test_desk",
    "pushes:links": "test_desk",
    "pushes:policy": "test_desk_many",
    "pushes:ruleset": "test_loop",
    "pushes:rulesets": "test_loop",
}


def pages_of_a_tenant(owner: Member) -> Iterator[str]:
    """Addresses a rights holder's owner opens."""
    brand = Brand.objects.filter(organisation=owner.organisation).earliest("pk")
    yield from map(reverse, ("core:organisation", "core:notices", "core:notifications"))
    yield from map(reverse, ("core:switch",))
    yield from map(reverse, ("brands:registry", "brands:brand_new", "brands:import"))
    yield from map(reverse, ("brands:registration_new", "brands:letter_new"))
    yield reverse("brands:brand", args=[brand.uuid])
    yield reverse("brands:brand_change", args=[brand.uuid])
    yield reverse("brands:brand_tab", args=[brand.uuid, "names"])
    yield reverse("brands:product_model", args=[ProductModel.objects.get(brand=brand).uuid])
    rejected = Complaint.objects.get(state="rejected", organisation=owner.organisation)
    now = timezone.now()
    messages.write(actor=platform_admin(), complaint=rejected, text="Which part?", now=now)
    messages.write(actor=of_member(owner), complaint=rejected, text="The sole.", now=now)
    yield reverse("complaints:complaint", args=[rejected.uuid])
    yield reverse("complaints:refile", args=[rejected.uuid])
    filed = Complaint.objects.filter(state="filed", organisation=owner.organisation).earliest("pk")
    yield reverse("complaints:complaint", args=[filed.uuid])
    yield reverse("core:unsubscribe", args=[notices.token_for(owner, notices.NEWS)])


def pages_of_the_platform() -> Iterator[str]:
    """Addresses people of the platform open."""
    yield from map(
        reverse,
        (
            "core:organisations",
            "core:marketplace_new",
            "core:jobs",
            "core:mail",
            "complaints:sellers",
            "complaints:eu_records",
            "complaints:counter_notices",
            "complaints:hearing_rules",
            "complaints:measures",
            "complaints:reviews",
        ),
    )
    yield reverse("core:job", args=[Job.objects.earliest("pk").uuid])
    yield reverse("complaints:counter_notice", args=[CounterNotice.objects.earliest("pk").uuid])
    yield reverse("complaints:consequence", args=[ShopConsequence.objects.earliest("pk").uuid])
    yield reverse("complaints:misuse_step", args=[MisuseStep.objects.earliest("pk").uuid])
    yield reverse("complaints:review", args=[SampledReview.objects.earliest("pk").uuid])


def pages_of_a_stranger(invitation: list[str]) -> Iterator[str]:
    """Addresses of signed links."""
    statement = StatementOfReasons.objects.filter(decision__complaint__state="established").latest(
        "pk"
    )
    path = "/" + statements.address_of(statement).split("/", 3)[3]
    yield path
    yield path + "counter-notice/"
    yield from invitation


@pytest.fixture
def world(live: str) -> tuple[dict[str, Member | None], list[str]]:
    return whole_world.build(timezone.now())


def test_every_page_that_no_journey_walks_through(
    page: Page, world: tuple[dict[str, Member | None], list[str]]
) -> None:
    readers, signed = world
    owner, admin = readers[Role.OWNER], readers["platform"]
    assert owner is not None
    assert admin is not None
    seen = _look(page, pages_of_a_stranger([path for path in signed if "invitations" in path]))
    sign_in(page, owner)
    seen |= _look(page, pages_of_a_tenant(owner))
    sign_in(page, admin)
    seen |= _look(page, pages_of_the_platform())
    client = Client()
    client.force_login(admin.user, backend="django.contrib.auth.backends.ModelBackend")
    missed = {
        name
        for name, route in named_routes().items()
        if route not in seen
        and name not in ELSEWHERE
        and name not in NO_PAGES
        and not route.startswith("accounts/")
        and is_page(name, route, client)
    }
    assert not missed, f"Neither here nor in ELSEWHERE: {sorted(missed)}"


def _look(page: Page, paths: Iterator[str]) -> set[str]:
    """Check each page; return the routes."""
    routes = set()
    for path in paths:
        assert visit(page, path).status == 200, path
        name = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[^a-z-]+", "-", path).strip("-")[:60]
        check_variants(page, f"page-{name}", LOOKS)
        routes.add(resolve(path).route)
    return routes
