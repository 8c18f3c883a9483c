"""Addresses of the pushes room."""

from django.urls import URLPattern

app_name = "pushes"
urlpatterns: list[URLPattern] = []
