"""Staff tables of the ground floor. Secrets and contents of mail are left out."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from portal.admin import ReadOnlyAdmin
from portal.core import models

HIDDEN = {"password", "secret_hash", "token_hash", "order_secret", "payload", "text", "html"}


class TableAdmin(ReadOnlyAdmin):
    """A table with its first columns, without secrets."""

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Leave secrets out."""
        return [field.name for field in self.model._meta.fields if field.name in HIDDEN]

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Show the first columns that are no secrets."""
        return tuple(f.name for f in self.model._meta.fields if f.name not in HIDDEN)[:6]


for table in (
    models.ApiKey,
    models.AssociationMembership,
    models.CalendarOverride,
    models.CalendarYear,
    models.Cursor,
    models.Invitation,
    models.MailPreference,
    models.Notice,
    models.Job,
    models.JournalEntry,
    models.JournalSeal,
    models.Mandate,
    models.Marketplace,
    models.Member,
    models.Organisation,
    models.OutboxMessage,
    models.StoredFile,
    models.User,
):
    admin.site.register(table, TableAdmin)
