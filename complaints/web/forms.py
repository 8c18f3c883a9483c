"""Forms of the complaints room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.models import Decision
from complaints.services.decisions import LONGEST_NOTE

REJECTIONS = [
    (code.value, code.label) for code in Decision.Code if code != Decision.Code.INFRINGEMENT_CLEAR
]


class DecisionForm(forms.Form):
    """Establish with one button, or reject with a reason."""

    code = forms.ChoiceField(
        label=_("Reason for a rejection"),
        choices=[("", _("Choose a reason")), *REJECTIONS],
        required=False,
    )
    note = forms.CharField(
        label=_("Note to the rights holder"),
        help_text=_("Shown with the decision. Say what would have to be shown."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_NOTE,
        required=False,
    )
    outcome = forms.ChoiceField(
        choices=Decision.Outcome.choices, widget=forms.HiddenInput, required=True
    )

    def clean(self) -> dict[str, Any]:
        """A rejection needs its reason; established has only one."""
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == Decision.Outcome.ESTABLISHED:
            cleaned["code"] = Decision.Code.INFRINGEMENT_CLEAR.value
        elif cleaned.get("outcome") == Decision.Outcome.REJECTED and not cleaned.get("code"):
            self.add_error("code", _("Choose why the complaint is rejected."))
        return cleaned
