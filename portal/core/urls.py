"""Addresses of organisation and staff pages."""

from django.urls import URLPattern

app_name = "core"
urlpatterns: list[URLPattern] = []
