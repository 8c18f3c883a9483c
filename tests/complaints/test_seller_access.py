"""The seller's link made anew, and what is known of a seller erased when its time is over."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from complaints.models import Complaint, SellerIdentity
from complaints.services import counter_notices, retention, statements
from portal.core.errors import NotAllowed
from portal.core.models import JournalEntry, Member, Role
from tests.complaints.hearing import ADDRESS, brand_of, established, statement_of, submitted
from tests.complaints.support import platform_admin
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
DAY = timedelta(days=1)


def path_of(address: str) -> str:
    return address[address.index("/complaints/") :]


def test_the_platform_makes_an_expired_link_anew(signed_in: SignIn, client: Client) -> None:
    complaint = established(timezone.now() - 300 * DAY)
    old = path_of(statements.address_of(statement_of(complaint)))
    assert client.get(old).status_code == 410
    admin = platform_admin().member
    assert admin is not None
    staff = signed_in(admin)
    address = reverse("complaints:seller_link", args=[complaint.uuid])
    assert address in staff.get(complaint.get_absolute_url()).content.decode()
    page = staff.post(address).content.decode()
    new = page[page.index("/complaints/statements/") :].partition("<")[0].strip()
    assert new != old
    answer = client.get(new, headers={"accept-language": "en"})
    assert answer.status_code == 200
    # It opens the statement; it gives no second time for a counter-notice.
    assert "Answer with a counter-notice" not in answer.content.decode()
    assert "A court can still help you" in answer.content.decode()
    entry = JournalEntry.objects.get(verb="statement.link_renewed")
    assert entry.organisation_id == complaint.organisation_id
    assert new.split("/")[3] not in str(entry.data)


def test_only_who_decides_makes_a_link(now: datetime, signed_in: SignIn) -> None:
    complaint = established(now)
    address = reverse("complaints:seller_link", args=[complaint.uuid])
    own = MemberFactory(organisation=complaint.organisation, role=Role.COMPLAINANT)
    client = signed_in(own)
    assert address not in client.get(complaint.get_absolute_url()).content.decode()
    assert client.post(address).status_code == 403
    assert signed_in(MemberFactory(role=Role.OWNER)).post(address).status_code in {403, 404}
    with pytest.raises(NotAllowed):
        statements.new_address(
            actor=brand_of(complaint), statement=statement_of(complaint), now=now
        )
    assert not JournalEntry.objects.filter(verb="statement.link_renewed").exists()


def answered(now: datetime) -> Complaint:
    complaint = established(now, jurisdiction="DE", zone="Europe/Berlin")
    row = submitted(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=row, text="No.", now=now)
    counter_notices.refuse(actor=platform_admin(), counter_notice=row, code="not_shown", now=now)
    return complaint


def test_who_answered_is_erased_three_years_after_the_case_ended(
    now: datetime, signed_in: SignIn
) -> None:
    complaint = answered(now)
    row = complaint.counter_notices.get()
    assert retention.erase_due(now=now + 1096 * DAY) == 0
    assert retention.erase_due(now=now + 1097 * DAY) == 1
    kept = SellerIdentity.objects.get()
    assert (kept.name, kept.address, kept.phone, kept.email, kept.signature) == ("",) * 5
    assert kept.erased_at == now + 1097 * DAY
    assert retention.erase_due(now=now + 1098 * DAY) == 0
    entry = JournalEntry.objects.get(verb="counter_notice.identity_erased")
    assert not any(secret in str(entry.data) for secret in ADDRESS.values())
    row.refresh_from_db()
    assert row.explanation, "what was said stays"
    admin = platform_admin().member
    assert admin is not None
    page = signed_in(admin).post(reverse("complaints:hearing_act", args=[row.uuid, "identity"]))
    assert "Who answered was erased" in page.content.decode()


def test_an_open_case_keeps_who_answered_before(
    now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    complaint = answered(timezone.now() - 1100 * DAY)
    submitted(complaint, timezone.now() - 1099 * DAY, attempt=2)
    call_command("erase_identities")
    assert "0 identities erased." in capsys.readouterr().out
    assert not SellerIdentity.objects.filter(name="").exists()
    answered(timezone.now() - 1100 * DAY)
    call_command("erase_identities")
    assert "1 identities erased." in capsys.readouterr().out
