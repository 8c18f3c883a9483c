"""What the stand-in marketplace is told by its environment."""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError


class ConfigurationError(ValueError):
    """A variable is missing or wrong; the message says which and what to set."""


@dataclass(frozen=True)
class Config:
    """``rate`` in listings per second; ``limit`` 0 means endless; ``port`` 0 means any free one."""

    portal_url: str
    api_key: str
    webhook_secret: str
    port: int
    seed: int
    rate: float
    limit: int
    state: Path
    truth: Path


def from_environment(env: Mapping[str, str]) -> Config:
    """The configuration in ``env``; raises ``ConfigurationError``."""
    state = Path(env.get("DEMO_STATE") or "var/demo-state.sqlite3")
    return Config(
        portal_url=_address(env),
        api_key=_required(env, "PORTAL_API_KEY", "the marketplace's API key of the portal"),
        webhook_secret=_secret(env),
        port=_whole(env, "DEMO_PORT", 8900, 65535),
        seed=_whole(env, "DEMO_SEED", 7, 10**9),
        rate=_rate(env),
        limit=_whole(env, "DEMO_LIMIT", 0, 10**9),
        state=state,
        truth=Path(env.get("DEMO_TRUTH") or state.with_name("demo-truth.jsonl")),
    )


def _required(env: Mapping[str, str], name: str, meaning: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"{name} is not set: set it to {meaning}.")
    return value


def _address(env: Mapping[str, str]) -> str:
    value = _required(env, "PORTAL_URL", "the portal's address, e.g. http://127.0.0.1:8000")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ConfigurationError(f"PORTAL_URL must be an http(s) address, not {value!r}.")
    return value.rstrip("/")


def _secret(env: Mapping[str, str]) -> str:
    name = "PORTAL_WEBHOOK_SECRET"
    value = _required(env, name, "the secret the portal signs orders with (whsec_…)")
    try:
        Webhook(value)
    except (binascii.Error, EmptyWebhookSecretError, ValueError) as error:
        raise ConfigurationError(f"{name} must be whsec_ and base64: {error}.") from error
    return value


def _whole(env: Mapping[str, str], name: str, default: int, most: int) -> int:
    value = env.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or int(value) > most:
        raise ConfigurationError(f"{name} must be a whole number from 0 to {most}, not {value!r}.")
    return int(value)


def _rate(env: Mapping[str, str]) -> float:
    value = env.get("DEMO_RATE") or "0.5"
    try:
        rate = float(value)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 500:
        raise ConfigurationError(f"DEMO_RATE must be over 0 and at most 500, not {value!r}.")
    return rate
