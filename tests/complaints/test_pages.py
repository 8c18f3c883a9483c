"""The room's pages, as a browser without JavaScript gets them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from complaints.models import Complaint, Decision, Order
from complaints.services import decisions, filing, statements
from portal.core.actors import of_member
from portal.core.models import Member, Role
from portal.core.web import navigation, slots
from pushes.models import Seller, SuspectedLink
from tests.complaints.hearing import established, statement_of
from tests.complaints.support import platform_admin
from tests.factories import (
    BrandFactory,
    ComplaintFactory,
    InfringingLinkFactory,
    MemberFactory,
    OrganisationFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def member_of(row: SuspectedLink | Complaint, role: str = Role.COMPLAINANT) -> Member:
    member: Member = MemberFactory(organisation=row.organisation, role=role)
    return member


def admin() -> Member:
    member = platform_admin().member
    assert member is not None
    return member


def decided(outcome: str, code: str, now: datetime) -> Complaint:
    complaint: Complaint = ComplaintFactory()
    decisions.decide(
        actor=platform_admin(), complaint=complaint, outcome=outcome, code=code, now=now
    )
    return complaint


def file(client: Client, *links: SuspectedLink, **more: str) -> Any:
    ids = [str(link.uuid) for link in links]
    return client.post(reverse("complaints:file"), {"link": ids, **more}, follow=True)


def seller_of(complaint: Complaint) -> Seller:
    seller = complaint.link.version.seller
    assert seller is not None
    return seller


def slot(name: str, link: SuspectedLink, member: Member, session: Any) -> str:
    request = RequestFactory().get("/links/1/")
    request.user, request.session = member.user, session
    request.actor = of_member(member)  # type: ignore[attr-defined]  # set by our middleware
    return slots.render(name, request, {"link": link})


# -- filing


def test_the_declaration_is_asked_once_a_session(signed_in: SignIn) -> None:
    brand = BrandFactory()
    links = InfringingLinkFactory.create_batch(3, brand=brand)
    client = signed_in(member_of(links[0]))
    assert "good faith" in file(client, links[0]).content.decode()
    assert not Complaint.objects.exists()
    file(client, links[0], statement="on")
    file(client, links[1])
    assert Complaint.objects.count() == 2
    other = signed_in(member_of(links[0]))
    file(other, links[2])
    assert Complaint.objects.count() == 2


def test_filing_leads_back_to_our_own_pages_only(signed_in: SignIn) -> None:
    brand = BrandFactory()
    links = InfringingLinkFactory.create_batch(2, brand=brand)
    client = signed_in(member_of(links[0]))
    answer = file(client, links[0], statement="on", next="https://elsewhere.test/")
    assert answer.request["PATH_INFO"] == f"/complaints/{Complaint.objects.get().uuid}/"
    assert "elsewhere" not in str(answer.redirect_chain)
    answer = file(client, links[1], next="/complaints/?tab=all")
    assert answer.request["PATH_INFO"] == "/complaints/"


def test_a_selection_tells_what_was_filed_and_what_was_not(signed_in: SignIn) -> None:
    good = InfringingLinkFactory()
    bad = SuspectedLinkFactory(brand=good.brand)
    page = file(signed_in(member_of(good)), good, bad, statement="on").content.decode()
    assert "Complaint filed." in page
    assert bad.version.title in page
    assert "Judge the link as an infringement" in page


@pytest.mark.parametrize("value", ["nonsense", ""])
def test_a_broken_or_foreign_id_is_not_found(signed_in: SignIn, value: str) -> None:
    link, other = InfringingLinkFactory(), InfringingLinkFactory()
    client = signed_in(member_of(link))
    broken = client.post(reverse("complaints:file"), {"link": [value], "statement": "on"})
    foreign = client.post(reverse("complaints:file"), {"link": [other.uuid], "statement": "on"})
    assert (broken.status_code, foreign.status_code) == (404, 404)
    assert not Complaint.objects.exists()


def test_undo_works_from_the_page(signed_in: SignIn) -> None:
    link = InfringingLinkFactory()
    member = member_of(link)
    [complaint] = filing.file(
        actor=of_member(member), links=[link], now=timezone.now(), statement_accepted=True
    ).filed
    client = signed_in(member)
    page = client.get(complaint.get_absolute_url()).content.decode()
    assert reverse("complaints:undo", args=[complaint.uuid]) in page
    client.post(reverse("complaints:undo", args=[complaint.uuid]))
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.UNDONE


def test_a_selection_can_be_filed_from_the_links_that_are_ready(signed_in: SignIn) -> None:
    link = InfringingLinkFactory()
    done = ComplaintFactory(link=InfringingLinkFactory(brand=link.brand)).link
    client = signed_in(member_of(link))
    page = client.get(reverse("complaints:ready"))
    assert list(page.context["page_obj"]) == [link]
    assert 'name="statement"' in page.content.decode()
    file(client, link, statement="on")
    after = client.get(reverse("complaints:ready"))
    assert "Nothing is left to file" in after.content.decode()
    assert done.complaints.count() == 1
    reviewer = signed_in(member_of(link, Role.REVIEWER))
    assert reviewer.get(reverse("complaints:ready")).status_code == 403


def test_a_link_whose_complaint_was_rejected_says_so_and_is_not_selected(
    signed_in: SignIn,
) -> None:
    link = InfringingLinkFactory()
    rejected = ComplaintFactory(link=InfringingLinkFactory(brand=link.brand))
    decisions.decide(
        actor=platform_admin(),
        complaint=rejected,
        outcome="rejected",
        code="evidence_missing",
        now=timezone.now(),
    )
    html = signed_in(member_of(link)).get(reverse("complaints:ready")).content.decode()
    assert "Rejected before: The evidence does not show the infringement." in html
    assert reverse("complaints:refile", args=[rejected.uuid]) in html
    assert html.count('name="link"') == 2
    assert html.count(" checked") == 1, "only what was never rejected"


# -- lists and details


def test_the_list_shows_own_complaints_by_tab_and_word(signed_in: SignIn) -> None:
    own, other = ComplaintFactory(), ComplaintFactory()
    client = signed_in(member_of(own, Role.VIEWER))
    page = client.get("/complaints/").content.decode()
    assert own.link.version.title in page
    assert other.link.version.title not in page
    assert "No complaints here" in client.get("/complaints/?tab=rejected").content.decode()
    assert "No complaint fits" in client.get("/complaints/?q=zzz").content.decode()
    found = client.get(f"/complaints/?q={own.link.listing.external_id}").content.decode()
    assert own.link.version.title in found


def test_lists_cost_the_same_however_long(
    signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    first = ComplaintFactory()
    for _number in range(4):
        ComplaintFactory(link=InfringingLinkFactory(brand=first.link.brand))
    brand, staff = signed_in(member_of(first)), signed_in(admin())
    for client, url in ((brand, "/complaints/"), (staff, "/complaints/queue/")):
        client.get(url)
        with django_assert_max_num_queries(10):  # one counts unread notices
            client.get(url)


def test_a_rejection_shows_its_reason_and_the_way_to_file_again(
    signed_in: SignIn, now: datetime
) -> None:
    complaint = decided("rejected", Decision.Code.EVIDENCE_MISSING, now)
    page = signed_in(member_of(complaint)).get(complaint.get_absolute_url()).content.decode()
    assert "The evidence does not show the infringement" in page


def test_a_complaint_page_tells_its_history_and_order(signed_in: SignIn, now: datetime) -> None:
    complaint = decided("established", Decision.Code.INFRINGEMENT_CLEAR, now)
    page = signed_in(member_of(complaint)).get(complaint.get_absolute_url()).content.decode()
    assert "Order to the marketplace queued" in page
    assert "Take down" in page


def test_another_tenants_complaint_is_not_found(signed_in: SignIn) -> None:
    complaint = ComplaintFactory()
    client = signed_in(MemberFactory())
    assert client.get(complaint.get_absolute_url()).status_code == 404
    assert client.post(reverse("complaints:undo", args=[complaint.uuid])).status_code == 404


def test_the_platform_does_not_see_what_can_still_be_undone(signed_in: SignIn) -> None:
    complaint = ComplaintFactory(state=Complaint.State.HELD)
    assert signed_in(admin()).get(complaint.get_absolute_url()).status_code == 404


# -- the link page


def test_the_platform_reads_both_renderings_of_a_statement_beside_the_case(
    signed_in: SignIn, now: datetime
) -> None:
    complaint = established(now)
    statement = statement_of(complaint)
    html = signed_in(admin()).get(complaint.get_absolute_url()).content.decode()
    copy, record = statement.seller_copy, statement.eu_record
    assert escape(copy["facts"]) in html
    assert escape(copy["redress"][1]["text"]) in html
    assert "decision_visibility" in html
    shown = " ".join(html.split())
    assert "<dd> DECISION_VISIBILITY_CONTENT_REMOVED </dd>" in shown
    assert f"<dd> {' '.join(escape(record['decision_facts']).split())} </dd>" in shown
    own = signed_in(member_of(complaint)).get(complaint.get_absolute_url()).content.decode()
    assert "decision_visibility" not in own


def test_the_link_page_offers_one_key_then_undo_then_the_complaint() -> None:
    link = InfringingLinkFactory()
    member = member_of(link)
    offered = slot("link_actions", link, member, {})
    assert 'data-key="c"' in offered
    assert 'name="statement"' in offered
    declared = {"good_faith": {f"{member.pk}:{link.organisation_id}": "1"}}
    assert 'name="statement"' not in slot("link_actions", link, member, declared)
    [complaint] = filing.file(
        actor=of_member(member), links=[link], now=timezone.now(), statement_accepted=True
    ).filed
    assert reverse("complaints:undo", args=[complaint.uuid]) in slot(
        "link_actions", link, member, {}
    )
    filing.settle_due(now=timezone.now() + timedelta(minutes=1))
    filed = slot("link_actions", link, member, {})
    assert complaint.get_absolute_url() in filed
    assert "<form" not in filed
    assert complaint.get_absolute_url() in slot("link_facts", link, member, {})


def test_the_link_page_offers_nothing_before_a_verdict_or_without_the_role() -> None:
    pending = SuspectedLinkFactory()
    assert "<form" not in slot("link_actions", pending, member_of(pending), {})
    judged = InfringingLinkFactory()
    assert "<form" not in slot("link_actions", judged, member_of(judged, Role.REVIEWER), {})
    assert slot("link_facts", pending, member_of(pending), {}).strip() == ""


def test_the_real_link_page_files_and_takes_back(signed_in: SignIn) -> None:
    link = InfringingLinkFactory(snapshot={"title": "x", "marketplace": {"name": "M"}})
    client = signed_in(member_of(link))
    url = reverse("pushes:link", args=[link.uuid])
    assert reverse("complaints:file") in client.get(url).content.decode()
    after = file(client, link, statement="on", next=url)
    assert after.request["PATH_INFO"] == url
    assert reverse("complaints:undo", args=[link.complaints.get().uuid]) in after.content.decode()


# -- the platform


def test_the_queue_shows_the_longest_waiting_first(signed_in: SignIn, now: datetime) -> None:
    newer = ComplaintFactory(filed_at=now)
    older = ComplaintFactory(filed_at=now - timedelta(days=1))
    ComplaintFactory(state=Complaint.State.REJECTED)
    rows = list(signed_in(admin()).get("/complaints/queue/").context["page_obj"])
    assert rows == [older, newer]


def test_a_decision_page_shows_evidence_right_and_past(signed_in: SignIn, now: datetime) -> None:
    complaint = ComplaintFactory()
    page = signed_in(admin()).get(reverse("complaints:decide", args=[complaint.uuid]))
    text = page.content.decode()
    for shown in (
        complaint.link.version.title,
        complaint.registration.number,
        complaint.registration.owner_name,
        complaint.link.version.seller.name,
    ):
        assert shown in text


def test_an_admin_establishes_with_one_button(signed_in: SignIn) -> None:
    complaint = ComplaintFactory()
    url = reverse("complaints:decide", args=[complaint.uuid])
    answer = signed_in(admin()).post(url, {"outcome": "established", "note": ""})
    assert answer["Location"] == "/complaints/queue/"
    assert complaint.orders.get().state == Order.State.QUEUED


def test_a_rejection_needs_its_reason(signed_in: SignIn) -> None:
    complaint = ComplaintFactory()
    url = reverse("complaints:decide", args=[complaint.uuid])
    client = signed_in(admin())
    refused = client.post(url, {"outcome": "rejected", "code": "", "note": "no"})
    assert refused.status_code == 422
    assert "Choose why the complaint is rejected." in refused.content.decode()
    client.post(url, {"outcome": "rejected", "code": "wrong_item", "note": "A book."})
    assert Decision.objects.get().note == "A book."


def test_who_comes_second_is_told(signed_in: SignIn, now: datetime) -> None:
    complaint = decided("rejected", Decision.Code.DUPLICATE, now)
    url = reverse("complaints:decide", args=[complaint.uuid])
    client = signed_in(admin())
    assert client.get(url)["Location"] == complaint.get_absolute_url()
    answer = client.post(url, {"outcome": "established"})
    assert answer.status_code == 409
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("name", ["queue", "orders", "sellers"])
def test_platform_pages_are_for_the_platform(signed_in: SignIn, name: str) -> None:
    url = reverse(f"complaints:{name}")
    assert signed_in(MemberFactory()).get(url).status_code == 404
    assert signed_in(admin()).get(url).status_code == 200
    association = MemberFactory(organisation=OrganisationFactory(association=True), role=Role.ADMIN)
    assert signed_in(association).get(url).status_code == 403
    assert Client().get(url).status_code == 302


def test_a_brand_cannot_decide_or_send(signed_in: SignIn, now: datetime) -> None:
    complaint = decided("established", Decision.Code.INFRINGEMENT_CLEAR, now)
    order = complaint.orders.get()
    client = signed_in(member_of(complaint, Role.OWNER))
    assert client.get(reverse("complaints:decide", args=[complaint.uuid])).status_code == 403
    assert client.post(reverse("complaints:send_order", args=[order.uuid])).status_code == 403
    seller = seller_of(complaint)
    assert client.get(reverse("complaints:seller", args=[seller.uuid])).status_code == 404


def test_a_failed_order_is_shown_with_its_problem_and_sent_again(
    signed_in: SignIn, now: datetime
) -> None:
    order = decided("established", Decision.Code.INFRINGEMENT_CLEAR, now).orders.get()
    Order.objects.filter(pk=order.pk).update(state="failed", error="the marketplace answered 404")
    client = signed_in(admin())
    assert "the marketplace answered 404" in client.get("/complaints/orders/").content.decode()
    assert "No orders" in client.get("/complaints/orders/?state=sent").content.decode()
    client.post(reverse("complaints:send_order", args=[order.uuid]))
    order.refresh_from_db()
    assert (order.state, order.error) == (Order.State.QUEUED, "")


def test_a_seller_page_lists_strikes(signed_in: SignIn, now: datetime) -> None:
    complaint = decided("established", Decision.Code.INFRINGEMENT_CLEAR, now)
    seller = seller_of(complaint)
    client = signed_in(admin())
    assert str(seller) in client.get("/complaints/sellers/").content.decode()
    page = client.get(reverse("complaints:seller", args=[seller.uuid])).content.decode()
    assert complaint.get_absolute_url() in page


def test_the_navigation_leads_each_to_their_own_page() -> None:
    brand = of_member(MemberFactory())
    assert "complaints:complaints" in [e.url_name for e in navigation.entries_for(brand)]
    staff = [entry.url_name for entry in navigation.entries_for(platform_admin())]
    assert {"complaints:queue", "complaints:orders"} <= set(staff)
    assert "complaints:complaints" not in staff


# -- the seller


def test_a_seller_reads_the_statement_without_an_account(client: Client, now: datetime) -> None:
    complaint = decided("established", Decision.Code.INFRINGEMENT_CLEAR, timezone.now())
    address = statements.address_of(complaint.decision.statement)
    answer = client.get(address.removeprefix("http://127.0.0.1:8000"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert complaint.decision.statement.puid in page
    assert complaint.link.version.title in page
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"


def test_a_statement_link_expires(client: Client) -> None:
    then = timezone.now() - statements.LINK_LIFE - timedelta(minutes=1)
    complaint = decided("established", Decision.Code.INFRINGEMENT_CLEAR, then)
    address = statements.address_of(complaint.decision.statement)
    answer = client.get(address.removeprefix("http://127.0.0.1:8000"))
    assert answer.status_code == 410
    assert complaint.link.version.title not in answer.content.decode()


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: "x" + t, lambda _t: "sor-1"])
def test_a_changed_link_opens_nothing(
    client: Client, now: datetime, change: Callable[[str], str]
) -> None:
    complaint = decided("established", Decision.Code.INFRINGEMENT_CLEAR, timezone.now())
    token = statements.address_of(complaint.decision.statement).rstrip("/").rsplit("/", 1)[-1]
    url = reverse("complaints:statement", args=[change(token)])
    assert client.get(url).status_code == 404


def test_the_same_statement_always_has_the_same_link(now: datetime) -> None:
    complaint = decided("established", Decision.Code.INFRINGEMENT_CLEAR, now)
    statement = complaint.decision.statement
    assert statements.address_of(statement) == statements.address_of(statement)
