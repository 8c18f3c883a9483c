"""Forms of this room."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brands.models import Brand, Registration
from portal.core.actors import Actor
from portal.core.policies import Permission, may
from pushes import policies, selectors
from pushes.models import SuspectedLink, Verdict
from pushes.services.review import LONGEST_REASON

OPEN = "pending"
VIEWS = (
    ("pending", _("To judge"), (SuspectedLink.State.PENDING,)),
    ("lapsed", _("Missed"), (SuspectedLink.State.LAPSED,)),
    ("appraisal", _("In appraisal"), (SuspectedLink.State.APPRAISAL,)),
    (
        "infringing",
        _("Infringing"),
        (SuspectedLink.State.COUNTERFEIT, SuspectedLink.State.OTHER_INFRINGEMENT),
    ),
    (
        "fine",
        _("Genuine or authorised"),
        (SuspectedLink.State.GENUINE, SuspectedLink.State.AUTHORISED),
    ),
    ("gone", _("Gone"), (SuspectedLink.State.GONE,)),
)


class InboxFilter(forms.Form):
    """What the inbox shows. Unknown values are ignored, so that an old address still works."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    brand = forms.ModelChoiceField(
        label=_("Brand"),
        queryset=Brand.objects.none(),
        required=False,
        to_field_name="uuid",
        empty_label=_("All brands"),
    )
    order = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[
            ("due", _("Deadline first")),
            ("score", _("Highest score first")),
            ("new", _("Newest first")),
        ],
    )

    def __init__(self, data: Mapping[str, Any] | None, *, actor: Actor) -> None:
        super().__init__(data)
        self.fields["brand"].queryset = selectors.brands_with_links(actor)  # type: ignore[attr-defined]  # a ModelChoiceField


class VerdictForm(forms.Form):
    """One verdict on one link. What the link's state forbids, the service refuses."""

    outcome = forms.ChoiceField(label=_("Verdict"), choices=Verdict.Outcome.choices)
    right = forms.ChoiceField(
        label=_("Right infringed"),
        choices=[("", "–"), *Registration.Kind.choices],
        required=False,
        help_text=_("For other infringements."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    authorises_seller = forms.BooleanField(
        label=_("Add this seller to your authorised sellers"), required=False
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, actor: Actor, link: SuspectedLink
    ) -> None:
        super().__init__(data)
        self.fields["reason"].required = policies.is_judged(link)
        if not may(actor, Permission.EDIT_REGISTRY, link.organisation_id):
            del self.fields["authorises_seller"]
