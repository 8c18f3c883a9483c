"""What a seller hands in: checked, declared and hashed as signed."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brands.services.pictures import DOCUMENT_MAX_BYTES
from complaints.hearing_rules import Rule
from complaints.models import Complaint, CounterNotice
from portal.core.errors import FieldError, InvalidInput

MOST_FILES: Final = 5
SHORTEST_EXPLANATION, LONGEST_EXPLANATION = 20, 5000
DECLARATION_VERSION = "1"
DECLARATION = gettext_lazy(
    "I declare that what I say here is true, that the name, the address and the telephone number "
    "are mine, and that I believe in good faith that the listing was removed by mistake. I know "
    "that a false declaration may cost me the right to answer and make me liable for damages."
)
_PHONE = re.compile(r"^[+(]?[0-9][0-9 ()./-]{4,38}$")
_LENGTHS = {"name": (2, 200), "address": (5, 500)}


@dataclass(frozen=True)
class Answer:
    """What the seller says, as typed but for outer blanks."""

    reason: str
    explanation: str
    name: str
    address: str
    phone: str
    email: str
    signature: str
    declared: bool

    def __post_init__(self) -> None:
        for field, value in asdict(self).items():
            if isinstance(value, str):
                object.__setattr__(self, field, value.replace("\0", "").strip())


@dataclass(frozen=True)
class Upload:
    """One file of evidence; ``name`` is shown, never used as a path."""

    name: str
    content: bytes

    def __post_init__(self) -> None:
        plain = "".join(c for c in self.name.replace("\\", "/") if c.isprintable())
        object.__setattr__(self, "name", plain.rpartition("/")[2][-200:] or "evidence")


def check(answer: Answer, uploads: Sequence[Upload], rule: Rule) -> None:
    """Raise ``InvalidInput`` with every field that is wrong."""
    errors = [*_text_errors(answer), *_person_errors(answer), *_file_errors(uploads, rule)]
    if not answer.declared:
        text = _("Without the declaration the counter-notice has no effect.")
        errors.append(FieldError("declared", "required", text))
    if errors:
        raise InvalidInput(errors)


def declaration() -> dict[str, str]:
    """Return the declaration as shown, in the language in use."""
    return {
        "code": "truth",
        "version": DECLARATION_VERSION,
        "text": str(DECLARATION),
        "language": get_language() or "en",
    }


def digest(
    complaint: Complaint, answer: Answer, declared: Mapping[str, Any], files: Sequence[str]
) -> str:
    """Return the SHA-256 (hex) of the canonical JSON of what was signed."""
    content = {
        "complaint": str(complaint.uuid),
        "answer": asdict(answer),
        "declaration": dict(declared),
        "files": list(files),
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _text_errors(answer: Answer) -> list[FieldError]:
    errors = []
    if answer.reason not in CounterNotice.Reason.values:
        errors.append(FieldError("reason", "unknown", _("Choose a reason.")))
    if len(answer.explanation) < SHORTEST_EXPLANATION:
        text = _("Explain in at least %(least)s characters.") % {"least": SHORTEST_EXPLANATION}
        errors.append(FieldError("explanation", "too_short", text))
    if len(answer.explanation) > LONGEST_EXPLANATION:
        text = _("Explain in at most %(most)s characters.") % {"most": LONGEST_EXPLANATION}
        errors.append(FieldError("explanation", "too_long", text))
    return errors


def _person_errors(answer: Answer) -> list[FieldError]:
    errors = []
    for field, (least, most) in _LENGTHS.items():
        if not least <= len(getattr(answer, field)) <= most:
            text = _("Give %(least)s to %(most)s characters.") % {"least": least, "most": most}
            errors.append(FieldError(field, "length", text))
    if not _PHONE.match(answer.phone):
        text = _("Give a telephone number, such as +86 571 8502 2088.")
        errors.append(FieldError("phone", "form", text))
    if answer.email:
        try:
            validate_email(answer.email)
        except ValidationError:
            text = _("This is no e-mail address. Leave it empty or correct it.")
            errors.append(FieldError("email", "form", text))
    if not answer.signature or _plain(answer.signature) != _plain(answer.name):
        text = _("Sign with your name exactly as you gave it above.")
        errors.append(FieldError("signature", "differs", text))
    return errors


def _file_errors(uploads: Sequence[Upload], rule: Rule) -> list[FieldError]:
    if len(uploads) > MOST_FILES:
        text = _("Send at most %(most)s files.") % {"most": MOST_FILES}
        return [FieldError("evidence", "too_many", text)]
    if any(len(upload.content) > DOCUMENT_MAX_BYTES for upload in uploads):
        text = _("A file may have at most 20 MB.")
        return [FieldError("evidence", "too_large", text)]
    if rule.evidence_required and not uploads:
        text = _("The law asks for prima facie evidence: send at least one file.")
        return [FieldError("evidence", "required", text)]
    return []


def _plain(name: str) -> str:
    """A name without differences nobody sees: width, case, blanks."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
