"""API addresses of the pushes room."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
