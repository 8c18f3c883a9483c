"""What a test purchase or a jury found about a link, recorded by the platform's people."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from portal.core.errors import InvalidInput
from portal.core.policies import Permission
from portal.core.web.views import actor, needs
from pushes.models import Appraisal
from pushes.services import appraisals
from pushes.services.appraisals import Result
from pushes.web.finding import find


class AppraisalForm(forms.Form):
    """A purchase has an outcome; a jury has votes, which decide it."""

    kind = forms.ChoiceField(label=gettext_lazy("What was done"), choices=Appraisal.Kind.choices)
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=appraisals.LONGEST_REFERENCE,
        help_text=gettext_lazy("Order number of the purchase, or number of the jury's case."),
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What the purchase showed"),
        choices=[("", "–"), *Appraisal.Outcome.choices],
        required=False,
    )
    votes = forms.IntegerField(
        label=gettext_lazy("Votes of the jury"),
        required=False,
        min_value=appraisals.FEWEST_JURORS,
        max_value=appraisals.MOST_JURORS,
        help_text=gettext_lazy("A majority counts where it is more than chance."),
    )
    infringing_votes = forms.IntegerField(
        label=gettext_lazy("Of them for “infringing”"), required=False, min_value=0
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=appraisals.LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.DECIDE_COMPLAINT)
def page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what was found about a link, and record a result."""
    link, who = find(request, uuid), actor(request)
    form = AppraisalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = appraisals.record(
                actor=who, link=link, result=Result(**form.cleaned_data), now=timezone.now()
            )
        except InvalidInput as refusal:
            for error in refusal.errors:
                field = error.field if error.field in form.fields else None
                form.add_error(field, str(error.message))
        else:
            messages.success(
                request, _("Recorded: %(outcome)s.") % {"outcome": found.get_outcome_display()}
            )
            return redirect("pushes:link", link.uuid)
    context = {"link": link, "form": form, "appraisals": link.appraisals.order_by("pk")}
    status = 422 if request.method == "POST" else 200
    return render(request, "pushes/appraisal.html", context, status=status)
