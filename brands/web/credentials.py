"""Pages on which rights holders and agents submit their credentials and follow the audit."""

from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brands import selectors
from brands.models import (
    Brand,
    DocumentPage,
    DocumentReading,
    LetterOfAuthorisation,
    Registration,
)
from brands.models.right import CredentialState
from brands.policies import (
    Credential,
    may_confirm_letter,
    may_submit_letter,
    may_submit_registration,
)
from brands.services import credential_life, credential_mail, rights
from brands.web.common import PAGE, found, saved
from brands.web.documents import document_response, picture_response
from brands.web.forms import LetterAgainForm, LetterForm, RegistrationForm
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotFound, StaleState
from portal.core.models import Organisation
from portal.core.policies import Permission, may, permissions_of
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

Kind = Organisation.Kind
C = TypeVar("C", Registration, LetterOfAuthorisation)
_State = CredentialState
_RENEWABLE = (_State.APPROVED, _State.EXPIRED)
_RENEWABLE_AGAIN = (_State.REJECTED, _State.REVOKED, _State.EXPIRED)
_OVER = _RENEWABLE_AGAIN


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
        "ending": _ending(actor),
        "may_submit": Permission.SUBMIT_CREDENTIAL in permissions_of(actor),
        "is_agent": _is(actor, Kind.AGENT),
    }
    return render(request, "brands/credentials.html", context)


def _ending(actor: Actor) -> list[tuple[Credential, int]]:
    """Approved credentials that end within the first reminder's days, the soonest first."""
    now = timezone.now()
    latest = now.date() + timedelta(days=max(credential_mail.REMINDERS) + 1)
    registrations, letters = credential_mail.ending(latest)
    mine: list[Credential] = [
        *registrations.filter(pk__in=selectors.registrations_visible_to(actor))[:PAGE],
        *letters.filter(pk__in=selectors.letters_visible_to(actor))[:PAGE],
    ]
    left = [(row, credential_mail.days_left(row, now)) for row in mine]
    shown = [pair for pair in left if 0 <= pair[1] <= max(credential_mail.REMINDERS)]
    return sorted(shown, key=lambda pair: pair[1])


@needs(Permission.SUBMIT_CREDENTIAL)
def registration_new(request: HttpRequest) -> HttpResponse:
    """Submit a registration."""
    actor = actor_of(request)
    organisation = actor.organisation
    if organisation is None or organisation.kind != Kind.RIGHTS_HOLDER:
        raise NotFound("not_found", _("Only a rights holder registers rights."))
    brands = selectors.brands_editable_by(actor)
    renews = _renewed(request, selectors.registrations_visible_to(actor))
    initial = {"owner_name": organisation.name, "jurisdiction": organisation.country}
    if renews is not None:
        initial = RegistrationForm.of(renews) | {"valid_from": None, "valid_to": None}
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
                renews=renews,
            )
        )

    if request.method == "POST" and saved(form, submit):
        messages.success(request, _("The registration was submitted for audit."))
        return redirect("brands:credential", made[0].uuid)
    context = {"form": form, "has_brands": brands.exists(), "renews": renews}
    return render(request, "brands/registration_new.html", context)


@needs(Permission.SUBMIT_CREDENTIAL)
def letter_new(request: HttpRequest) -> HttpResponse:
    """Submit a letter of authorisation, as the agent or as the rights holder."""
    actor, by_agent = actor_of(request), _is(actor_of(request), Kind.AGENT)
    renews = _renewed(request, selectors.letters_visible_to(actor))
    initial = {}
    if renews is not None:
        other = renews.organisation if by_agent else renews.agent
        initial = LetterForm.of(renews) | {"valid_from": None, "valid_to": None}
        initial["other_party"] = other.name
    form = LetterForm(
        request.POST or None,
        request.FILES or None,
        by_agent=by_agent,
        brands=_brands_for(actor, renews),
        initial=initial,
    )
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
                facts=form.declared(),
                document=document,
                renews=renews,
            )
        )

    if request.method == "POST" and saved(form, submit):
        messages.success(request, _("The letter of authorisation was submitted for audit."))
        return redirect("brands:credential", made[0].uuid)
    return render(request, "brands/letter_new.html", {"form": form, "renews": renews})


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
    reading = DocumentReading.objects.filter(file=credential.document_id).first()
    context = {
        "credential": credential,
        "is_letter": isinstance(credential, LetterOfAuthorisation),
        "audits": credential.audits.order_by("-at", "-pk"),
        "form": form,
        "reading": reading,
        "pages": reading.pages.order_by("number") if reading else (),
        "may_renew": may_renew(actor, credential),
        "may_confirm": _may_confirm(actor, credential),
        "reminder": _reminder(credential),
    }
    return render(request, "brands/credential.html", context)


