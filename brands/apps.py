"""The brands room."""

from django.apps import AppConfig


class BrandsConfig(AppConfig):
    """Who owns what, and what a fake looks like."""

    name = "brands"
