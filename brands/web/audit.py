"""Pages of the auditors: the queue, and a credential's document beside its typed fields."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brands import selectors
from brands.models import LetterOfAuthorisation
from brands.models.right import CredentialState
from brands.policies import Credential, may_audit
from brands.services import credential_audit
from brands.web.common import PAGE, saved
from brands.web.credentials import credential_or_404
from brands.web.forms import RejectForm
from portal.core.actors import Actor
from portal.core.errors import NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

State = CredentialState


@require_GET
@needs(Permission.AUDIT_CREDENTIAL)
def queue(request: HttpRequest) -> HttpResponse:
    """List credentials that wait for an auditor, or those already decided."""
    actor, tab = actor_of(request), request.GET.get("tab", "waiting")
    kind = request.GET.get("kind", "registrations")
    if tab == "decided":
        registrations, letters = selectors.credentials_audited(actor)
    else:
        registrations, letters = selectors.credentials_to_audit(actor)
    page = Paginator(letters if kind == "letters" else registrations, PAGE)
    context = {
        "page": page.get_page(request.GET.get("page")),
        "tab": tab,
        "kind": kind,
        "registration_count": registrations.count(),
        "letter_count": letters.count(),
        "today": timezone.now().date(),
    }
    return render(request, "brands/audit_queue.html", context)


@require_GET
@needs(Permission.AUDIT_CREDENTIAL)
def audit_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the document beside the typed fields, with what looks odd and the history."""
    return _render(request, credential_or_404(actor_of(request), uuid), RejectForm())


@require_POST
@needs(Permission.AUDIT_CREDENTIAL)
def act(request: HttpRequest, uuid: UUID, verb: str) -> HttpResponse:
    """Take, approve, reject, or ask for more."""
    actor, form = actor_of(request), RejectForm(request.POST)
    credential = credential_or_404(actor, uuid)
    if verb in ("take", "approve"):
        service = credential_audit.take if verb == "take" else credential_audit.approve
        service(actor=actor, now=timezone.now(), credential=credential)
        messages.success(request, str(_said(verb)))
        return redirect("brands:audit", uuid)
    if not saved(form, _decision(verb, actor, credential, form)):
        return _render(request, credential, form, status=422)
    messages.success(request, str(_said(verb)))
    return redirect("brands:audit", uuid)


def _decision(
    verb: str, actor: Actor, credential: Credential, form: RejectForm
) -> Callable[[], None]:
    services = {"reject": credential_audit.reject, "ask": credential_audit.ask_more}
    if verb not in services:
        raise NotFound("not_found", _("There is nothing of yours at this address."))

    def decide() -> None:
        services[verb](
            actor=actor,
            now=timezone.now(),
            credential=credential,
            code=form.cleaned_data["code"],
            note=form.cleaned_data["note"],
        )

    return decide


def _said(verb: str) -> str:
    return {
        "take": _("You audit this credential now."),
        "approve": _("The credential was approved."),
        "reject": _("The credential was rejected."),
        "ask": _("The submitter was asked for more."),
    }[verb]


def _render(
    request: HttpRequest, credential: Credential, form: RejectForm, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "credential": credential,
        "is_letter": isinstance(credential, LetterOfAuthorisation),
        "is_pdf": credential.document.media_type == "application/pdf",
        "audits": credential.audits.select_related("auditor__user").order_by("-at", "-pk"),
        "oddities": selectors.oddities_of(credential, timezone.now().date()),
        "form": form,
        "refusal": may_audit(actor, credential).reason,
        "may_take": credential.state == State.SUBMITTED,
        "may_decide": credential.state == State.UNDER_AUDIT,
    }
    return render(request, "brands/audit.html", context, status=status)
