"""Complaints over the API."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.api.serializers import (
    ComplaintDetailSerializer,
    ComplaintSerializer,
    FilingResultSerializer,
    FilingSerializer,
)
from complaints.models import Complaint
from complaints.selectors import complaints_visible_to, links_to_complain_about
from complaints.services import evidence, filing
from portal.core.actors import Actor
from portal.core.api.permissions import actor_of
from portal.core.errors import FieldError, InvalidInput, NotFound
from portal.core.policies import Permission
from pushes.models import SuspectedLink


class Complaints(GenericAPIView[Complaint]):
    """List complaints, newest first, and file new ones."""

    permissions = {
        "GET": Permission.VIEW_COMPLAINTS,
        "POST": Permission.FILE_COMPLAINT,
    }
    serializer_class = ComplaintSerializer

    def get_queryset(self) -> QuerySet[Complaint]:
        """Return what the caller may see, in one state if asked."""
        rows = complaints_visible_to(actor_of(self.request))
        state = self.request.query_params.get("state", "")
        if not state:
            return rows
        if state not in Complaint.State.values:
            raise InvalidInput.one("state", "unknown", _("There is no such state."))
        return rows.filter(state=state)

    @extend_schema(
        operation_id="complaints_list",
        parameters=[OpenApiParameter("state", enum=Complaint.State.values)],
        responses=ComplaintSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List complaints of the organisation."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(ComplaintSerializer(page or [], many=True).data)

    @extend_schema(
        operation_id="complaints_file",
        request=FilingSerializer,
        responses={201: FilingResultSerializer},
    )
    def post(self, request: Request) -> Response:
        """File complaints about up to 300 links; each is filed or refused with its reason.

        Answers 422 when not one could be filed, and 404 when a link is not the caller's own: then
        nothing is written.
        """
        asked = FilingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = _known(actor_of(request))
        ids: list[UUID] = asked.validated_data["links"]
        result = filing.file(
            actor=actor,
            links=_links(actor, ids),
            now=timezone.now(),
            statement_accepted=asked.validated_data["statement_accepted"],
        )
        if not result.filed:
            raise InvalidInput(
                [
                    FieldError(
                        f"links[{ids.index(refusal.link.uuid)}]", refusal.code, refusal.message
                    )
                    for refusal in result.refused
                ]
            )
        return Response(FilingResultSerializer(result).data, status=status.HTTP_201_CREATED)


class ComplaintDetail(GenericAPIView[Complaint]):
    """One complaint with its notice, decision and orders."""

    permissions = {"GET": Permission.VIEW_COMPLAINTS}
    serializer_class = ComplaintDetailSerializer

    @extend_schema(operation_id="complaints_read", responses=ComplaintDetailSerializer)
    def get(self, request: Request, uuid: UUID) -> Response:
        """Read one complaint."""
        rows = complaints_visible_to(actor_of(request)).prefetch_related("orders")
        complaint = rows.filter(uuid=uuid).first()
        if complaint is None:
            raise NotFound("complaint_not_found", _("There is no such complaint."))
        return Response(ComplaintDetailSerializer(complaint).data)


class _WhateverIsAccepted(BaseContentNegotiation):
    """A file is sent as what it is; only a refusal is rendered, as a problem in JSON."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """Return the first parser; nothing is sent."""
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer of problems."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class ComplaintEvidence(GenericAPIView[Complaint]):
    """The sealed evidence of one complaint."""

    permissions = {"GET": Permission.VIEW_COMPLAINTS}
    content_negotiation_class = _WhateverIsAccepted

    @extend_schema(
        operation_id="complaints_evidence",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, uuid: UUID) -> HttpResponse:
        """Download notice, snapshot, pictures and hashes as a ZIP file with its manifest.

        Answers 409 while the journal has not sealed the complaint yet; try again in some seconds.
        """
        complaint = complaints_visible_to(actor_of(request)).filter(uuid=uuid).first()
        if complaint is None:
            raise NotFound("complaint_not_found", _("There is no such complaint."))
        return HttpResponse(
            evidence.bundle_of(complaint),
            content_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="evidence-{complaint.uuid}.zip"',
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )


def _known(actor: Actor | None) -> Actor:
    if actor is None:
        raise NotFound("link_not_found", _("There is no such link."))
    return actor


def _links(actor: Actor, ids: list[UUID]) -> list[SuspectedLink]:
    """Return the links in the order asked for; the first unknown one is named by its place."""
    found = {link.uuid: link for link in links_to_complain_about(actor).filter(uuid__in=ids)}
    for place, uuid in enumerate(ids):
        if uuid not in found:
            raise NotFound("link_not_found", _("There is no such link."), field=f"links[{place}]")
    return [found[uuid] for uuid in dict.fromkeys(ids)]
