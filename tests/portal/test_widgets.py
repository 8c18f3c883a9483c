"""The plain choice says the same as Django's, and is as safe; components get what is passed."""

import re

import pytest
from django import forms
from django.conf import settings
from django.test import SimpleTestCase

from portal.core.web.widgets import PlainSelect

CHOICES = [("", "All"), ("a", "One"), ('"><script>', "<b>Two</b> & more"), (3, "Three")]


@pytest.mark.parametrize("value", ["", None, "a", '"><script>', "3", 3, "unknown"])
def test_a_plain_choice_reads_like_djangos_own(value):
    attrs = {"id": "id_x", "aria-describedby": 'a"b', "required": True}
    plain = PlainSelect(choices=CHOICES).render("x", value, attrs)
    usual = forms.Select(choices=CHOICES).render("x", value, attrs)
    SimpleTestCase().assertHTMLEqual(plain, usual)
    assert "<script>" not in plain


def test_no_component_is_passed_an_expression_that_it_would_drop():
    # ``:name="value|filter"`` is no variable, so Cotton leaves the attribute out without a word.
    dropped = [
        f"{path.name}: {found}"
        for room in ("portal", "brands", "pushes", "complaints")
        for path in (settings.BASE_DIR / room / "templates").rglob("*.html")
        for found in re.findall(r'\s:[\w-]+="[^"{]*\|[^"]*"', path.read_text(encoding="utf-8"))
    ]
    assert not dropped
