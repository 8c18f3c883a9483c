"""``/self-reports``: a listing that the rules missed."""

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from portal.core.api.permissions import actor_of
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.policies import Permission
from pushes.api.serializers import LinkSerializer
from pushes.models import SuspectedLink
from pushes.selectors import brands_to_judge
from pushes.services import self_reports


class SelfReportInput(serializers.Serializer[SuspectedLink]):
    """The listing, as its marketplace names it."""

    brand = serializers.UUIDField()
    marketplace = serializers.SlugField()
    external_id = serializers.CharField(max_length=200)


class SelfReports(GenericAPIView[SuspectedLink]):
    """Listings the rules missed."""

    permissions = {"POST": Permission.JUDGE_LINKS}
    serializer_class = SelfReportInput

    @extend_schema(request=SelfReportInput, responses={201: LinkSerializer})
    def post(self, request: Request) -> Response:
        """Report a listing: it is pushed to the brand, and the rules learn from it."""
        actor = actor_of(request)
        if actor is None:
            raise NotAllowed("no_actor", _("Sign in or send an API key."))
        given = SelfReportInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        brand = brands_to_judge(actor).filter(uuid=data["brand"]).first()
        if brand is None:
            raise InvalidInput.one("brand", "unknown", _("There is no such brand."))
        link = self_reports.report(
            actor=actor,
            brand=brand,
            marketplace=data["marketplace"],
            external_id=data["external_id"],
            now=timezone.now(),
        )
        return Response(LinkSerializer(link).data, status=201)
