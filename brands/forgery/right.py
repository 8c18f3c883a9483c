"""Signals about what was typed: owner, number, term, classes, and the document's own words."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brands import nice
from brands.forgery.base import Case, Finding, Severity
from brands.models import ProductModel, Registration
from brands.models.right import CredentialState
from brands.reading import comparing
from brands.reading.comparing import Outcome


class OtherOwner:
    """The registered owner is another company than the organisation."""

    code = "other_owner"
    title = gettext_lazy("Owner is not the organisation")

    def look(self, case: Case) -> Iterable[Finding]:
        """Compare the names without case, width, script variants and legal forms."""
        row = case.registration
        if row is None or comparing.same_owner(row.owner_name, row.organisation.name):
            return
        yield Finding(
            self.code,
            Severity.WARN,
            self.title,
            _("The right belongs to “%(owner)s”, the account to “%(organisation)s”.")
            % {"owner": row.owner_name, "organisation": row.organisation},
            (_("A licence or a change of name would explain it: ask for its proof."),),
        )


class NumberReused:
    """Another organisation submitted the same registration number."""

    code = "number_reused"
    title = gettext_lazy("Number used by another organisation")

    def look(self, case: Case) -> Iterable[Finding]:
        """Compare numbers without separators."""
        row = case.registration
        if row is None or not row.number_key:
            return
        same = Registration.objects.filter(
            kind=row.kind, jurisdiction=row.jurisdiction, number_key=row.number_key
        ).exclude(organisation=row.organisation_id)
        others = same.exclude(state=CredentialState.DRAFT).select_related("organisation")
        for other in others.order_by("pk")[:3]:
            approved = other.state == CredentialState.APPROVED
            yield Finding(
                self.code,
                Severity.BAD,
                self.title,
                _("%(organisation)s submitted %(credential)s (%(state)s).")
                % {
                    "organisation": other.organisation,
                    "credential": other,
                    "state": other.get_state_display(),
                },
                (_("That one was audited and approved."),) if approved else (),
                other,
                1,
            )


class Expired:
    """The term has ended."""

    code = "expired"
    title = gettext_lazy("Term has ended")

    def look(self, case: Case) -> Iterable[Finding]:
        """Compare with the date where the rights holder is."""
        if case.credential.valid_to < case.today:
            yield Finding(
                self.code,
                Severity.WARN,
                self.title,
                _("Its last day was %(day)s.") % {"day": case.credential.valid_to.isoformat()},
            )


class NotYetValid:
    """The term has not begun."""

    code = "not_yet_valid"
    title = gettext_lazy("Term has not begun")

    def look(self, case: Case) -> Iterable[Finding]:
        """Compare with the date where the rights holder is."""
        if case.credential.valid_from > case.today:
            yield Finding(
                self.code,
                Severity.WARN,
                self.title,
                _("Its first day is %(day)s.") % {"day": case.credential.valid_from.isoformat()},
            )


class ClassMissing:
    """Product models belong to classes the trademark does not cover."""

    code = "class_missing"
    title = gettext_lazy("Classes do not cover the goods")

    def look(self, case: Case) -> Iterable[Finding]:
        """Read each model's category as a Nice class; unknown categories say nothing."""
        row = case.registration
        if row is None or row.kind != Registration.Kind.TRADEMARK:
            return
        models = ProductModel.objects.filter(brand__registrations=row, active=True)
        uncovered: dict[str, frozenset[int]] = {}
        for category in models.values_list("category", flat=True).distinct()[:200]:
            wanted = nice.classes_of(category)
            if wanted and wanted.isdisjoint(row.nice_classes):
                uncovered[category] = wanted
        if uncovered:
            lines = [
                _("%(category)s: class %(classes)s")
                % {"category": category, "classes": ", ".join(map(str, sorted(wanted)))}
                for category, wanted in sorted(uncovered.items())
            ]
            yield Finding(
                self.code,
                Severity.WARN,
                self.title,
                _("The right covers class %(classes)s, but its brands sell other goods too.")
                % {"classes": ", ".join(map(str, row.nice_classes)) or "–"},
                tuple(lines[:8]),
            )


class TextDiffers:
    """The document says something else than was typed."""

    code = "text_differs"
    title = gettext_lazy("Document says something else")

    def look(self, case: Case) -> Iterable[Finding]:
        """Take over the comparison of typed fields with the text."""
        if not case.text.strip():
            return
        wrong = [
            _("%(field)s: the document says “%(says)s”.") % {"field": name, "says": found.says[:80]}
            if found.says
            else _("%(field)s: not found in the document.") % {"field": name}
            for name, found in _labelled(case)
            if found.outcome in (Outcome.DIFFERS, Outcome.ABSENT)
        ]
        if wrong:
            why = _("Some typed fields do not stand in the document's text.")
            yield Finding(self.code, Severity.WARN, self.title, why, tuple(wrong))


def _labelled(case: Case) -> Iterable[tuple[str, comparing.Found]]:
    names = {
        "organisation": _("Rights holder"),
        "agent": _("Agent"),
        "number": _("Registration number"),
        "owner_name": _("Owner"),
        "mark_text": _("Mark"),
        "nice_classes": _("Nice classes"),
        "valid_from": _("Valid from"),
        "valid_to": _("Valid to"),
    }
    for field, found in case.comparison.items():
        yield names[field], found
