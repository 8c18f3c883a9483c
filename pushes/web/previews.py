"""What a characteristic would find, while it is being written."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brands import selectors as brand_selectors
from brands.services.characteristic_values import clean_value, pattern_fault
from brands.services.cleaning import Problems
from brands.web.common import found
from brands.web.mark_forms import GUIDES, MarkForm, form_of
from portal.core.errors import NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs
from pushes.services import preview as previews
from pushes.web import evidence

_PATTERNS = ("phrase_pattern", "seller_pattern")


@require_POST
@needs(Permission.EDIT_REGISTRY)
def mark(request: HttpRequest, uuid: UUID, kind: str) -> HttpResponse:
    """Show hits on recent listings and the expected precision, or what is wrong and where."""
    brand = found(brand_selectors.brands_editable_by(actor_of(request)), uuid)
    if kind not in GUIDES:
        raise NotFound("not_found", _("There is nothing of yours at this address."))
    form = form_of(kind, brand, request.POST)
    context = _empty(form) if not form.is_valid() else _found(form)
    return render(request, "pushes/preview.html", context)


def _empty(form: MarkForm) -> dict[str, Any]:
    """Nothing is wrong with a form that is not filled in yet."""
    wrong = [
        str(message)
        for field, messages in form.errors.get_json_data().items()
        for message in (m["message"] for m in messages if m["code"] != "required")
        if field
    ]
    return {"errors": [{"message": message} for message in wrong], "waiting": not wrong}


def _found(form: MarkForm) -> dict[str, Any]:
    declared, problems = form.declared(), Problems()
    value = clean_value(problems, declared.kind, declared.value)
    if problems.errors:
        fault = pattern_fault(declared.value) if declared.kind in _PATTERNS else None
        return {
            "errors": [{"message": error.message} for error in problems.errors],
            "fault": _at(declared.value, fault),
        }
    brand = form.brand
    result = previews.preview(
        brand=brand,
        declared=replace(declared, value=value),
        product_model=form.cleaned_data["product_model"],
    )
    precision = previews.expected_precision(brand, declared.kind, value)
    return {
        "result": result,
        "precision": precision,
        "low": round(100 * precision.low) if precision else 0,
        "high": round(100 * precision.high) if precision else 0,
        "examples": [
            {
                "version": hit.version,
                "title": evidence.segments(
                    hit.version.title, [signal.to_dict() for signal in hit.signals], "title"
                ),
                "matched": sorted({s.matched for s in hit.signals if s.field != "title"} - {""}),
            }
            for hit in result.examples
        ],
    }


def _at(pattern: str, fault: tuple[int, int] | None) -> dict[str, str] | None:
    """The pattern in three pieces: before the fault, the fault, and behind it."""
    if fault is None:
        return None
    start, end = fault
    return {"before": pattern[:start], "piece": pattern[start:end], "after": pattern[end:]}
