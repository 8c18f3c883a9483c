"""The plain choice says the same as Django's, and is as safe."""

import pytest
from django import forms
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
