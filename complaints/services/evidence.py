"""The evidence behind a complaint: sealed to hand on, and checked against its hashes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from complaints.bundle import Part, canonical, pack, readable
from complaints.models import Complaint
from complaints.selectors import history_of
from complaints.services import notices
from portal.core import files
from portal.core.errors import StaleState
from portal.core.models import JournalEntry, StoredFile
from pushes.services.snapshots import snapshot_hash

# Who looked at whose identity is the platform's own business.
WHO_LOOKED = "counter_notice.identity"
FORMAT, VERSION = "evidence-bundle", 1
ENDINGS = {"image/webp": "webp", "image/png": "png", "image/jpeg": "jpg"}


def bundle_of(complaint: Complaint) -> bytes:
    """Return the sealed bundle (ZIP) of a complaint that the caller may read.

    ``notice.json`` is the canonical JSON whose SHA-256 is the notice's hash, ``snapshot.json`` the
    same of the listing. The bytes depend on the case only: as long as nothing happens to it, every
    download is the same. Raises ``StaleState`` until the journal has sealed the complaint.
    """
    history = history_of(complaint).exclude(verb__startswith=WHO_LOOKED)
    sealed = list(history.filter(seal__isnull=False).select_related("seal"))
    if not sealed:
        text = _("The journal is just sealing this complaint. Try again in some seconds.")
        raise StaleState("not_sealed_yet", text)
    evidence = complaint.notice["evidence"]
    pictures, missing = _pictures(_hashes(evidence))
    parts = [
        Part("notice.json", "notice", canonical(complaint.notice)),
        Part("snapshot.json", "snapshot", canonical(evidence["snapshot"])),
        Part("matching.json", "matching", readable(_matching(evidence))),
        Part("journal.json", "journal", readable([_position(entry) for entry in sealed])),
        *_decision(complaint),
        *pictures,
    ]
    facts = {
        "format": FORMAT,
        "version": VERSION,
        "complaint": str(complaint.uuid),
        "state": complaint.state,
        "notice_hash": complaint.notice_hash,
        "snapshot_hash": evidence["snapshot_hash"],
        "journal": _position(sealed[-1]),
        "missing": missing,
    }
    return pack(facts, parts)


def _matching(evidence: dict[str, Any]) -> dict[str, Any]:
    return {"score": evidence["score"], "signals": evidence["signals"]}


def _hashes(evidence: dict[str, Any]) -> list[str]:
    """Return the listing's pictures in their order, each once."""
    kept = [picture["sha256"] for picture in evidence.get("pictures", [])]
    return list(dict.fromkeys([*kept, *evidence["snapshot"].get("image_hashes", [])]))


def _pictures(hashes: list[str]) -> tuple[list[Part], list[str]]:
    """Return the pictures, and the hashes of those that the store no longer has."""
    stored = {row.sha256: row for row in StoredFile.objects.filter(sha256__in=hashes)}
    parts, missing = [], []
    for sha256 in hashes:
        row = stored.get(sha256)
        try:
            if row is None:
                raise FileNotFoundError(sha256)
            content = files.read(row)
        except FileNotFoundError:
            missing.append(sha256)
            continue
        ending = ENDINGS.get(row.media_type, "bin")
        parts.append(Part(f"pictures/{sha256}.{ending}", "picture", content))
    return parts, missing


def _position(entry: JournalEntry) -> dict[str, Any]:
    """Return the place of an entry in the journal's chain."""
    seal = entry.seal
    return {
        "seq": seal.seq,
        "hash": seal.hash,
        "previous_hash": seal.previous_hash,
        "entry": str(entry.uuid),
        "verb": entry.verb,
        "at": entry.at.isoformat(),
    }


def _decision(complaint: Complaint) -> list[Part]:
    if not hasattr(complaint, "decision"):
        return []
    decision = complaint.decision
    said = {
        "outcome": decision.outcome,
        "code": decision.code,
        "note": decision.note,
        "automated": decision.automated,
        "at": decision.at.isoformat(),
    }
    if hasattr(decision, "statement"):
        said["puid"] = decision.statement.puid
    return [Part("decision.json", "decision", readable(said))]


@dataclass(frozen=True, slots=True)
class Fault:
    """Evidence that is not what was filed: ``what`` (notice, snapshot, picture) and its hash."""

    complaint: Complaint
    what: str
    sha256: str


def faults(rows: Iterable[Complaint]) -> Iterator[Fault]:
    """Compare notices, snapshots and pictures with their hashes; yield what does not agree."""
    for complaint in rows:
        evidence = complaint.notice.get("evidence", {})
        if notices.digest(complaint.notice) != complaint.notice_hash:
            yield Fault(complaint, "notice", complaint.notice_hash)
        if evidence and snapshot_hash(evidence["snapshot"]) != evidence["snapshot_hash"]:
            yield Fault(complaint, "snapshot", evidence["snapshot_hash"])
        for picture in evidence.get("pictures", []):
            if not _is_whole(picture["sha256"]):
                yield Fault(complaint, "picture", picture["sha256"])


def _is_whole(sha256: str) -> bool:
    path = files.path_of(sha256)
    return path.exists() and Part(path.name, "picture", path.read_bytes()).sha256 == sha256
