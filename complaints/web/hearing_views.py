"""Pages of counter-notices for the rights holder, who replies, and the platform, which decides."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brands.web.documents import document_response
from complaints import policies
from complaints.models import CounterNotice, Reinstatement, SellerIdentity
from complaints.selectors import (
    complaints_visible_to,
    counter_notices_visible_to,
    reinstatements_waiting,
)
from complaints.services import counter_notices, hearing_clocks, reinstatement
from complaints.web.hearing_forms import NoteForm, OutcomeForm, ProofForm, ReplyForm
from complaints.web.hearing_page import context_of
from complaints.web.views import complaint_or_404
from portal.core.actors import Actor
from portal.core.errors import FieldError, InvalidInput, NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

PAGE = 50
Act = Callable[[HttpRequest, Actor, CounterNotice, datetime], str]
TABS = {
    "open": CounterNotice.OPEN,
    "accepted": (CounterNotice.State.ACCEPTED,),
    "refused": (CounterNotice.State.REFUSED,),
}


def _found(request: HttpRequest, uuid: UUID) -> CounterNotice:
    row = counter_notices_visible_to(actor_of(request)).filter(uuid=uuid).first()
    if row is None:
        raise NotFound("counter_notice_not_found", _("There is no such counter-notice."))
    return row


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def queue(request: HttpRequest) -> HttpResponse:
    """List counter-notices: those that wait first, by the day they were handed in."""
    actor = actor_of(request)
    tab = request.GET.get("tab", "open")
    rows = counter_notices_visible_to(actor).filter(state__in=TABS.get(tab, CounterNotice.OPEN))
    page = Paginator(rows.order_by("submitted_at", "pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "tab": tab if tab in TABS else "open",
        "waiting": {row.counter_notice_id for row in reinstatements_waiting(actor)},
    }
    return render(request, "complaints/counter_notices.html", context)


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a counter-notice. Opened by the rights holder it has reached it, and the terms start."""
    actor, row, now = actor_of(request), _found(request, uuid), timezone.now()
    if not actor.is_platform and counter_notices.note_reached(
        counter_notice=row, how=CounterNotice.ReachedBy.PAGE, actor=actor, now=now
    ):
        row = _found(request, uuid)
    return render(request, "complaints/counter_notice.html", context_of(actor, row, now))


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def evidence(request: HttpRequest, uuid: UUID, file: UUID) -> HttpResponse:
    """Send one of the seller's files."""
    kept = _found(request, uuid).files.select_related("stored").filter(uuid=file).first()
    if kept is None:
        raise NotFound("file_not_found", _("There is no such file."))
    return document_response(kept.stored, kept.name)


@require_POST
@needs(Permission.VIEW_COMPLAINTS)
def act(request: HttpRequest, uuid: UUID, act: str) -> HttpResponse:
    """Do one of ``ACTS`` and say what was done; a form with errors comes back with them."""
    actor, row, now = actor_of(request), _found(request, uuid), timezone.now()
    if act == "identity":
        shown = counter_notices.see_identity(actor=actor, counter_notice=row, now=now)
        return _again(request, actor, row, now, identity=shown)
    if act not in ACTS:
        raise NotFound("page_not_found", _("There is no such page."))
    try:
        told = ACTS[act](request, actor, row, now)
    except InvalidInput as refusal:
        return _again(request, actor, row, now, act=act, refusal=refusal)
    messages.success(request, told)
    return redirect(row)


@require_POST
@needs(Permission.FILE_COMPLAINT)
def retract(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take an established complaint back: its measures end."""
    actor = actor_of(request)
    complaint = complaint_or_404(complaints_visible_to(actor), uuid)
    note = request.POST.get("note", "")
    counter_notices.retract(actor=actor, complaint=complaint, note=note, now=timezone.now())
    messages.success(request, _("The complaint is taken back; the listing is being put back."))
    return redirect(complaint)


def _again(
    request: HttpRequest,
    actor: Actor,
    row: CounterNotice,
    now: datetime,
    *,
    identity: SellerIdentity | None = None,
    act: str = "",
    refusal: InvalidInput | None = None,
) -> HttpResponse:
    context = context_of(actor, row, now, data=request.POST, act=act, refusal=refusal)
    context["identity"] = identity
    status = 422 if refusal else 200
    return render(request, "complaints/counter_notice.html", context, status=status)


def _cleaned(form: forms.Form) -> dict[str, str]:
    """Return what a form says; its errors leave as those of a service do."""
    if form.is_valid():
        return dict(form.cleaned_data)
    raise InvalidInput(
        [
            FieldError(field, "invalid", str(text))
            for field, texts in form.errors.items()
            for text in texts
        ]
    )


def _reply(request: HttpRequest, actor: Actor, row: CounterNotice, now: datetime) -> str:
    form = ReplyForm(request.POST)
    _cleaned(form)
    counter_notices.reply(actor=actor, counter_notice=row, now=now, **form.said())
    return _("Your reply is kept and the platform is told.")


def _request(request: HttpRequest, actor: Actor, row: CounterNotice, now: datetime) -> str:
    said = _cleaned(OutcomeForm(request.POST, codes=CounterNotice.ACCEPTING))
    reinstatement.request(actor=actor, counter_notice=row, now=now, **said)
    return _("Asked for. A second person must confirm it.")


def _refuse(request: HttpRequest, actor: Actor, row: CounterNotice, now: datetime) -> str:
    said = _cleaned(OutcomeForm(request.POST, codes=CounterNotice.REFUSING))
    counter_notices.refuse(actor=actor, counter_notice=row, now=now, **said)
    return _("Refused. Both sides are told; the decision stands.")


def _confirm(request: HttpRequest, actor: Actor, row: CounterNotice, now: datetime) -> str:
    reinstatement.confirm(actor=actor, reinstatement=_waiting(row), now=now)
    return _("Confirmed. The listing is being put back and both sides are told.")


def _decline(request: HttpRequest, actor: Actor, row: CounterNotice, now: datetime) -> str:
    said = _cleaned(NoteForm(request.POST))
    reinstatement.decline(actor=actor, reinstatement=_waiting(row), now=now, **said)
    return _("Declined. The counter-notice is to be decided anew.")


def _reached(request: HttpRequest, actor: Actor, row: CounterNotice, now: datetime) -> str:
    said = _cleaned(ProofForm(request.POST))
    how = CounterNotice.ReachedBy.PROOF
    counter_notices.note_reached(counter_notice=row, how=how, actor=actor, now=now, **said)
    return _("Kept. The terms run from now on.")


def _pause(request: HttpRequest, actor: Actor, row: CounterNotice, now: datetime) -> str:
    policies.may_decide(actor, row.complaint).require()
    hearing_clocks.pause(counter_notice=row, code="appraisal", actor=actor, now=now)
    return _("The clock of the decision stands still.")


def _resume(request: HttpRequest, actor: Actor, row: CounterNotice, now: datetime) -> str:
    policies.may_decide(actor, row.complaint).require()
    hearing_clocks.resume(counter_notice=row, actor=actor, now=now)
    return _("The clock of the decision runs on.")


def _waiting(row: CounterNotice) -> Reinstatement:
    found = reinstatement.waiting(row.complaint)
    if found is None:
        raise NotFound("nothing_waits", _("No reinstatement waits for a second person."))
    return found


ACTS: dict[str, Act] = {
    "reply": _reply,
    "request": _request,
    "refuse": _refuse,
    "confirm": _confirm,
    "decline": _decline,
    "reached": _reached,
    "pause": _pause,
    "resume": _resume,
}
