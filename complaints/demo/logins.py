"""``var/demo.json``: the demo's sign-ins, and what the stand-in marketplace must be told."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from complaints.demo.market import LIVE_SEED, Market
from portal.core.models import User

# Shown after the start, one a kind of user and whoever confirms; the same password opens every
# demo account.
SHOWN = {
    "Platform admin": "admin@platform.example",
    "Second platform admin": "second@platform.example",
    "Platform auditor": "auditor@platform.example",
    "Brand owner": "owner@veltrano.example",
    "Brand reviewer": "reviewer@veltrano.example",
    "Complainant": "complainant@veltrano.example",
    "Agent": "agent@breakwater.example",
    "Association": "figures@association.example",
}


def path() -> Path:
    """Where the file is kept, readable by its owner only."""
    return Path(settings.VAR_DIR) / "demo.json"


def set_password(users: list[User]) -> str:
    """Give all demo users one new random password and return it.

    They share its hash as well: hashing is slow on purpose, and there is nothing to protect here.
    """
    password = secrets.token_urlsafe(9)
    hashed = make_password(password)
    User.objects.filter(pk__in=[user.pk for user in users]).update(password=hashed)
    return password


def facts(market: Market, *, password: str, token: str, secret: str) -> dict[str, Any]:
    """Return the file's content: ``logins``, and variables of the marketplace's program."""
    return {
        "logins": [
            {"role": role, "email": email, "password": password} for role, email in SHOWN.items()
        ],
        "PORTAL_URL": settings.PUBLIC_URL,
        "PORTAL_API_KEY": token,
        "PORTAL_WEBHOOK_SECRET": secret,
        "DEMO_PORT": str(market.port),
        "DEMO_SEED": str(LIVE_SEED),
        "DEMO_STATE": str(market.state),
    }


def write(content: Mapping[str, Any]) -> None:
    """Replace the file as a whole, never readable by others (mode 0600)."""
    draft = path().with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, ensure_ascii=False)
    draft.replace(path())
