"""When a right falls its complaints freeze; when it stands again they go on."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from brands.models import LetterOfAuthorisation, Registration
from brands.services import credential_audit, credential_life
from complaints.models import Complaint, CounterNotice, Decision, Reinstatement, RightReview
from complaints.services import decisions, filing, freezing
from portal.core import events, journal
from portal.core.actors import of_member
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, Mandate, Role
from tests.brands.test_forgery import letter as letter_of
from tests.complaints.hearing import established, second_admin, submitted
from tests.complaints.support import complainant_of, platform_admin
from tests.factories import (
    ComplaintFactory,
    InfringingLinkFactory,
    MemberFactory,
    OrganisationFactory,
    RegistrationFactory,
)

pytestmark = pytest.mark.django_db
State = Complaint.State


def consume() -> None:
    """Do what the sealer and the journal's readers do."""
    journal.seal()
    for consumer in events.consumers():
        if consumer.name == freezing.CONSUMER:
            while events.run(consumer):
                pass


@pytest.fixture
def auditor():
    return of_member(MemberFactory(platform_admin=True, role=Role.PLATFORM_AUDITOR))


def suspend(auditor, credential, now) -> None:
    credential_life.suspend(
        actor=auditor, now=now, credential=credential, code="number_reused", note="Doubt."
    )


def revoke(auditor, credential, now) -> None:
    second = MemberFactory(organisation=auditor.organisation, role=Role.PLATFORM_AUDITOR)
    asked = credential_life.request_revocation(
        actor=auditor, now=now, credential=credential, code="forged", note="Drawn."
    )
    credential_life.confirm_revocation(actor=of_member(second), now=now, revocation=asked)


def states_of(*complaints) -> list[str]:
    return [Complaint.objects.get(pk=row.pk).state for row in complaints]


def on_one_right(*states):
    """Complaints of one brand that rest on one registration."""
    first = ComplaintFactory(state=states[0])
    links = [
        InfringingLinkFactory(brand=first.link.brand, organisation=first.organisation)
        for _state in states[1:]
    ]
    return [first] + [
        ComplaintFactory(link=link, registration=first.registration, state=state)
        for link, state in zip(links, states[1:], strict=True)
    ]


@pytest.mark.parametrize(
    "fallen", [{"state": "suspended"}, {"valid_to": date(2026, 6, 1)}], ids=["doubt", "over"]
)
def test_nobody_establishes_on_a_right_that_does_not_stand(now, fallen) -> None:
    # The reader of the journal has not come by yet, so the complaint is not frozen.
    complaint = ComplaintFactory()
    Registration.objects.filter(pk=complaint.registration_id).update(**fallen)
    with pytest.raises(StaleState) as refused:
        decisions.decide(
            actor=platform_admin(),
            complaint=complaint,
            outcome="established",
            code="infringement_clear",
            now=now,
        )
    assert refused.value.code == "right_not_standing"
    assert not Decision.objects.exists()
    decisions.decide(
        actor=platform_admin(),
        complaint=complaint,
        outcome="rejected",
        code="right_not_covering",
        note="It has ended.",
        now=now,
    )


def test_the_page_of_a_frozen_complaint_says_what_does_not_stand(now, auditor, signed_in) -> None:
    complaint = ComplaintFactory()
    revoke(auditor, complaint.registration, now)
    consume()
    complaint.refresh_from_db()
    owner = signed_in(MemberFactory(organisation=complaint.organisation))
    html = owner.get(complaint.get_absolute_url()).content.decode()
    right = complaint.registration
    assert f"The right it rests on does not stand: {right}, Revoked." in html
    Registration.objects.filter(pk=right.pk).update(state="approved")
    html = owner.get(complaint.get_absolute_url()).content.decode()
    assert "The letter of authorisation it was filed under does not stand." in html


