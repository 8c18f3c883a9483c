"""Signals about who submits: does the organisation pass for another one?"""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brands.forgery.base import Case, Finding, Severity
from portal.core import names
from portal.core.models import Organisation

# Shorter names are alike by chance.
SHORTEST = 4


class LooksLikeAnother:
    """The organisation's name looks like that of another one registered before it."""

    code = "look_alike_name"
    title = gettext_lazy("Name looks like another organisation's")

    def look(self, case: Case) -> Iterable[Finding]:
        """Compare what the eye keeps of the names; equal ones of a kind are not registered."""
        own = case.credential.submitted_by.organisation
        key = names.rough(names.skeleton(own.name))
        if len(key) < SHORTEST:
            return
        earlier = Organisation.objects.filter(created_at__lt=own.created_at)
        rows = earlier.exclude(pk__in=case.parties).order_by("created_at", "pk")
        alike = [row for row in rows if names.rough(names.skeleton(row.name)) == key]
        for other in alike[:3]:
            yield Finding(
                self.code,
                Severity.WARN,
                self.title,
                _("“%(own)s” registered after “%(other)s” (%(kind)s) and looks the same.")
                % {"own": own, "other": other, "kind": other.get_kind_display()},
                (_("Ask how the two belong together; the document must name the right one."),),
            )
