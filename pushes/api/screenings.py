"""``/screenings``: may this listing be published?"""

from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.core.errors import InvalidInput
from portal.core.policies import Permission
from pushes.api.listings import ListingSerializer, marketplace_of
from pushes.services import screening
from pushes.services.observations import parse
from pushes.services.screening import Reason, Screening


class ScreenedListingSerializer(ListingSerializer):
    """A listing that is not published yet, so it may have no number."""

    external_id = serializers.CharField(max_length=120, required=False, allow_blank=True)


class ScreeningSignalSerializer(serializers.Serializer[Any]):
    """What spoke for suspicion."""

    kind = serializers.CharField()
    field = serializers.CharField()
    matched = serializers.CharField()
    contribution = serializers.FloatField(help_text="Log-odds.")


class ScreeningReasonSerializer(serializers.Serializer[Any]):
    """What one brand's facts say."""

    brand = serializers.CharField()
    brand_id = serializers.UUIDField()
    act = serializers.ChoiceField(["push", "hold", "block"])
    score = serializers.FloatField(help_text="Probability that it infringes.")
    threshold = serializers.FloatField(help_text="The threshold that was reached.")
    level = serializers.CharField(
        help_text="Whose threshold: seller, category, brand or global; empty for the rules' own."
    )
    signals = ScreeningSignalSerializer(many=True)


class ScreeningSerializer(serializers.Serializer[Any]):
    """The answer."""

    decision = serializers.ChoiceField(["allow", "hold", "block"])
    reasons = ScreeningReasonSerializer(many=True)


class ScreeningsView(APIView):
    """Asks about one listing before it is published."""

    permissions: Final = {"POST": Permission.SEND_LISTINGS}

    @extend_schema(
        operation_id="screenings_ask",
        summary="May this be published?",
        description=(
            "Matches one listing and answers allow, hold (a person should look first) or block, "
            "with the reasons. Nothing is stored: send the listing to /listings once it is "
            "published. A reason with act “push” says that a brand will look at it then."
        ),
        request=ScreenedListingSerializer,
        responses=ScreeningSerializer,
    )
    def post(self, request: Request) -> Response:
        """Screen one listing."""
        marketplace = marketplace_of(request)
        if not isinstance(request.data, dict):
            raise InvalidInput.one("", "type", _("Expected an object."))
        return Response(
            _answer(
                screening.screen(
                    marketplace=marketplace,
                    observation=parse(request.data),
                    now=timezone.now(),
                )
            )
        )


def _answer(found: Screening) -> dict[str, Any]:
    return {"decision": found.decision, "reasons": [_reason(one) for one in found.reasons]}


def _reason(reason: Reason) -> dict[str, Any]:
    spoke = [signal for signal in reason.match.signals if signal.contribution > 0]
    return {
        "brand": reason.brand,
        "brand_id": reason.brand_id,
        "act": reason.act,
        "score": round(reason.match.score, 4),
        "threshold": reason.threshold,
        "level": reason.level,
        "signals": [
            {
                "kind": signal.kind,
                "field": signal.field,
                "matched": signal.matched,
                "contribution": round(signal.contribution, 4),
            }
            for signal in spoke[: screening.MOST_SIGNALS]
        ],
    }
