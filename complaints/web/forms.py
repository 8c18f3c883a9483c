"""Forms of the complaints room."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.models import Decision
from complaints.services.decision_codes import LONGEST_NOTE

REJECTIONS = [
    (code.value, code.label) for code in Decision.Code if code != Decision.Code.INFRINGEMENT_CLEAR
]


class DecisionForm(forms.Form):
    """Establish with one button, or reject with a reason."""

    # The reason is required of one button only; the browser cannot know which is pressed.
    use_required_attribute = False

    code = forms.ChoiceField(
        label=_("Reason for a rejection"),
        choices=[("", _("Choose a reason")), *REJECTIONS],
        error_messages={"required": _("Choose why the complaint is rejected.")},
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

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        if data is not None and data.get("outcome") == Decision.Outcome.ESTABLISHED:
            self.fields["code"].required = False

    def clean(self) -> dict[str, Any]:
        """Established has only one code."""
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == Decision.Outcome.ESTABLISHED:
            cleaned["code"] = Decision.Code.INFRINGEMENT_CLEAR.value
        return cleaned
