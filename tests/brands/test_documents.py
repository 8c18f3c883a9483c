"""Uploaded documents: what is taken, what a hostile file can do, and what is read."""

import io
import sys
import time

import pytest
from django.urls import reverse
from PIL import Image

from brands.models import DocumentPage, DocumentReading
from brands.reading import limits
from brands.services import documents, pictures
from portal.core import files, outbox
from portal.core.errors import InvalidInput
from portal.core.models import OutboxMessage, StoredFile
from tests.brands import papers
from tests.factories import MemberFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


def read_all(now) -> None:
    """Do what the workers do with documents that wait."""
    for pk in outbox.due(now):
        assert outbox.deliver(pk, now)


def kept(content, now):
    stored = pictures.keep_document(content, field="document", now=now)
    read_all(now)
    return DocumentReading.objects.get(file=stored)


def test_a_pdf_is_kept_as_it_came_and_its_pages_are_drawn(now) -> None:
    content = papers.pdf(papers.CERTIFICATE, ["Second page"])
    reading = kept(content, now)
    assert files.read(reading.file) == content
    assert (reading.state, reading.facts["pages"]) == ("read", 2)
    first, second = reading.pages.order_by("number")
    assert "Registration number: 12 345 678" in first.text
    assert second.text.strip() == "Second page"
    drawn = Image.open(io.BytesIO(files.read(first.picture)))
    assert (drawn.format, max(drawn.size)) == ("WEBP", limits.LONGEST_SIDE)
    assert first.likeness != second.likeness


def test_a_picture_is_its_own_page(now) -> None:
    reading = kept(papers.scan(), now)
    page = reading.pages.get()
    assert (page.picture, page.width, page.height, page.text) == (reading.file, 720, 960, "")


def test_one_file_is_read_once_whoever_sends_it(now) -> None:
    reading = kept(papers.pdf(), now)
    assert pictures.keep_document(papers.pdf(), field="document", now=now) == reading.file
    assert OutboxMessage.objects.filter(handler=pictures.READ).count() == 1
    documents.read(OutboxMessage(payload={"file": reading.file_id}))
    assert DocumentPage.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (papers.many_pages(10_000), "pdf_too_many_pages"),
        (papers.encrypted(), "pdf_encrypted"),
        (papers.with_archive(), "polyglot"),
        (papers.pdf() + b"<script>alert(1)</script>", "polyglot"),
        (papers.looping_tree(), "damaged"),
        (papers.deflate_bomb(2000), "too_heavy"),
        (papers.pdf()[:-30], "pdf_incomplete"),
        (b"%PDF-1.7\n" + b"\0" * 5000 + b"%%EOF", "damaged"),
        (b"\n" + papers.pdf(), "unknown_type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_pdf_is_refused_at_its_field(now, content, code) -> None:
    started = time.monotonic()
    with pytest.raises(InvalidInput) as refusal:
        pictures.keep_document(content, field="document", now=now)
    assert (refusal.value.field, refusal.value.code) == ("document", code)
    assert str(refusal.value)
    assert time.monotonic() - started < limits.CHECK_SECONDS * limits.PATIENCE
    assert not StoredFile.objects.exists()


def test_a_loop_of_references_ends(now) -> None:
    assert kept(papers.looping_xref(), now).facts["pages"] == 1


def test_a_page_as_large_as_a_wall_is_refused(now) -> None:
    content = papers.pdf().replace(b"/MediaBox [0 0 595 842]", b"/MediaBox [0 0 99999 2]")
    with pytest.raises(InvalidInput) as refusal:
        pictures.keep_document(content, field="document", now=now)
    assert refusal.value.code in {"pdf_page_size", "damaged"}


def test_the_reader_that_dies_takes_nobody_along(now, monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(InvalidInput) as refusal:
        pictures.keep_document(papers.pdf(), field="document", now=now)
    assert refusal.value.code == "damaged"


def test_the_reader_knows_no_secret_of_the_portal(now, monkeypatch, tmp_path) -> None:
    spy = tmp_path / "spy"
    spy.write_text('#!/bin/sh\nenv > "' + str(tmp_path / "seen") + '"\nexit 1\n')
    spy.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(spy))
    monkeypatch.setenv("SECRET_KEY", "hidden-from-readers")
    with pytest.raises(InvalidInput):
        pictures.keep_document(papers.pdf(), field="document", now=now)
    seen = (tmp_path / "seen").read_text()
    assert "hidden-from-readers" not in seen
    assert "DATABASE_URL" not in seen


def test_metadata_revisions_and_signatures_are_read(now) -> None:
    info = {"Producer": "Adobe Photoshop", "CreationDate": "D:20200101", "ModDate": "D:20240101"}
    facts = kept(papers.pdf(info=info), now).facts
    assert (facts["producer"], facts["moddate"]) == ("Adobe Photoshop", "D:20240101")
    assert kept(papers.saved_again(papers.pdf()), now).facts["revisions"] == 1
    whole = kept(papers.signed("A"), now).facts
    assert whole["signed_to"] == whole["size"]
    changed = kept(papers.saved_again(papers.signed("A")), now).facts
    assert changed["signed_to"] < changed["size"]


def test_a_page_is_sent_safely_and_to_its_people_only(now, signed_in) -> None:
    row = RegistrationFactory(document=kept(papers.pdf(), now).file)
    address = reverse("brands:document_page", args=[row.uuid, 1])
    owner = signed_in(MemberFactory(organisation=row.organisation))
    for client in (owner, signed_in(MemberFactory(platform_admin=True))):
        sent = client.get(address)
        assert sent["Content-Type"] == "image/webp"
        assert sent["X-Content-Type-Options"] == "nosniff"
    assert owner.get(reverse("brands:document_page", args=[row.uuid, 2])).status_code == 404
    assert signed_in(MemberFactory()).get(address).status_code == 404


def test_documents_from_before_are_read_too(now) -> None:
    stored = files.store(papers.pdf(), media_type=pictures.PDF, now=now)
    RegistrationFactory(document=stored)
    assert documents.ask_for_unread(now=now) == 1
    assert documents.ask_for_unread(now=now) == 0
    read_all(now)
    assert DocumentReading.objects.get(file=stored).state == "read"
