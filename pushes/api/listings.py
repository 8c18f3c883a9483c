"""The marketplace's side of the API: listings in."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.core.api.permissions import actor_of
from portal.core.errors import FieldError, InvalidInput, NotAllowed
from portal.core.models import Marketplace
from portal.core.policies import Permission
from pushes.services import intake
from pushes.services.intake import IntakeResult, RowError
from pushes.services.observations import parse, parse_moment

T = TypeVar("T")


# --------------------------------------------------------------------------- documented shapes


class SellerSerializer(serializers.Serializer[Any]):
    """The shop that offers the listing."""

    external_id = serializers.CharField(max_length=115, required=False, allow_blank=True)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ListingSerializer(serializers.Serializer[Any]):
    """One observation of a listing."""

    external_id = serializers.CharField(max_length=120)
    title = serializers.CharField(max_length=2000)
    description = serializers.CharField(max_length=50_000, required=False, allow_blank=True)
    brand = serializers.CharField(max_length=200, required=False, allow_blank=True)
    category = serializers.CharField(max_length=200, required=False, allow_blank=True)
    price = serializers.DecimalField(
        max_digits=14, decimal_places=2, required=False, allow_null=True, help_text="“12.90”"
    )
    currency = serializers.CharField(max_length=3, required=False, help_text="ISO 4217")
    seller = SellerSerializer(required=False, allow_null=True)
    url = serializers.URLField(max_length=1000, required=False, allow_blank=True)
    image_urls = serializers.ListField(
        child=serializers.URLField(max_length=1000), max_length=30, required=False
    )
    attributes = serializers.DictField(required=False)
    ship_from = serializers.CharField(max_length=120, required=False, allow_blank=True)
    seen_at = serializers.DateTimeField(
        required=False, help_text="ISO 8601 with an offset; the moment of receipt without it."
    )


class ListingsSerializer(serializers.Serializer[Any]):
    """At most 500 observations."""

    listings = serializers.ListField(child=ListingSerializer(), max_length=intake.MOST_AT_ONCE)


class GoneSerializer(serializers.Serializer[Any]):
    """A listing that is no longer offered."""

    external_id = serializers.CharField(max_length=120)
    seen_at = serializers.DateTimeField(required=False)


class GoneListingsSerializer(serializers.Serializer[Any]):
    """At most 500 listings."""

    listings = serializers.ListField(child=GoneSerializer(), max_length=intake.MOST_AT_ONCE)


class RejectedSerializer(serializers.Serializer[Any]):
    """What is wrong with one field of one entry."""

    index = serializers.IntegerField(help_text="Position in the call, from 0.")
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class IntakeResultSerializer(serializers.Serializer[IntakeResult]):
    """What became of the call."""

    accepted = serializers.IntegerField(help_text="Entries that said something new.")
    unchanged = serializers.IntegerField(help_text="Entries that said what was known.")
    rejected = RejectedSerializer(many=True)


# --------------------------------------------------------------------------- endpoints


class ListingsView(APIView):
    """Takes observations of listings."""

    permissions: Final = {"POST": Permission.SEND_LISTINGS}

    @extend_schema(
        operation_id="listings_send",
        summary="Send listings",
        description=(
            "At most 500 entries and 10 MB a call. Entries that are wrong are refused one by one "
            "and named in `rejected`; the others are kept. Sending an entry again changes nothing. "
            "Content with an older `seen_at` than what is known is kept as history."
        ),
        request=ListingsSerializer,
        responses=IntakeResultSerializer,
    )
    def post(self, request: Request) -> Response:
        """Take up to 500 observations."""
        marketplace, entries = marketplace_of(request), _entries(request)
        read, unread = _read(entries, parse)
        result = intake.receive(
            marketplace=marketplace,
            observations=list(read.values()),
            now=timezone.now(),
        )
        return _answer(result, unread, list(read))


class GoneView(APIView):
    """Takes notices that listings are no longer offered."""

    permissions: Final = {"POST": Permission.SEND_LISTINGS}

    @extend_schema(
        operation_id="listings_gone",
        summary="Say that listings are gone",
        description=(
            "`accepted` counts listings that were online until now. A notice older than the last "
            "observation of a listing changes nothing; unknown ids are refused."
        ),
        request=GoneListingsSerializer,
        responses=IntakeResultSerializer,
    )
    def post(self, request: Request) -> Response:
        """Take up to 500 notices."""
        marketplace, entries = marketplace_of(request), _entries(request)
        read, unread = _read(entries, _parse_gone)
        result = intake.gone(
            marketplace=marketplace,
            external_ids_with_seen_at=list(read.values()),
            now=timezone.now(),
        )
        return _answer(result, unread, list(read))


def marketplace_of(request: Request) -> Marketplace:
    """The marketplace whose key this is; others are refused."""
    actor = actor_of(request)
    if actor is None or actor.marketplace is None:
        raise NotAllowed("no_marketplace", _("Listings are sent with a marketplace's API key."))
    return actor.marketplace


def _entries(request: Request) -> list[object]:
    body = request.data
    entries = body.get("listings") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        raise InvalidInput.one("listings", "required", _("Send an object with a list “listings”."))
    if len(entries) > intake.MOST_AT_ONCE:
        message = _("At most %(most)s listings a call, this has %(count)s.")
        raise InvalidInput.one(
            "listings", "too_many", message % {"most": intake.MOST_AT_ONCE, "count": len(entries)}
        )
    return entries


def _read(
    entries: list[object], reader: Callable[[dict[str, object]], T]
) -> tuple[dict[int, T], list[RowError]]:
    """Read every entry that can be read, by its position; say what is wrong with the others."""
    read: dict[int, T] = {}
    unread: list[RowError] = []
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            unread.append(RowError(index, "", "type", _("Expected an object.")))
            continue
        try:
            read[index] = reader(entry)
        except InvalidInput as error:
            unread += [RowError(index, e.field, e.code, e.message) for e in error.errors]
    return read, unread


def _parse_gone(entry: Mapping[str, object]) -> tuple[str, datetime | None]:
    external_id = entry.get("external_id")
    if not isinstance(external_id, str) or not external_id.strip():
        message = _("This must not be empty.")
        raise InvalidInput([FieldError("external_id", "required", message)])
    return external_id.strip(), parse_moment(entry.get("seen_at"))


def _answer(result: IntakeResult, unread: list[RowError], positions: list[int]) -> Response:
    rejected = unread + [
        RowError(positions[e.index], e.field, e.code, e.message) for e in result.rejected
    ]
    return Response(
        {
            "accepted": result.accepted,
            "unchanged": result.unchanged,
            "rejected": [
                {"index": e.index, "field": e.field, "code": e.code, "message": str(e.message)}
                for e in sorted(rejected, key=lambda error: error.index)
            ],
        }
    )
