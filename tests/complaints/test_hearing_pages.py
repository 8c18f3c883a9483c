"""Pages of counter-notices: the seller's without an account, and those of the two sides."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from complaints.models import Complaint, CounterNotice, HearingRule, Order, SellerIdentity
from complaints.services import counter_notices, statements
from portal.core.actors import SYSTEM, Actor
from portal.core.models import JournalEntry, Member, Role
from tests.complaints.hearing import (
    ADDRESS,
    established,
    picture,
    second_admin,
    statement_of,
    submitted,
)
from tests.complaints.support import platform_admin
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db

SignIn = Callable[[Member], Client]
WORDS = "I bought these shoes from the brand's own shop and have the invoice."


@pytest.fixture
def complaint() -> Complaint:
    return established(timezone.now())


def user_behind(actor: Actor) -> Member:
    assert actor.member is not None
    return actor.member


def admin_member() -> Member:
    return user_behind(platform_admin())


def token_of(complaint: Complaint) -> str:
    return statements.address_of(statement_of(complaint)).rstrip("/").rsplit("/", 1)[-1]


def form(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "attempt": 1,
        "reason": "first_sale",
        "explanation": WORDS,
        **ADDRESS,
        "signature": ADDRESS["name"],
        "declared": "on",
        "evidence": [SimpleUploadedFile("invoice.png", picture())],
    }
    return values | changes


def send(client: Client, complaint: Complaint, **changes: Any) -> Any:
    url = reverse("complaints:answer", args=[token_of(complaint)])
    return client.post(url, form(**changes), headers={"accept-language": "en"})


def do(client: Client, row: CounterNotice, act: str, **data: Any) -> Any:
    return client.post(reverse("complaints:hearing_act", args=[row.uuid, act]), data)


def brand_member(complaint: Complaint, role: str = Role.COMPLAINANT) -> Member:
    return MemberFactory(organisation=complaint.organisation, role=role)


# -- the seller


def test_a_seller_answers_without_an_account_and_sees_how_it_stands(
    client: Client, complaint: Complaint
) -> None:
    before = client.get(reverse("complaints:statement", args=[token_of(complaint)]))
    assert reverse("complaints:answer", args=[token_of(complaint)]) in before.content.decode()
    answer = send(client, complaint)
    assert answer.status_code == 302
    row = CounterNotice.objects.get()
    page = client.get(answer["Location"], headers={"accept-language": "en"}).content.decode()
    assert "Your counter-notice arrived." in page
    assert row.content_hash[:16] in page
    assert "Answer with a counter-notice" not in page
    for secret in ADDRESS.values():
        assert secret not in page


def test_a_form_with_errors_keeps_what_was_typed_and_sends_nothing(
    client: Client, complaint: Complaint
) -> None:
    answer = send(client, complaint, signature="Li Si", evidence=[])
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Sign with your name exactly" in page
    assert "prima facie evidence" in page
    assert WORDS.replace("'", "&#x27;") in page
    assert not CounterNotice.objects.exists()


def test_a_form_sent_again_says_that_it_arrived(client: Client, complaint: Complaint) -> None:
    send(client, complaint)
    answer = send(client, complaint)
    page = client.get(answer["Location"], headers={"accept-language": "en"}).content.decode()
    assert "This form was sent before; it arrived." in page
    assert CounterNotice.objects.count() == 1


def test_a_file_too_large_is_refused_before_it_is_read(
    client: Client, complaint: Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaints.web.seller_views.DOCUMENT_MAX_BYTES", 10)
    answer = send(client, complaint)
    assert answer.status_code == 422
    assert "at most 20 MB" in answer.content.decode()


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: "x" + t, lambda _t: "sor-1"])
def test_a_tampered_link_takes_nothing(
    client: Client, complaint: Complaint, change: Callable[[str], str]
) -> None:
    url = reverse("complaints:answer", args=[change(token_of(complaint))])
    assert client.get(url).status_code == 404
    assert client.post(url, form()).status_code == 404
    assert not CounterNotice.objects.exists()


def test_an_expired_link_says_what_can_still_be_done(client: Client) -> None:
    complaint = established(timezone.now() - statements.LINK_LIFE - timedelta(minutes=1))
    url = reverse("complaints:answer", args=[token_of(complaint)])
    for answer in (client.get(url), client.post(url, form())):
        page = answer.content.decode()
        assert answer.status_code == 410
        assert statement_of(complaint).puid in page
        assert complaint.link.version.title not in page
    assert not CounterNotice.objects.exists()


def test_after_the_redress_the_statement_can_be_read_and_not_answered(client: Client) -> None:
    complaint = established(timezone.now() - statements.REDRESS - timedelta(days=2))
    page = client.get(
        reverse("complaints:statement", args=[token_of(complaint)]),
        headers={"accept-language": "en"},
    ).content.decode()
    assert "The time for a complaint to the platform is over." in page
    answer = client.get(reverse("complaints:answer", args=[token_of(complaint)]))
    assert answer.status_code == 302
    assert send(client, complaint).status_code == 403


def test_forms_of_one_link_are_limited(
    client: Client, complaint: Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaints.web.seller_views.TRIES_A_LINK", "2/hour")
    for _try in range(2):
        assert send(client, complaint, signature="").status_code == 422
    answer = send(client, complaint)
    assert answer.status_code == 429
    assert "come back in" in answer.content.decode()
    assert not CounterNotice.objects.exists()


def test_an_address_a_stranger_claims_does_not_lift_the_limit(
    client: Client, complaint: Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaints.web.statement_views.READS", "2/hour")
    url = reverse("complaints:statement", args=[token_of(complaint)])
    codes = [
        client.get(url, headers={"x-forwarded-for": f"10.0.0.{n}"}).status_code for n in range(3)
    ]
    assert codes == [200, 200, 429]


@pytest.mark.parametrize(
    ("wanted", "cookie", "expected"),
    [
        ("zh-CN,zh;q=0.9", "", "zh-hans"),
        ("en-GB,en;q=0.5", "", "en"),
        ("fr-FR", "", "zh-hans"),  # none of ours: the statement's own
        ("", "", "zh-hans"),
        ("zh-CN", "en", "en"),  # the switch on the page wins
        ("*", "", "zh-hans"),
    ],
)
def test_the_page_speaks_the_readers_language(
    client: Client, complaint: Complaint, wanted: str, cookie: str, expected: str
) -> None:
    if cookie:
        client.cookies["django_language"] = cookie
    answer = client.get(
        reverse("complaints:statement", args=[token_of(complaint)]),
        headers={"accept-language": wanted},
    )
    page = answer.content.decode()
    assert f'<html lang="{expected}"' in page
    assert ("translation for reading" in page) == (expected == "en")


def test_the_form_can_be_sent_by_a_browser(complaint: Complaint) -> None:
    # A referrer policy of no-referrer would make browsers send "Origin: null", which is refused.
    client = Client(enforce_csrf_checks=True)
    url = reverse("complaints:answer", args=[token_of(complaint)])
    page = client.get(url)
    assert page["Referrer-Policy"] == "same-origin"
    sent = form(csrfmiddlewaretoken=page.context["csrf_token"])
    answer = client.post(url, sent, headers={"origin": "http://testserver"})
    assert answer.status_code == 302
    assert client.post(url, sent, headers={"origin": "null"}).status_code == 403


# -- the rights holder and the platform


def test_opening_the_page_makes_it_reach_the_rights_holder_but_not_the_platform(
    signed_in: SignIn, complaint: Complaint
) -> None:
    row = submitted(complaint, timezone.now())
    signed_in(admin_member()).get(row.get_absolute_url())
    row.refresh_from_db()
    assert row.reached_at is None
    page = signed_in(brand_member(complaint, Role.VIEWER)).get(row.get_absolute_url())
    row.refresh_from_db()
    assert row.reached_by == "page"
    assert "15 calendar days; a last day that is closed" in page.content.decode()


def test_from_reply_to_reinstatement_over_the_pages(
    signed_in: SignIn, complaint: Complaint
) -> None:
    row = submitted(complaint, timezone.now())
    brand = signed_in(brand_member(complaint))
    brand.get(row.get_absolute_url())
    answer = do(brand, row, "reply", text="")
    assert answer.status_code == 422
    assert "Write a reply" in answer.content.decode()
    assert do(brand, row, "reply", text="We never sold these.").status_code == 302
    first = signed_in(admin_member())
    second = signed_in(user_behind(second_admin()))
    assert do(first, row, "request", code="").status_code == 422
    assert do(first, row, "request", code="first_sale", note="Invoice").status_code == 302
    page = first.get(row.get_absolute_url()).content.decode()
    assert "Somebody else must confirm" in page
    assert do(first, row, "confirm").status_code == 403
    assert "Confirm and put back" in second.get(row.get_absolute_url()).content.decode()
    assert do(second, row, "decline", note="").status_code == 422
    assert do(second, row, "confirm").status_code == 302
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.OVERTURNED
    assert complaint.orders.filter(kind=Order.Kind.REINSTATE).exists()
    done = second.get(row.get_absolute_url()).content.decode()
    assert "Resale of genuine goods" in done
    case = brand.get(complaint.get_absolute_url()).content.decode()
    assert "Overturned" in case
    assert "Resale of genuine goods" in case
    assert "Invoice" in case, "why it ended is on the complaint's page too"
    assert "notice tone-good" not in case
    listed = reverse("complaints:complaints")
    assert complaint in brand.get(listed, {"tab": "taken_back"}).context["page_obj"]
    assert complaint not in brand.get(listed, {"tab": "established"}).context["page_obj"]


def test_a_refused_reply_keeps_what_was_typed(signed_in: SignIn, complaint: Complaint) -> None:
    row = submitted(complaint, timezone.now())
    brand = signed_in(brand_member(complaint))
    answer = do(brand, row, "reply", text="We sue.", proceedings="court", reference="")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "We sue." in page
    assert "Give the file number" in page


def test_who_answered_is_shown_on_asking_only_and_leaves_a_line(
    signed_in: SignIn, complaint: Complaint
) -> None:
    row = submitted(complaint, timezone.now())
    admin = signed_in(admin_member())
    assert ADDRESS["phone"] not in admin.get(row.get_absolute_url()).content.decode()
    assert ADDRESS["phone"] in do(admin, row, "identity").content.decode()
    assert JournalEntry.objects.filter(verb="counter_notice.identity_seen").count() == 1
    viewer = signed_in(brand_member(complaint, Role.VIEWER))
    assert do(viewer, row, "identity").status_code == 403
    brand = do(signed_in(brand_member(complaint)), row, "identity").content.decode()
    assert ADDRESS["phone"] in brand
    assert ADDRESS["email"] not in brand  # for the outcome only


def test_another_tenant_finds_nothing(signed_in: SignIn, complaint: Complaint) -> None:
    row = submitted(complaint, timezone.now())
    stranger = signed_in(MemberFactory())
    file = reverse("complaints:evidence", args=[row.uuid, row.files.get().uuid])
    for url in (row.get_absolute_url(), file):
        assert stranger.get(url).status_code == 404
    for act in ("identity", "reply", "confirm", "whatever"):
        assert do(stranger, row, act).status_code == 404
    url = reverse("complaints:retract", args=[complaint.uuid])
    assert stranger.post(url).status_code == 404
    assert "Shoe" not in stranger.get(reverse("complaints:counter_notices")).content.decode()
    assert SellerIdentity.objects.count() == 1


def test_evidence_is_sent_as_what_it_was_checked_to_be(
    signed_in: SignIn, complaint: Complaint
) -> None:
    row = submitted(complaint, timezone.now())
    url = reverse("complaints:evidence", args=[row.uuid, row.files.get().uuid])
    answer = signed_in(brand_member(complaint)).get(url)
    assert answer["Content-Type"] == "image/png"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_complaint_is_taken_back_from_its_page(signed_in: SignIn, complaint: Complaint) -> None:
    brand = signed_in(brand_member(complaint))
    url = reverse("complaints:retract", args=[complaint.uuid])
    assert url in brand.get(complaint.get_absolute_url()).content.decode()
    assert signed_in(brand_member(complaint, Role.VIEWER)).post(url).status_code == 403
    assert brand.post(url).status_code == 302
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.RETRACTED
    assert url not in brand.get(complaint.get_absolute_url()).content.decode()


def test_an_admin_proves_delivery_and_stops_the_clock_for_an_appraisal(
    signed_in: SignIn,
) -> None:
    complaint = established(timezone.now(), jurisdiction="DE", zone="Europe/Berlin")
    row = submitted(complaint, timezone.now())
    admin = signed_in(admin_member())
    assert do(admin, row, "reached", proof="").status_code == 422
    assert do(admin, row, "reached", proof="EMS 123").status_code == 302
    do(signed_in(brand_member(complaint)), row, "reply", text="They are fake.")
    assert do(admin, row, "pause").status_code == 302
    assert "Let the clock run on" in admin.get(row.get_absolute_url()).content.decode()
    assert do(admin, row, "resume").status_code == 302
    assert do(admin, row, "refuse", code="not_shown", note="No invoice.").status_code == 302
    row.refresh_from_db()
    assert row.state == CounterNotice.State.REFUSED


def test_a_rule_is_stated_on_its_page_by_the_platform_only(
    signed_in: SignIn, complaint: Complaint
) -> None:
    url = reverse("complaints:hearing_rules")
    assert signed_in(brand_member(complaint)).get(url).status_code == 403
    admin = signed_in(admin_member())
    shipped = admin.get(url).content.decode()
    assert "E-Commerce Law of the PRC (2018) art. 43" in shipped
    assert '<th scope="row">US Copyright</th>' in shipped
    assert '<th scope="row">Elsewhere </th>' in shipped
    rule = {
        "jurisdiction": "cn",
        "right": "",
        "term_kind": "calendar",
        "term_days": 20,
        "term_from": "reached",
        "rolls": "on",
        "stopped_by": "proceedings",
        "on_silence": "measures_end",
        "reply_days": 5,
        "decision_days": 5,
        "source": "",
    }
    assert admin.post(url, rule).status_code == 422
    assert admin.post(url, rule | {"source": "Draft, art. 45"}).status_code == 302
    assert HearingRule.objects.get().jurisdiction == "CN"


def test_the_list_costs_the_same_however_long(signed_in: SignIn, complaint: Complaint) -> None:
    now = timezone.now()
    rows = [submitted(complaint, now)]
    admin = signed_in(admin_member())
    url = reverse("complaints:counter_notices")
    admin.get(url)
    with CaptureQueriesContext(connection) as few:
        admin.get(url)
    for _more in range(3):
        rows.append(submitted(established(now), now))
        counter_notices.note_reached(
            counter_notice=rows[-1],
            how="page",
            actor=SYSTEM,
            now=now,
        )
    with CaptureQueriesContext(connection) as many:
        admin.get(url)
    assert len(many) == len(few)
