"""Registrations and letters: submitted, audited, expired; who may, and what files are taken."""

import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from PIL import Image

from brands.models import CredentialAudit, LetterOfAuthorisation, Registration
from brands.selectors import credentials_to_audit, letters_visible_to, registration_for
from brands.services import credential_audit, credential_life, rights
from brands.services.rights import Document, LetterFacts, RegistrationFacts
from portal.core import files
from portal.core.actors import of_member
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, Mandate, Role, StoredFile
from portal.core.scope import may_act_for
from tests.brands import papers
from tests.factories import (
    BrandFactory,
    MemberFactory,
    OrganisationFactory,
    RegistrationFactory,
)

pytestmark = pytest.mark.django_db
PDF = papers.pdf()
FACTS = RegistrationFacts(
    kind="trademark",
    jurisdiction="cn",
    number="12345678",
    owner_name="Velmora Ltd",
    valid_from=date(2020, 1, 1),
    valid_to=date(2030, 12, 31),
    nice_classes=[25, 18],
)


@pytest.fixture
def brand():
    return BrandFactory()


@pytest.fixture
def actor(brand):
    return of_member(MemberFactory(organisation=brand.organisation))


@pytest.fixture
def auditor():
    return of_member(MemberFactory(platform_admin=True, role=Role.PLATFORM_AUDITOR))


def picture(format_="PNG", size=(40, 30), mode="RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, format_)
    return out.getvalue()


def submit(actor, now, brand, content=PDF, name="certificate.pdf", **change) -> Registration:
    return rights.submit_registration(
        actor=actor,
        now=now,
        organisation=brand.organisation,
        facts=replace(FACTS, **change),
        brands=[brand],
        document=Document(content, name),
    )


def submit_letter(now, agent_member, rights_holder, **term) -> LetterOfAuthorisation:
    term = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)} | term
    return rights.submit_letter(
        actor=of_member(agent_member),
        now=now,
        agent=agent_member.organisation,
        rights_holder=rights_holder,
        facts=LetterFacts(**term),
        document=Document(PDF, "letter.pdf"),
    )


@pytest.fixture
def agent_member():
    return MemberFactory(organisation=OrganisationFactory(agent=True))


def test_a_submitted_registration_waits_for_audit(actor, now, brand, auditor) -> None:
    row = submit(actor, now, brand)
    row.refresh_from_db()
    assert (row.state, row.jurisdiction, row.nice_classes) == ("submitted", "CN", [18, 25])
    assert files.read(row.document) == PDF
    assert list(credentials_to_audit(auditor)[0]) == [row]
    assert not credentials_to_audit(actor)[0].exists()


def test_a_picture_is_written_anew_without_what_hides_behind_it(actor, now, brand) -> None:
    row = submit(actor, now, brand, picture("JPEG") + b"<script>alert(1)</script>", "a.jpg")
    kept = files.read(row.document)
    assert row.document.media_type == "image/jpeg"
    assert b"script" not in kept
    assert Image.open(io.BytesIO(kept)).size == (40, 30)


def test_transparency_of_a_png_is_kept(actor, now, brand) -> None:
    row = submit(actor, now, brand, picture("PNG", mode="LA"), "a.png")
    assert Image.open(io.BytesIO(files.read(row.document))).mode == "RGBA"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90 not a document", "unknown_type"),
        (b"GIF89a%PDF-1.7 %%EOF", "unknown_type"),
        (PDF[:20], "pdf_incomplete"),
        (picture()[:60], "damaged"),
        (PDF[:-6] + b" " * (20 * 1024 * 1024) + b"%%EOF", "too_large"),
        (picture(size=(5000, 4001), mode="1"), "too_many_pixels"),
        (picture(size=(20000, 10000), mode="1"), "too_many_pixels"),
    ],
)
def test_a_document_that_is_none_is_refused(actor, now, brand, content, code) -> None:
    with pytest.raises(InvalidInput) as refusal:
        submit(actor, now, brand, content)
    assert (refusal.value.field, refusal.value.code) == ("document", code)
    assert not Registration.objects.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"jurisdiction": "XX"}, "jurisdiction"),
        ({"valid_to": date(2019, 1, 1)}, "valid_to"),
        ({"nice_classes": [46]}, "nice_classes"),
        ({"nice_classes": []}, "nice_classes"),
        ({"number": " "}, "number"),
        ({"owner_name": ""}, "owner_name"),
        ({"kind": "taste"}, "kind"),
    ],
)
def test_a_wrong_field_is_named(actor, now, brand, change, field) -> None:
    with pytest.raises(InvalidInput) as refusal:
        submit(actor, now, brand, **change)
    assert field in {error.field for error in refusal.value.errors}


