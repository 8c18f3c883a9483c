"""What the registry's pages share."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from portal.core.errors import InvalidInput, NotFound
from portal.core.web.forms import put_errors

PAGE = 50
M = TypeVar("M", bound=Model)


def found(rows: QuerySet[M], uuid: UUID) -> M:
    """Return one of the visible rows or raise ``NotFound``."""
    row = rows.filter(uuid=uuid).first()
    if row is None:
        raise NotFound("not_found", _("There is nothing of yours at this address."))
    return row


def saved(form: forms.Form, save: Callable[[], object]) -> bool:
    """Run the service if the form is valid; put what it refuses at the form's fields."""
    if not form.is_valid():
        return False
    try:
        save()
    except InvalidInput as refusal:
        put_errors(form, refusal)
        return False
    return True
