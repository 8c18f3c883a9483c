"""Both bundled servers together: for ``manage.py up`` and, throw-away, for tests."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from portal.embedded.places import (
    Places,
    ServersError,
    account_for,
    lasting_places,
    temporary_places,
)
from portal.embedded.postgres import APP, OWNER, Postgres
from portal.embedded.valkey import Valkey


class Servers:
    """The servers behind one ``var`` folder. One start at a time, held by a lock.

    ``postgres`` / ``valkey`` say which of the two is wanted; the other one is yours.
    """

    def __init__(self, var: Path, *, postgres: bool = True, valkey: bool = True) -> None:
        self.var = var.resolve()
        self.wanted = (postgres, valkey)
        self.running: list[Postgres | Valkey] = []
        self.addresses: dict[str, str] = {}
        self._lock: TextIO | None = None
        self._places: Places | None = None

    @property
    def address_file(self) -> Path:
        """Where other commands find the addresses while the servers run (mode 0600)."""
        return self.var / "run" / "servers.json"

    def start(self) -> dict[str, str]:
        """Start what is wanted and return its addresses by settings name.

        Keys: DATABASE_URL (role without ownership), DATABASE_OWNER_URL, REDIS_URL. Raises
        `ServersError` when another start holds the folder or a server does not come up; nothing
        is left running then.
        """
        self._take_lock()
        try:
            self._start_wanted()
        except BaseException:
            self.stop()
            raise
        return self.addresses

    def stop(self) -> None:
        """Stop the servers in reverse, withdraw their addresses and free the folder."""
        if self._lock is None:
            # Refused because of another start: the addresses and sockets are that one's.
            return
        self.address_file.unlink(missing_ok=True)
        _stop_all(self.running)
        if self._places is not None:
            self._places.remove_sockets()
        self._lock.close()
        self._lock = None

    def _start_wanted(self) -> None:
        postgres, valkey = self.wanted
        if postgres or valkey:
            self._places = lasting_places(self.var)
            self.running, self.addresses = _start(
                self._places, self.running, postgres=postgres, valkey=valkey
            )
        self._publish()

    def _take_lock(self) -> None:
        path = self.var / "run" / "up.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise ServersError(
                f"The portal already runs on {self.var} (process {holder}). "
                f"Stop it first (Ctrl-C in its terminal, or: kill {holder}), "
                "or set PORTAL_VAR to another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _publish(self) -> None:
        draft = self.address_file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(self.addresses, file, indent=1)
        draft.replace(self.address_file)


@contextmanager
def temporary_servers(
    folder: Path, *, postgres: bool = True, valkey: bool = True
) -> Iterator[dict[str, str]]:
    """Run fresh servers for a test and yield their addresses (keys as `Servers.start`).

    The cluster is empty but for roles, extensions and the database; ``portal_owner`` may create
    databases, nothing waits for the disk, and everything is removed at the end. Lives in
    ``folder``, or in a private folder below ``/tmp`` where the servers' account cannot enter it.
    Call from the main thread: the servers end with the thread that started them.
    """
    with ExitStack() as stack:
        folder.mkdir(parents=True, exist_ok=True)
        places = temporary_places(folder) or _private_places(stack)
        stack.callback(shutil.rmtree, places.home, ignore_errors=True)
        stack.callback(places.remove_sockets)
        running: list[Postgres | Valkey] = []
        stack.callback(_stop_all, running)
        _, addresses = _start(places, running, postgres=postgres, valkey=valkey, throwaway=True)
        yield addresses


def _start(
    places: Places,
    running: list[Postgres | Valkey],
    *,
    postgres: bool,
    valkey: bool,
    throwaway: bool = False,
) -> tuple[list[Postgres | Valkey], dict[str, str]]:
    addresses: dict[str, str] = {}
    if postgres:
        database = Postgres(places, throwaway=throwaway)
        running.append(database)
        database.start()
        addresses |= {"DATABASE_URL": database.url(APP), "DATABASE_OWNER_URL": database.url(OWNER)}
    if valkey:
        store = Valkey(places, throwaway=throwaway)
        running.append(store)
        store.start()
        addresses |= {"REDIS_URL": store.url()}
    return running, addresses


def _stop_all(running: list[Postgres | Valkey]) -> None:
    while running:
        running.pop().stop()


def _private_places(stack: ExitStack) -> Places:
    folder = Path(tempfile.mkdtemp(prefix="portal-", dir="/tmp"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    account_for(folder / "servers").give(folder)
    places = temporary_places(folder)
    if places is None:
        raise ServersError(f"The servers' account cannot use {folder}.")
    return places
