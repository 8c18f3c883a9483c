"""What a signal gets and gives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from brands.models import (
    DocumentPage,
    DocumentReading,
    LetterOfAuthorisation,
    RegisterEntry,
    Registration,
)
from brands.reading import comparing
from brands.reading.comparing import Found
from brands.registers import Register
from portal.core.errors import Text


class Severity(StrEnum):
    """How grave: ``bad`` speaks of forgery, ``warn`` of a mistake, ``info`` of neither."""

    BAD = "bad"
    WARN = "warn"
    INFO = "info"


_ORDER = (Severity.BAD, Severity.WARN, Severity.INFO)


@dataclass(frozen=True)
class Finding:
    """One explained hint. ``evidence`` holds lines an auditor can check."""

    code: str
    severity: Severity
    title: Text
    explanation: str
    evidence: Sequence[str] = field(default=())
    # Another credential to compare with, and its page, where there is one.
    other: Registration | LetterOfAuthorisation | None = None
    other_page: int = 0


class Signal(Protocol):
    """Looks at one thing. ``code`` is stable; ``title`` says what it is called."""

    @property
    def code(self) -> str:
        """Stable, at most 24 characters."""

    @property
    def title(self) -> Text:
        """What an auditor reads first."""

    def look(self, case: "Case") -> Iterable[Finding]:
        """Yield what is found; nothing where the signal has nothing to say."""


@dataclass
class Case:
    """A credential and all that signals look at; read once, whatever number of signals there is."""

    credential: Registration | LetterOfAuthorisation
    now: datetime
    register: Register

    @cached_property
    def today(self) -> date:
        """The date where the rights holder is."""
        return self.now.astimezone(ZoneInfo(self.credential.organisation.zone)).date()

    @cached_property
    def registration(self) -> Registration | None:
        """The credential, if it is a registration."""
        return self.credential if isinstance(self.credential, Registration) else None

    @cached_property
    def letter(self) -> LetterOfAuthorisation | None:
        """The credential, if it is a letter of authorisation."""
        return self.credential if isinstance(self.credential, LetterOfAuthorisation) else None

    @cached_property
    def reading(self) -> DocumentReading | None:
        """What was read in the document; ``None`` while nobody has read it."""
        rows = DocumentReading.objects.filter(
            file=self.credential.document_id, state=DocumentReading.State.READ
        )
        return rows.first()

    @cached_property
    def pages(self) -> list[DocumentPage]:
        """The document's pages in order."""
        if self.reading is None:
            return []
        return list(self.reading.pages.select_related("picture").order_by("number"))

    @cached_property
    def text(self) -> str:
        """The text of all pages; empty for a picture."""
        return "\n\f\n".join(page.text for page in self.pages)

    @cached_property
    def parties(self) -> set[int]:
        """Ids of the organisations the credential itself names: they are no strangers to it."""
        ids = {self.credential.organisation_id}
        return ids | ({self.letter.agent_id} if self.letter else set())

    @cached_property
    def comparison(self) -> dict[str, Found]:
        """Typed fields against the text, by the field's name."""
        found = {
            "valid_from": comparing.find_date(self.credential.valid_from, self.text),
            "valid_to": comparing.find_date(self.credential.valid_to, self.text),
        }
        if self.registration is not None:
            row = self.registration
            found["number"] = comparing.find_number(row.number, self.text)
            found["owner_name"] = comparing.find_name(row.owner_name, self.text)
            if row.nice_classes:
                found["nice_classes"] = comparing.find_classes(row.nice_classes, self.text)
            if row.mark_text:
                found["mark_text"] = comparing.find_name(row.mark_text, self.text)
        if self.letter is not None:
            found["organisation"] = comparing.find_name(self.letter.organisation.name, self.text)
            found["agent"] = comparing.find_name(self.letter.agent.name, self.text)
        return found

    @cached_property
    def entry(self) -> RegisterEntry | None:
        """What the register says about the number; ``None`` if nothing."""
        row = self.registration
        return None if row is None else self.register.entry(row.kind, row.jurisdiction, row.number)


def look_at(signals: Iterable[Signal], case: Case) -> list[Finding]:
    """Return all findings, the gravest first, otherwise in the order of the signals."""
    found = [finding for signal in signals for finding in signal.look(case)]
    return sorted(found, key=lambda finding: _ORDER.index(finding.severity))
