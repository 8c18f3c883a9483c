"""Read-only tables for platform staff."""

from django.contrib import admin

from complaints.models import (
    Complaint,
    CreditAccount,
    CreditLine,
    CreditRules,
    Decision,
    MisuseStep,
    Order,
    SampledReview,
    ShopConsequence,
    StatementOfReasons,
    Strike,
    TierAppeal,
)
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


@admin.register(CreditAccount)
class CreditAccountAdmin(ReadOnlyAdmin):
    """Good-faith accounts."""

    list_display = ("organisation", "agent", "reason", "tier", "tier_since", "locked_until")
    list_filter = ("tier", "reason")
    list_select_related = ("organisation", "agent")


@admin.register(CreditLine)
class CreditLineAdmin(ReadOnlyAdmin):
    """Lines of the ledger."""

    list_display = ("account", "kind", "day", "at")
    list_filter = ("kind",)
    list_select_related = ("account",)


@admin.register(CreditRules)
class CreditRulesAdmin(ReadOnlyAdmin):
    """Rules of good-faith accounts, as they were set."""

    list_display = ("at", "reason", "made_by")
    list_select_related = ("made_by__user", "made_by__organisation")


@admin.register(TierAppeal)
class TierAppealAdmin(ReadOnlyAdmin):
    """Appeals of tiers."""

    list_display = ("account", "wanted", "state", "made_at", "answered_at")
    list_filter = ("state",)
    list_select_related = ("account",)


@admin.register(SampledReview)
class SampledReviewAdmin(ReadOnlyAdmin):
    """Blind re-reviews."""

    list_display = ("complaint", "why", "drawn_at", "state", "reviewed_at")
    list_filter = ("state", "why")
    list_select_related = ("complaint",)


@admin.register(ShopConsequence)
class ShopConsequenceAdmin(ReadOnlyAdmin):
    """Consequences for shops."""

    list_display = ("seller", "kind", "points", "state", "proposed_at", "until")
    list_filter = ("state", "kind")
    list_select_related = ("seller",)


@admin.register(MisuseStep)
class MisuseStepAdmin(ReadOnlyAdmin):
    """Steps against misuse."""

    list_display = ("organisation", "agent", "seller", "level", "state", "number", "total")
    list_filter = ("state", "level")
    list_select_related = ("organisation", "agent", "seller")
