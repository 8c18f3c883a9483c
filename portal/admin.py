"""The staff admin reads and never writes: every change goes through a service."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class ReadOnlySite(admin.AdminSite):
    """Django's admin for platform staff."""

    site_header = _("Portal staff admin (read only)")
    site_title = _("Staff admin")
    index_title = _("Tables")


class ReadOnlyAdmin(admin.ModelAdmin[Model]):
    """An admin page without any way to write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes rows here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes rows here."""
        return False