def test_a_revocation_freezes_what_is_open_and_lists_what_is_decided(now, auditor) -> None:
    rows = on_one_right("filed", "under_audit", "established", "contested", "rejected", "withdrawn")
    bystander = ComplaintFactory()
    revoke(auditor, rows[0].registration, now)
    consume()
    assert states_of(*rows) == [
        "frozen", "frozen", "established", "contested", "rejected", "withdrawn",
    ]  # fmt: skip
    assert states_of(bystander) == ["filed"]
    listed = set(RightReview.objects.values_list("complaint_id", flat=True))
    assert listed == {rows[2].pk, rows[3].pk}
    consume()
    assert JournalEntry.objects.filter(verb="complaint.frozen").count() == 2
    assert RightReview.objects.count() == 2


def test_an_expired_right_freezes_too(now, auditor) -> None:
    complaint = ComplaintFactory()
    later = now + timedelta(days=4 * 365 + 365)
    assert credential_life.expire(now=later) == 1
    consume()
    assert states_of(complaint) == ["frozen"]


def test_a_lifted_suspension_lets_complaints_go_on(now, auditor) -> None:
    complaint, decided = on_one_right("filed", "established")
    suspend(auditor, complaint.registration, now)
    consume()
    assert states_of(complaint) == ["frozen"]
    assert not RightReview.objects.exists()
    complaint.registration.refresh_from_db()
    credential_life.reinstate(
        actor=auditor, now=now, credential=complaint.registration, note="The other was forged."
    )
    consume()
    assert states_of(complaint, decided) == ["filed", "established"]


def test_a_suspension_lifted_before_the_reader_came_changes_nothing(now, auditor) -> None:
    complaint = ComplaintFactory()
    suspend(auditor, complaint.registration, now)
    credential_life.reinstate(
        actor=auditor, now=now, credential=complaint.registration, note="A mistake."
    )
    consume()
    assert states_of(complaint) == ["filed"]
    assert not JournalEntry.objects.filter(verb="complaint.frozen").exists()


def test_an_approved_renewal_lets_complaints_go_on(now, auditor) -> None:
    complaint = ComplaintFactory()
    credential_life.expire(now=now + timedelta(days=5 * 365))
    consume()
    old = complaint.registration
    new = RegistrationFactory(
        organisation=old.organisation,
        brands=old.brands.all(),
        renews=old,
        state="submitted",
        valid_to=now.date().replace(year=2045),
    )
    credential_audit.take(actor=auditor, now=now, credential=new)
    credential_audit.approve(actor=auditor, now=now, credential=new)
    consume()
    assert states_of(complaint) == ["filed"]


def test_a_right_that_falls_while_a_complaint_is_held_freezes_it_as_it_is_filed(
    now, auditor
) -> None:
    complaint = ComplaintFactory(state="held")
    revoke(auditor, complaint.registration, now)
    consume()
    assert states_of(complaint) == ["held"]
    assert filing.settle_due(now=now + timedelta(minutes=1)) == 1
    assert states_of(complaint) == ["frozen"]


def test_a_reader_that_dies_halfway_freezes_once(now, auditor, monkeypatch) -> None:
    rows = on_one_right("filed", "filed", "filed")
    suspend(auditor, rows[0].registration, now)
    real, calls = freezing.freeze, list[Complaint]()

    def dying(complaint, **values):
        if len(calls) == 1:
            raise SystemExit
        calls.append(complaint)
        real(complaint, **values)

    monkeypatch.setattr(freezing, "freeze", dying)
    with pytest.raises(SystemExit):
        consume()
    assert states_of(*rows) == ["filed"] * 3
    monkeypatch.setattr(freezing, "freeze", real)
    consume()
    assert states_of(*rows) == ["frozen"] * 3
    assert JournalEntry.objects.filter(verb="complaint.frozen").count() == 3


def test_a_fallen_letter_freezes_its_agents_complaints_and_nobody_elses(now, auditor) -> None:
    """Misconduct under one client never touches another client of the same agent."""
    agent = MemberFactory(organisation=OrganisationFactory(agent=True))
    mine, other_client = ComplaintFactory(filed_by=agent), ComplaintFactory(filed_by=agent)
    link = InfringingLinkFactory(brand=mine.link.brand, organisation=mine.organisation)
    own = ComplaintFactory(
        link=link,
        registration=mine.registration,
        filed_by=MemberFactory(organisation=mine.organisation),
    )
    letters = []
    for complaint in (mine, other_client):
        letter = letter_of(now, holder=complaint.organisation, agent=agent.organisation,
                           submitted_by=agent)  # fmt: skip
        credential_audit.take(actor=auditor, now=now, credential=letter)
        credential_audit.approve(actor=auditor, now=now, credential=letter)
        letters.append(letter)
    consume()
    revoke(auditor, letters[0], now)
    consume()
    assert states_of(mine, own, other_client) == ["frozen", "filed", "filed"]
    assert LetterOfAuthorisation.objects.get(pk=letters[1].pk).state == "approved"
    assert Mandate.objects.get(letter=letters[1]).revoked_at is None


