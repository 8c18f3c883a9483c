"""The seller's answer: a counter-notice by signed link, without an account."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from brands.services.pictures import DOCUMENT_MAX_BYTES
from complaints.models import StatementOfReasons
from complaints.services import counter_notices, hearings
from complaints.services.counter_notice_input import MOST_FILES, Answer, Upload
from complaints.web.hearing_forms import SellerForm
from complaints.web.statement_views import READS, expired, language_of, private, read
from portal.core.errors import InvalidInput, StaleState
from portal.core.web.forms import put_errors
from portal.core.web.limits import limit

# Forms sent: for one link, and from one address, whoever they are about.
TRIES_A_LINK, TRIES_AN_ADDRESS = "20/hour", "60/hour"


# The service opens its transaction itself, after it looked into the files.
@transaction.non_atomic_requests
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form of a counter-notice, and take it."""
    found, is_expired = read(token)
    if is_expired:
        return expired(request, found)
    with translation.override(language_of(request, found)):
        if request.method == "POST":
            limit(request, "answer_link", TRIES_A_LINK, ident=found.puid)
            limit(request, "answer_address", TRIES_AN_ADDRESS)
            return private(_take(request, token, found))
        limit(request, "statement", READS)
        complaint = found.decision.complaint
        if not counter_notices.may_answer(found, complaint, timezone.now()):
            return private(redirect("complaints:statement", token))
        attempt = complaint.counter_notices.count() + 1
        form = SellerForm(initial={"attempt": attempt})
        return private(_form(request, token, found, form))


def _take(request: HttpRequest, token: str, found: StatementOfReasons) -> HttpResponse:
    form = SellerForm(request.POST)
    if form.is_valid():
        try:
            counter_notices.submit(
                statement=found,
                answer=Answer(**form.said()),
                uploads=_uploads(request),
                attempt=form.cleaned_data["attempt"],
                language=translation.get_language() or "en",
                now=timezone.now(),
            )
        except InvalidInput as refusal:
            put_errors(form, refusal)
        except StaleState as refusal:
            if refusal.code == "busy":  # what was typed is not lost
                form.add_error(None, str(refusal))
                return _form(request, token, found, form, status=409)
            messages.info(request, str(refusal))
            return redirect("complaints:statement", token)
        else:
            messages.success(
                request, _("Your counter-notice arrived. Its state is shown on this page.")
            )
            return redirect("complaints:statement", token)
    return _form(request, token, found, form, status=422)


def _form(
    request: HttpRequest,
    token: str,
    found: StatementOfReasons,
    form: SellerForm,
    status: int = 200,
) -> HttpResponse:
    complaint = found.decision.complaint
    rule = hearings.rule_for(
        complaint.link.listing.marketplace.jurisdiction, complaint.registration.kind
    )
    # Only now: the files are read apart from the form, which would miss them.
    form.fields["evidence"].required = rule.evidence_required
    context = {
        "form": form,
        "token": token,
        "copy": found.seller_copy,
        "rule": rule,
        "most_files": MOST_FILES,
        "files_were_sent": status != 200 and bool(request.FILES),
    }
    return render(request, "complaints/answer.html", context, status=status)


def _uploads(request: HttpRequest) -> list[Upload]:
    """Read the files, but none that is too large to be one."""
    sent = [file for file in request.FILES.getlist("evidence") if isinstance(file, UploadedFile)]
    if len(sent) > MOST_FILES:
        text = _("Send at most %(most)s files.") % {"most": MOST_FILES}
        raise InvalidInput.one("evidence", "too_many", text)
    for file in sent:
        if (file.size or 0) > DOCUMENT_MAX_BYTES:
            text = _("“%(name)s” is too large: a file may have at most 20 MB.")
            raise InvalidInput.one("evidence", "too_large", text % {"name": file.name})
    return [Upload(file.name or "", file.read()) for file in sent]
