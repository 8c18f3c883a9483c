"""Parsing and rendering of declared facts. No rules here: the services hold them."""

from typing import Any

from rest_framework import serializers

from brands.models import AuthorisedSeller, Brand, BrandName, Characteristic, ProductModel


class BrandNameSerializer(serializers.Serializer[Any]):
    """Another name of a brand."""

    text = serializers.CharField(help_text="The name as written, in any script.")
    kind = serializers.ChoiceField(choices=BrandName.Kind.choices, default=BrandName.Kind.ALIAS)
    language = serializers.CharField(
        default="", allow_blank=True, help_text="A language tag such as zh-hans."
    )


class BrandSerializer(serializers.ModelSerializer[Brand]):
    """A brand with its names."""

    names = BrandNameSerializer(many=True)

    class Meta:
        model = Brand
        fields = ("uuid", "name", "names", "active", "created_at")


class NewBrandSerializer(serializers.Serializer[Any]):
    """A brand to register."""

    name = serializers.CharField()
    names = BrandNameSerializer(many=True, default=list)


class ProductModelSerializer(serializers.ModelSerializer[ProductModel]):
    """A product model; prices are decimal strings."""

    brand = serializers.UUIDField(source="brand.uuid")

    class Meta:
        model = ProductModel
        fields = (
            "uuid",
            "brand",
            "name",
            "model_number",
            "aliases",
            "gtin",
            "category",
            "list_price",
            "lowest_price",
            "currency",
            "active",
            "created_at",
        )


class NewProductModelSerializer(serializers.Serializer[Any]):
    """A product model to register."""

    brand = serializers.UUIDField()
    name = serializers.CharField()
    model_number = serializers.CharField(default="", allow_blank=True)
    aliases = serializers.ListField(child=serializers.CharField(), default=list)
    gtin = serializers.CharField(
        default="", allow_blank=True, help_text="8, 12, 13 or 14 digits with the check digit."
    )
    category = serializers.CharField(default="", allow_blank=True)
    list_price = serializers.CharField(default=None, allow_null=True, help_text="Such as 129.90.")
    lowest_price = serializers.CharField(
        default=None, allow_null=True, help_text="The lowest plausible price of a genuine article."
    )
    currency = serializers.CharField(
        default="", allow_blank=True, help_text="ISO 4217; needed with a price."
    )


class CharacteristicSerializer(serializers.ModelSerializer[Characteristic]):
    """A declared characteristic and where it stands."""

    brand = serializers.UUIDField(source="brand.uuid")
    product_model = serializers.UUIDField(
        source="product_model.uuid", allow_null=True, default=None
    )

    class Meta:
        model = Characteristic
        fields = (
            "uuid",
            "brand",
            "product_model",
            "kind",
            "value",
            "weight",
            "state",
            "refusal",
            "created_at",
        )


class NewCharacteristicSerializer(serializers.Serializer[Any]):
    """A characteristic to declare."""

    brand = serializers.UUIDField()
    product_model = serializers.UUIDField(default=None, allow_null=True)
    kind = serializers.ChoiceField(choices=Characteristic.Kind.choices)
    value = serializers.CharField(
        help_text='Its form depends on the kind; a price is "99.90 CNY" or "40%".'
    )
    weight = serializers.FloatField(
        default=None,
        allow_null=True,
        min_value=0,
        max_value=10,
        help_text="Multiplies the learned weight of the kind.",
    )


class AuthorisedSellerSerializer(serializers.ModelSerializer[AuthorisedSeller]):
    """A seller whom the brand has authorised."""

    brand = serializers.UUIDField(source="brand.uuid")
    marketplace = serializers.CharField(source="marketplace.slug", allow_null=True, default=None)

    class Meta:
        model = AuthorisedSeller
        fields = ("uuid", "brand", "marketplace", "external_id", "name", "created_at")


class NewAuthorisedSellerSerializer(serializers.Serializer[Any]):
    """A seller to authorise; its id or its name is needed."""

    brand = serializers.UUIDField()
    marketplace = serializers.CharField(
        default=None, allow_null=True, help_text="Short name; null authorises everywhere."
    )
    external_id = serializers.CharField(default="", allow_blank=True)
    name = serializers.CharField(default="", allow_blank=True)