def test_a_frozen_complaint_is_not_established_but_can_be_rejected(now, auditor, signed_in) -> None:
    complaint = ComplaintFactory()
    revoke(auditor, complaint.registration, now)
    consume()
    admin = of_member(MemberFactory(organisation=auditor.organisation, role=Role.PLATFORM_ADMIN))
    client = signed_in(admin.member)
    page = client.get(reverse("complaints:fallen"))
    assert complaint in page.context["page_obj"]
    client.post(reverse("complaints:reject_frozen", args=[complaint.uuid]))
    assert states_of(complaint) == ["rejected"]
    assert Decision.objects.get().code == "right_not_covering"


def test_a_review_is_closed_once_with_a_reason(now, auditor, signed_in) -> None:
    complaint = ComplaintFactory(state="established")
    revoke(auditor, complaint.registration, now)
    consume()
    review = RightReview.objects.get()
    admin = of_member(MemberFactory(organisation=auditor.organisation, role=Role.PLATFORM_ADMIN))
    with pytest.raises(NotAllowed):
        freezing.close_review(
            actor=complainant_of(complaint), now=now, review=review, outcome="stands"
        )
    with pytest.raises(InvalidInput):
        freezing.close_review(actor=admin, now=now, review=review, outcome="to_undo")
    client = signed_in(admin.member)
    page = client.get(reverse("complaints:fallen"), {"tab": "reviews"})
    assert review in page.context["page_obj"]
    client.post(
        reverse("complaints:close_reviews"), {"review": str(review.uuid), "outcome": "stands"}
    )
    review.refresh_from_db()
    assert (review.outcome, review.closed_by) == ("stands", admin.member)
    with pytest.raises(StaleState):
        freezing.close_review(actor=admin, now=now, review=review, outcome="stands")


@pytest.mark.parametrize("contested", [False, True])
def test_a_decision_to_be_undone_is_undone_by_a_second_person(
    now, auditor, signed_in, contested
) -> None:
    complaint = established(now)
    if contested:
        submitted(complaint, now)
    revoke(auditor, complaint.registration, now)
    consume()
    first, second = platform_admin(), second_admin()
    client = signed_in(first.member)
    chosen = {
        "review": str(RightReview.objects.get().uuid),
        "outcome": "to_undo",
        "note": "Forged.",
    }
    client.post(reverse("complaints:close_reviews"), chosen)
    asked = Reinstatement.objects.get(complaint=complaint)
    assert (asked.state, asked.asked_by, asked.note) == ("requested", first.member, "Forged.")
    undoings = reverse("complaints:fallen") + "?tab=undoings"
    address = reverse("complaints:settle_undoing", args=[asked.uuid])
    assert address not in client.get(undoings).content.decode()
    assert client.post(address, {"act": "confirm"}).status_code == 403
    other = signed_in(second.member)
    assert address in other.get(undoings).content.decode()
    assert other.post(address, {"act": "confirm"}).status_code == 302
    complaint.refresh_from_db()
    assert complaint.state == State.OVERTURNED
    assert complaint.orders.filter(kind="reinstate").count() == 1
    assert complaint.strike.reversed_at is not None
    assert not complaint.counter_notices.filter(state__in=CounterNotice.OPEN).exists()


def test_brands_do_not_see_the_staff_page(signed_in) -> None:
    owner = signed_in(MemberFactory())
    assert owner.get(reverse("complaints:fallen")).status_code == 403


def test_the_reader_is_connected() -> None:
    assert freezing.CONSUMER in {consumer.name for consumer in events.consumers()}