def test_a_registration_is_submitted_once(actor, now, brand) -> None:
    submit(actor, now, brand)
    with pytest.raises(InvalidInput) as refusal:
        submit(actor, now, brand)
    assert refusal.value.field == "number"


def test_a_brand_of_somebody_else_cannot_be_protected(actor, now, brand) -> None:
    with pytest.raises(InvalidInput) as refusal:
        rights.submit_registration(
            actor=actor,
            now=now,
            organisation=brand.organisation,
            facts=FACTS,
            brands=[BrandFactory()],
            document=Document(PDF, "c.pdf"),
        )
    assert refusal.value.field == "brands"


def test_an_auditor_takes_and_approves(actor, now, brand, auditor) -> None:
    row = submit(actor, now, brand)
    credential_audit.take(actor=auditor, now=now, credential=row)
    credential_audit.approve(actor=auditor, now=now, credential=row)
    audit = CredentialAudit.objects.get()
    assert (row.state, audit.outcome, audit.code) == ("approved", "approved", "complete")
    entry = JournalEntry.objects.get(verb="credential.approved")
    assert entry.data["brand_ids"] == [brand.pk]


def test_two_auditors_cannot_decide_one_credential(actor, now, brand, auditor) -> None:
    row = submit(actor, now, brand)
    credential_audit.take(actor=auditor, now=now, credential=row)
    stale = Registration.objects.get(pk=row.pk)
    credential_audit.approve(actor=auditor, now=now, credential=row)
    with pytest.raises(StaleState):
        credential_audit.reject(actor=auditor, now=now, credential=stale, code="forged")
    assert CredentialAudit.objects.count() == 1


def test_an_expired_credential_cannot_be_approved(actor, now, brand, auditor) -> None:
    row = submit(actor, now, brand, valid_to=now.date() - timedelta(days=1))
    credential_audit.take(actor=auditor, now=now, credential=row)
    with pytest.raises(InvalidInput, match="expired"):
        credential_audit.approve(actor=auditor, now=now, credential=row)
    credential_audit.reject(actor=auditor, now=now, credential=row, code="expired")
    assert row.state == "rejected"


def test_a_credential_holds_on_its_last_day(actor, now, brand, auditor) -> None:
    row = submit(actor, now, brand, valid_to=now.date())
    credential_audit.take(actor=auditor, now=now, credential=row)
    credential_audit.approve(actor=auditor, now=now, credential=row)
    assert credential_life.expire(now=now) == 0
    assert credential_life.expire(now=now + timedelta(days=1)) == 1
    row.refresh_from_db()
    assert row.state == "expired"


@pytest.mark.parametrize(("code", "note"), [("complete", "x"), ("", "x"), ("other", " ")])
def test_a_rejection_has_a_code_and_other_a_note(actor, now, brand, auditor, code, note) -> None:
    row = submit(actor, now, brand)
    credential_audit.take(actor=auditor, now=now, credential=row)
    with pytest.raises(InvalidInput):
        credential_audit.reject(actor=auditor, now=now, credential=row, code=code, note=note)


def test_more_is_asked_and_given(actor, now, brand, auditor) -> None:
    row = submit(actor, now, brand)
    credential_audit.take(actor=auditor, now=now, credential=row)
    credential_audit.ask_more(
        actor=auditor, now=now, credential=row, code="unreadable", note="Page 2 is missing."
    )
    rights.resubmit_registration(
        actor=actor,
        now=now,
        registration=row,
        facts=replace(FACTS, owner_name="Velmora Limited"),
        brands=[brand],
        document=Document(picture(), "page2.png"),
    )
    row.refresh_from_db()
    assert (row.state, row.owner_name) == ("submitted", "Velmora Limited")
    assert row.document.media_type == "image/png"


def test_brands_cannot_audit_and_nobody_audits_their_own(actor, now, brand, auditor) -> None:
    row = submit(actor, now, brand)
    with pytest.raises(NotAllowed):
        credential_audit.take(actor=actor, now=now, credential=row)
    row.submitted_by = auditor.member
    with pytest.raises(NotAllowed) as refusal:
        credential_audit.take(actor=auditor, now=now, credential=row)
    assert refusal.value.code == "own_submission"


