"""The bundled PostgreSQL: made once, started, given its roles, stopped."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote

import psutil
import psycopg

from portal.embedded.places import Places, ServersError
from portal.embedded.processes import (
    as_account,
    end,
    last_lines,
    left_behind,
    start_server,
    wait_until,
)

DATABASE = "portal"
OWNER = "portal_owner"
APP = "portal_app"
EXTENSIONS: tuple[LiteralString, ...] = ("pg_trgm", "btree_gist", "vector")
# Recovery after a crash replays the log first, which may take a while.
START_SECONDS = 60.0
# Fast shutdown (sessions are ended), then immediate (recovery at the next start).
STOP_STEPS = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0))
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
# A throw-away cluster need not survive a power cut, so it never waits for the disk.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
}
LASTING = {"shared_buffers": "128MB"}
# Flash reads a page anywhere about as fast as the next one. With the shipped 4.0 a search in many
# titles sorts all of them instead of walking the order it wants.
ALWAYS = {"random_page_cost": "1.1"}

# portal_owner owns the tables and migrates; portal_app, which serves requests, owns nothing, so
# that row-level rules hold for it and it can change no table.
ROLES: tuple[LiteralString, ...] = (
    f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEROLE",
    f"CREATE ROLE {APP} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE",
)
PRIVILEGES: tuple[LiteralString, ...] = (
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public"
    f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}",
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public"
    f" GRANT USAGE, SELECT ON SEQUENCES TO {APP}",
)


class Postgres:
    """One PostgreSQL server on a Unix socket in a folder only its account may enter."""

    name = "postgres"

    def __init__(self, places: Places, *, throwaway: bool = False) -> None:
        self.places = places
        self.throwaway = throwaway
        self.log = places.home / "postgres.log"
        self.process: psutil.Popen | None = None
        # Whether this object made the cluster, so that no earlier start can have left data.
        self.fresh = False

    def start(self) -> None:
        """Start and wait until the server takes connections with roles and database in place.

        Makes the cluster first where there is none, and ends a server that an interrupted run
        left behind on the same data. Raises `ServersError` with the end of the server's log.
        """
        if not self.places.pgdata.exists():
            self._make_cluster()
        self._clear_leftovers()
        self.process = start_server(
            self._command(),
            account=self.places.account,
            log=self.log,
            env=ENVIRONMENT,
            end_signal=signal.SIGINT,
        )
        if not wait_until(self._answers, alive=self._alive, seconds=START_SECONDS):
            self.stop()
            raise ServersError("\n".join(["PostgreSQL did not start:", *self.tail()]))
        self._bootstrap()

    def stop(self) -> None:
        """Stop the server; committed data is safe however it ends."""
        if self.process is not None:
            end(self.process, STOP_STEPS)
            self.process = None

    def poll(self) -> int | None:
        """Exit status when the server died by itself, None while it runs or is not started."""
        return self.process.poll() if self.process else None

    def tail(self) -> list[str]:
        """The last lines of the server's log."""
        return last_lines(self.log)

    def url(self, role: str) -> str:
        """Address for ``role``, in a form that libpq and django-environ both read."""
        return f"postgres://{role}@/{DATABASE}?host={quote(str(self.places.sockets), safe='')}"

    def _command(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.places.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
        }
        options |= ALWAYS | (THROWAWAY if self.throwaway else LASTING)
        program = str(self.places.postgres_program("postgres"))
        flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        return [program, "-D", str(self.places.pgdata), *flags]

    def _make_cluster(self) -> None:
        # Made beside its final place and renamed: an interrupted start leaves no half cluster.
        draft = self.places.home / "pgdata.new"
        problem = ""
        # pg_trgm sees letters outside ASCII only with a UTF-8 character type. Sorting stays with
        # the built-in collation, so that indexes outlive an update of the C library.
        for character_type in ("C.UTF-8", "en_US.UTF-8", "C"):
            shutil.rmtree(draft, ignore_errors=True)
            done = self._initdb(draft, character_type)
            if done.returncode == 0:
                draft.rename(self.places.pgdata)
                self.fresh = True
                return
            problem = done.stderr.strip() or done.stdout.strip()
        raise ServersError(f"PostgreSQL could not make its data folder {draft}:\n{problem}")

    def _initdb(self, folder: Path, character_type: str) -> "subprocess.CompletedProcess[str]":
        command = [
            str(self.places.postgres_program("initdb")),
            *("-D", str(folder), "-U", "postgres", "-E", "UTF8", "--no-instructions"),
            *("--auth-local=trust", "--auth-host=reject"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--locale=C", f"--lc-ctype={character_type}"),
            *(["--no-sync"] if self.throwaway else []),
        ]
        return subprocess.run(
            command,
            cwd="/",
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            # Ctrl-C in the terminal must not leave the cluster half made and blamed on initdb.
            start_new_session=True,
            **as_account(self.places.account),
        )

    def _clear_leftovers(self) -> None:
        running = left_behind("postgres", self.places.pgdata)
        for process in running:
            end(process, STOP_STEPS)
        pid_file = self.places.pgdata / "postmaster.pid"
        if running or not pid_file.exists():
            return
        # After kill -9 and a restart the number may belong to any program of this account, and
        # PostgreSQL would refuse to start. No server of ours runs, so the file is stale.
        pid = pid_file.read_text().partition("\n")[0].strip()
        if pid.isdigit() and psutil.pid_exists(int(pid)):
            pid_file.unlink()

    def _alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.places.sockets),
            user="postgres",
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    @contextmanager
    def superuser(self, database: str) -> Iterator[psycopg.Cursor[tuple[object, ...]]]:
        """Yield a superuser's cursor, in autocommit, for bootstrap work only."""
        with self._connect(database) as connection, connection.cursor() as cursor:
            yield cursor

    def _bootstrap(self) -> None:
        """Create what is missing; every step may be repeated after an interrupted start."""
        with self.superuser("template1") as cursor:
            if not cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone():
                with cursor.connection.transaction():
                    for statement in ROLES:
                        cursor.execute(statement)
            if self.throwaway:
                cursor.execute(f"ALTER ROLE {OWNER} CREATEDB")
            _equip(cursor)
        with self.superuser("postgres") as cursor:
            found = cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            missing = found.fetchone() is None
            if missing:
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        if not missing:
            with self.superuser(DATABASE) as cursor:
                _equip(cursor)


def _equip(cursor: psycopg.Cursor[tuple[object, ...]]) -> None:
    """Install extensions and default privileges; databases made from here inherit both."""
    offered = {name for (name,) in cursor.execute("SELECT name FROM pg_available_extensions")}
    for extension in EXTENSIONS:
        if extension in offered:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for statement in PRIVILEGES:
        cursor.execute(statement)
