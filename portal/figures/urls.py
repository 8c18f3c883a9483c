"""Addresses of the figures."""

from django.urls import path

from portal.figures import views

app_name = "figures"
urlpatterns = [
    path("", views.figures, name="figures"),
    path("figures.csv", views.export, name="export"),
]
