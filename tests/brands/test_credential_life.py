"""After the approval: suspended, revoked by two, expired where the holder is, renewed, reminded."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from brands.models import BrandName, LetterOfAuthorisation, RegisterEntry, Registration
from brands.services import claims, credential_audit, credential_life, credential_mail, registration
from brands.services.register_import import import_register
from brands.services.registration import NewName
from portal.core.actors import SYSTEM, of_member
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, Mandate, OutboxMessage, Role
from portal.core.policies import Permission, permissions_of
from portal.core.scope import mandate_of, may_act_for
from pushes.services import engine_facts
from tests.brands.test_credentials import FACTS, submit, submit_letter
from tests.brands.test_forgery import letter as letter_of
from tests.brands.test_pages import certificate
from tests.factories import BrandFactory, MemberFactory, OrganisationFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


def new_auditor():
    return of_member(MemberFactory(platform_admin=True, role=Role.PLATFORM_AUDITOR))


@pytest.fixture
def auditor():
    return new_auditor()


@pytest.fixture
def second(auditor):
    member = MemberFactory(organisation=auditor.organisation, role=Role.PLATFORM_AUDITOR)
    return of_member(member)


def approved_letter(now, auditor, **fields) -> LetterOfAuthorisation:
    row = letter_of(now, **fields)
    credential_audit.take(actor=auditor, now=now, credential=row)
    credential_audit.approve(actor=auditor, now=now, credential=row)
    return row


# --------------------------------------------------------------------------- revocation


def test_two_people_revoke(now, auditor, second) -> None:
    row = RegistrationFactory()
    asked = credential_life.request_revocation(
        actor=auditor, now=now, credential=row, code="forged", note="The stamp is drawn."
    )
    assert row.state == "approved"
    with pytest.raises(NotAllowed) as refusal:
        credential_life.confirm_revocation(actor=auditor, now=now, revocation=asked)
    assert refusal.value.code == "own_request"
    credential_life.confirm_revocation(actor=second, now=now, revocation=asked)
    row.refresh_from_db()
    assert row.state == "revoked"
    assert row.audits.get().auditor == second.member
    assert JournalEntry.objects.filter(verb="credential.revoked").count() == 1


def test_the_same_person_in_another_seat_is_no_second_auditor(now, auditor) -> None:
    asked = credential_life.request_revocation(
        actor=auditor, now=now, credential=RegistrationFactory(), code="forged", note="x"
    )
    other_seat = MemberFactory(
        user=auditor.member.user,
        organisation=OrganisationFactory(kind="platform", name="Second platform"),
        role=Role.PLATFORM_ADMIN,
    )
    with pytest.raises(NotAllowed):
        credential_life.confirm_revocation(actor=of_member(other_seat), now=now, revocation=asked)


def test_one_revocation_is_open_at_a_time_and_can_be_declined(now, auditor, second) -> None:
    row = RegistrationFactory()
    ask = {"actor": auditor, "now": now, "credential": row, "code": "forged", "note": "x"}
    first = credential_life.request_revocation(**ask)
    with pytest.raises(StaleState):
        credential_life.request_revocation(**ask)
    credential_life.decline_revocation(actor=second, now=now, revocation=first)
    with pytest.raises(StaleState):
        credential_life.confirm_revocation(actor=second, now=now, revocation=first)
    assert credential_life.request_revocation(**ask)
    row.refresh_from_db()
    assert row.state == "approved"


def test_what_was_never_approved_is_not_revoked(now, auditor) -> None:
    with pytest.raises(StaleState):
        credential_life.request_revocation(
            actor=auditor,
            now=now,
            credential=RegistrationFactory(state="rejected"),
            code="forged",
            note="x",
        )


def test_a_suspension_is_lifted_with_a_reason(now, auditor) -> None:
    row = RegistrationFactory()
    credential_life.suspend(
        actor=auditor, now=now, credential=row, code="number_reused", note="Two hold it."
    )
    with pytest.raises(InvalidInput):
        credential_life.reinstate(actor=auditor, now=now, credential=row, note=" ")
    credential_life.reinstate(actor=auditor, now=now, credential=row, note="The other was forged.")
    assert row.state == "approved"
    assert [a.code for a in row.audits.order_by("pk")] == ["number_reused", "cleared"]


# --------------------------------------------------------------------------- terms


def test_a_term_ends_where_the_rights_holder_is() -> None:
    day = date(2026, 6, 30)
    shanghai = RegistrationFactory(valid_to=day)
    angeles = RegistrationFactory(
        valid_to=day, organisation=OrganisationFactory(zone="America/Los_Angeles", country="US")
    )
    assert credential_life.expire(now=datetime(2026, 6, 30, 15, 59, tzinfo=UTC)) == 0
    assert credential_life.expire(now=datetime(2026, 6, 30, 16, 0, tzinfo=UTC)) == 1
    shanghai.refresh_from_db()
    assert shanghai.state == "expired"
    assert credential_life.expire(now=datetime(2026, 7, 1, 6, 59, tzinfo=UTC)) == 0
    assert credential_life.expire(now=datetime(2026, 7, 1, 7, 0, tzinfo=UTC)) == 1
    angeles.refresh_from_db()
    assert angeles.state == "expired"


def test_people_are_reminded_once_at_90_30_and_7_days(now) -> None:
    row = RegistrationFactory(valid_to=now.date() + timedelta(days=100))
    owner = MemberFactory(organisation=row.organisation)
    MemberFactory(organisation=row.organisation, role=Role.VIEWER)
    mails = OutboxMessage.objects.filter(key__startswith="mail:credential-ends:")
    told = []
    for day in range(105):
        for _twice in range(2):
            credential_mail.remind(now=now + timedelta(days=day))
        told.append(mails.filter(payload__to=[owner.user.email]).count())
    assert [day for day in range(1, 105) if told[day] > told[day - 1]] == [10, 70, 93]
    assert told[-1] == 3
    assert mails.exclude(payload__to__contains=owner.user.email).count() == 3  # the submitter


def test_a_credential_approved_late_gets_one_reminder(now) -> None:
    row = RegistrationFactory(valid_to=now.date() + timedelta(days=20))
    credential_mail.remind(now=now)
    assert OutboxMessage.objects.get(key__startswith="mail:credential-ends:").key.count(":30:") == 1
    RegistrationFactory(organisation=row.organisation, renews=row, valid_to=date(2040, 1, 1))
    assert credential_mail.remind(now=now) == 0


def test_the_submitter_reads_what_the_auditor_said(now, auditor) -> None:
    row = RegistrationFactory(state="submitted")
    credential_audit.take(actor=auditor, now=now, credential=row)
    credential_audit.reject(
        actor=auditor, now=now, credential=row, code="unreadable", note="Page 2 is black."
    )
    mail = OutboxMessage.objects.get(key__startswith="mail:credential-audit:")
    assert mail.payload["to"] == [row.submitted_by.user.email]
    assert "Page 2 is black." in mail.payload["text"]


def test_a_renewal_is_prefilled_and_submitted_beside_the_old_one(signed_in, now) -> None:
    brand = BrandFactory()
    row = RegistrationFactory(
        organisation=brand.organisation, brands=[brand], number="4711", number_key="4711"
    )
    owner = signed_in(MemberFactory(organisation=brand.organisation))
    address = reverse("brands:registration_new") + f"?renews={row.uuid}"
    form = owner.get(address).context["form"]
    assert (form.initial["number"], form.initial["valid_to"]) == ("4711", None)
    fields = {name: value for name, value in form.initial.items() if value and name != "brands"}
    fields |= {
        "valid_from": "2031-01-01", "valid_to": "2040-12-31", "brands": [str(brand.uuid)],
        "document": certificate(),
    }  # fmt: skip
    owner.post(address, fields)
    renewal = Registration.objects.get(renews=row)
    assert (renewal.number, renewal.state) == ("4711", "submitted")
    assert owner.get(address).status_code == 409


# --------------------------------------------------------------------------- agents


def test_a_revoked_letter_ends_the_mandate_at_once(now, auditor, second) -> None:
    row = approved_letter(now, auditor)
    person = row.submitted_by
    assert may_act_for(person, row.organisation, now.date())
    asked = credential_life.request_revocation(
        actor=auditor, now=now, credential=row, code="forged", note="x"
    )
    credential_life.confirm_revocation(actor=second, now=now, revocation=asked)
    assert not may_act_for(person, row.organisation, now.date())


def test_a_suspended_letter_rests_and_comes_back(now, auditor) -> None:
    row = approved_letter(now, auditor)
    credential_life.suspend(actor=auditor, now=now, credential=row, code="not_signed", note="x")
    assert not may_act_for(row.submitted_by, row.organisation, now.date())
    credential_life.reinstate(actor=auditor, now=now, credential=row, note="Signed original seen.")
    assert may_act_for(row.submitted_by, row.organisation, now.date())


def test_a_mandate_lets_do_what_its_letter_names(now, auditor) -> None:
    row = approved_letter(now, auditor, scope=[Mandate.Act.COMPLAIN])
    mandate = mandate_of(row.submitted_by, row.organisation, now.date())
    assert mandate is not None
    actor = of_member(row.submitted_by, row.organisation, acts=mandate.acts)
    granted = permissions_of(actor)
    assert Permission.FILE_COMPLAINT in granted
    assert Permission.VIEW_LINKS in granted
    assert {Permission.EDIT_REGISTRY, Permission.JUDGE_LINKS, Permission.MANAGE_KEYS}.isdisjoint(
        granted
    )


def test_a_renewed_letter_goes_on_where_the_old_one_ends(now, auditor) -> None:
    old = approved_letter(now, auditor)
    new = letter_of(
        now, holder=old.organisation, agent=old.agent, submitted_by=old.submitted_by, renews=old
    )
    LetterOfAuthorisation.objects.filter(pk=new.pk).update(valid_to=date(2027, 12, 31))
    new.refresh_from_db()
    credential_audit.take(actor=auditor, now=now, credential=new)
    credential_audit.approve(actor=auditor, now=now, credential=new)
    assert Mandate.objects.get(letter=new).valid_from == date(2027, 1, 1)


def test_the_rights_holder_confirms_and_the_agent_cannot(now) -> None:
    row = letter_of(now)
    both = MemberFactory(user=row.submitted_by.user, organisation=row.organisation)
    with pytest.raises(NotAllowed) as refusal:
        credential_life.confirm_letter(actor=of_member(both), now=now, letter=row)
    assert refusal.value.code == "authorises_itself"
    with pytest.raises(NotAllowed):
        credential_life.confirm_letter(actor=of_member(row.submitted_by), now=now, letter=row)
    owner = MemberFactory(organisation=row.organisation)
    credential_life.confirm_letter(actor=of_member(owner), now=now, letter=row)
    assert row.confirmed_by == owner


# --------------------------------------------------------------------------- names


def matched(brand) -> tuple[str, ...]:
    facts = engine_facts.facts_of([brand.pk])
    return facts.engine_brands[0].aliases


def test_a_name_added_after_the_approval_waits_for_an_auditor(now, auditor) -> None:
    brand = BrandFactory(name="Velmora", vouched=False)
    actor = of_member(MemberFactory(organisation=brand.organisation))
    RegistrationFactory(organisation=brand.organisation, brands=[brand], mark_text="VELMORA")
    add = {"actor": actor, "now": now, "brand": brand}
    registration.add_name(**add, name=NewName("Famous"))
    registration.add_name(**add, name=NewName("Ｖｅｌｍｏｒａ"))
    assert matched(brand) == ("Ｖｅｌｍｏｒａ",)
    claim = BrandName.objects.get(text="Famous")
    with pytest.raises(NotAllowed):
        claims.decide(actor=actor, now=now, name=claim, approved=True)
    claims.decide(actor=auditor, now=now, name=claim, approved=True)
    assert set(matched(brand)) == {"Famous", "Ｖｅｌｍｏｒａ"}
    assert JournalEntry.objects.filter(verb="brand_name.in_force").exists()


def test_an_approval_brings_covered_and_chosen_names_into_force(now, auditor) -> None:
    brand = BrandFactory(name="Velmora", vouched=False)
    actor = of_member(MemberFactory(organisation=brand.organisation))
    for text in ("VELMORA!", "维尔摩拉", "Famous"):
        registration.add_name(actor=actor, now=now, brand=brand, name=NewName(text))
    row = RegistrationFactory(
        organisation=brand.organisation, brands=[brand], mark_text="Velmora", state="submitted"
    )
    credential_audit.take(actor=auditor, now=now, credential=row)
    chosen = BrandName.objects.filter(text="维尔摩拉")
    credential_audit.approve(actor=auditor, now=now, credential=row, names=chosen)
    assert set(matched(brand)) == {"VELMORA!", "维尔摩拉"}


def test_a_proven_brand_is_not_renamed_into_a_known_one(now) -> None:
    brand = BrandFactory(name="Velmora", vouched=False)
    actor = of_member(MemberFactory(organisation=brand.organisation))
    rename = {"actor": actor, "now": now, "brand": brand}
    RegistrationFactory(organisation=brand.organisation, brands=[brand], mark_text="Velmora")
    with pytest.raises(InvalidInput, match="approved under another name"):
        registration.rename_brand(**rename, name="Famous")
    registration.rename_brand(**rename, name="VELMORA")
    assert brand.name == "VELMORA"


# --------------------------------------------------------------------------- text and registers


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"owner_name": "V\u0435lmora Ltd"}, "owner_name", "mixed_scripts"),
        ({"number": "\u0410B123"}, "number", "mixed_scripts"),
        ({"owner_name": "Vel\u202emora"}, "owner_name", "hidden_character"),
    ],
)
def test_text_in_the_wrong_script_is_refused_with_its_place(now, change, field, code) -> None:
    brand = BrandFactory()
    actor = of_member(MemberFactory(organisation=brand.organisation))
    with pytest.raises(InvalidInput) as refusal:
        submit(actor, now, brand, **change)
    assert (field, code) in {(error.field, error.code) for error in refusal.value.errors}


def test_digits_of_another_script_become_plain_ones(now) -> None:
    brand = BrandFactory()
    actor = of_member(MemberFactory(organisation=brand.organisation))
    assert submit(actor, now, brand, number="１２-３٤").number == "12-34"
    assert FACTS.number == "12345678"


CSV = "kind,jurisdiction,number,owner,classes,valid_to\n"


def test_a_register_is_imported_and_updated(now) -> None:
    def take(content: str):
        return import_register(
            actor=SYSTEM, now=now, content=content.encode(), name="r.csv", source="Office"
        )

    assert take(CSV + 'trademark,cn,12 345,Velmora Ltd,"18, 25",2030-12-31\n').created == 1
    done = take(CSV + "trademark,CN,12345,Velmora GmbH,25,\n")
    assert (done.created, done.updated) == (0, 1)


@pytest.mark.parametrize(
    ("name", "content", "fields"),
    [
        (
            "r.csv",
            CSV + "taste,XX,,Velmora,99,2030-02-31\n",
            {"kind", "jurisdiction", "number", "classes", "valid_to"},
        ),
        ("r.csv", "number,owner\n1,V\n", {"file"}),
        ("r.csv", CSV, {"file"}),
        ("r.json", "[1]", {"file"}),
        ("r.json", "{", {"file"}),
    ],
)
def test_a_wrong_register_file_is_refused_whole(now, name, content, fields) -> None:
    with pytest.raises(InvalidInput) as refusal:
        import_register(actor=SYSTEM, now=now, content=content.encode(), name=name, source="Office")
    assert {error.field for error in refusal.value.errors} == fields
    assert not RegisterEntry.objects.exists()


def test_a_second_letter_is_submitted_by_people_only(now) -> None:
    agent = MemberFactory(organisation=OrganisationFactory(agent=True))
    assert submit_letter(now, agent, OrganisationFactory()).state == "submitted"
