"""API addresses of the brands room."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
