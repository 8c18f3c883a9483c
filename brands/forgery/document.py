"""Signals about the file: copies under other accounts, and traces of editing."""

import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import F, Func, IntegerField, Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from brands.forgery.base import Case, Finding, Severity
from brands.models import DocumentPage, LetterOfAuthorisation, Registration
from brands.models.right import CredentialState
from brands.reading import comparing, likeness
from portal.core import files
from portal.core.models import StoredFile

Credential = Registration | LetterOfAuthorisation
# What was never submitted proves nothing; rejected ones count, forgers try again.
_SEEN: Final = [state for state in CredentialState if state != CredentialState.DRAFT]
# So many near pages are compared again; so many organisations with one form make it a common form.
_CANDIDATES: Final = 12
_COMMON_FORM: Final = 3
# Programs that make pictures and page proofs, never certificates.
_EDITORS: Final = re.compile(
    r"photoshop|illustrator|indesign|gimp|inkscape|coreldraw|affinity|canva|sejda|smallpdf|ilovepdf|"
    r"pdfescape|pdf-?xchange editor|foxit (?:phantom|pdf editor)|nitro|wondershare|pdfelement|"
    r"acrobat pro|master pdf editor|美图|福昕",
    re.IGNORECASE,
)
_DAY: Final = timedelta(days=1)


def _owners(rows_of: Q, case: Case) -> list[Credential]:
    """Return credentials of organisations the case does not name, which rest on the documents."""
    strangers = Q(state__in=_SEEN) & ~Q(organisation__in=case.parties) & rows_of
    registrations = Registration.objects.select_related("organisation").filter(strangers)
    letters = (
        LetterOfAuthorisation.objects.select_related("organisation", "agent")
        .filter(strangers)
        .exclude(agent__in=case.parties)
    )
    return [*registrations.order_by("pk")[:20], *letters.order_by("pk")[:20]]


class SameDocument:
    """The very same file was submitted by another organisation."""

    code = "same_document"
    title = gettext_lazy("Same file under another account")

    def look(self, case: Case) -> Iterable[Finding]:
        """Compare the SHA-256 of the file."""
        for other in _owners(Q(document=case.credential.document_id), case)[:3]:
            yield Finding(
                self.code,
                Severity.BAD,
                self.title,
                _("%(organisation)s submitted this very file for %(credential)s.")
                % {"organisation": other.organisation, "credential": other},
                (f"SHA-256 {case.credential.document.sha256[:16]}…",),
                other,
                1,
            )


class NearCopy:
    """A page looks like a copy of a page another organisation submitted."""

    code = "near_copy"
    title = gettext_lazy("Looks like another account's document")

    def look(self, case: Case) -> Iterable[Finding]:
        """Find near pages by fingerprint, then compare them tile by tile and word by word."""
        found: dict[int, Finding] = {}
        forms: list[Finding] = []
        for page, other_page, bits in self._candidates(case):
            others = _owners(Q(document=other_page.reading.file_id), case)
            if not others or others[0].pk in found:
                continue
            finding = self._compared(case, page, other_page, bits, others[0])
            if finding.severity == Severity.BAD:
                found[others[0].pk] = finding
            else:
                forms.append(finding)
        yield from found.values()
        organisations = {form.other.organisation_id for form in forms if form.other}
        # A form that several organisations hold is the office's own and says nothing.
        if not found and len(organisations) < _COMMON_FORM:
            yield from forms[:1]

    def _candidates(self, case: Case) -> Iterator[tuple[DocumentPage, DocumentPage, int]]:
        for page in case.pages[:3]:
            for other in near_pages(page)[:_CANDIDATES]:
                yield page, other, likeness.distance(page.likeness, other.likeness)

    def _compared(
        self, case: Case, page: DocumentPage, other_page: DocumentPage, bits: int, other: Credential
    ) -> Finding:
        share = likeness.sameness(_picture(page.picture), _picture(other_page.picture))
        evidence = (
            _("Fingerprints differ in %(bits)d of 64 bits.") % {"bits": bits},
            _("%(share)d %% of the inked parts agree.") % {"share": round(100 * share)},
        )
        names = {"organisation": other.organisation, "credential": other}
        if share >= likeness.COPY:
            severity = Severity.BAD
            why = _("This is a copy of the document %(organisation)s submitted for %(credential)s.")
        elif _same_right(case, other):
            severity = Severity.BAD
            why = _(
                "This looks like an altered copy of the document %(organisation)s submitted for "
                "%(credential)s: form and number agree."
            )
        else:
            severity = Severity.INFO
            why = _(
                "This has the same form as the document %(organisation)s submitted for "
                "%(credential)s. Compare what is filled in."
            )
        return Finding(
            self.code, severity, self.title, why % names, evidence, other, other_page.number
        )


