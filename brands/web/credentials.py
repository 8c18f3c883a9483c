"""Pages on which rights holders and agents submit their credentials and follow the audit."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from brands import selectors
from brands.models import LetterOfAuthorisation, Registration
from brands.models.right import CredentialState
from brands.policies import Credential
from brands.services import rights
from brands.web.common import PAGE, found, saved
from brands.web.documents import document_response
from brands.web.forms import LetterAgainForm, LetterForm, RegistrationForm
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotFound
from portal.core.models import Organisation
from portal.core.policies import Permission, may, permissions_of
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

Kind = Organisation.Kind


def _reader(request: HttpRequest) -> Actor:
    """The signed-in actor, who reads credentials as a rights holder, an agent or an auditor."""
    actor = actor_of(request)
    if Permission.VIEW_REGISTRY not in permissions_of(actor):
        may(actor, Permission.SUBMIT_CREDENTIAL).require()
    return actor


def credential_or_404(actor: Actor, uuid: UUID) -> Credential:
    """Return a visible registration or letter or raise ``NotFound``."""
    registration = selectors.registrations_visible_to(actor).filter(uuid=uuid).first()
    return registration or found(selectors.letters_visible_to(actor), uuid)


@require_GET
@login_required
def credential_list(request: HttpRequest) -> HttpResponse:
    """List registrations and letters with their state."""
    actor = _reader(request)
    rows = selectors.registrations_visible_to(actor).prefetch_related("brands")
    page = Paginator(rows.order_by("-created_at", "-pk"), PAGE)
    letters = selectors.letters_visible_to(actor).order_by("-created_at", "-pk")
    context = {
        "page": page.get_page(request.GET.get("page")),
        "letters": letters[:PAGE],
        "may_submit": Permission.SUBMIT_CREDENTIAL in permissions_of(actor),
        "is_agent": _is(actor, Kind.AGENT),
    }
    return render(request, "brands/credentials.html", context)


@needs(Permission.SUBMIT_CREDENTIAL)
def registration_new(request: HttpRequest) -> HttpResponse:
    """Submit a registration."""
    actor = actor_of(request)
    organisation = actor.organisation
    if organisation is None or organisation.kind != Kind.RIGHTS_HOLDER:
        raise NotFound("not_found", _("Only a rights holder registers rights."))
    brands = selectors.brands_editable_by(actor)
    initial = {"owner_name": organisation.name, "jurisdiction": organisation.country}
    form = RegistrationForm(
        request.POST or None, request.FILES or None, brands=brands, initial=initial
    )
    made: list[Registration] = []

    def submit() -> None:
        document = form.uploaded()
        if document is None:
            raise InvalidInput.one("document", "required", _("Choose a file."))
        made.append(
            rights.submit_registration(
                actor=actor,
                now=timezone.now(),
                organisation=organisation,
                facts=form.declared(),
                brands=list(form.cleaned_data["brands"]),
                document=document,
            )
        )

    if request.method == "POST" and saved(form, submit):
        messages.success(request, _("The registration was submitted for audit."))
        return redirect("brands:credential", made[0].uuid)
    context = {"form": form, "has_brands": brands.exists()}
    return render(request, "brands/registration_new.html", context)


@needs(Permission.SUBMIT_CREDENTIAL)
def letter_new(request: HttpRequest) -> HttpResponse:
    """Submit a letter of authorisation, as the agent or as the rights holder."""
    actor, by_agent = actor_of(request), _is(actor_of(request), Kind.AGENT)
    form = LetterForm(request.POST or None, request.FILES or None, by_agent=by_agent)
    made: list[LetterOfAuthorisation] = []

    def submit() -> None:
        document, own = form.uploaded(), actor.organisation
        other = _other_party(form.cleaned_data["other_party"], by_agent)
        if document is None or own is None:
            raise InvalidInput.one("document", "required", _("Choose a file."))
        made.append(
            rights.submit_letter(
                actor=actor,
                now=timezone.now(),
                agent=own if by_agent else other,
                rights_holder=other if by_agent else own,
                valid_from=form.cleaned_data["valid_from"],
                valid_to=form.cleaned_data["valid_to"],
                document=document,
            )
        )

    if request.method == "POST" and saved(form, submit):
        messages.success(request, _("The letter of authorisation was submitted for audit."))
        return redirect("brands:credential", made[0].uuid)
    return render(request, "brands/letter_new.html", {"form": form})


@login_required
def credential_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a credential, what the auditors said, and the form to answer them."""
    actor = _reader(request)
    credential = credential_or_404(actor, uuid)
    form = _again_form(request, actor, credential)
    if (
        request.method == "POST"
        and form is not None
        and saved(form, lambda: _resubmit(actor, credential, form))
    ):
        messages.success(request, _("Your answer was submitted for audit."))
        return redirect("brands:credential", uuid)
    context = {
        "credential": credential,
        "is_letter": isinstance(credential, LetterOfAuthorisation),
        "audits": credential.audits.order_by("-at", "-pk"),
        "form": form,
    }
    return render(request, "brands/credential.html", context)


@require_GET
@login_required
def document(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send a credential's document to those who may see the credential."""
    credential = credential_or_404(_reader(request), uuid)
    return document_response(credential.document, credential.document_name)


def _again_form(
    request: HttpRequest, actor: Actor, credential: Credential
) -> RegistrationForm | LetterAgainForm | None:
    """The form to submit again, if the auditor asked for more and the actor may answer."""
    asked = credential.state == CredentialState.MORE_ASKED
    if not asked or Permission.SUBMIT_CREDENTIAL not in permissions_of(actor):
        return None
    data, uploads = request.POST or None, request.FILES or None
    if isinstance(credential, Registration):
        return RegistrationForm(
            data,
            uploads,
            brands=selectors.brands_editable_by(actor),
            again=True,
            initial=RegistrationForm.of(credential),
        )
    term = {"valid_from": credential.valid_from, "valid_to": credential.valid_to}
    return LetterAgainForm(data, uploads, again=True, initial=term)


def _resubmit(
    actor: Actor, credential: Credential, form: RegistrationForm | LetterAgainForm
) -> None:
    now = timezone.now()
    if isinstance(credential, Registration) and isinstance(form, RegistrationForm):
        rights.resubmit_registration(
            actor=actor,
            now=now,
            registration=credential,
            facts=form.declared(),
            brands=list(form.cleaned_data["brands"]),
            document=form.uploaded(),
        )
    elif isinstance(credential, LetterOfAuthorisation):
        rights.resubmit_letter(
            actor=actor,
            now=now,
            letter=credential,
            valid_from=form.cleaned_data["valid_from"],
            valid_to=form.cleaned_data["valid_to"],
            document=form.uploaded(),
        )


def _other_party(name: str, by_agent: bool) -> Organisation:
    kind = Kind.RIGHTS_HOLDER if by_agent else Kind.AGENT
    other = Organisation.objects.filter(kind=kind, name__iexact=name.strip()).first()
    if other is None:
        message = _("Nobody of this name has registered here as such.")
        raise InvalidInput.one("other_party", "unknown_organisation", message)
    return other


def _is(actor: Actor, kind: str) -> bool:
    return actor.organisation is not None and actor.organisation.kind == kind
