"""The tables of this room in the read-only staff admin."""

from django.contrib import admin

from portal.admin import ReadOnlyAdmin
from pushes.models import (
    Appraisal,
    ControlThreshold,
    ExchangeRate,
    FeedbackFact,
    Listing,
    ListingVersion,
    RegistryRevision,
    Ruleset,
    Seller,
    SuspectedLink,
    Verdict,
)


@admin.register(Listing)
class ListingAdmin(ReadOnlyAdmin):
    """Listings."""

    list_display = ("external_id", "marketplace", "status", "first_seen_at", "last_seen_at")
    list_filter = ("status", "marketplace")
    list_select_related = ("marketplace",)
    search_fields = ("external_id",)


@admin.register(ListingVersion)
class ListingVersionAdmin(ReadOnlyAdmin):
    """Observations of listings."""

    list_display = ("title", "listing", "price", "currency", "seen_at")
    search_fields = ("title",)


@admin.register(Seller)
class SellerAdmin(ReadOnlyAdmin):
    """Shops."""

    list_display = ("external_id", "name", "marketplace", "strike_points")
    list_select_related = ("marketplace",)
    search_fields = ("external_id", "name")


@admin.register(SuspectedLink)
class SuspectedLinkAdmin(ReadOnlyAdmin):
    """Links."""

    list_display = ("uuid", "brand", "state", "score", "pushed_at", "due_at")
    list_filter = ("state", "brand")
    list_select_related = ("brand",)


@admin.register(Verdict)
class VerdictAdmin(ReadOnlyAdmin):
    """Verdicts."""

    list_display = ("uuid", "link", "outcome", "state", "given_at", "final_at")
    list_filter = ("state", "outcome")


@admin.register(Ruleset)
class RulesetAdmin(ReadOnlyAdmin):
    """Rulesets."""

    list_display = ("content_hash", "scope", "state", "facts", "created_at", "promoted_at")
    list_filter = ("state",)


@admin.register(RegistryRevision)
class RegistryRevisionAdmin(ReadOnlyAdmin):
    """Changes of declared facts."""

    list_display = ("number", "reason", "brand", "created_at")


@admin.register(FeedbackFact)
class FeedbackFactAdmin(ReadOnlyAdmin):
    """Facts the rules learn from."""

    list_display = ("key", "brand", "source", "outcome", "label", "score", "at")
    list_filter = ("source", "outcome")


@admin.register(Appraisal)
class AppraisalAdmin(ReadOnlyAdmin):
    """Test purchases and juries."""

    list_display = ("reference", "kind", "outcome", "link", "recorded_at")
    list_filter = ("kind", "outcome")


@admin.register(ControlThreshold)
class ControlThresholdAdmin(ReadOnlyAdmin):
    """Thresholds for push, hold and block, with what became of each."""

    list_display = ("act", "level", "brand", "value", "state", "why", "created_at", "decided_at")
    list_filter = ("state", "act", "level")
    list_select_related = ("brand",)


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdmin):
    """Exchange rates."""

    list_display = ("currency", "day", "per_euro", "source")
    list_filter = ("currency",)
