"""A local server that behaves as the EU Transparency Database's API is documented to."""

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "token-of-the-platform"
NOT_UNIQUE = "The platform identifier(s) are not all unique within this call."
REQUIRED = (
    "decision_ground",
    "content_type",
    "category",
    "content_date",
    "application_date",
    "decision_facts",
    "source_type",
    "automated_detection",
    "automated_decision",
    "puid",
)


@dataclass
class Database:
    """What is stored, what is asked, and how the server misbehaves when told to."""

    url: str = ""
    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[int] = field(default_factory=list)  # records of each call
    # puids the server finds wrong, for reasons of its own
    wrong: set[str] = field(default_factory=set)
    # answers given instead of working: (status, headers, body)
    instead: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    # takes the batch, but the answer gets lost
    loses_answers: int = 0
    # says only that something is wrong, not where
    is_vague: bool = False

    def take(self, statements: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        """Store all of a batch or nothing."""
        if not 1 <= len(statements) <= 100:
            return 422, {"errors": {"statements": ["between 1 and 100"]}}
        errors = {f"statement_{n}": e for n, s in enumerate(statements) if (e := self._errors(s))}
        if errors and self.is_vague:
            return 422, {"message": "The given data was invalid."}
        if errors:
            return 422, {"errors": errors}
        known = [s["puid"] for s in statements if s["puid"] in self.stored]
        if known or len({s["puid"] for s in statements}) < len(statements):
            found = {"puid": [NOT_UNIQUE], "existing_puids": known}
            return 422, {"message": NOT_UNIQUE, "errors": found}
        made = [statement | {"uuid": str(uuid.uuid4())} for statement in statements]
        self.stored |= {statement["puid"]: statement for statement in made}
        return 201, {"statements": made}

    def _errors(self, statement: dict[str, Any]) -> dict[str, list[str]]:
        missing = {name: [f"The {name} field is required."] for name in REQUIRED}
        errors = {name: text for name, text in missing.items() if not statement.get(name)}
        if statement.get("puid") in self.wrong:
            errors["decision_facts"] = ["The decision facts are invalid."]
        return errors


class Handler(BaseHTTPRequestHandler):
    """The two addresses the client uses."""

    database: Database

    def do_POST(self) -> None:
        """Take a batch."""
        content = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.headers["authorization"] != f"Bearer {TOKEN}":
            self._answer(401, {}, json.dumps({"message": "Unauthenticated."}))
            return
        self.database.calls.append(len(content["statements"]))
        if self.database.instead:
            self._answer(*self.database.instead.pop(0))
            return
        assert self.path == "/api/v1/statements"
        status, body = self.database.take(content["statements"])
        if self.database.loses_answers:
            self.database.loses_answers -= 1
            self.close_connection = True
            return
        self._answer(status, {}, json.dumps(body))

    def do_GET(self) -> None:
        """Say whether a puid is known."""
        puid = self.path.removeprefix("/api/v1/statement/existing-puid/")
        found = puid in self.database.stored
        self._answer(302 if found else 404, {}, json.dumps({"puid": puid}))

    def _answer(self, status: int, headers: dict[str, str], body: str) -> None:
        raw = body.encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(raw)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[Database]:
    """Run the server and yield what it knows."""
    database = Database()
    handler = type("Bound", (Handler,), {"database": database})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    database.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield database
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