def test_an_approved_letter_is_a_mandate(now, brand, agent_member, auditor) -> None:
    letter = submit_letter(now, agent_member, brand.organisation)
    assert not may_act_for(agent_member, brand.organisation, now.date())
    credential_audit.take(actor=auditor, now=now, credential=letter)
    credential_audit.approve(actor=auditor, now=now, credential=letter)
    assert may_act_for(agent_member, brand.organisation, now.date())
    letter.refresh_from_db()
    assert letter.mandate == Mandate.objects.get()


def test_a_second_letter_for_the_same_term_is_refused(now, brand, agent_member, auditor) -> None:
    for expected in ("approved", "refused"):
        letter = submit_letter(now, agent_member, brand.organisation)
        credential_audit.take(actor=auditor, now=now, credential=letter)
        if expected == "approved":
            credential_audit.approve(actor=auditor, now=now, credential=letter)
        else:
            with pytest.raises(StaleState) as refusal:
                credential_audit.approve(actor=auditor, now=now, credential=letter)
            assert refusal.value.code == "mandate_overlaps"
    assert Mandate.objects.count() == 1


def test_an_agent_cannot_extend_its_mandate_in_its_principals_name(
    now, brand, agent_member
) -> None:
    acting = of_member(agent_member, brand.organisation)
    with pytest.raises(NotAllowed) as refusal:
        rights.submit_letter(
            actor=acting,
            now=now,
            agent=agent_member.organisation,
            rights_holder=brand.organisation,
            facts=LetterFacts(date(2026, 1, 1), date(2026, 12, 31)),
            document=Document(PDF, "l.pdf"),
        )
    assert refusal.value.code == "acting_for_other"


def test_an_agent_sees_its_letters_and_no_other_agents(now, brand, agent_member, actor) -> None:
    mine = submit_letter(now, agent_member, brand.organisation)
    rival = MemberFactory(organisation=OrganisationFactory(agent=True))
    theirs = submit_letter(now, rival, brand.organisation)
    assert list(letters_visible_to(of_member(agent_member))) == [mine]
    assert list(letters_visible_to(of_member(agent_member, brand.organisation))) == [mine]
    assert set(letters_visible_to(actor)) == {mine, theirs}


@pytest.mark.parametrize(
    ("held", "asked", "covers"),
    [
        ("CN", "CN", True),
        ("EU", "DE", True),
        ("EU", "EU", True),
        ("DE", "EU", False),
        ("EU", "CH", False),
        ("EU", "GB", False),
        ("WO", "CN", False),
        ("WO", "WO", False),
        ("US", "CN", False),
    ],
)
def test_which_right_covers_which_place(now, brand, held, asked, covers) -> None:
    row = RegistrationFactory(organisation=brand.organisation, jurisdiction=held, brands=[brand])
    found = registration_for(brand=brand, jurisdiction=asked, on=now.date())
    assert found == (row if covers else None)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "submitted"},
        {"state": "expired"},
        {"valid_to": date(2026, 6, 2)},
        {"valid_from": date(2026, 6, 4)},
        {"kind": "design"},
        {"brands": []},
    ],
)
def test_no_other_registration_covers_anything(now, brand, change) -> None:
    RegistrationFactory(**{"organisation": brand.organisation, "brands": [brand]} | change)
    assert registration_for(brand=brand, jurisdiction="CN", on=now.date()) is None


def test_a_national_right_goes_before_the_unions(now, brand) -> None:
    organisation = brand.organisation
    RegistrationFactory(organisation=organisation, jurisdiction="EU", brands=[brand])
    german = RegistrationFactory(organisation=organisation, jurisdiction="DE", brands=[brand])
    assert registration_for(brand=brand, jurisdiction="DE", on=now.date()) == german


def test_an_auditor_who_belongs_to_the_rights_holder_does_not_audit_its_registration(now, auditor):
    registration = RegistrationFactory(state="submitted")
    MemberFactory(user=auditor.member.user, organisation=registration.organisation)
    with pytest.raises(NotAllowed) as refusal:
        credential_audit.take(actor=auditor, now=now, credential=registration)
    assert refusal.value.code == "own_organisation"


def test_an_auditor_who_belongs_to_the_agent_does_not_audit_its_letter(now, auditor):
    agent = MemberFactory(organisation=OrganisationFactory(agent=True))
    MemberFactory(user=auditor.member.user, organisation=agent.organisation)
    letter = submit_letter(now, agent, OrganisationFactory())
    with pytest.raises(NotAllowed) as refusal:
        credential_audit.take(actor=auditor, now=now, credential=letter)
    assert refusal.value.code == "own_organisation"
