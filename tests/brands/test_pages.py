"""The registry's pages: every one opens, adds what it should, and shows no other tenant's rows."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from brands.models import (
    Brand,
    CatalogueImport,
    Characteristic,
    DocumentReading,
    LetterOfAuthorisation,
    ProductModel,
    Registration,
)
from portal.core.models import Job, Role
from tests.brands import papers
from tests.factories import (
    BrandFactory,
    CharacteristicFactory,
    MemberFactory,
    OrganisationFactory,
    ProductModelFactory,
    RegistrationFactory,
)

pytestmark = pytest.mark.django_db
PDF = papers.pdf()


@pytest.fixture
def brand():
    return BrandFactory()


@pytest.fixture
def owner(signed_in, brand):
    return signed_in(MemberFactory(organisation=brand.organisation))


@pytest.fixture
def auditor(signed_in):
    return signed_in(MemberFactory(platform_admin=True, role=Role.PLATFORM_AUDITOR))


def certificate(content: bytes = PDF, name: str = "certificate.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    return out.getvalue()


def submit(client, brand, document=None, **change):
    fields = {
        "kind": "trademark", "jurisdiction": "CN", "number": "123", "owner_name": "Velmora Ltd",
        "nice_classes": "18, 25", "valid_from": "2020-01-01", "valid_to": "2035-12-31",
        "brands": [str(brand.uuid)], "document": document or certificate(),
    } | change  # fmt: skip
    return client.post(reverse("brands:registration_new"), fields)


def title_of(page) -> str:
    text: str = page.content.decode()
    return text.partition("<title>")[2].partition("</title>")[0].strip()


def test_every_page_opens_and_has_its_own_title(owner, brand) -> None:
    model = ProductModelFactory(brand=brand)
    CharacteristicFactory(brand=brand)
    submit(owner, brand)
    registration = Registration.objects.get()
    pages = [
        reverse("brands:registry"),
        reverse("brands:brand_new"),
        *(reverse("brands:brand_tab", args=[brand.uuid, tab])
          for tab in ("names", "models", "marks", "sellers")),
        reverse("brands:brand_change", args=[brand.uuid]),
        reverse("brands:product_model", args=[model.uuid]),
        reverse("brands:import"),
        reverse("brands:start"),
        reverse("brands:mark_kinds", args=[brand.uuid]),
        *(
            reverse("brands:mark_new", args=[brand.uuid, kind])
            for kind in Characteristic.Kind.values
        ),
        reverse("core:export"),
        reverse("brands:credentials"),
        reverse("brands:registration_new"),
        reverse("brands:letter_new"),
        reverse("brands:credential", args=[registration.uuid]),
    ]  # fmt: skip
    titles = set()
    for address in pages:
        page = owner.get(address)
        assert page.status_code == 200, address
        titles.add(title_of(page))
    assert len(titles) == len(pages)


def test_a_brand_is_registered_on_the_page(owner) -> None:
    answer = owner.post(
        reverse("brands:brand_new"), {"name": "Velmora", "other_names": "维尔莫拉\n\nvelmo\n"}
    )
    brand = Brand.objects.get(name="Velmora")
    assert answer["Location"] == reverse("brands:brand", args=[brand.uuid])
    assert brand.names.count() == 2


def test_an_error_stands_at_its_field(owner, brand) -> None:
    page = owner.post(reverse("brands:brand_new"), {"name": brand.name.upper()})
    assert page.status_code == 200
    assert page.context["form"].errors["name"] == [
        "This rights holder has a brand of this name already."
    ]
    page = owner.post(
        reverse("brands:brand_tab", args=[brand.uuid, "models"]),
        {"name": "R", "list_price": "5", "lowest_price": "6", "currency": "CNY"},
    )
    assert list(page.context["form"].errors) == ["lowest_price"]


@pytest.mark.parametrize(
    ("tab", "fields"),
    [
        ("names", {"text": "velmo", "kind": "nickname"}),
        ("models", {"name": "Runner 7", "list_price": "9.90", "currency": "CNY"}),
        ("sellers", {"name": "Flagship"}),
    ],
)
def test_each_tab_adds_and_lists(owner, brand, tab, fields) -> None:
    address = reverse("brands:brand_tab", args=[brand.uuid, tab])
    assert owner.post(address, fields)["Location"] == address
    page = owner.get(address)
    assert len(page.context["page"].object_list) == 1


def test_the_search_finds_other_names(owner, brand) -> None:
    BrandFactory(organisation=brand.organisation)
    brand.names.create(text="维尔莫拉")
    page = owner.get(reverse("brands:registry"), {"q": "尔莫"})
    assert list(page.context["page"]) == [brand]


def test_counts_are_not_multiplied_by_joins(owner, brand) -> None:
    for number in range(3):
        brand.names.create(text=f"n{number}")
        ProductModelFactory(brand=brand)
        CharacteristicFactory(brand=brand)
    CharacteristicFactory(brand=brand, state="withdrawn")
    (row,) = owner.get(reverse("brands:registry")).context["page"]
    assert (row.name_count, row.model_count, row.mark_count, row.seller_count) == (3, 3, 3, 0)


def test_facts_are_removed_paused_and_resumed(owner, brand) -> None:
    name, seller = brand.names.create(text="x"), None
    owner.post(reverse("brands:brand_tab", args=[brand.uuid, "sellers"]), {"name": "S"})
    seller = brand.authorised_sellers.get()
    mark = CharacteristicFactory(brand=brand)
    owner.post(reverse("brands:name_remove", args=[name.uuid]))
    owner.post(reverse("brands:seller_remove", args=[seller.uuid]))
    for act, state in (("pause", "paused"), ("resume", "live"), ("withdraw", "withdrawn")):
        owner.post(reverse("brands:characteristic_act", args=[mark.uuid, act]))
        assert Characteristic.objects.get().state == state
    assert not brand.names.exists()
    assert not brand.authorised_sellers.exists()


def test_a_product_model_is_changed_and_gets_a_picture(owner, brand) -> None:
    model = ProductModelFactory(brand=brand)
    address = reverse("brands:product_model", args=[model.uuid])
    initial = owner.get(address).context["form"].initial
    owner.post(address, {**initial, "list_price": "150", "aliases": "A\nB"})
    model.refresh_from_db()
    assert (str(model.list_price), model.aliases) == ("150.00", ["A", "B"])
    images = reverse("brands:product_model_image", args=[model.uuid])
    owner.post(images, {"image": certificate(png(), "a.png")})
    owner.post(images, {"image": certificate(b"no", "b.png")})
    (image,) = model.images.all()
    picture = owner.get(reverse("brands:product_model_picture", args=[model.uuid, image.sha256]))
    assert picture["Content-Type"] == "image/png"
    owner.post(reverse("brands:product_model_active", args=[model.uuid]), {"active": "no"})
    assert not ProductModel.objects.get().active


def test_a_logo_is_kept_and_shown(owner, brand) -> None:
    Brand.objects.update(vouched=False)  # a proven one is renamed only into a proven name
    address = reverse("brands:brand_change", args=[brand.uuid])
    owner.post(address, {"name": "Velmora", "logo": certificate(png(), "l.png")})
    assert owner.get(reverse("brands:logo", args=[brand.uuid]))["Content-Type"] == "image/png"
    assert Brand.objects.get().name == "Velmora"


def test_a_document_nobody_read_yet_is_not_called_sound(auditor) -> None:
    row = RegistrationFactory(state="submitted")
    reading = DocumentReading.objects.create(file=row.document)

    address = reverse("brands:audit", args=[row.uuid])
    page = auditor.get(address).content.decode()
    assert "The document was not looked at yet" in page
    assert "No signal of forgery" not in page
    assert "carries no text" not in page
    DocumentReading.objects.filter(pk=reading.pk).update(state="read")
    page = auditor.get(address).content.decode()
    assert "The document was not looked at yet" not in page
    assert "No signal of forgery" in page
    assert "carries no text" in page


def test_another_tenants_pages_do_not_exist(owner) -> None:
    other = BrandFactory()
    model, mark = ProductModelFactory(brand=other), CharacteristicFactory(brand=other)
    name = other.names.create(text="x")
    for address in (
        reverse("brands:brand", args=[other.uuid]),
        reverse("brands:brand_change", args=[other.uuid]),
        reverse("brands:logo", args=[other.uuid]),
        reverse("brands:product_model", args=[model.uuid]),
        reverse("brands:product_model_picture", args=[model.uuid, "0" * 64]),
    ):
        assert owner.get(address).status_code == 404, address
    for address in (
        reverse("brands:name_remove", args=[name.uuid]),
        reverse("brands:characteristic_act", args=[mark.uuid, "withdraw"]),
        reverse("brands:product_model_active", args=[model.uuid]),
    ):
        assert owner.post(address).status_code == 404, address
    assert other.names.exists()


def test_viewers_read_and_write_nothing(signed_in, brand) -> None:
    viewer = signed_in(MemberFactory(organisation=brand.organisation, role=Role.VIEWER))
    address = reverse("brands:brand_tab", args=[brand.uuid, "names"])
    page = viewer.get(address)
    assert page.status_code == 200
    assert b"Add a name" not in page.content
    viewer.post(address, {"text": "x", "kind": "alias"})
    assert not brand.names.exists()
    assert viewer.get(reverse("brands:brand_new")).status_code == 403


def test_a_registration_goes_from_the_form_to_the_auditor_and_back(owner, auditor, brand) -> None:
    submit(owner, brand)
    row = Registration.objects.get()
    assert row in auditor.get(reverse("brands:audit_queue")).context["page"]
    audit = reverse("brands:audit", args=[row.uuid])
    auditor.post(reverse("brands:audit_act", args=[row.uuid, "take"]))
    page = auditor.get(audit)
    assert [finding.code for finding in page.context["findings"]] == ["other_owner"]
    assert reverse("brands:document", args=[row.uuid]) in page.content.decode()
    refused = auditor.post(
        reverse("brands:audit_act", args=[row.uuid, "ask"]), {"code": "unreadable", "note": ""}
    )
    assert refused.status_code == 422
    asked = {"code": "", "note": "Page 2 is missing."}
    assert (
        auditor.post(reverse("brands:audit_act", args=[row.uuid, "reject"]), asked).status_code
        == 422
    ), "a rejection needs its reason, a question only says what is missing"
    auditor.post(reverse("brands:audit_act", args=[row.uuid, "ask"]), asked)
    mine = reverse("brands:credential", args=[row.uuid])
    page = owner.get(mine)
    assert "Page 2 is missing." in page.content.decode()
    fields = {k: v for k, v in page.context["form"].initial.items() if k != "brands"}
    owner.post(mine, {**fields, "brands": [str(brand.uuid)]})
    auditor.post(reverse("brands:audit_act", args=[row.uuid, "take"]))
    auditor.post(reverse("brands:audit_act", args=[row.uuid, "approve"]))
    row.refresh_from_db()
    assert row.state == "approved"
    page = auditor.get(reverse("brands:audit_queue"), {"tab": "decided"})
    assert row in page.context["page"]


def test_a_rejection_is_shown_with_its_reason(owner, auditor, brand) -> None:
    submit(owner, brand)
    row = Registration.objects.get()
    auditor.post(reverse("brands:audit_act", args=[row.uuid, "take"]))
    auditor.post(
        reverse("brands:audit_act", args=[row.uuid, "reject"]), {"code": "forged", "note": ""}
    )
    page = owner.get(reverse("brands:credential", args=[row.uuid]))
    assert "Document is forged" in page.content.decode()


def test_a_credential_is_not_rejected_before_a_reason_is_chosen(owner, auditor, brand) -> None:
    submit(owner, brand)
    row = Registration.objects.get()
    auditor.post(reverse("brands:audit_act", args=[row.uuid, "take"]))
    form = auditor.get(reverse("brands:audit", args=[row.uuid])).context["form"]
    chosen = {"code": form["code"].field.choices[0][0], "note": ""}
    page = auditor.post(reverse("brands:audit_act", args=[row.uuid, "reject"]), chosen)
    assert page.status_code == 422
    row.refresh_from_db()
    assert row.state == "under_audit"


def test_a_wrong_document_is_refused_at_its_field(owner, brand) -> None:
    page = submit(owner, brand, certificate(b"MZ", "c.pdf"), jurisdiction="XX")
    assert set(page.context["form"].errors) == {"jurisdiction"}
    page = submit(owner, brand, certificate(b"MZ", "c.pdf"))
    assert set(page.context["form"].errors) == {"document"}


def test_a_document_is_sent_safely_and_to_its_people_only(owner, auditor, signed_in, brand) -> None:
    submit(owner, brand, certificate(png(), "scan.png"))
    address = reverse("brands:document", args=[Registration.objects.get().uuid])
    for client in (owner, auditor):
        sent = client.get(address)
        assert sent["Content-Type"] == "image/png"
        assert sent["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in sent["Content-Security-Policy"]
        assert "default-src 'none'" in sent["Content-Security-Policy"]
    assert signed_in(MemberFactory()).get(address).status_code == 404
    agent = signed_in(MemberFactory(organisation=OrganisationFactory(agent=True)))
    assert agent.get(address).status_code == 404
    association = MemberFactory(organisation=OrganisationFactory(association=True))
    assert signed_in(association).get(address).status_code == 403


def test_brands_cannot_open_the_audit(owner, brand) -> None:
    submit(owner, brand)
    row = Registration.objects.get()
    assert owner.get(reverse("brands:audit_queue")).status_code == 403
    owner.post(reverse("brands:audit_act", args=[row.uuid, "take"]))
    row.refresh_from_db()
    assert row.state == "submitted"


def test_an_agent_submits_a_letter_by_the_rights_holders_name(signed_in, brand) -> None:
    agent = signed_in(MemberFactory(organisation=OrganisationFactory(agent=True)))
    term = {"valid_from": "2026-01-01", "valid_to": "2035-01-01"}
    address = reverse("brands:letter_new")
    page = agent.post(address, {"other_party": "Nobody", "document": certificate(), **term})
    assert list(page.context["form"].errors) == ["other_party"]
    agent.post(
        address,
        {"other_party": brand.organisation.name.upper(), "document": certificate(), **term},
    )
    letter = LetterOfAuthorisation.objects.get()
    assert letter.organisation == brand.organisation
    page = agent.get(reverse("brands:credentials"))
    assert letter in page.context["letters"]


def test_a_table_goes_on_to_its_columns_and_a_registry_to_its_job(owner) -> None:
    sent = {"what": "product_model", "file": certificate(b"brand,name\nA,B\n", "r.csv")}
    answer = owner.post(reverse("brands:import"), sent)
    source = CatalogueImport.objects.get()
    assert answer["Location"] == reverse("brands:catalogue", args=[source.uuid])
    assert owner.get(answer["Location"]).status_code == 200
    registry = certificate(b'{"brands": [{"name": "Velmora"}]}', "r.json")
    answer = owner.post(reverse("brands:import"), {"what": "mixed", "file": registry})
    assert answer["Location"] == reverse("core:job", args=[Job.objects.get().uuid])
    page = owner.post(
        reverse("brands:import"), {"what": "mixed", "file": certificate(b"\xff", "r.json")}
    )
    assert "utf-8" in page.context["form"].errors["file"][0]


def test_strangers_are_sent_to_sign_in(client, brand) -> None:
    for address in (
        reverse("brands:brand", args=[brand.uuid]),
        reverse("brands:registry"),
        reverse("brands:credentials"),
        reverse("brands:audit_queue"),
        reverse("brands:document", args=[brand.uuid]),
    ):
        assert client.get(address)["Location"].startswith("/accounts/login/"), address


def test_the_registry_asks_the_database_equally_often_for_any_number_of_brands(
    owner, brand, django_assert_max_num_queries
) -> None:
    for _ in range(20):
        CharacteristicFactory(brand=BrandFactory(organisation=brand.organisation))
    with django_assert_max_num_queries(10):
        owner.get(reverse("brands:registry"))
    with django_assert_max_num_queries(12):
        owner.get(reverse("brands:brand", args=[brand.uuid]))
