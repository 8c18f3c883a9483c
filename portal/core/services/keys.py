"""API keys: made once, shown once, checked by hash."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from portal.core import journal
from portal.core.actors import Actor, of_key
from portal.core.models import ApiKey, Marketplace, Organisation
from portal.core.policies import Permission, may


def _digest(secret: str) -> str:
    # The secret is 256 random bits: a plain hash is enough, a slow one would only cost time.
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def create(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    scopes: Sequence[str],
    organisation: Organisation | None = None,
    marketplace: Marketplace | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for an organisation or a marketplace; return it with its token, shown once."""
    permission = Permission.MANAGE_PLATFORM if marketplace else Permission.MANAGE_KEYS
    may(actor, permission, organisation.pk if organisation else None).require()
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        organisation=organisation,
        marketplace=marketplace,
        name=name,
        prefix=prefix,
        secret_hash=_digest(secret),
        scopes=list(scopes),
        created_by=actor.member,
        created_at=now,
    )
    journal.record("api_key.created", key, actor=actor, now=now, data={"scopes": key.scopes})
    return key, f"{prefix}.{secret}"


@transaction.atomic
def revoke(*, actor: Actor, now: datetime, key: ApiKey) -> None:
    """Make a key useless from now on."""
    may(actor, Permission.MANAGE_KEYS, key.organisation_id).require()
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        journal.record("api_key.revoked", key, actor=actor, now=now)


def actor_of(token: str) -> Actor | None:
    """Return the actor a token stands for; ``None`` if unknown or revoked."""
    prefix, _dot, secret = token.partition(".")
    if not prefix.isalnum():
        return None  # none of ours, and PostgreSQL cannot look for a NUL
    key = (
        ApiKey.objects.select_related("organisation", "marketplace")
        .filter(prefix=prefix, revoked_at=None)
        .first()
    )
    if key is None or not hmac.compare_digest(key.secret_hash, _digest(secret)):
        return None
    return of_key(key)
