"""Errors as ``application/problem+json`` (RFC 9457)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from portal.core.errors import InvalidInput, PortalError

CONTENT_TYPE = "application/problem+json"


def problem_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem document for an exception, or ``None`` to let it fail loudly.

    Shape: ``{"type", "title", "status", "code", "errors": [{"field", "code", "message"}]}``.
    """
    if isinstance(exception, PortalError):
        set_rollback()
        return _problem(exception.status, exception.code, str(exception), _field_errors(exception))
    response = exception_handler(exception, context)
    if response is None:
        return None
    errors = _flatten(exception.detail) if isinstance(exception, ValidationError) else []
    problem = _problem(
        response.status_code, _code_of(exception), _title_of(exception, errors), errors
    )
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if header in response:
            problem[header] = response[header]
    return problem


def _problem(code: int, name: str, title: str, errors: list[dict[str, str]]) -> Response:
    body = {"type": "about:blank", "title": title, "status": code, "code": name, "errors": errors}
    return Response(body, status=code, content_type=CONTENT_TYPE)


def _field_errors(exception: PortalError) -> list[dict[str, str]]:
    if isinstance(exception, InvalidInput):
        return [
            {"field": e.field, "code": e.code, "message": str(e.message)} for e in exception.errors
        ]
    if exception.field:
        return [{"field": exception.field, "code": exception.code, "message": str(exception)}]
    return []


def _flatten(detail: Any, path: str = "") -> list[dict[str, str]]:
    """Turn DRF's nested details into paths such as ``listings[3].price``."""
    if isinstance(detail, dict):
        return [
            error
            for key, value in detail.items()
            for error in _flatten(value, f"{path}.{key}" if path else str(key))
        ]
    if isinstance(detail, list):
        errors = []
        for index, item in enumerate(detail):
            nested = isinstance(item, dict | list)
            errors += _flatten(item, f"{path}[{index}]" if nested else path)
        return errors
    return [
        {"field": path, "code": str(getattr(detail, "code", "invalid")), "message": str(detail)}
    ]


def _code_of(exception: Exception) -> str:
    if isinstance(exception, ValidationError):
        return "invalid"
    if isinstance(exception, APIException):
        return str(exception.default_code)
    return {Http404: "not_found", PermissionDenied: "permission_denied"}.get(
        type(exception), "error"
    )


def _title_of(exception: Exception, errors: list[dict[str, str]]) -> str:
    if errors:
        return errors[0]["message"]
    detail = getattr(exception, "detail", "")
    return str(detail) if detail else str(exception) or status.HTTP_400_BAD_REQUEST.__str__()