def near_pages(page: DocumentPage) -> QuerySet[DocumentPage]:
    """Return pages of other files whose fingerprints are near, the nearest first."""
    differing = Func(
        F("likeness"),
        Value(page.likeness),
        template="bit_count((%(expressions)s)::bit(64))",
        arg_joiner=" # ",
        output_field=IntegerField(),
    )
    return (
        DocumentPage.objects.exclude(reading=page.reading_id)
        .select_related("reading", "picture")
        .alias(bits=differing)
        .filter(bits__lte=likeness.NEAR_BITS)
        .order_by("bits", "pk")
    )


def _picture(stored: StoredFile) -> Image.Image:
    return Image.open(io.BytesIO(files.read(stored)), formats=["WEBP", "PNG", "JPEG"])


def _same_right(case: Case, other: Credential) -> bool:
    """Whether the other's number is typed or printed here."""
    if not isinstance(other, Registration) or not other.number_key:
        return False
    typed = case.registration.number_key if case.registration else ""
    return other.number_key == typed or other.number_key in comparing.number_key(case.text)


# --------------------------------------------------------------------------- traces of editing


class ChangedAfterSigning:
    """A PDF was changed after it was signed."""

    code = "changed_after_signing"
    title = gettext_lazy("Changed after signing")

    def look(self, case: Case) -> Iterable[Finding]:
        """A signature covers a range of bytes (ISO 32000-1, 12.8.1); what lies behind is newer."""
        facts = case.reading.facts if case.reading else {}
        signed_to, size = int(facts.get("signed_to", 0)), int(facts.get("size", 0))
        if signed_to and signed_to < size:
            yield Finding(
                self.code,
                Severity.BAD,
                self.title,
                _("The signature covers the file only up to byte %(signed)d of %(size)d.")
                % {"signed": signed_to, "size": size},
                (_("What follows was added after the signature."),),
            )


class EditedDocument:
    """A PDF was saved again after it was made, without being signed."""

    code = "edited"
    title = gettext_lazy("Saved again after it was made")

    def look(self, case: Case) -> Iterable[Finding]:
        """Count the revisions saved onto the file's end (incremental updates)."""
        facts = case.reading.facts if case.reading else {}
        if int(facts.get("revisions", 0)) and not facts.get("signatures"):
            yield Finding(
                self.code,
                Severity.WARN,
                self.title,
                _("The file holds %(count)d later revision(s) on top of its first one.")
                % {"count": int(facts["revisions"])},
                (_("Filling in a form does this too; an office's certificate has one revision."),),
            )


class OddMetadata:
    """The PDF says it was made by a picture editor, or changed long after it was made."""

    code = "odd_metadata"
    title = gettext_lazy("Odd producer or dates")

    def look(self, case: Case) -> Iterable[Finding]:
        """Read producer, creator and dates of the file."""
        facts = case.reading.facts if case.reading else {}
        evidence = [
            _("Made with %(program)s.") % {"program": facts[key]}
            for key in ("producer", "creator", "tool")
            if _EDITORS.search(str(facts.get(key, "")))
        ]
        made, changed = (_moment(str(facts.get(key, ""))) for key in ("creationdate", "moddate"))
        if made and changed and changed - made > _DAY:
            evidence.append(
                _("Made on %(made)s, changed on %(changed)s.")
                % {"made": made.date().isoformat(), "changed": changed.date().isoformat()}
            )
        if made and made.date() > case.now.date() + _DAY:
            evidence.append(_("Made in the future: %(made)s.") % {"made": made.date().isoformat()})
        if made and made.date() < _earliest(case):
            evidence.append(
                _("Made on %(made)s, before the right begins.") % {"made": made.date().isoformat()}
            )
        if evidence:
            why = _("The file's own metadata do not fit a document as its issuer made it.")
            yield Finding(self.code, Severity.WARN, self.title, why, tuple(evidence))


class ActiveContent:
    """The PDF carries scripts or attached files, which a certificate has no use for."""

    code = "active_content"
    title = gettext_lazy("Scripts or attachments inside")

    def look(self, case: Case) -> Iterable[Finding]:
        """Ask what the reader counted. Pages are shown as pictures, so nothing of it runs."""
        facts = case.reading.facts if case.reading else {}
        evidence = []
        if facts.get("scripts"):
            evidence.append(_("The file carries scripts."))
        if facts.get("attachments"):
            evidence.append(
                _("The file carries %(count)d attachment(s).") % {"count": facts["attachments"]}
            )
        if evidence:
            why = _("Open the original only in a viewer that runs nothing.")
            yield Finding(self.code, Severity.WARN, self.title, why, tuple(evidence))


def _earliest(case: Case) -> date:
    """A certificate is printed after the right was granted, which may precede its validity."""
    return case.credential.valid_from - timedelta(days=365 * 3)


def _moment(value: str) -> datetime | None:
    """Read ``D:20200131120000+08'00'`` (ISO 32000-1, 7.9.4) to the day; ``None`` if it is none."""
    digits = re.match(r"(?:D:)?(\d{8})", value)
    if digits is None:
        return None
    try:
        return datetime.strptime(digits[1], "%Y%m%d")  # noqa: DTZ007  # only days are compared
    except ValueError:
        return None
