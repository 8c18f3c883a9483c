"""Forgery signals: a contract every signal keeps, and what each of them finds."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from brands import forgery
from brands.models import LetterOfAuthorisation, RegisterEntry, RegisterFile, Registration
from brands.reading import comparing
from brands.registers import ImportedRegister
from brands.services import pictures
from portal.core.models import StoredFile
from tests.brands import papers
from tests.brands.test_documents import read_all
from tests.factories import (
    BrandFactory,
    MemberFactory,
    OrganisationFactory,
    ProductModelFactory,
    RegistrationFactory,
)
from tests.factories.core import StoredFileFactory

pytestmark = pytest.mark.django_db
OTHER = (
    "Certificate of registration",
    "Mark: ORBEX",
    "Registration number: 99 888 111",
    "Owner: Orbex GmbH",
    "International class: 9",
    "Valid from 2 March 2018 to 1 March 2028",
)


def registration(now, content=None, **fields) -> Registration:
    """A submitted registration that fits ``papers.CERTIFICATE``, with its document read."""
    organisation = OrganisationFactory(name=fields.pop("organisation", "Velmora Limited"))
    facts = {
        "number": "12345678", "number_key": "12345678", "owner_name": "Velmora Ltd",
        "nice_classes": [18, 25], "mark_text": "Velmora", "state": "submitted",
    } | fields  # fmt: skip
    document: StoredFile = StoredFileFactory()
    if content is not None:
        document = pictures.keep_document(content, field="document", now=now)
        read_all(now)
    return RegistrationFactory(organisation=organisation, document=document, **facts)


def letter(now, **fields) -> LetterOfAuthorisation:
    holder = fields.pop("holder", None) or OrganisationFactory()
    agent = fields.pop("agent", None) or OrganisationFactory(agent=True)
    submitter = fields.pop("submitted_by", None) or MemberFactory(organisation=agent)
    return LetterOfAuthorisation.objects.create(
        organisation=holder,
        agent=agent,
        document=StoredFileFactory(),
        document_name="letter.pdf",
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
        state="submitted",
        submitted_by=submitter,
        created_at=now,
        **fields,
    )


def found(credential, now) -> dict[str, forgery.Finding]:
    case = forgery.Case(credential, now, ImportedRegister())
    return {finding.code: finding for finding in forgery.findings_of(case)}


# --------------------------------------------------------------------------- the contract


def test_codes_are_unique_and_fit_their_column() -> None:
    codes = [signal.code for signal in forgery.SIGNALS]
    assert len(set(codes)) == len(codes)
    longest = Registration._meta.get_field("findings").base_field.max_length
    assert longest == 24
    assert max(map(len, codes)) <= longest


@pytest.mark.parametrize("signal", forgery.SIGNALS, ids=lambda signal: signal.code)
def test_a_signal_says_nothing_of_an_honest_credential(now, signal) -> None:
    for honest in (registration(now, papers.pdf()), letter(now, confirmed_by=MemberFactory())):
        case = forgery.Case(honest, now, ImportedRegister())
        assert list(signal.look(case)) == []


@pytest.mark.parametrize("signal", forgery.SIGNALS, ids=lambda signal: signal.code)
def test_a_signal_copes_with_a_document_nobody_has_read(now, signal) -> None:
    case = forgery.Case(registration(now), now, ImportedRegister())
    assert list(signal.look(case)) == []


@pytest.mark.parametrize("signal", forgery.SIGNALS, ids=lambda signal: signal.code)
def test_a_signal_is_named_in_chinese_too(signal) -> None:
    with translation.override("zh-hans"):
        assert any("\u4e00" <= character <= "\u9fff" for character in str(signal.title))


# --------------------------------------------------------------------------- each signal


@pytest.mark.parametrize(
    ("name", "flagged"),
    [("Veimora Limited", True), ("Vellmora L\u0131mited", True), ("Velmora Verlag", False)],
)  # fmt: skip
def test_an_organisation_that_passes_for_an_older_one(now, name, flagged) -> None:
    older = registration(now).organisation
    later = registration(now, organisation=name, number_key="1")
    for row, at in ((older, now), (later.organisation, now + timedelta(days=1))):
        type(row).objects.filter(pk=row.pk).update(created_at=at)
    later.submitted_by = MemberFactory(organisation=later.organisation)
    later.submitted_by.organisation.refresh_from_db()
    finding = found(later, now).get("look_alike_name")
    assert (finding is not None) is flagged
    if finding is not None:
        assert str(older) in finding.explanation


def test_the_same_file_under_another_account(now) -> None:
    first = registration(now, papers.pdf())
    forged = registration(now, papers.pdf(), organisation="Harbour Ltd", number_key="1")
    finding = found(forged, now)["same_document"]
    assert (finding.severity, finding.other) == ("bad", first)
    assert str(first.organisation) in finding.explanation


def test_a_copy_saved_smaller_and_worse_is_recognised(now) -> None:
    scan = papers.scan()
    first = registration(now, scan)
    forged = registration(now, papers.copied(scan), organisation="Harbour Ltd", number_key="1")
    finding = found(forged, now)["near_copy"]
    assert (finding.severity, finding.other) == ("bad", first)
    assert found(first, now)["near_copy"].other == forged
    assert "same_document" not in found(forged, now)


def test_an_altered_copy_with_the_same_number_is_recognised(now) -> None:
    altered = [line.replace("Velmora Ltd.", "Harbour Inc.") for line in papers.CERTIFICATE]
    registration(now, papers.pdf())
    forged = registration(now, papers.pdf(altered), organisation="Harbour Inc", number_key="1")
    assert found(forged, now)["near_copy"].severity == "bad"


def test_a_certificate_of_the_same_office_is_no_copy(now) -> None:
    registration(now, papers.scan())
    other = registration(now, papers.scan(*OTHER), organisation="Orbex", number_key="99888111")
    finding = found(other, now).get("near_copy")
    assert finding is None or finding.severity == "info"


def test_the_own_renewal_is_no_copy(now) -> None:
    scan = papers.scan()
    first = registration(now, scan)
    document = pictures.keep_document(papers.copied(scan), field="document", now=now)
    read_all(now)
    again = RegistrationFactory(organisation=first.organisation, document=document)
    assert "near_copy" not in found(again, now)


def test_a_number_another_organisation_used(now) -> None:
    first = registration(now, state="approved")
    again = registration(now, organisation="Harbour Ltd", number="123-456 78")
    assert found(again, now)["number_reused"].other == first


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"owner_name": "Harbour Trading Ltd"}, "other_owner"),
        ({"valid_to": date(2026, 6, 2)}, "expired"),
        ({"valid_from": date(2026, 6, 4)}, "not_yet_valid"),
    ],
)
def test_what_was_typed(now, change, code) -> None:
    assert code in found(registration(now, **change), now)


def test_the_day_is_that_of_the_rights_holder(now) -> None:
    row = registration(now, valid_to=date(2026, 6, 3))
    evening = now.replace(hour=17)  # the 4th in Shanghai
    assert "expired" not in found(row, now)
    assert "expired" in found(row, evening)


def test_goods_the_classes_do_not_cover(now) -> None:
    row = registration(now, nice_classes=[25])
    brand = BrandFactory(organisation=row.organisation)
    row.brands.add(brand)
    ProductModelFactory(brand=brand, category="shoes/trainers")
    assert "class_missing" not in found(row, now)
    ProductModelFactory(brand=brand, category="智能手机")
    finding = found(row, now)["class_missing"]
    assert "9" in finding.evidence[0]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (papers.saved_again(papers.signed(*papers.CERTIFICATE)), "changed_after_signing"),
        (papers.saved_again(papers.pdf()), "edited"),
        (papers.pdf(info={"Creator": "Adobe Photoshop 25.1"}), "odd_metadata"),
        (papers.pdf(info={"CreationDate": "D:2020", "ModDate": "D:20240601"}), None),
        (papers.pdf(info={"CreationDate": "D:20200101", "ModDate": "D:20240601"}), "odd_metadata"),
        (papers.pdf(info={"CreationDate": "D:20990101"}), "odd_metadata"),
    ],
)
def test_traces_of_editing(now, content, code) -> None:
    codes = set(found(registration(now, content), now))
    assert codes == ({code} if code else set())


def test_the_document_says_something_else(now) -> None:
    row = registration(now, papers.pdf(), number="12345679", nice_classes=[25])
    evidence = " ".join(found(row, now)["text_differs"].evidence)
    assert "12 345 678" in evidence
    assert "18, 25" in evidence


def test_a_letter_of_an_agent_nobody_approved(now) -> None:
    row = letter(now)
    assert found(row, now)["agent_not_confirmed"].severity == "warn"
    row.confirmed_by, row.confirmed_at = MemberFactory(organisation=row.organisation), now
    assert "agent_not_confirmed" not in found(row, now)


def test_a_letter_that_authorises_itself(now) -> None:
    row = letter(now)
    MemberFactory(user=row.submitted_by.user, organisation=row.organisation)
    assert found(row, now)["authorises_itself"].severity == "bad"


def test_what_the_register_knows(now) -> None:
    row = registration(now)
    file = RegisterFile.objects.create(source="Office", name="r.csv", rows=1, imported_at=now)
    RegisterEntry.objects.create(
        file=file,
        kind="trademark",
        jurisdiction="CN",
        number="12 345 678",
        number_key="12345678",
        owner_name="VELMORA LTD.",
        nice_classes=[18, 25],
    )
    assert {"register_differs", "not_in_register"}.isdisjoint(found(row, now))
    RegisterEntry.objects.update(owner_name="Harbour", status="cancelled")
    assert len(found(row, now)["register_differs"].evidence) == 2
    other = registration(
        now, number="77", number_key="77", organisation="Velmora 2", owner_name="Velmora 2"
    )
    assert "not_in_register" in found(other, now)
    RegisterFile.objects.update(is_sample=True)
    assert "not_in_register" not in found(other, now)


# --------------------------------------------------------------------------- comparing


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Velmora Co., Ltd.", "VELMORA LIMITED"),
        ("維爾摩拉有限公司", "维尔摩拉股份有限公司"),
        ("Müller GmbH & Co. KG", "MULLER"),
        ("Ｖｅｌｍｏｒａ Inc", "velmora"),
    ],
)
def test_names_of_one_company(one, other) -> None:
    assert comparing.same_owner(one, other)


@pytest.mark.parametrize("other", ["Velmora Trading Ltd", "Velmor Ltd", "Ltd"])
def test_names_of_two_companies(other) -> None:
    assert not comparing.same_owner("Velmora Ltd", other)


@pytest.mark.parametrize(
    "written",
    ["2030-12-31", "31.12.2030", "12/31/2030", "31 December 2030", "December 31st, 2030",
     "2030年12月31日", "二〇三〇年十二月三十一日", "２０３０年１２月３１日"],
)  # fmt: skip
def test_a_day_is_found_however_it_is_written(written) -> None:
    assert comparing.find_date(date(2030, 12, 31), f"until {written}.").outcome == "same"
    other = date(2030, 12, 31) + timedelta(days=365)
    assert comparing.find_date(other, f"until {written}.").outcome == "differs"


def test_a_text_in_another_script_is_not_called_a_difference() -> None:
    assert comparing.find_name("Velmora", "商标注册证").outcome == "other_script"
    assert comparing.find_name("Velmora", "Certificate of Orbex").outcome == "absent"
    assert comparing.find_name("Velmora", "").outcome == "no_text"
