"""API keys: ``Authorization: Api-Key <prefix>.<secret>``."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from portal.core.actors import Actor
from portal.core.services import keys

SCHEME = "Api-Key"


class ApiKeyAuthentication(BaseAuthentication):
    """Knows the caller by its key; ``request.auth`` is the actor."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Actor] | None:
        """Return the actor, ``None`` without the header, or refuse an unknown key."""
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        actor = keys.actor_of(token.strip())
        if actor is None:
            raise AuthenticationFailed(_("This API key is unknown or was revoked."))
        return AnonymousUser(), actor

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a refusal is a 401."""
        return SCHEME


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped base
    """Describes the scheme in the OpenAPI document."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Api-Key <key>",
        }
