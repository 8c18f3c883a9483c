"""Forms of measures against shops and of steps against misuse."""

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.services.misuse import LONGEST_TEXT


class ReasonsForm(forms.Form):
    """Reasons, and one of two buttons."""

    reasons = forms.CharField(
        label=_("Reasons"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_TEXT,
    )
    accept = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")], widget=forms.HiddenInput)

    @property
    def is_accepted(self) -> bool:
        """Whether the accepting button was pressed."""
        return bool(self.cleaned_data["accept"] == "yes")


class StatementForm(forms.Form):
    """An appeal of a step."""

    statement = forms.CharField(
        label=_("What speaks against the step"),
        help_text=_("Name the cases you mean. A person reads this and answers with reasons."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_TEXT,
    )
