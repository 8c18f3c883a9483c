"""Template tags of the page shell."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django_cotton.templatetags import Attrs

from portal.core.web import slots

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: RequestContext, name: str, **values: Any) -> SafeString:
    """Render what upper apps put into the slot ``name``."""
    return mark_safe(slots.render(name, context["request"], values))  # noqa: S308  # fillers render templates


@register.filter
def attributes(attrs: Attrs) -> SafeString:
    """Write the attributes a component passes on to its element, escaped.

    Cotton's own ``{{ attrs }}`` writes values given as ``:name="variable"`` as they are, so that a
    quote in a listing's title would end the attribute.
    """
    return format_html_join(
        " ",
        "{}{}",
        (
            (name, "" if value is True else format_html('="{}"', value))
            for name, value in attrs.attrs_dict().items()
            if value is not False and value is not None
        ),
    )
