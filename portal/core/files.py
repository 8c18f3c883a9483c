"""The content-addressed store: bytes are kept once, under the SHA-256 of themselves.

A transaction that fails takes its rows back, not the files it wrote before them; ``sweep`` does.
"""

import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path

from django.conf import settings

from portal.core.models import StoredFile

logger = logging.getLogger(__name__)
BLOCK = 1 << 20
# A file without a row is left alone so long: its transaction may still be running.
GRACE = timedelta(days=1)
# More files without a row than this, and than this part of the store, are no failed transactions.
MANY_UNKNOWN = 1_000
LARGE_PART = 0.05
_NAME = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = "tmp"
_ASIDE = ".swept"


def path_of(sha256: str) -> Path:
    """Return where the bytes lie; two levels of folders keep each small."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256[2:4] / sha256


def store(content: bytes, *, media_type: str, now: datetime) -> StoredFile:
    """Keep the bytes and return their row. Storing the same bytes twice keeps them once.

    The file is fsynced and renamed before the row exists: a row never points at nothing.
    """
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest)
    if not _is_here(path):
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


def _is_here(path: Path) -> bool:
    """Whether the bytes lie there already. They are young again, so that no sweep takes them."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def sweep(*, now: datetime) -> int:
    """Delete files nobody refers to that were last written ``GRACE`` ago; return how many.

    Those are what failed transactions left, and drafts of writers that were killed. Nothing is
    deleted, and an error logged, when more than ``MANY_UNKNOWN`` files and ``LARGE_PART`` of the
    store have no row: the store is another database's, or an old dump was restored.
    """
    unknown, total = _unknown(now - GRACE)
    if unknown > MANY_UNKNOWN and unknown > LARGE_PART * total:
        logger.error(
            "nothing swept: %s of %s files have no row. Is %s the store of this database, and the "
            "database as new as the store?",
            unknown,
            total,
            settings.MEDIA_ROOT,
        )
        return 0
    swept = 0
    for paths in _batches(_old(now - GRACE), 500):
        names = [path.name.removesuffix(_ASIDE) for path in paths]
        known = _known(names)
        for path, name in zip(paths, names, strict=True):
            if name not in known:
                swept += _sweep(path, now - GRACE)
            elif path.name != name:  # a sweep that was killed in between
                path.rename(path.with_name(name))
    return swept


def _unknown(before: datetime) -> tuple[int, int]:
    """Return how many old files of the store have no row, and how many old files there are."""
    unknown = total = 0
    for paths in _batches(_old(before), 500):
        names = {path.name.removesuffix(_ASIDE) for path in paths}
        names = {name for name in names if _NAME.fullmatch(name)}
        unknown += len(names - _known(names))
        total += len(names)
    return unknown, total


def _known(names: Iterable[str]) -> set[str]:
    return set(StoredFile.objects.filter(sha256__in=names).values_list("sha256", flat=True))


def _batches(paths: Iterator[Path], size: int) -> Iterator[list[Path]]:
    while batch := list(islice(paths, size)):
        yield batch


def _sweep(path: Path, before: datetime) -> int:
    """Delete one file, unless somebody stores the same bytes at this moment.

    Out of the way first: ``store`` finds it gone and writes it anew, or made it young just before.
    """
    aside = path.with_name(path.name.removesuffix(_ASIDE) + _ASIDE)
    try:
        path.rename(aside)
        if aside.stat().st_mtime >= before.timestamp():
            aside.rename(path)
            return 0
        aside.unlink()
    except FileNotFoundError:  # another sweep was first
        return 0
    return 1


def _old(before: datetime) -> Iterator[Path]:
    """Yield files of the store, and of its drafts, that were written before a moment."""
    root = Path(settings.MEDIA_ROOT)
    folders = root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")
    for path in chain(root.glob(f"{_TEMPORARY}*"), folders):
        is_ours = path.name.startswith(_TEMPORARY) or _NAME.fullmatch(
            path.name.removesuffix(_ASIDE)
        )
        if is_ours and path.is_file() and path.stat().st_mtime < before.timestamp():
            yield path


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
