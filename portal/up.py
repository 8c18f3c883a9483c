"""The whole portal in one terminal: ``make run``, or ``python manage.py up``.

Knows no Django, so that the servers start while nothing else has been imported yet; what needs
Django runs in processes of its own.
"""

import argparse
import http.client
import json
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from portal.embedded import Servers, ServersError
from portal.embedded.postgres import Postgres
from portal.supervisor import Child, RunEnded, Supervisor, is_terminal

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
READY_SECONDS = 90.0
# What ``manage.py prepare`` says once there are tables.
MIGRATED = "The tables are up to date."
# Shorter than the pause before SIGKILL; open event streams would otherwise hold the web process.
WEB_GRACE_SECONDS = 3
CELERY = ("celery", "--quiet", "--app", "portal")


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a run."""
    port = int(os.environ.get("PORT") or 8000)
    parser.add_argument("--port", type=int, default=port, help="port of the web pages")
    parser.add_argument("--no-demo", action="store_true", help="no sample data, no marketplace")


def up(*, port: int, demo: bool) -> int:
    """Run the portal until Ctrl-C or SIGTERM and return the exit status.

    0 after an orderly end; 1, with the reason on standard error, when a port is taken, a server
    cannot be used, a step fails or a process keeps dying. Nothing is left running either way.
    """
    run = Run(port=port, demo=demo)
    try:
        run.until_told_to_stop()
    except RunEnded as ending:
        if ending.status:
            print(ending, file=sys.stderr)
        return ending.status
    except ServersError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        run.stop()
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of ``python -m portal.up``."""
    parser = argparse.ArgumentParser(prog="portal.up", description="Run the whole portal.")
    declare(parser)
    options = parser.parse_args(argv)
    return up(port=options.port, demo=not options.no_demo)


