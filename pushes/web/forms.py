"""Forms of this room."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brands.models import Registration
from portal.core.actors import Actor
from portal.core.policies import Permission, may
from pushes import policies
from pushes.models import SuspectedLink, Verdict
from pushes.services.review_checks import LONGEST_REASON


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
        if not may(actor, Permission.EDIT_REGISTRY, link.organisation_id, link.brand_id):
            del self.fields["authorises_seller"]
