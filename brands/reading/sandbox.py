"""Starts the limited process and believes it as little as possible."""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brands.reading import limits

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
# More than this is no answer but an attack on whoever reads it.
LONGEST_ANSWER = 8 * 1024 * 1024
_ZIP = b"PK\x03\x04"  # how a workbook begins
# How a process ends that asks for more time, memory or file than it may have: PDFium aborts when
# memory is refused.
_LIMITS = frozenset(
    -number for number in (signal.SIGKILL, signal.SIGXCPU, signal.SIGXFSZ, signal.SIGABRT)
)


class Refused(Exception):
    """The file is not taken: a code of ``brands.reading.pdf`` or ``tables``, or ``too_heavy``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Drawn:
    """One drawn page: its number, its WebP file and its text."""

    number: int
    path: Path
    text: str


def check(content: bytes) -> dict[str, Any]:
    """Return a PDF's facts; ``Refused`` when it is not one that we take. Takes up to 45 s."""
    with tempfile.TemporaryDirectory(prefix="document-") as folder:
        return _run(["", "check"], content, Path(folder), limits.CHECK_SECONDS)


@contextmanager
def table(
    content: bytes, *, encoding: str = "", sheet: str = ""
) -> Iterator[tuple[dict[str, Any], Path]]:
    """Give a table's facts and the file of its rows (``brands.reading.tables``).

    The file vanishes afterwards. ``Refused`` when it is no table that we take.
    """
    with tempfile.TemporaryDirectory(prefix="table-") as name:
        folder = Path(name)
        options = json.dumps({"encoding": encoding, "sheet": sheet})
        program = ".workbook_process" if content.startswith(_ZIP) else ".table_process"
        facts = _run([program], content, folder, limits.TABLE_SECONDS, options)
        yield facts, folder / "rows.jsonl"


@contextmanager
def drawing(content: bytes) -> Iterator[tuple[dict[str, Any], list[Drawn]]]:
    """Give a PDF's facts and its drawn pages, whose files vanish afterwards."""
    with tempfile.TemporaryDirectory(prefix="document-") as name:
        folder = Path(name)
        facts = _run(["", "draw"], content, folder, limits.DRAW_SECONDS)
        texts = [str(text)[: limits.MOST_TEXT_A_PAGE] for text in facts.pop("texts", [])]
        pages = [
            Drawn(number, folder / f"{number}.webp", text)
            for number, text in enumerate(texts[: limits.MOST_PAGES], start=1)
        ]
        yield facts, pages


def _run(
    program: list[str], content: bytes, folder: Path, seconds: int, *more: str
) -> dict[str, Any]:
    """Run a module of ``brands.reading`` (the suffix of its name, then its first arguments)."""
    module, *verb = program
    source, answer = folder / "document", folder / "answer"
    source.write_bytes(content)
    with answer.open("wb") as out:
        process = subprocess.Popen(
            [
                *(sys.executable, "-s", "-m", f"brands.reading{module}"),
                *(*verb, str(source), str(folder), *more),
            ],
            cwd=ROOT,
            # None of the portal's secrets: what the parser does not have, a file cannot steal.
            env={
                "PATH": os.defpath,
                "LANG": "C.UTF-8",
                "HOME": str(folder),
                # One thread: each would reserve memory of its own.
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = process.wait(seconds * limits.PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
    return _answer(code, answer)


def _answer(code: int, path: Path) -> dict[str, Any]:
    if code != 0:
        logger.info("the reader of a document ended with %s", code)
        raise Refused("too_heavy" if code in _LIMITS else "damaged")
    if path.stat().st_size > LONGEST_ANSWER:
        raise Refused("too_heavy")
    try:
        answer: dict[str, Any] = json.loads(path.read_bytes())
    except ValueError:
        raise Refused("damaged") from None
    if "refused" in answer:
        raise Refused(str(answer["refused"]), str(answer.get("detail", ""))[:200])
    return answer
