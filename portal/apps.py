"""Configuration of Django's staff admin."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """The stock admin, read-only."""

    default_site = "portal.admin.ReadOnlySite"
