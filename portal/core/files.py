"""The content-addressed store: bytes are kept once, under the SHA-256 of themselves."""

import hashlib
import os
import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings

from portal.core.models import StoredFile

BLOCK = 1 << 20


def path_of(sha256: str) -> Path:
    """Return where the bytes lie; two levels of folders keep each small."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256[2:4] / sha256


def store(content: bytes, *, media_type: str, now: datetime) -> StoredFile:
    """Keep the bytes and return their row. Storing the same bytes twice keeps them once.

    The file is fsynced and renamed before the row exists: a row never points at nothing.
    """
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    stored, _created = StoredFile.objects.get_or_create(
        sha256=digest,
        defaults={"media_type": media_type, "size": len(content), "created_at": now},
    )
    return stored


def store_path(source: Path, *, media_type: str, now: datetime) -> StoredFile:
    """Keep a copy of a file of any size, a block at a time; otherwise as ``store``."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=root)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(descriptor, "wb") as copy, source.open("rb") as original:
            while block := original.read(BLOCK):
                copy.write(block)
                digest.update(block)
                size += len(block)
            copy.flush()
            os.fsync(copy.fileno())
        path = path_of(digest.hexdigest())
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    stored, _created = StoredFile.objects.get_or_create(
        sha256=digest.hexdigest(),
        defaults={"media_type": media_type, "size": size, "created_at": now},
    )
    return stored


def read(stored: StoredFile) -> bytes:
    """Return the bytes of a stored file."""
    return path_of(stored.sha256).read_bytes()
