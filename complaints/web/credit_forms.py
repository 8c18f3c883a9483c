"""Forms of good-faith accounts."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.models import CreditAccount
from complaints.services.credit_settings import LONGEST_REASON
from complaints.services.tier_appeals import LONGEST_TEXT
from complaints.tier_rules import LADDER, Rules, Tier

# Shares are typed as percentages; everything else as it is.
SHARES = {
    "established_entry",
    "established_stay",
    "overturned_entry",
    "overturned_stay",
    "audit",
    "timeliness",
}
GENERAL = {
    "window_long": _("Long window (days)"),
    "window_short": _("Short window (days)"),
    "thin": _("Cases below which a reason code is pooled"),
    "least": _("Cases below which a window contradicts nothing"),
    "timeliness_least": _("Verdicts below which timeliness is not asked"),
    "audit_least": _("Re-reviews an error is weighed on at least"),
    "lockout": _("Lock-out after a fall (days)"),
    "sample_first": _("First decisions that are all re-reviewed"),
    "sample_share": _("Share re-reviewed afterwards (%)"),
    "sample_month": _("Re-reviewed a month at least"),
}
OF_TIER = {
    "cases": _("Decided cases at least"),
    "established_entry": _("Established, lower bound to enter (%)"),
    "established_stay": _("Established, lower bound to stay (%)"),
    "overturned_entry": _("Overturned, upper bound to enter (%)"),
    "overturned_stay": _("Overturned, upper bound to stay (%)"),
    "audit": _("Re-reviews that agreed (%)"),
    "timeliness": _("Verdicts in time (%)"),
}


class WhatIfForm(forms.Form):
    """Cases to come."""

    established = forms.IntegerField(
        label=_("Established"), min_value=0, max_value=2000, initial=0, required=False
    )
    rejected = forms.IntegerField(
        label=_("Rejected"), min_value=0, max_value=2000, initial=0, required=False
    )
    overturned = forms.IntegerField(
        label=_("Overturned"), min_value=0, max_value=2000, initial=0, required=False
    )


class TierAppealForm(forms.Form):
    """The rights holder's appeal."""

    wanted = forms.ChoiceField(label=_("Tier asked for"))
    statement = forms.CharField(
        label=_("What speaks against the decision"),
        help_text=_("Name the cases you mean. A person reads this and answers with reasons."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_TEXT,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, tier: str) -> None:
        super().__init__(data)
        higher = LADDER[LADDER.index(Tier(tier)) + 1 :]
        field = self.fields["wanted"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(each.value, CreditAccount.Tier(each.value).label) for each in higher]


class AnswerForm(forms.Form):
    """The platform's answer, given by one of two buttons."""

    reasons = forms.CharField(
        label=_("Reasons"),
        help_text=_("Sent to the rights holder, whichever way you decide."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_TEXT,
    )
    granted = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")], widget=forms.HiddenInput)


class RulesForm(forms.Form):
    """Every published figure, and why it changes."""

    reason = forms.CharField(
        label=_("Why do the rules change?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_REASON,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, rules: Rules) -> None:
        super().__init__(data)
        self.sections: list[tuple[str, list[str]]] = []
        for prefix, labels in (("", GENERAL), ("trusted", OF_TIER), ("self_service", OF_TIER)):
            source = getattr(rules, prefix) if prefix else rules
            names = []
            for name, label in labels.items():
                path = f"{prefix}.{name}" if prefix else name
                self.fields[path] = _number(name, label, getattr(source, name))
                names.append(path)
            self.sections.append((prefix, names))

    def content(self) -> dict[str, Any]:
        """Return the figures as ``Rules.to_dict`` gives them."""
        found: dict[str, Any] = {"trusted": {}, "self_service": {}}
        for path, value in self.cleaned_data.items():
            if path == "reason":
                continue
            prefix, __, name = path.rpartition(".")
            figure = round(value / 100, 6) if _is_share(name) else int(value)
            (found[prefix] if prefix else found)[name] = figure
        return found


def _is_share(name: str) -> bool:
    return name in SHARES or name == "sample_share"


def _number(name: str, label: Any, value: float) -> forms.Field:
    if _is_share(name):
        return forms.FloatField(
            label=label, min_value=0, max_value=100, initial=round(value * 100, 4)
        )
    return forms.IntegerField(label=label, min_value=0, max_value=100_000, initial=value)
