"""Evidence: what was filed stays as filed, and is handed on sealed."""

import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse

from complaints.models import Complaint, Decision
from complaints.services import decisions, evidence, filing, notices
from portal.core import files, journal
from portal.core.errors import StaleState
from portal.core.models import JournalSeal, Member, Role
from pushes.models import ListingImage
from pushes.services.snapshots import snapshot_hash
from tests.complaints.hearing import picture
from tests.complaints.support import complainant_of, platform_admin
from tests.factories import InfringingLinkFactory, MemberFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
ADDRESS = "https://pictures.example/1.png"


@pytest.fixture
def complaint(now: datetime) -> Complaint:
    """A filed complaint about a listing with one kept picture, sealed in the journal."""
    snapshot = {"title": "高仿 shoe", "price": "9.90", "image_urls": [ADDRESS, "https://x/2"]}
    link = InfringingLinkFactory(snapshot=snapshot, snapshot_hash=snapshot_hash(snapshot))
    ListingImage.objects.create(
        listing=link.listing,
        url=ADDRESS,
        state=ListingImage.State.STORED,
        file=files.store(picture(), media_type="image/png", now=now),
    )
    filing.file(actor=complainant_of(link), links=[link], now=now, statement_accepted=True)
    filing.settle_due(now=now + timedelta(minutes=1))
    journal.seal()
    return Complaint.objects.get()


def opened(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_bundle_is_checked_by_sha256sum_and_carries_the_notice_as_filed(
    complaint: Complaint, tmp_path: Path
) -> None:
    bundle = evidence.bundle_of(complaint)
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        archive.extractall(tmp_path)
    tool = shutil.which("sha256sum")
    assert tool is not None
    check = [tool, "--strict", "-c", "SHA256SUMS"]
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.count(": OK") == len(opened(bundle)) - 1
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    by_name = {entry["name"]: entry for entry in manifest["files"]}
    # Whoever has the notice's hash needs nothing of ours to check the notice.
    assert by_name["notice.json"]["sha256"] == complaint.notice_hash == manifest["notice_hash"]
    notice = json.loads((tmp_path / "notice.json").read_text())
    [kept] = notice["evidence"]["pictures"]
    assert kept["url"] == ADDRESS
    assert by_name[f"pictures/{kept['sha256']}.png"]["size"] == len(picture())
    assert manifest["missing"] == []
    seal = JournalSeal.objects.get(seq=manifest["journal"]["seq"])
    assert (seal.hash, seal.entry.verb) == (manifest["journal"]["hash"], "complaint.filed")


def test_a_changed_byte_is_found(complaint: Complaint, tmp_path: Path) -> None:
    for name, content in opened(evidence.bundle_of(complaint)).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        changed = content.replace(b"9.90", b"9.91") if name == "notice.json" else content
        (tmp_path / name).write_bytes(changed)
    tool = shutil.which("sha256sum")
    assert tool is not None
    check = [tool, "--quiet", "-c", "SHA256SUMS"]
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "notice.json: FAILED" in done.stdout


def test_the_bytes_change_only_with_the_case(complaint: Complaint, now: datetime) -> None:
    first = evidence.bundle_of(complaint)
    assert evidence.bundle_of(Complaint.objects.get()) == first
    decisions.decide(
        actor=platform_admin(),
        complaint=complaint,
        outcome="established",
        code=Decision.Code.INFRINGEMENT_CLEAR,
        now=now + timedelta(hours=1),
    )
    journal.seal()
    later = opened(evidence.bundle_of(Complaint.objects.get()))
    assert json.loads(later["decision.json"])["outcome"] == "established"
    assert {"complaint.established", "order.queued"} <= {
        entry["verb"] for entry in json.loads(later["journal.json"])
    }
    same = ("notice.json", "snapshot.json", "matching.json")
    assert [later[name] for name in same] == [opened(first)[name] for name in same]


def test_there_is_no_bundle_before_the_journal_sealed_the_complaint(now: datetime) -> None:
    link = InfringingLinkFactory()
    actor = complainant_of(link)
    [made] = filing.file(actor=actor, links=[link], now=now, statement_accepted=True).filed
    with pytest.raises(StaleState) as refused:
        evidence.bundle_of(made)
    assert refused.value.code == "not_sealed_yet"


def test_both_sides_of_a_complaint_take_the_bundle_and_nobody_else(
    complaint: Complaint, signed_in: SignIn
) -> None:
    address = reverse("complaints:evidence_bundle", args=[complaint.uuid])
    own = MemberFactory(organisation=complaint.organisation, role=Role.COMPLAINANT)
    admin = platform_admin().member
    assert admin is not None
    for member in (own, admin):
        client = signed_in(member)
        page = client.get(complaint.get_absolute_url())
        assert address in page.content.decode()
        answer = client.get(address)
        assert answer.content == evidence.bundle_of(complaint)
        assert "no-store" in answer["Cache-Control"]
    other = MemberFactory(role=Role.COMPLAINANT)
    assert signed_in(other).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_database_refuses_to_change_a_notice(complaint: Complaint) -> None:
    for column, value in (("notice", {"version": 9}), ("notice_hash", "0" * 64)):
        with pytest.raises(Error, match="cannot be changed"), transaction.atomic():
            Complaint.objects.filter(pk=complaint.pk).update(**{column: value})


def test_the_check_finds_a_notice_and_a_picture_that_are_not_what_was_filed(
    complaint: Complaint, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_evidence")
    assert "1 complaints agrees" in capsys.readouterr().out
    [kept] = complaint.notice["evidence"]["pictures"]
    files.path_of(kept["sha256"]).write_bytes(b"another picture")
    # As somebody with the database's own powers would.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE complaints_complaint DISABLE TRIGGER notice_immutable")
        cursor.execute(
            "UPDATE complaints_complaint SET notice = jsonb_set(notice, '{explanation}', '\"x\"')"
        )
    with pytest.raises(CommandError, match="2 pieces"):
        call_command("verify_evidence", complaint=complaint.uuid)
    said = capsys.readouterr().out
    assert f"complaint {complaint.uuid}: the notice" in said
    assert "the picture" in said
    # A picture that is gone is named by the bundle, not left out in silence.
    files.path_of(kept["sha256"]).unlink()
    changed = Complaint.objects.get()
    manifest = json.loads(opened(evidence.bundle_of(changed))["manifest.json"])
    assert manifest["missing"] == [kept["sha256"]]
    assert notices.digest(changed.notice) != changed.notice_hash
