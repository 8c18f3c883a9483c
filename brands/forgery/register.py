"""Signals from imported public registers."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brands.forgery.base import Case, Finding, Severity
from brands.models import RegisterEntry, Registration
from brands.reading import comparing


class NotInRegister:
    """The register of this place was imported, and the number is not in it."""

    code = "not_in_register"
    title = gettext_lazy("Number not in the register")

    def look(self, case: Case) -> Iterable[Finding]:
        """Say nothing where no register was imported."""
        row = case.registration
        if row is None or case.entry is not None:
            return
        if not case.register.covers(row.kind, row.jurisdiction):
            return
        yield Finding(
            self.code,
            Severity.WARN,
            self.title,
            _("The imported register of %(place)s has no %(kind)s %(number)s.")
            % {
                "place": row.jurisdiction,
                "kind": row.get_kind_display(),
                "number": row.number,
            },
            (_("A right newer than the imported file is missing there too."),),
        )


class RegisterDiffers:
    """The register says something else about this number."""

    code = "register_differs"
    title = gettext_lazy("Register says something else")

    def look(self, case: Case) -> Iterable[Finding]:
        """Compare owner, classes, status and last day."""
        row, entry = case.registration, case.entry
        if row is None or entry is None:
            return
        lines = list(_differences(row, entry))
        if lines:
            yield Finding(
                self.code,
                Severity.BAD,
                self.title,
                _("%(source)s knows this number, but not like this.")
                % {"source": entry.file.source},
                tuple(lines),
            )


def _differences(row: Registration, entry: RegisterEntry) -> Iterable[str]:
    if not comparing.same_owner(row.owner_name, entry.owner_name):
        yield _("Owner there: %(owner)s") % {"owner": entry.owner_name}
    missing = set(row.nice_classes) - set(entry.nice_classes)
    if missing and entry.nice_classes:
        yield _("Classes there: %(classes)s") % {"classes": ", ".join(map(str, entry.nice_classes))}
    if entry.status != RegisterEntry.Status.REGISTERED:
        yield _("Status there: %(status)s") % {"status": entry.get_status_display()}
    if entry.valid_to is not None and entry.valid_to < row.valid_to:
        yield _("Last day there: %(day)s") % {"day": entry.valid_to.isoformat()}
