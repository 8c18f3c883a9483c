"""Parsing and rendering of complaints. No rules here: the services hold them."""

from typing import Any

from rest_framework import serializers

from complaints.models import Complaint
from complaints.services import filing


class FilingSerializer(serializers.Serializer[dict[str, Any]]):
    """A call that complains about links."""

    links = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=filing.LIMIT
    )
    statement_accepted = serializers.BooleanField(
        help_text="The declaration of good faith; without it nothing is filed."
    )


class OrderSerializer(serializers.Serializer[Any]):
    """Where an order to the marketplace stands."""

    uuid = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.CharField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)


class DecisionSerializer(serializers.Serializer[Any]):
    """What the platform decided."""

    outcome = serializers.CharField()
    code = serializers.CharField()
    note = serializers.CharField()
    at = serializers.DateTimeField()


class ComplaintSerializer(serializers.ModelSerializer[Complaint]):
    """A complaint in a list."""

    link = serializers.UUIDField(source="link.uuid")
    brand = serializers.UUIDField(source="link.brand.uuid")
    decision = DecisionSerializer(allow_null=True, default=None)

    class Meta:
        model = Complaint
        fields: tuple[str, ...] = (
            "uuid",
            "link",
            "brand",
            "reason",
            "state",
            "created_at",
            "held_until",
            "filed_at",
            "decided_at",
            "decision",
        )
        read_only_fields = fields


class ComplaintDetailSerializer(ComplaintSerializer):
    """A complaint with its notice as filed and its orders."""

    notice = serializers.DictField()
    orders = OrderSerializer(many=True)

    class Meta(ComplaintSerializer.Meta):
        fields: tuple[str, ...] = (
            *ComplaintSerializer.Meta.fields,
            "notice",
            "notice_hash",
            "orders",
        )
        read_only_fields = fields


class RefusalSerializer(serializers.Serializer[Any]):
    """Why one link was not complained about."""

    link = serializers.UUIDField(source="link.uuid")
    code = serializers.CharField()
    message = serializers.CharField()


class FilingResultSerializer(serializers.Serializer[Any]):
    """What became of each link of the call."""

    filed = ComplaintSerializer(many=True)
    refused = RefusalSerializer(many=True)
