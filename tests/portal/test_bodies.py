"""Bodies that are too large are thrown away as they come in, and answered with a sentence."""

import asyncio
import resource
from collections.abc import MutableMapping
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from portal.asgi import application
from portal.core.web.bodies import HEADER

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024


def post(
    path: str, *, megabytes: int, headers: list[tuple[bytes, bytes]]
) -> tuple[int, dict[bytes, bytes], bytes, int]:
    """Send a body; return status, headers, the answer, and how many megabytes were taken."""
    taken = 0
    sent: list[MutableMapping[str, Any]] = []
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": path,
        "raw_path": path.encode(), "query_string": b"", "scheme": "http", "root_path": "",
        "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 9), "asgi": {"version": "3.0"},
        "headers": [(b"host", b"127.0.0.1"), *headers],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if taken >= max(megabytes, 1):
            await asyncio.Event().wait()  # the sender stays and waits for its answer
        taken += 1
        return {
            "type": "http.request",
            "body": b"x" * MEGABYTE if megabytes else b"",
            "more_body": taken < megabytes,
        }

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async_to_sync(application)(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in sent)
    return start["status"], dict(start["headers"]), body, taken


def declared(megabytes: int) -> tuple[bytes, bytes]:
    return (b"content-length", str(megabytes * MEGABYTE).encode())


def test_a_body_of_200_megabytes_is_answered_and_not_kept() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kind = (b"content-type", b"multipart/form-data; boundary=x")
    status, _headers, answer, taken = post(
        "/registry/credentials/registrations/new/", megabytes=200, headers=[declared(200), kind]
    )
    assert (status, taken) == (413, 200)
    assert b"at most 64 MB" in answer
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 60 * 1024  # kilobytes


def test_the_sender_is_led_back_to_the_form() -> None:
    back = (b"referer", b"http://127.0.0.1/registry/credentials/registrations/new/")
    status, headers, _answer, _taken = post(
        "/registry/credentials/registrations/new/", megabytes=70, headers=[declared(70), back]
    )
    assert (status, headers[b"Location"]) == (302, b"/registry/credentials/registrations/new/")


def test_a_body_without_a_length_may_not_be_large() -> None:
    chunked = (b"transfer-encoding", b"chunked")
    status, *_rest = post("/accounts/login/", megabytes=12, headers=[chunked])
    assert status == 413


def test_nobody_marks_their_own_body() -> None:
    status, *_rest = post("/accounts/login/", megabytes=0, headers=[(HEADER, b"1")])
    assert status != 413
