"""The store keeps what rows point at, and sweeps away what failed transactions left."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.core import files
from portal.core.models import StoredFile

pytestmark = pytest.mark.django_db


def made_old(path: Path, age: timedelta = timedelta(days=2)) -> None:
    moment = (timezone.now() - age).timestamp()
    os.utime(path, (moment, moment))


def left_behind(content: bytes) -> Path:
    """Store bytes in a transaction that fails."""
    with transaction.atomic():
        stored = files.store(content, media_type="text/plain", now=timezone.now())
        transaction.set_rollback(True)
    return files.path_of(stored.sha256)


def test_a_file_of_a_failed_transaction_goes_after_a_day_and_not_before():
    path = left_behind(b"orphan")
    made_old(path, timedelta(hours=23))
    assert files.sweep(now=timezone.now()) == 0
    assert path.exists()
    made_old(path)
    assert files.sweep(now=timezone.now()) == 1
    assert not path.exists()
    assert files.sweep(now=timezone.now()) == 0


def test_a_file_with_a_row_stays_however_old():
    stored = files.store(b"kept", media_type="text/plain", now=timezone.now())
    made_old(files.path_of(stored.sha256))
    assert files.sweep(now=timezone.now()) == 0
    assert files.read(stored) == b"kept"


def test_an_old_file_that_is_stored_again_is_young():
    path = left_behind(b"again")
    made_old(path)
    files.store(b"again", media_type="text/plain", now=timezone.now())
    # Its row is not there for anybody else before the commit; a sweep then sees none.
    StoredFile.objects.all().delete()
    assert files.sweep(now=timezone.now()) == 0
    assert path.exists()


def test_drafts_of_killed_writers_go_and_what_is_not_ours_stays():
    root = Path(settings.MEDIA_ROOT)
    folder = root / "ab" / "cd"
    folder.mkdir(parents=True)
    drafts, foreign = [root / "tmpabc123", folder / "tmpxyz"], folder / "README"
    for path in (*drafts, foreign):
        path.write_bytes(b"x")
        made_old(path)
    assert files.sweep(now=timezone.now()) == 2
    assert foreign.exists()
    assert not any(path.exists() for path in drafts)


def test_a_sweep_that_was_killed_between_its_steps_is_mended():
    stored = files.store(b"mended", media_type="text/plain", now=timezone.now())
    path = files.path_of(stored.sha256)
    made_old(path)
    path.rename(path.with_name(path.name + ".swept"))
    files.sweep(now=timezone.now())
    assert files.read(stored) == b"mended"


def test_a_store_of_another_database_is_not_swept(monkeypatch, caplog):
    monkeypatch.setattr(files, "MANY_UNKNOWN", 3)
    stored = [
        files.store(bytes([n]), media_type="text/plain", now=timezone.now()) for n in range(20)
    ]
    for row in stored:
        made_old(files.path_of(row.sha256))
    StoredFile.objects.filter(pk__in=[row.pk for row in stored[:4]]).delete()
    with caplog.at_level("ERROR", logger="portal.core.files"):
        assert files.sweep(now=timezone.now()) == 0
    assert all(files.path_of(row.sha256).exists() for row in stored)
    assert "4 of 20 files" in caplog.text


@pytest.mark.parametrize(("known", "unknown"), [(17, 3), (96, 4)])
def test_few_unknown_files_or_a_small_part_of_the_store_are_swept(monkeypatch, known, unknown):
    monkeypatch.setattr(files, "MANY_UNKNOWN", 3)
    stored = [
        files.store(bytes([n]), media_type="text/plain", now=timezone.now())
        for n in range(known + unknown)
    ]
    for row in stored:
        made_old(files.path_of(row.sha256))
    StoredFile.objects.filter(pk__in=[row.pk for row in stored[:unknown]]).delete()
    assert files.sweep(now=timezone.now()) == unknown
