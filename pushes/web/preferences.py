"""A member's keys: seen, changed, switched off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.core.errors import InvalidInput, NotAllowed
from portal.core.policies import Permission
from portal.core.web.views import actor, needs
from pushes.services import preferences
from pushes.services.preferences import SHIPPED
from pushes.web import keys


@require_http_methods(["GET", "POST"])
@needs(Permission.VIEW_LINKS)
def keys_page(request: HttpRequest) -> HttpResponse:
    """The member's keys as a form; "space" names the space bar."""
    member = actor(request).member
    if member is None:
        raise NotAllowed("no_member", _("Only members have keys."))
    errors: dict[str, str] = {}
    if request.method == "POST":
        given = {action: _read(request.POST.get(action, "")) for action in SHIPPED}
        chosen = dict(SHIPPED) if "reset" in request.POST else given
        is_on = "reset" in request.POST or request.POST.get("keys_on") == "on"
        try:
            preferences.set_keys(member=member, keys=chosen, keys_on=is_on)
        except InvalidInput as refusal:
            errors = {error.field: str(error.message) for error in refusal.errors}
        else:
            messages.success(request, _("Your keys are kept."))
            return redirect("pushes:keys")
    own = keys.preference_of(member)
    shown = {**SHIPPED, **(own.keys if own else {})}
    if errors:
        shown |= {action: _read(request.POST.get(action, "")) for action in SHIPPED}
    context = {
        "rows": [
            {
                "action": action,
                "label": label,
                "key": "space" if shown[action] == " " else shown[action],
                "shipped": keys.cap(SHIPPED[action]),
                "error": errors.get(action, ""),
            }
            for action, label in keys.LABELS.items()
        ],
        "keys_on": own is None or own.keys_on,
        "errors": errors,
    }
    return render(request, "pushes/keys.html", context, status=422 if errors else 200)


def _read(text: str) -> str:
    """The key a field names."""
    stripped = text.strip().lower()
    return " " if stripped in {"space", str(_("Space")).lower()} or text == " " else stripped
