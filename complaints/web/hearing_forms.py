"""Forms of counter-notices. Rules are the services'; forms only parse."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brands.models import Registration
from complaints.hearing_rules import Rule
from complaints.models import CounterNotice, HearingRule
from complaints.services.counter_notice_input import (
    DECLARATION,
    LONGEST_EXPLANATION,
    SHORTEST_EXPLANATION,
)
from complaints.services.counter_notices import LONGEST_TEXT
from complaints.services.reinstatement import LONGEST_NOTE


class Files(forms.FileInput):
    """Takes several files."""

    allow_multiple_selected = True


class SellerForm(forms.Form):
    """A counter-notice."""

    attempt = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=99)
    reason = forms.ChoiceField(
        label=_("Why was the decision wrong?"),
        choices=[("", _("Choose a reason")), *CounterNotice.Reason.choices],
    )
    explanation = forms.CharField(
        label=_("Explanation"),
        help_text=_("What the goods are, where they come from, what shows it."),
        widget=forms.Textarea(attrs={"rows": 6}),
        min_length=SHORTEST_EXPLANATION,
        max_length=LONGEST_EXPLANATION,
    )
    evidence = forms.FileField(
        label=_("Evidence"),
        help_text=_("Invoices, letters, photos: at most 5 files, PDF, PNG or JPEG, 20 MB each."),
        widget=Files(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
        required=False,
    )
    name = forms.CharField(
        label=_("Your full name, or that of your company"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.CharField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("The outcome is sent there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    declared = forms.BooleanField(label=DECLARATION)
    signature = forms.CharField(
        label=_("Signature"),
        max_length=200,
        help_text=_("Type your name as above. This signs the counter-notice."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def said(self) -> dict[str, Any]:
        """Return what the seller says."""
        left_out = {"attempt", "evidence"}
        return {name: value for name, value in self.cleaned_data.items() if name not in left_out}


class DateInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ReplyForm(forms.Form):
    """The rights holder's reply, with notice of proceedings if there are any."""

    use_required_attribute = False

    text = forms.CharField(
        label=_("Reply"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_TEXT,
        required=False,
    )
    proceedings = forms.ChoiceField(
        label=_("Proceedings"),
        choices=[("", _("None")), *CounterNotice.Proceedings.choices],
        required=False,
    )
    reference = forms.CharField(label=_("File number"), max_length=120, required=False)
    begun_on = forms.DateField(label=_("Begun on"), required=False, widget=DateInput())

    def said(self) -> dict[str, Any]:
        """Return the reply; without proceedings their details mean nothing."""
        values: dict[str, Any] = dict(self.cleaned_data)
        if not values["proceedings"]:
            values["reference"], values["begun_on"] = "", None
        return values


class OutcomeForm(forms.Form):
    """Why a counter-notice is accepted or refused."""

    use_required_attribute = False

    code = forms.ChoiceField(label=_("Reason"))
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Both sides read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_NOTE,
        required=False,
    )

    def __init__(self, *args: Any, codes: tuple[CounterNotice.Code, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("Choose a reason")), *((c.value, c.label) for c in codes)]


class NoteForm(forms.Form):
    """A word with an act: why declined, why taken back."""

    note = forms.CharField(
        label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}), max_length=LONGEST_NOTE
    )


class ProofForm(forms.Form):
    """How a declaration reached the rights holder outside the portal."""

    proof = forms.CharField(
        label=_("Proof"), max_length=300, help_text=_("Such as the number of the receipt.")
    )


class RuleForm(forms.Form):
    """The rule of hearing of one jurisdiction."""

    jurisdiction = forms.CharField(
        label=_("Jurisdiction"), max_length=2, help_text=_("ISO 3166 code, or * for elsewhere.")
    )
    right = forms.ChoiceField(
        label=_("Right"), choices=[("", _("Any")), *Registration.Kind.choices], required=False
    )
    term_kind = forms.ChoiceField(label=_("The term counts"), choices=HearingRule.Term.choices)
    term_days = forms.IntegerField(label=_("Days of the term"), initial=15)
    term_from = forms.ChoiceField(
        label=_("The term starts when"), choices=HearingRule.Start.choices
    )
    rolls = forms.BooleanField(
        label=_("A last day that is closed moves to the next working day"), required=False
    )
    stopped_by = forms.ChoiceField(label=_("What stops it"), choices=HearingRule.StoppedBy.choices)
    on_silence = forms.ChoiceField(label=_("On silence"), choices=HearingRule.OnSilence.choices)
    reply_days = forms.IntegerField(label=_("Working days to reply"), initial=5)
    decision_days = forms.IntegerField(label=_("Working days to decide"), initial=5)
    evidence_required = forms.BooleanField(label=_("Evidence is required"), required=False)
    identity_to_brand = forms.BooleanField(
        label=_("The rights holder may see who answers"), required=False
    )
    source = forms.CharField(
        label=_("Source"), max_length=500, help_text=_("The law and its article.")
    )

    def stated(self) -> tuple[str, str, Rule]:
        """Return jurisdiction, right and rule."""
        values: dict[str, Any] = dict(self.cleaned_data)
        jurisdiction, right = values.pop("jurisdiction").upper(), values.pop("right")
        return jurisdiction, right, Rule(**values)
