"""Read-only tables for platform staff."""

from django.contrib import admin

from brands import models
from portal.admin import ReadOnlyAdmin


@admin.register(models.Brand)
class BrandAdmin(ReadOnlyAdmin):
    """Brands."""

    list_display = ("name", "organisation", "active", "created_at")
    search_fields = ("name", "organisation__name")
    list_select_related = ("organisation",)


@admin.register(models.BrandName)
class BrandNameAdmin(ReadOnlyAdmin):
    """Other names."""

    list_display = ("text", "brand", "kind", "language")
    search_fields = ("text", "brand__name")
    list_select_related = ("brand",)


@admin.register(models.ProductModel)
class ProductModelAdmin(ReadOnlyAdmin):
    """Product models."""

    list_display = ("name", "model_number", "brand", "list_price", "lowest_price", "currency")
    search_fields = ("name", "model_number", "gtin")
    list_select_related = ("brand",)


@admin.register(models.Characteristic)
class CharacteristicAdmin(ReadOnlyAdmin):
    """Characteristics of fakes."""

    list_display = ("kind", "value", "brand", "state", "created_at")
    list_filter = ("kind", "state")
    search_fields = ("value", "brand__name")
    list_select_related = ("brand",)


@admin.register(models.AuthorisedSeller)
class AuthorisedSellerAdmin(ReadOnlyAdmin):
    """Authorised sellers."""

    list_display = ("name", "external_id", "brand", "marketplace")
    search_fields = ("name", "external_id")
    list_select_related = ("brand", "marketplace")


@admin.register(models.Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    """Registered rights."""

    list_display = ("number", "kind", "jurisdiction", "organisation", "state", "valid_to")
    list_filter = ("state", "kind", "jurisdiction")
    search_fields = ("number", "owner_name", "organisation__name")
    list_select_related = ("organisation",)


@admin.register(models.LetterOfAuthorisation)
class LetterOfAuthorisationAdmin(ReadOnlyAdmin):
    """Letters of authorisation."""

    list_display = ("agent", "organisation", "state", "valid_from", "valid_to")
    list_filter = ("state",)
    list_select_related = ("agent", "organisation")


@admin.register(models.CredentialAudit)
class CredentialAuditAdmin(ReadOnlyAdmin):
    """What auditors did."""

    list_display = ("at", "outcome", "code", "auditor", "registration", "letter")
    list_filter = ("outcome", "code")
    list_select_related = ("auditor__user", "auditor__organisation", "registration", "letter")
