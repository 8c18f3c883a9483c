"""``/links``: what was pushed, and verdicts on it."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from portal.core.api.permissions import actor_of
from portal.core.errors import InvalidInput, NotAllowed, NotFound
from portal.core.policies import Permission
from pushes import selectors
from pushes.api.serializers import LinkSerializer, VerdictInput, VerdictSerializer
from pushes.models import Appraisal, SuspectedLink, Verdict
from pushes.services import appraisals, review


def find_link(request: Request, uuid: UUID) -> SuspectedLink:
    """The link if the caller may see it; ``NotFound`` otherwise, whoever it belongs to."""
    link = _visible(request).filter(uuid=uuid).first()
    if link is None:
        raise NotFound("link", _("There is no such link."))
    return link


def _visible(request: Request) -> QuerySet[SuspectedLink]:
    return selectors.links_visible_to(actor_of(request)).select_related(
        "brand", "product_model", "ruleset"
    )


class LinkList(ListAPIView[SuspectedLink]):
    """The suspected links of the organisation, newest first."""

    permissions = {"GET": Permission.VIEW_LINKS}
    serializer_class = LinkSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=SuspectedLink.State.values),
            OpenApiParameter("brand", OpenApiTypes.UUID),
        ]
    )
    def get(self, request: Request) -> Response:
        """List links, optionally of one state and brand."""
        return self.list(request)

    def get_queryset(self) -> QuerySet[SuspectedLink]:
        """Narrow to the caller's tenant, then to the filters."""
        if getattr(self, "swagger_fake_view", False):
            return SuspectedLink.objects.none()
        links = _visible(self.request)
        query = self.request.query_params
        if state := query.get("state"):
            if state not in SuspectedLink.State.values:
                raise InvalidInput.one("state", "unknown", _("There is no such state."))
            links = links.filter(state=state)
        if brand := query.get("brand"):
            links = links.filter(brand__uuid=_uuid("brand", brand))
        return links


class LinkDetail(GenericAPIView[SuspectedLink]):
    """One suspected link."""

    permissions = {"GET": Permission.VIEW_LINKS}
    serializer_class = LinkSerializer

    def get(self, request: Request, uuid: UUID) -> Response:
        """Return the link with its evidence."""
        return Response(LinkSerializer(find_link(request, uuid)).data)


class LinkVerdict(GenericAPIView[Verdict]):
    """Verdicts on one link."""

    permissions = {"POST": Permission.JUDGE_LINKS}
    serializer_class = VerdictInput

    @extend_schema(request=VerdictInput, responses={201: VerdictSerializer})
    def post(self, request: Request, uuid: UUID) -> Response:
        """Give a verdict. It is held for a few seconds before it takes effect."""
        actor = actor_of(request)
        if actor is None:
            raise NotAllowed("no_actor", _("Sign in or send an API key."))
        given = VerdictInput(data=request.data)
        given.is_valid(raise_exception=True)
        verdict = review.give_verdict(
            actor=actor,
            link=_judgeable(request, uuid),
            now=timezone.now(),
            **given.validated_data,
        )
        return Response(VerdictSerializer(verdict).data, status=201)


class AppraisalInput(serializers.Serializer[Appraisal]):
    """A purchase has an outcome; a jury has votes, which decide it."""

    kind = serializers.ChoiceField(Appraisal.Kind.choices)
    reference = serializers.CharField(max_length=appraisals.LONGEST_REFERENCE)
    outcome = serializers.ChoiceField(Appraisal.Outcome.choices, required=False)
    votes = serializers.IntegerField(required=False)
    infringing_votes = serializers.IntegerField(required=False)
    note = serializers.CharField(max_length=appraisals.LONGEST_NOTE, required=False)


class AppraisalSerializer(serializers.ModelSerializer[Appraisal]):
    """What was found."""

    class Meta:
        model = Appraisal
        fields = (
            *("uuid", "kind", "outcome", "reference", "votes", "infringing_votes", "note"),
            "recorded_at",
        )


class LinkAppraisals(GenericAPIView[Appraisal]):
    """Test purchases and juries on one link."""

    permissions = {"GET": Permission.VIEW_LINKS, "POST": Permission.DECIDE_COMPLAINT}
    serializer_class = AppraisalSerializer

    @extend_schema(responses=AppraisalSerializer(many=True))
    def get(self, request: Request, uuid: UUID) -> Response:
        """List what was found about the link, oldest first."""
        found = find_link(request, uuid).appraisals.order_by("pk")
        return Response(AppraisalSerializer(found, many=True).data)

    @extend_schema(request=AppraisalInput, responses={201: AppraisalSerializer})
    def post(self, request: Request, uuid: UUID) -> Response:
        """Record a result. Sending it again changes nothing. For the platform's people."""
        actor = actor_of(request)
        if actor is None:
            raise NotAllowed("no_actor", _("Sign in or send an API key."))
        given = AppraisalInput(data=request.data)
        given.is_valid(raise_exception=True)
        appraisal = appraisals.record(
            actor=actor,
            link=find_link(request, uuid),
            result=appraisals.Result(**given.validated_data),
            now=timezone.now(),
        )
        return Response(AppraisalSerializer(appraisal).data, status=201)


def _judgeable(request: Request, uuid: UUID) -> SuspectedLink:
    """A key that may only write verdicts needs no right to read links."""
    actor = actor_of(request)
    link = selectors.links_to_judge(actor).filter(uuid=uuid).first()
    if link is None:
        raise NotFound("link", _("There is no such link."))
    return link


def _uuid(field: str, value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise InvalidInput.one(field, "not_a_uuid", _("This is not an id.")) from None
