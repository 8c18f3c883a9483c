"""Pages about one's own organisation: people, keys, consent, and whom one acts for."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.core import scope, selectors
from portal.core.actors import Actor
from portal.core.clock import local_date
from portal.core.errors import InvalidInput, NotAllowed, NotFound
from portal.core.models import (
    ApiKey,
    AssociationMembership,
    Invitation,
    Member,
    Organisation,
    User,
)
from portal.core.policies import Permission, permissions_of
from portal.core.services import invitations, keys, organisations
from portal.core.web import slots
from portal.core.web.forms import (
    ConsentForm,
    InvitationForm,
    KeyForm,
    RegisterForm,
    put_errors,
)
from portal.core.web.middleware import ACTING_FOR_KEY, MEMBER_KEY
from portal.core.web.views import actor, needs


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise NotAllowed("signed_out", _("Sign in first."))
    return request.user


@login_required
def register(request: HttpRequest) -> HttpResponse:
    """Register a rights holder or an agent."""
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            member = organisations.register(
                user=_user(request), now=timezone.now(), **form.cleaned_data
            )
        except InvalidInput as refusal:
            put_errors(form, refusal)
        else:
            request.session[MEMBER_KEY] = member.pk
            request.session.pop(ACTING_FOR_KEY, None)
            messages.success(request, _("Registered. Next, upload what proves your rights."))
            return redirect("home")
    return render(request, "core/register.html", {"form": form})


def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation; accept it when signed in with the invited address."""
    found = invitations.open_invitation(token, timezone.now())
    if request.method == "POST":
        member = invitations.accept(token=token, user=_user(request), now=timezone.now())
        request.session[MEMBER_KEY] = member.pk
        request.session.pop(ACTING_FOR_KEY, None)
        messages.success(request, _("Welcome to %(name)s.") % {"name": found.organisation.name})
        return redirect("home")
    return render(request, "core/invitation.html", {"invitation": found, "token": token})


@require_GET
@needs(Permission.MANAGE_MEMBERS)
def overview(request: HttpRequest) -> HttpResponse:
    """Show members, invitations, keys and consent."""
    return _overview(request, actor(request))


def _overview(
    request: HttpRequest,
    who: Actor,
    *,
    invitation_form: InvitationForm | None = None,
    key_form: KeyForm | None = None,
    token: str = "",
    status: int = 200,
) -> HttpResponse:
    organisation = who.organisation
    if organisation is None:
        raise NotAllowed("no_organisation", _("You act for no organisation."))
    now = timezone.now()
    consents = AssociationMembership.objects.filter(
        rights_holder=organisation, withdrawn_on=None
    ).select_related("association")
    context = {
        "members": selectors.members_of(who),
        "invitations": selectors.open_invitations_of(who, now),
        "keys": selectors.keys_of(who),
        "may_keys": Permission.MANAGE_KEYS in permissions_of(who),
        "consents": consents,
        "is_rights_holder": organisation.kind == Organisation.Kind.RIGHTS_HOLDER,
        "invitation_form": invitation_form or InvitationForm(kind=organisation.kind),
        "key_form": key_form or KeyForm(),
        "consent_form": ConsentForm(),
        "token": token,
    }
    return render(request, "core/organisation.html", context, status=status)


@require_POST
@needs(Permission.MANAGE_MEMBERS)
def invite(request: HttpRequest) -> HttpResponse:
    """Send an invitation."""
    who = actor(request)
    kind = who.organisation.kind if who.organisation else ""
    form = InvitationForm(request.POST, kind=kind)
    if form.is_valid():
        try:
            invitations.invite(actor=who, now=timezone.now(), **form.cleaned_data)
        except InvalidInput as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("core:organisation")
    return _overview(request, who, invitation_form=form, status=422)


@require_POST
@needs(Permission.MANAGE_MEMBERS)
def withdraw_invitation(request: HttpRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Withdraw an open invitation."""
    who = actor(request)
    found = Invitation.objects.filter(uuid=invitation_id, organisation=who.organisation).first()
    if found is None:
        raise NotFound("invitation", _("There is no such invitation."))
    invitations.withdraw(actor=who, invitation=found, now=timezone.now())
    messages.success(request, _("The invitation no longer works."))
    return redirect("core:organisation")


@require_POST
@needs(Permission.MANAGE_MEMBERS)
def remove_member(request: HttpRequest, member_id: uuid.UUID) -> HttpResponse:
    """Remove a member."""
    who = actor(request)
    member = Member.objects.filter(uuid=member_id, organisation=who.organisation).first()
    if member is None:
        raise NotFound("member", _("There is no such member."))
    organisations.change_member(actor=who, member=member, now=timezone.now(), active=False)
    messages.success(request, _("The member was removed."))
    return redirect("core:organisation")


@require_POST
@needs(Permission.MANAGE_KEYS)
def create_key(request: HttpRequest) -> HttpResponse:
    """Make an API key and show it once."""
    who = actor(request)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _overview(request, who, key_form=form, status=422)
    _key, token = keys.create(
        actor=who, now=timezone.now(), organisation=who.organisation, **form.cleaned_data
    )
    response = _overview(request, who, token=token)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@needs(Permission.MANAGE_KEYS)
def revoke_key(request: HttpRequest, key_id: uuid.UUID) -> HttpResponse:
    """Revoke an API key."""
    who = actor(request)
    key = ApiKey.objects.filter(uuid=key_id, organisation=who.organisation).first()
    if key is None:
        raise NotFound("key", _("There is no such key."))
    keys.revoke(actor=who, key=key, now=timezone.now())
    messages.success(request, _("The key no longer works."))
    return redirect("core:organisation")


@require_POST
@needs(Permission.MANAGE_MEMBERS)
def consent(request: HttpRequest) -> HttpResponse:
    """Give or withdraw consent to an association."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        raise InvalidInput.one("association", "required", _("Choose an association."))
    act = (
        organisations.withdraw_consent
        if request.POST.get("withdraw")
        else organisations.give_consent
    )
    act(actor=actor(request), association=form.cleaned_data["association"], now=timezone.now())
    messages.success(request, _("Your consent was changed."))
    return redirect("core:organisation")


@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """Choose which organisation to act for."""
    member = actor(request).member
    if member is None:
        raise NotAllowed("no_organisation", _("You are not a member of any organisation yet."))
    now = timezone.now()
    places = selectors.places_to_act(member, now.date()).order_by("name")
    if request.method == "POST":
        chosen = _chosen(places, request.POST.get("organisation", ""))
        if chosen is None:
            raise NotFound("organisation", _("You cannot act for this organisation."))
        own = Member.objects.filter(user=member.user, organisation=chosen, active=True).first()
        if own is not None:
            request.session[MEMBER_KEY] = own.pk
            request.session.pop(ACTING_FOR_KEY, None)
        elif scope.may_act_for(member, chosen, local_date(now, chosen.zone)):
            request.session[ACTING_FOR_KEY] = chosen.pk
        return redirect("home")
    context = {"places": places, "clients": slots.render("clients", request, {"member": member})}
    return render(request, "core/switch.html", context)


def _chosen(places: QuerySet[Organisation], asked: str) -> Organisation | None:
    try:
        return places.filter(uuid=uuid.UUID(asked)).first()
    except ValueError:
        return None
