"""What an agent sees of its clients, side by side: each by itself, none added to another."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from complaints.selectors import client_figures
from portal.core.models import Organisation


def clients(request: HttpRequest, values: Mapping[str, Any]) -> str:
    """Return a table of the agency's clients with its complaints for each; '' for others."""
    member = values["member"]
    if member.organisation.kind != Organisation.Kind.AGENT:
        return ""
    context = {"mandates": client_figures(member.organisation)}
    return render_to_string("complaints/slots/clients.html", context, request)
