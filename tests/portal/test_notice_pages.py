"""The bell, the preferences, and the way out of every mail (RFC 8058)."""

import pytest
from django.core import mail as sent
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.core import mail, outbox
from portal.core.models import JournalEntry, MailPreference, Notice, OutboxMessage
from portal.core.services import notices
from pushes.services.reminders import KIND
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
DATA = {"last_day": 2, "day_before": 1}


@pytest.fixture
def member():
    return MemberFactory()


def give(member, key="k"):
    return notices.give(member=member, kind=KIND, key=key, data=DATA, now=timezone.now())


def test_a_notice_is_given_once_and_counted_on_the_bell(member, signed_in):
    assert give(member)
    assert not give(member)
    give(MemberFactory(organisation=member.organisation))
    page = signed_in(member).get(reverse("core:notices"))
    assert 'data-count="1"' in page.content.decode()
    assert "2 links must be judged within a day." in page.content.decode()
    assert JournalEntry.objects.filter(verb="notice.given").count() == 2


def test_reading_them_empties_the_bell_of_this_member_only(member, signed_in):
    other = MemberFactory()
    give(member), give(other)
    client = signed_in(member)
    client.post(reverse("core:notices-read"))
    assert 'data-count="0"' in client.get(reverse("core:notices")).content.decode()
    assert Notice.objects.filter(read_at=None).get().member == other


def test_the_bell_costs_a_page_one_query_however_much_there_is(member, signed_in):
    client = signed_in(member)
    for number in range(150):
        give(member, key=str(number))
    with CaptureQueriesContext(connection) as captured:
        page = client.get(reverse("core:notifications"))
    assert len([query for query in captured if '"core_notice"' in query["sql"]]) == 1
    assert "99+" in page.content.decode()


def test_preferences_are_kept_and_journalled(member, signed_in):
    client = signed_in(member)
    kept = {"news": "weekly", "reminders": "on", "zone": "Europe/Berlin"}
    assert client.post(reverse("core:notifications"), kept).status_code == 302
    preference = MailPreference.objects.get(member=member)
    assert (preference.news, preference.reminders) == ("weekly", True)
    member.user.refresh_from_db()
    assert member.user.zone == "Europe/Berlin"
    assert JournalEntry.objects.filter(verb="mail_preference.changed").exists()


def test_nonsense_is_refused_at_its_field(member, signed_in):
    wrong = {"news": "hourly", "zone": "Mars/Olympus"}
    page = signed_in(member).post(reverse("core:notifications"), wrong)
    assert page.status_code == 422
    assert not MailPreference.objects.exists()


@pytest.mark.parametrize("kind", [notices.NEWS, notices.REMINDERS])
def test_one_click_stops_the_mails_without_a_sign_in(member, kind):
    """What a mail program posts: no cookie, no token of ours, the body of RFC 8058."""
    address = reverse("core:unsubscribe", args=[notices.token_for(member, kind)])
    client = Client(enforce_csrf_checks=True)
    answer = client.post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    preference = MailPreference.objects.get(member=member)
    assert (preference.news == "off") == (kind == notices.NEWS)
    assert preference.reminders == (kind == notices.NEWS)
    assert client.post(address).status_code == 200  # twice is once


def test_opening_the_link_changes_nothing(member):
    address = reverse("core:unsubscribe", args=[notices.token_for(member, notices.NEWS)])
    assert member.user.email in Client().get(address).content.decode()
    assert not MailPreference.objects.exists()


def test_a_bent_link_stops_nobody_s_mails(member):
    token = notices.token_for(member, notices.NEWS)
    for bent in (token[:-1] + "A" if token[-1] != "A" else token[:-1] + "B", "x", token.upper()):
        assert Client().post(reverse("core:unsubscribe", args=[bent])).status_code in {302, 404}
    assert not MailPreference.objects.exists()


def test_every_mail_is_sent_as_text_and_html_with_its_headers(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    now = timezone.now()
    headers = {"List-Unsubscribe": "<https://x.example/u>"}
    mail.send(key="k", to=["a@b.example"], subject="S", text="<T>\n\nU", now=now, headers=headers)
    assert outbox.deliver(OutboxMessage.objects.get().pk, now)
    (message,) = sent.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert message.extra_headers["List-Unsubscribe"] == headers["List-Unsubscribe"]
    assert message.body.startswith("<T>")
    ((html, media_type),) = message.alternatives
    assert media_type == "text/html"
    assert "&lt;T&gt;" in str(html)


def test_an_account_s_mail_goes_through_the_outbox(settings, member):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Client().post(reverse("account_reset_password"), {"email": member.user.email})
    assert sent.outbox == []
    message = OutboxMessage.objects.get(handler="mail.send")
    assert message.key.startswith("mail:account:")
    assert outbox.deliver(message.pk, timezone.now())
    assert sent.outbox[0].to == [member.user.email]
