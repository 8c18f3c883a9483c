"""Read-only tables for platform staff."""

from django.contrib import admin

from complaints.models import Complaint, Decision, Order, StatementOfReasons, Strike
from portal.admin import ReadOnlyAdmin


@admin.register(Complaint)
class ComplaintAdmin(ReadOnlyAdmin):
    """Complaints."""

    list_display = ("uuid", "organisation", "reason", "state", "created_at", "decided_at")
    list_filter = ("state", "reason")
    search_fields = ("uuid", "organisation__name")
    list_select_related = ("organisation",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Decisions."""

    list_display = ("complaint", "outcome", "code", "automated", "at")
    list_filter = ("outcome", "code")
    list_select_related = ("complaint",)


@admin.register(StatementOfReasons)
class StatementAdmin(ReadOnlyAdmin):
    """Statements of reasons."""

    list_display = ("puid", "created_at")
    search_fields = ("puid",)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Orders to marketplaces."""

    list_display = ("uuid", "kind", "marketplace", "state", "queued_at", "acknowledged_at")
    list_filter = ("state", "kind", "marketplace")
    list_select_related = ("marketplace",)


@admin.register(Strike)
class StrikeAdmin(ReadOnlyAdmin):
    """Strikes."""

    list_display = ("seller", "points", "at", "reversed_at")
    list_select_related = ("seller",)
