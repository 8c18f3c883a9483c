"""Addresses of the brands room."""

from django.urls import URLPattern

app_name = "brands"
urlpatterns: list[URLPattern] = []
