"""A seller's files: looked into before anything is locked or kept, named by what they are."""

import hashlib
import io
import threading
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import close_old_connections, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from brands.reading import sandbox
from brands.services import pictures
from brands.web.documents import document_response
from complaints.models import Complaint, CounterNoticeFile
from complaints.services import counter_notices, locks
from complaints.services.counter_notice_input import Upload
from portal.core import files
from portal.core.errors import InvalidInput, StaleState
from tests.brands.papers import pdf
from tests.complaints.hearing import answer, established, picture, statement_of
from tests.complaints.test_hearing_pages import form, token_of


def submit(complaint: Complaint, now: datetime, *uploads: Upload) -> None:
    counter_notices.submit(
        statement=statement_of(complaint),
        answer=answer(),
        uploads=list(uploads),
        attempt=1,
        language="en",
        now=now,
    )


@pytest.mark.django_db
def test_of_several_files_none_is_kept_when_one_is_refused(now: datetime) -> None:
    out = io.BytesIO()
    Image.new("RGB", (31, 17), "teal").save(out, "PNG")
    good = pictures.check_document(out.getvalue(), field="evidence")
    kept_as = files.path_of(hashlib.sha256(good.content).hexdigest())
    complaint = established(now)
    with pytest.raises(InvalidInput, match="cut off"):
        submit(
            complaint,
            now,
            Upload("a.png", out.getvalue()),
            Upload("b.pdf", b"%PDF-1.7\n"),
        )
    assert not kept_as.exists()
    assert not complaint.counter_notices.exists()


@pytest.mark.django_db(transaction=True)
def test_files_are_looked_into_while_nothing_is_locked(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = established(timezone.now())
    real = sandbox.check
    seen: list[tuple[bool, bool]] = []

    def check(content: bytes) -> object:
        seen.append((connection.connection is not None, connection.in_atomic_block))
        return real(content)

    monkeypatch.setattr(sandbox, "check", check)
    evidence = [SimpleUploadedFile("invoice.hta", pdf())]
    page = client.post(
        reverse("complaints:answer", args=[token_of(complaint)]), form(evidence=evidence)
    )
    assert page.status_code == 302
    assert seen == [(False, False)], "no connection is held, so nothing can be locked"
    assert CounterNoticeFile.objects.get().name == "invoice.pdf"


@pytest.mark.django_db(transaction=True)
def test_a_seller_never_waits_for_a_case_somebody_works_on(now: datetime) -> None:
    complaint = established(now)
    refused: list[str] = []

    def send() -> None:
        close_old_connections()
        try:
            submit(complaint, now, Upload("a.png", picture()))
        except StaleState as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    sender = threading.Thread(target=send)
    with transaction.atomic():
        locks.complaint(complaint.pk)
        sender.start()
        sender.join(60)
        assert not sender.is_alive()
    assert refused == ["busy"]


def test_only_so_many_documents_are_looked_into_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_PATIENCE", 0.01)
    monkeypatch.setattr(pictures, "_SANDBOXES", threading.BoundedSemaphore(1))
    with pictures._SANDBOXES, pytest.raises(InvalidInput) as refused:
        pictures.check_document(pdf(), field="evidence")
    assert (refused.value.field, refused.value.code) == ("evidence", "busy")
    assert pictures.check_document(pdf(), field="evidence").media_type == pictures.PDF


@pytest.mark.parametrize(
    ("name", "media_type", "kept"),
    [
        ("invoice.hta", pictures.PDF, "invoice.pdf"),
        ("Invoice.PDF", pictures.PDF, "Invoice.PDF"),
        ("photo.jpeg", pictures.JPEG, "photo.jpeg"),
        ("photo.pdf", pictures.PNG, "photo.png"),
        ("Certificate No. 5", pictures.PDF, "Certificate No. 5.pdf"),
        (".exe", pictures.PNG, "document.png"),
        ("x" * 300 + ".exe", pictures.PDF, "x" * 196 + ".pdf"),
    ],
)
def test_a_file_ends_as_its_content_is(name: str, media_type: str, kept: str) -> None:
    assert pictures.name_for(name, media_type) == kept


@pytest.mark.django_db
def test_a_file_kept_under_another_name_is_sent_under_its_own_ending(now: datetime) -> None:
    stored = pictures.keep_document(picture(), field="evidence", now=now)
    sent = document_response(stored, "invoice.hta")["Content-Disposition"]
    assert sent == 'inline; filename="invoice.png"'
