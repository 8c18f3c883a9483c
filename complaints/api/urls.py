"""API addresses of the complaints room."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
