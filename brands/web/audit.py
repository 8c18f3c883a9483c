"""Pages of the auditors: the queue, and a credential's document beside its typed fields."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brands import selectors
from brands.models import BrandName, CredentialAudit, Revocation
from brands.policies import Credential
from brands.services import credential_audit, credential_life
from brands.web import audit_view
from brands.web.audit_forms import NoteForm, RejectForm
from brands.web.common import PAGE, saved
from brands.web.credentials import credential_or_404
from portal.core.actors import Actor
from portal.core.errors import NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs


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
        "name_count": selectors.names_to_audit(actor).count(),
        "revocations": selectors.revocations_open_to(actor)[:PAGE],
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
    """Take, approve, reject, ask for more, suspend, reinstate, revoke by two."""
    actor = actor_of(request)
    credential = credential_or_404(actor, uuid)
    plain = _without_form(request, verb, actor, credential)
    if plain is not None:
        plain()
    else:
        form = NoteForm(request.POST) if verb == "reinstate" else RejectForm(_coded(request, verb))
        if not saved(form, _with_form(verb, actor, credential, form)):
            return _render(request, credential, form, status=422)
    messages.success(request, str(_said(verb)))
    return redirect("brands:audit", uuid)


def _coded(request: HttpRequest, verb: str) -> QueryDict:
    """What was sent; a question needs no reason for a rejection, its note says what is missing."""
    sent = request.POST.copy()
    if verb == "ask" and not sent.get("code"):
        sent["code"] = CredentialAudit.Code.OTHER
    return sent


def _without_form(
    request: HttpRequest, verb: str, actor: Actor, credential: Credential
) -> Callable[[], object] | None:
    now = timezone.now()
    if verb == "take":
        return lambda: credential_audit.take(actor=actor, now=now, credential=credential)
    if verb == "approve":
        chosen = [name for name in request.POST.getlist("names") if name.isascii()]
        return lambda: credential_audit.approve(
            actor=actor, now=now, credential=credential, names=_names(credential, chosen)
        )
    if verb in ("confirm", "decline"):
        service = {
            "confirm": credential_life.confirm_revocation,
            "decline": credential_life.decline_revocation,
        }[verb]
        return lambda: service(actor=actor, now=now, revocation=_open_revocation(credential))
    return None


def _names(credential: Credential, chosen: list[str]) -> list[BrandName]:
    wanted = set(chosen)
    claimed = audit_view.claimed_names(credential)
    return [name for name in claimed if str(name.uuid) in wanted]


def _open_revocation(credential: Credential) -> Revocation:
    found = credential.revocations.filter(state=Revocation.State.REQUESTED).first()
    if found is None:
        raise NotFound("no_revocation", _("No revocation is requested."))
    return found


def _with_form(
    verb: str, actor: Actor, credential: Credential, form: RejectForm | NoteForm
) -> Callable[[], object]:
    services: dict[str, Callable[..., object]] = {
        "reject": credential_audit.reject,
        "ask": credential_audit.ask_more,
        "suspend": credential_life.suspend,
        "revoke": credential_life.request_revocation,
        "reinstate": credential_life.reinstate,
    }
    if verb not in services:
        raise NotFound("not_found", _("There is nothing of yours at this address."))

    def decide() -> None:
        services[verb](actor=actor, now=timezone.now(), credential=credential, **form.cleaned_data)

    return decide


def _said(verb: str) -> str:
    return {
        "take": _("You audit this credential now."),
        "approve": _("The credential was approved."),
        "reject": _("The credential was rejected."),
        "ask": _("The submitter was asked for more."),
        "suspend": _("The credential was suspended; its open complaints are frozen."),
        "reinstate": _("The credential is approved again."),
        "revoke": _("The revocation waits for a second auditor."),
        "confirm": _("The credential was revoked."),
        "decline": _("The credential stays as it is."),
    }[verb]


def _render(
    request: HttpRequest, credential: Credential, form: RejectForm | NoteForm, status: int = 200
) -> HttpResponse:
    context = audit_view.context_of(actor_of(request), credential, timezone.now())
    context["form"] = form if isinstance(form, RejectForm) else RejectForm()
    context["note_form"] = form if isinstance(form, NoteForm) else NoteForm()
    return render(request, "brands/audit.html", context, status=status)
