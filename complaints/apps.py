"""The complaints room."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """Complaints, decisions, statements of reasons, take-down orders, strikes."""

    name = "complaints"
