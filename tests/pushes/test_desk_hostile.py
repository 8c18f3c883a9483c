"""What a careless or curious reader sends to the desk, and what it answers."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.actors import of_member
from portal.core.models import Mandate, Role
from pushes.models import LinkNote, SecondLook
from pushes.services import review
from pushes.services.notices import Holding, holdings_of
from pushes.services.reviewers import reviewers_of
from pushes.web.diff import words
from tests.factories import MemberFactory, OrganisationFactory, SuspectedLinkFactory


def reviewer(link):
    return MemberFactory(organisation=link.organisation, role=Role.REVIEWER)


@pytest.mark.django_db
class TestAnswers:
    def test_a_link_without_a_clock_opens_in_the_view_of_deadlines(self, signed_in):
        link = SuspectedLinkFactory(state="overflow", due_at=None)
        browser = signed_in(reviewer(link))
        assert browser.get(f"/links/{link.uuid}").status_code == 200
        assert browser.get(f"/links/rows?after={link.uuid}").status_code == 200

    def test_a_confirmation_of_five_thousand_digits_is_none(self, signed_in):
        link = SuspectedLinkFactory()
        sent = {
            "link": str(link.uuid),
            "outcome": "genuine",
            "reason": "x",
            "confirmed": "9" * 5000,
        }
        assert signed_in(reviewer(link)).post("/links/verdicts", sent).status_code == 200

    def test_a_character_no_text_can_hold_is_refused_in_words(self, signed_in):
        link = SuspectedLinkFactory()
        browser = signed_in(reviewer(link))
        answer = browser.post(f"/links/{link.uuid}/note", {"text": "a\0b"})
        assert answer.status_code == 422
        assert "Type it again" in answer.content.decode()

    def test_a_note_on_a_blind_second_look_shows_no_colleague_s(self, signed_in, settings):
        settings.SECOND_LOOK_SHARE = 1.0
        now = timezone.now()
        link = SuspectedLinkFactory(pushed_at=now, due_at=now + timedelta(days=5))
        first, second = reviewer(link), reviewer(link)
        LinkNote.objects.create(link=link, member=first, text="told already", at=now)
        review.give_verdict(actor=of_member(first), link=link, outcome="counterfeit", now=now)
        review.settle_due(now=now + timedelta(seconds=60))
        assert SecondLook.objects.get().reviewer == second
        answer = signed_in(second).post(
            f"/links/{link.uuid}/note", {"text": "mine"}, headers={"hx-request": "true"}
        )
        assert answer.status_code == 200
        assert "told already" not in answer.content.decode()


@pytest.mark.django_db
class TestForWhom:
    def test_a_page_made_for_another_organisation_saves_nothing(self, signed_in):
        link = SuspectedLinkFactory()
        sent = {"text": "for whom?", "acting_for": str(OrganisationFactory().uuid)}
        answer = signed_in(reviewer(link)).post(f"/links/{link.uuid}/note", sent)
        assert answer.status_code == 409
        assert "load the page again" in answer.content.decode()
        assert not LinkNote.objects.exists()

    def test_a_page_made_for_this_one_does(self, signed_in):
        link = SuspectedLinkFactory()
        sent = {"text": "for us", "acting_for": str(link.organisation.uuid)}
        assert signed_in(reviewer(link)).post(f"/links/{link.uuid}/note", sent).status_code == 302
        assert LinkNote.objects.get().text == "for us"


@pytest.mark.django_db
@pytest.mark.parametrize(("acts", "asked"), [([], True), (["judge"], True), (["register"], False)])
def test_an_agent_that_may_not_judge_is_not_asked_to(acts, asked):
    link, now = SuspectedLinkFactory(), timezone.now()
    agent = MemberFactory(organisation=OrganisationFactory(agent=True), role=Role.REVIEWER)
    Mandate.objects.create(
        agent=agent.organisation,
        rights_holder=link.organisation,
        valid_from=now.date() - timedelta(days=2),
        valid_to=now.date() + timedelta(days=2),
        acts=acts,
    )
    assert (agent in reviewers_of(link.organisation_id, now=now)) is asked
    assert (Holding(link.organisation_id) in holdings_of([agent], now=now)[agent.pk]) is asked


def test_a_text_made_to_be_slow_is_compared_at_once():
    began = time.process_time()
    pieces = words("a b " * 1000, "b a c " * 660)
    assert (
        "".join(piece.text for piece in pieces if piece.kind != "added") == ("a b " * 1000)[:4000]
    )
    assert time.process_time() - began < 5
