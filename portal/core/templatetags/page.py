"""Template tags of the page shell."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.safestring import SafeString, mark_safe

from portal.core.web import slots

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: RequestContext, name: str, **values: Any) -> SafeString:
    """Render what upper apps put into the slot ``name``."""
    return mark_safe(slots.render(name, context["request"], values))  # noqa: S308  # fillers render templates
