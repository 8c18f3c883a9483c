"""``kill -9`` between asking for a mail and sending it: one mail arrives."""

import socketserver
import threading
from collections.abc import Iterator

import pytest
from django.utils import timezone

from portal.core import mail
from portal.core.models import OutboxMessage
from tests.chaos.conftest import kill, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]


class Mailbox(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps what it takes; callers wait while ``open`` is not set."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Caller)
        self.taken: list[bytes] = []
        self.callers = threading.Event()
        self.open = threading.Event()


class _Caller(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self._say("220 here")
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            if verb == b"MAIL":
                self.server.callers.set()
                if not self.server.open.wait(60):
                    return
            if verb == b"DATA":
                self._say("354 go on")
                self.server.taken.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            self._say("221 bye" if verb == b"QUIT" else "250 well")

    def _say(self, words: str) -> None:
        try:
            self.wfile.write(f"{words}\r\n".encode())
        except OSError:
            return


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as mailbox:
        threading.Thread(target=mailbox.serve_forever, daemon=True).start()
        yield mailbox
        mailbox.open.set()
        mailbox.shutdown()


def start_worker(spawn, tmp_path, mailbox):
    return spawn(
        *("-m", "celery", "--quiet", "-A", "tests.chaos.mailer", "worker"),
        *("--beat", "--schedule", str(tmp_path / "schedule")),
        *("--concurrency", "1", "--loglevel", "warning"),
        EMAIL_URL=f"smtp://127.0.0.1:{mailbox.server_address[1]}",
    )


def test_a_worker_killed_between_write_and_send_sends_one_mail(spawn, tmp_path, mailbox):
    mail.send(key="k", to=["a@b.example"], subject="S", text="T", now=timezone.now())
    worker = start_worker(spawn, tmp_path, mailbox)
    assert mailbox.callers.wait(120), "the worker never called"
    kill(worker)
    assert OutboxMessage.objects.get().state == "taken"
    mailbox.open.set()
    # What the lease would take two minutes for.
    OutboxMessage.objects.update(due_at=timezone.now())
    start_worker(spawn, tmp_path, mailbox)
    wait_until(lambda: OutboxMessage.objects.get().state == "done", every=0.05)
    assert len(mailbox.taken) == 1
    assert b"multipart/alternative" in mailbox.taken[0]
