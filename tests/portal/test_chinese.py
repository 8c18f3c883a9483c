"""No English is left under Chinese: every page that can be reached, every mail, every error.

Texts without a translation are found by ``manage.py texts check``; this finds those that were never
marked. What stands in the database is data and may be Latin.
"""

import re

import pytest
from django.apps import apps
from django.db.models import Field
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from complaints.models import Complaint, CounterNotice, CreditLine
from complaints.services import messages, statements
from complaints.web import timeline
from portal.core import field_names, outbox
from portal.core.actors import of_member
from portal.core.models import OutboxMessage, Role
from portal.core.services import invitations
from portal.figures import report
from pushes.services import reminders
from pushes.services.notices import Row, send_news
from tests.complaints.hearing import established, statement_of
from tests.complaints.support import platform_admin
from tests.factories import (
    MemberFactory,
    SuspectedLinkFactory,
    UserFactory,
)
from tests.portal import whole_world
from tests.portal.crawling import (
    SENTENCE,
    Texts,
    data_of_the_database,
    english_in,
    in_chinese,
    missed,
    tour,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def everything():
    return whole_world.build(timezone.now())


@pytest.fixture
def world(everything):
    """Readers of every kind, with something on every page."""
    readers, _starts = everything
    return readers


def test_every_page_is_visited_and_none_is_left_in_english(everything):
    readers, signed = everything
    known = data_of_the_database()
    left: dict[str, list[str]] = {}
    visited: set[str] = set()
    for stop in tour(readers, signed):
        visited.add(stop.route)
        if found := english_in(stop.html, known):
            left[f"{stop.reader} {stop.path}"] = found[:5]
    assert not left, "\n".join(f"{path}: {found}" for path, found in left.items())
    not_reached = missed(visited, readers["platform"])
    assert not not_reached, f"No page leads there, or whole_world.py has none: {not_reached}"


def test_one_english_word_of_two_meanings_is_two_words_in_chinese(now):
    """An accepted counter-notice was not received, and how many were accepted is no moment."""
    copy = statements.in_language(statement_of(established(now)), "zh-hans")
    assert f"{copy['redress'][0]['until']}（含当日）之前" in copy["redress"][0]["text"]
    with translation.override("zh-hans"):
        shares = report.PARTS["counter_notices"]
        assert [str(text) for text in shares.values()] == ["已采纳", "已拒绝"]
        assert str(CounterNotice.State.ACCEPTED.label) == "已采纳"
        assert str(CreditLine.Kind.IN_TIME.label) == "按时判定"
        assert str(timeline.WORDS["order.queued"][0]) == "指令已排队", "whatever the order is"


def test_no_refusal_is_left_in_english(world):
    known = data_of_the_database()
    owner = in_chinese(world[Role.OWNER])
    other = SuspectedLinkFactory()
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "zh-hans"})
    strict.cookies["django_language"] = "zh-hans"
    refusals = {
        "unknown address": owner.get("/nowhere"),
        "another tenant's link": owner.get(reverse("pushes:link", args=[other.uuid])),
        "no permission": owner.get(reverse("core:organisations")),
        "forged form": strict.post(reverse("account_login"), {}),
        "empty sign-in": in_chinese(None).post(reverse("account_login"), {}),
        "empty invitation": owner.post(reverse("core:invite"), {}),
        "nonsense preferences": owner.post(reverse("core:notifications"), {"zone": "x"}),
        "bent unsubscribe link": owner.get(reverse("core:unsubscribe", args=["x"])),
        "used invitation": owner.get(reverse("core:invitation", args=["x"])),
    }
    left = {}
    for name, answer in refusals.items():
        html = answer.content.decode()
        assert 'lang="zh-hans"' in html, name
        if found := english_in(html, known):
            left[name] = found
    assert not left


def test_no_mail_is_left_in_english(world):
    now = timezone.now()
    owner = world[Role.OWNER]
    known = data_of_the_database()
    user = UserFactory(language="zh-hans")
    reviewer = MemberFactory(organisation=owner.organisation, role=Role.REVIEWER, user=user)
    owner.user.language = "zh-hans"
    owner.user.save()
    send_news(now=now)
    risk = reminders.AtRisk([Row("Holder", 2, now, "Asia/Shanghai")], [])
    reminders._remind(reviewer, risk, now)
    with translation.override("zh-hans"):
        invitations.invite(
            actor=of_member(owner), email="new@example.test", role=Role.VIEWER, now=now
        )
    in_chinese(None).post(reverse("account_reset_password"), {"email": user.email})
    complaint = Complaint.objects.filter(organisation=owner.organisation, state="filed").earliest(
        "pk"
    )
    messages.write(actor=platform_admin(), complaint=complaint, text="A question", now=now)
    wanted = {user.email, owner.user.email, "new@example.test"}
    mails = [m for m in OutboxMessage.objects.all() if wanted & set(m.payload.get("to", []))]
    assert len(mails) >= 5
    for mail in mails:
        texts = [mail.payload["subject"], mail.payload["text"], *Texts(mail.payload["html"]).texts]
        for text in texts:
            left = [f for f in SENTENCE.findall(text) if f.casefold() not in known]
            assert not left, (mail.key, left)
        assert outbox.deliver(mail.pk, timezone.now())


def test_no_column_of_a_staff_table_is_named_in_english():
    left = []
    with translation.override("zh-hans"):
        for model in apps.get_models():
            if not model.__module__.startswith(field_names.OURS):
                continue
            left += [
                f"{model.__name__}.{field.name}: {field.verbose_name}"
                for field in model._meta.get_fields()
                if isinstance(field, Field)
                and not re.search(r"[\u4e00-\u9fff]", str(field.verbose_name))
                and str(field.verbose_name) not in {"ID", "HTML", "SHA-256"}
            ]
    assert not left, "\n".join(left)
