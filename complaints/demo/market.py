"""The stand-in marketplace, reached as what it is: another program that we do not import."""

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings

CATALOGUE = Path(settings.BASE_DIR) / "demo" / "catalogue.json"
# The running marketplace has a stream of its own, whose first minutes show many tricks.
LIVE_SEED = 349


def new_secret() -> str:
    """Return a fresh signing secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True)
class Market:
    """The marketplace's program and where it lives: its port, its memory and our scratch folder."""

    port: int
    state: Path
    scratch: Path

    @property
    def site(self) -> str:
        """Its own address."""
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def catalogue(self) -> dict[str, Any]:
        """Its catalogue, with addresses at its port; the shape is in ``demo/README.md``."""
        text = CATALOGUE.read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text.replace("127.0.0.1:8900", f"127.0.0.1:{self.port}"))
        return found

    def draw(self) -> "subprocess.Popen[bytes]":
        """Start drawing logos, papers and makers' pictures into the scratch folder."""
        return self._start("demo.drawings", str(self.scratch))

    def picture(self, path: str) -> bytes:
        """Return a drawn picture by its path in the catalogue."""
        return (self.scratch / Path(path).name).read_bytes()

    def tell_past(
        self, *, seed: int, count: int, since: datetime, until: datetime
    ) -> "subprocess.Popen[bytes]":
        """Start telling the listings of a past; read them with ``lines_of``."""
        span = ("--since", since.isoformat(), "--until", until.isoformat())
        which = ("--seed", str(seed), "--count", str(count), "--site", self.site)
        return self._start("demo.past", "--state", str(self.state), "listings", *which, *span)

    def carry_out(self, messages: Sequence[dict[str, Any]], *, secret: str) -> list[dict[str, Any]]:
        """Hand over signed orders (``headers``, ``body``) and return the answers in their order."""
        told = "".join(json.dumps(message) + "\n" for message in messages)
        process = self._start("demo.past", "--state", str(self.state), "orders", secret=secret)
        return lines_of(process, told.encode())

    def _start(self, module: str, *arguments: str, secret: str = "") -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ | {"PORTAL_WEBHOOK_SECRET": secret},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )


def lines_of(process: "subprocess.Popen[bytes]", told: bytes = b"") -> list[dict[str, Any]]:
    """Wait for the program and return the JSON objects it printed, one a line."""
    printed, _nothing = process.communicate(told)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return [json.loads(line) for line in printed.splitlines()]