class Run:
    """One run of the portal, from the first port check to the last process stopped."""

    def __init__(self, *, port: int, demo: bool) -> None:
        self.port = port
        self.demo_port = int(os.environ.get("DEMO_PORT") or 8900)
        self.var = Path(os.environ.get("PORTAL_VAR") or ROOT / "var")
        self.demo = demo
        self.marketplace = demo and (ROOT / "demo" / "__main__.py").is_file()
        self.supervisor = Supervisor(out=_print, colour=is_terminal())
        self.servers = Servers(
            self.var,
            postgres=not os.environ.get("DATABASE_URL"),
            valkey=not os.environ.get("REDIS_URL"),
        )
        self.env: dict[str, str] = {}

    def until_told_to_stop(self) -> None:
        """Bring everything up, say where it is, and watch it; ends with `RunEnded`."""
        self.supervisor.handle_signals()
        _demand_free(self.port, "PORT")
        if self.marketplace:
            _demand_free(self.demo_port, "DEMO_PORT")
        self._start_servers()
        self._start_site()
        # Before the worker, which fetches pictures from it.
        self._start_marketplace()
        self._start("worker", *CELERY, "worker", "--concurrency", "2", "--loglevel", "warning")
        schedule = str(self.var / "celerybeat-schedule")
        self._start("beat", *CELERY, "beat", "--schedule", schedule, "--loglevel", "warning")
        self._announce()
        self.supervisor.watch()

    def stop(self) -> None:
        """Stop everything in reverse; safe to call at any point."""
        if self.env:
            self.supervisor.say("up", "stopping")
        self.supervisor.stop()
        self.servers.stop()

    def _start_servers(self) -> None:
        self.supervisor.say("up", f"starting the servers on {self.var}")
        # WhiteNoise warns about a missing folder; only a deployment collects files into it.
        (self.var / "static").mkdir(parents=True, exist_ok=True)
        addresses = self.servers.start()
        for server in self.servers.running:
            self.supervisor.adopt(server)
        self.env = {
            **{key: value for key, value in os.environ.items() if key != "PORTAL_BOOT"},
            **addresses,
            "PORT": str(self.port),
            "DEMO_PORT": str(self.demo_port),
            "PORTAL_DEMO": "1" if self.demo else "0",
        }

    def _fresh(self) -> bool:
        """Whether the tables may be missing: a new cluster, or a database that is not ours."""
        postgres = [server for server in self.servers.running if isinstance(server, Postgres)]
        return not postgres or postgres[0].fresh

    def _start_site(self) -> None:
        """Bring database and web process up; return when both are done.

        Where there was data before, the web process imports (for seconds) beside the migration.
        On new data it starts once there are tables, beside the sample data, and answers long
        before those are made: the address is printed then, the sign-ins when there are any.
        """
        prepare = self._preparation()
        if not self._fresh():
            self._start_web()
            self.supervisor.run(prepare)
            self.supervisor.watch(self._answers, seconds=READY_SECONDS)
            return
        self.supervisor.begin(prepare)
        self.supervisor.watch(lambda: MIGRATED in prepare.tail())
        self._start_web()
        self.supervisor.watch(self._answers, seconds=READY_SECONDS)
        if self.demo and prepare.poll() is None:
            self._say([*self._address(), "  Sample data are being made; the sign-ins follow.", ""])
        self.supervisor.finish(prepare)

    def _preparation(self) -> Child:
        arguments = ["--demo"] if self.demo else []
        prepare = self._child("prepare", "manage.py", "prepare", *arguments)
        prepare.env["DATABASE_URL"] = self.env.get("DATABASE_OWNER_URL") or self.env["DATABASE_URL"]
        return prepare

    def _start_web(self) -> None:
        grace = ("--timeout-graceful-shutdown", str(WEB_GRACE_SECONDS))
        where = ("--host", HOST, "--port", str(self.port))
        quiet = ("--no-access-log", "--log-level", "warning")
        self._start("web", "uvicorn", "portal.asgi:application", *where, *grace, *quiet)

    def _start_marketplace(self) -> None:
        if not self.marketplace:
            return
        env = self._marketplace_env()
        if "PORTAL_API_KEY" not in env:
            self.marketplace = False
            self.supervisor.say("up", "no sample data here, so the demo marketplace stays off")
            return
        market = self._child("market", "-m", "demo")
        market.env |= env
        self.supervisor.start(market)

    def _start(self, name: str, module: str, *arguments: str) -> None:
        self.supervisor.start(self._child(name, "-m", module, *arguments))

    def _child(self, name: str, *arguments: str) -> Child:
        argv = [sys.executable, *arguments]
        return Child(name, argv, env=self.env, cwd=ROOT, say=self.supervisor.say)

    def _answers(self) -> bool:
        """Whether ``/healthz`` answers 200."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _demo_facts(self) -> dict[str, Any]:
        """What ``seed_demo`` wrote for us: the marketplace's keys and the demo's sign-ins."""
        path = self.var / "demo.json"
        facts: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
        return facts

    def _marketplace_env(self) -> dict[str, str]:
        keys = {
            key: str(value)
            for key, value in self._demo_facts().items()
            if isinstance(value, str | int | float)
        }
        # The ports of this run win over those of the run that seeded.
        here = {"PORTAL_URL": f"http://{HOST}:{self.port}", "DEMO_PORT": str(self.demo_port)}
        return {"DEMO_STATE": str(self.var / "demo-state.json")} | keys | here

    def _announce(self) -> None:
        lines = self._address()
        logins = self._demo_facts().get("logins", []) if self.demo else []
        if self.marketplace:
            lines.append(f"  The demo marketplace (simulated): http://{HOST}:{self.demo_port}")
        if logins:
            wide = [max(len(str(login[key])) for login in logins) for key in ("role", "email")]
            lines += ["", "  Demo sign-ins:"]
            lines += [
                f"    {login['role']:<{wide[0]}}  {login['email']:<{wide[1]}}  {login['password']}"
                for login in logins
            ]
        lines += ["", f"  Ctrl-C stops everything; the data stays in {self.var}.", ""]
        self._say(lines)

    def _address(self) -> list[str]:
        return ["", f"  The portal is ready: http://{HOST}:{self.port}"]

    def _say(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.supervisor.say("up", line)


def _print(line: str) -> None:
    print(line, flush=True)


def _demand_free(port: int, variable: str) -> None:
    """Raise `RunEnded` when something already listens on ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            reason = error.strerror
            message = f"Port {port} cannot be used ({reason}). Set {variable} to a free port."
            raise RunEnded(1, message) from None


if __name__ == "__main__":
    sys.exit(main())