@require_GET
@login_required
def document(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send a credential's document to those who may see the credential."""
    credential = credential_or_404(_reader(request), uuid)
    return document_response(credential.document, credential.document_name)


@require_GET
@login_required
def page(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """Send the picture of one page to those who may see the credential."""
    credential = credential_or_404(_reader(request), uuid)
    drawn = (
        DocumentPage.objects.select_related("picture")
        .filter(reading__file=credential.document_id, number=number)
        .first()
    )
    return picture_response(drawn.picture if drawn else None)


@require_POST
@needs(Permission.SUBMIT_CREDENTIAL)
def confirm_letter(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Confirm, for the rights holder, a letter its agent submitted."""
    actor = actor_of(request)
    letter = found(selectors.letters_visible_to(actor), uuid)
    credential_life.confirm_letter(actor=actor, now=timezone.now(), letter=letter)
    messages.success(request, _("You confirmed that this letter is yours."))
    return redirect("brands:credential", uuid)


def may_renew(actor: Actor, credential: Credential) -> bool:
    """Whether a renewal can be submitted: once, of what is or was approved."""
    if credential.state not in _RENEWABLE or not _may_submit(actor, credential):
        return False
    return not credential.renewals.exclude(state__in=_RENEWABLE_AGAIN).exists()


def _may_submit(actor: Actor, credential: Credential) -> bool:
    """Whether the actor may submit it again, for every brand it names."""
    if isinstance(credential, LetterOfAuthorisation):
        return bool(may_submit_letter(actor, credential.agent, credential.organisation))
    brands = credential.brands.all()
    return bool(may_submit_registration(actor, credential.organisation, brands))


def _may_confirm(actor: Actor, credential: Credential) -> bool:
    return (
        isinstance(credential, LetterOfAuthorisation)
        and credential.confirmed_by_id is None
        and credential.submitted_by.organisation_id == credential.agent_id
        and credential.state not in _OVER
        and bool(may_confirm_letter(actor, credential))
    )


def _reminder(credential: Credential) -> int | None:
    """Days left, once they are few enough to be reminded of."""
    if credential.state != CredentialState.APPROVED:
        return None
    left = credential_mail.days_left(credential, timezone.now())
    return left if credential_mail.due_reminder(left) is not None else None


def _renewed(request: HttpRequest, rows: QuerySet[C]) -> C | None:
    """Return the credential that shall be renewed, if the address names one."""
    asked = request.GET.get("renews", "")
    if not asked:
        return None
    try:
        credential = found(rows, UUID(asked))
    except ValueError as error:
        raise NotFound("not_found", _("There is nothing of yours at this address.")) from error
    if not may_renew(actor_of(request), credential):
        raise StaleState("not_renewable", _("This cannot be renewed, or was renewed already."))
    return credential


def _brands_for(actor: Actor, letter: LetterOfAuthorisation | None) -> QuerySet[Brand]:
    """Brands a letter may be limited to; an agent chooses only among those its letter names.

    The others of the rights holder may not be announced yet.
    """
    if letter is None:
        return selectors.brands_editable_by(actor)
    if _is(actor, Kind.AGENT):
        return letter.brands.all()
    return Brand.objects.filter(organisation=letter.organisation_id)


def _again_form(
    request: HttpRequest, actor: Actor, credential: Credential
) -> RegistrationForm | LetterAgainForm | None:
    """The form to submit again, if the auditor asked for more and the actor may answer."""
    if credential.state != CredentialState.MORE_ASKED or not _may_submit(actor, credential):
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
    return LetterAgainForm(
        data,
        uploads,
        brands=_brands_for(actor, credential),
        again=True,
        initial=LetterAgainForm.of(credential),
    )


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
    elif isinstance(credential, LetterOfAuthorisation) and isinstance(form, LetterAgainForm):
        rights.resubmit_letter(
            actor=actor,
            now=now,
            letter=credential,
            facts=form.declared(),
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
