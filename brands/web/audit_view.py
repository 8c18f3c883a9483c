"""What the audit page shows: pages, comparison, register, findings, what may be done."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from brands import forgery
from brands.models import (
    BrandName,
    DocumentReading,
    LetterOfAuthorisation,
    RegisterEntry,
    Registration,
    Revocation,
)
from brands.models.right import CredentialState
from brands.policies import Credential, may_audit, may_confirm_revocation
from brands.reading.comparing import Found, Outcome, fold_name
from brands.registers import ImportedRegister
from brands.services import documents
from portal.core.actors import Actor

State = CredentialState


@dataclass(frozen=True)
class Row:
    """One field: as typed, as the document has it, as the register has it."""

    label: str
    typed: str
    outcome: str
    outcome_label: str
    tone: str
    says: str
    register: str
    register_differs: bool


def context_of(actor: Actor, credential: Credential, now: datetime) -> dict[str, Any]:
    """Return the template's context, but for the forms."""
    case = forgery.Case(credential, now, ImportedRegister())
    reading = DocumentReading.objects.filter(file=credential.document_id).first()
    refusal = may_audit(actor, credential).reason
    revocation = (
        credential.revocations.filter(state=Revocation.State.REQUESTED)
        .select_related("requested_by__user")
        .first()
    )
    return {
        "credential": credential,
        "is_letter": isinstance(credential, LetterOfAuthorisation),
        "reading": reading,
        "unread": documents.why_unread(reading) if reading and reading.error else "",
        "pages": [
            {"page": page, "segments": list(_segments(page.text, case.comparison.values()))}
            for page in case.pages
        ],
        "has_text": bool(case.text.strip()),
        "rows": list(_rows(case)),
        "entry": case.entry,
        "register_known": _register_known(case),
        "findings": forgery.findings_of(case),
        "audits": credential.audits.select_related("auditor__user").order_by("-at", "-pk"),
        "names": _claims(credential),
        "revocation": revocation,
        "refusal": refusal,
        "may_take": credential.state == State.SUBMITTED and not refusal,
        "may_decide": credential.state == State.UNDER_AUDIT and not refusal,
        "may_suspend": credential.state == State.APPROVED and not refusal,
        "may_reinstate": credential.state == State.SUSPENDED and not refusal and not revocation,
        "may_revoke": credential.state in (State.APPROVED, State.SUSPENDED)
        and not refusal
        and not revocation,
        "confirm_refusal": may_confirm_revocation(actor, revocation).reason if revocation else "",
    }


def claimed_names(credential: Credential) -> list[BrandName]:
    """Return the names an approval may bring into force."""
    if not isinstance(credential, Registration):
        return []
    rows = BrandName.objects.select_related("brand").filter(
        brand__registrations=credential, state=BrandName.State.CLAIMED
    )
    return list(rows.order_by("brand__name", "text"))


def _claims(credential: Credential) -> list[dict[str, Any]]:
    """Names the mark covers are named so; nothing else is ticked beforehand."""
    mark = fold_name(credential.mark_text) if isinstance(credential, Registration) else ""
    return [
        {"name": name, "covered": bool(mark) and fold_name(name.text) == mark}
        for name in claimed_names(credential)
    ]


def _register_known(case: forgery.Case) -> bool:
    row = case.registration
    return row is not None and case.register.covers(row.kind, row.jurisdiction)


def _rows(case: forgery.Case) -> Iterator[Row]:
    credential, entry = case.credential, case.entry
    if isinstance(credential, LetterOfAuthorisation):
        yield _row(case, "organisation", _("Rights holder"), credential.organisation.name, "")
        yield _row(case, "agent", _("Agent"), credential.agent.name, "")
    else:
        yield _row(
            case, "number", _("Registration number"), credential.number, _of(entry, "number")
        )
        yield _row(case, "owner_name", _("Owner"), credential.owner_name, _of(entry, "owner_name"))
        yield _row(case, "mark_text", _("Mark"), credential.mark_text, _of(entry, "mark"))
        classes = ", ".join(map(str, credential.nice_classes))
        there = ", ".join(map(str, entry.nice_classes)) if entry else ""
        yield _row(case, "nice_classes", _("Nice classes"), classes, there)
    begins = formats.date_format(credential.valid_from, "SHORT_DATE_FORMAT")
    ends = formats.date_format(credential.valid_to, "SHORT_DATE_FORMAT")
    last = entry.valid_to if entry else None
    there = formats.date_format(last, "SHORT_DATE_FORMAT") if last else ""
    yield _row(case, "valid_from", _("Valid from"), begins, "")
    yield _row(case, "valid_to", _("Valid to"), ends, there)


def _of(entry: RegisterEntry | None, field: str) -> str:
    return str(getattr(entry, field)) if entry else ""


def _row(case: forgery.Case, field: str, label: str, typed: str, register: str) -> Row:
    found = case.comparison.get(field, Found(Outcome.NO_TEXT))
    words, tone = _outcomes()[found.outcome if typed else Outcome.NO_TEXT]
    return Row(
        label,
        typed or "–",
        found.outcome,
        words,
        tone,
        found.says if found.outcome != Outcome.SAME else "",
        register,
        bool(register) and fold_name(register) != fold_name(typed),
    )


def _outcomes() -> dict[str, tuple[str, str]]:
    return {
        Outcome.SAME: (_("Same"), "good"),
        Outcome.DIFFERS: (_("Differs"), "bad"),
        Outcome.ABSENT: (_("Not found"), "warn"),
        Outcome.OTHER_SCRIPT: (_("Other script"), "warn"),
        Outcome.NO_TEXT: ("", "plain"),
    }


def _segments(text: str, found: Iterable[Found]) -> Iterator[tuple[str, str]]:
    """Cut a page's text into (tone, part): found values are marked where they stand."""
    spans = []
    for value in found:
        if value.says and value.outcome in (Outcome.SAME, Outcome.DIFFERS):
            # Places count from the first page; on later ones the words are looked for again.
            at = text.find(value.says)
            if at >= 0:
                tone = "good" if value.outcome == Outcome.SAME else "bad"
                spans.append((at, at + len(value.says), tone))
    place = 0
    for start, end, tone in sorted(spans):
        if start < place:
            continue
        yield "", text[place:start]
        yield tone, text[start:end]
        place = end
    yield "", text[place:]
