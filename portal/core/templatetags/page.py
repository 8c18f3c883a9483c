"""Template tags of the page shell."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.template.context import RequestContext
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_cotton.templatetags import Attrs

from portal.core import jobs
from portal.core.templatetags.icons import lucide
from portal.core.web import slots

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: RequestContext, name: str, **values: Any) -> SafeString:
    """Render what upper apps put into the slot ``name``."""
    return mark_safe(slots.render(name, context["request"], values))  # noqa: S308  # fillers render templates


@register.simple_tag
def deadline(at: datetime | None, zone: str = "UTC", attrs: Attrs | None = None) -> SafeString:
    """Write a moment and how far off it is; ``portal.js`` keeps the text fresh.

    A tag beside the component ``<c-deadline>``, which uses it: a list writes one for each row, and
    a component costs as much as the rest of the row.
    """
    if not at:
        return SafeString("")
    # Links that came on one day end at one moment, and the text tells no seconds.
    minute = timezone.now().replace(second=0, microsecond=0)
    given = attributes(attrs) if attrs is not None else SafeString("")
    return _deadline(at, zone, given, minute, get_language())


@lru_cache(maxsize=512)
def _deadline(
    at: datetime, zone: str, given: SafeString, now: datetime, _language: str
) -> SafeString:
    """The same for everybody who reads the language."""
    if at < now:
        tone, text = " is-over", _("%(time)s ago") % {"time": timesince(at, now)}
    else:
        tone = " is-near" if at - now < timedelta(days=1) else ""
        text = _("in %(time)s") % {"time": timeuntil(at, now)}
    return format_html(
        '<time class="deadline{}" datetime="{}" data-deadline title="{} ({})" {}>{}'
        "<span>{}</span></time>",
        tone,
        at.astimezone(UTC).isoformat(),
        date_format(at.astimezone(ZoneInfo(zone)), "DATETIME_FORMAT"),
        zone,
        given,
        lucide("clock", size=14, aria_hidden="true"),
        text,
    )


@register.filter
def job_kind(kind: str) -> str:
    """Write what people call jobs of a kind."""
    return jobs.label_of(kind)


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
