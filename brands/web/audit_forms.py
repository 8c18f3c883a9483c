"""Forms of the auditors' pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from brands.models import CredentialAudit
from brands.services.credential_audit import REJECTION_CODES


class RejectForm(forms.Form):
    """Rejects a credential, or asks for more."""

    code = forms.ChoiceField(
        label=_("Reason"),
        # Nothing is chosen beforehand: one press must not reject for the first reason of the list.
        choices=[
            ("", _("Choose a reason")),
            *((code.value, CredentialAudit.Code(code).label) for code in REJECTION_CODES),
        ],
    )
    note = forms.CharField(
        label=_("Note to the submitter"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NoteForm(forms.Form):
    """Lifts a suspension."""

    note = forms.CharField(
        label=_("What cleared the doubt up"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RegisterForm(forms.Form):
    """Uploads a file of a public register."""

    source = forms.CharField(
        label=_("Register and edition"), max_length=120, help_text=_("Office and date of the file.")
    )
    file = forms.FileField(
        label=_("Register file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.json"}),
        help_text=_("CSV (UTF-8) or JSON, at most 50 MB."),
    )
    is_sample = forms.BooleanField(label=_("Its entries are invented"), required=False)
