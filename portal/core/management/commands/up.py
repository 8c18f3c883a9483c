"""``manage.py up``: the whole portal in one terminal, for development and the demo."""

import http.client
import json
import os
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import get_commands
from django.core.management.base import BaseCommand, CommandError

from portal.embedded import Servers, ServersError
from portal.supervisor import Child, RunEnded, Supervisor, is_terminal

HOST = "127.0.0.1"
READY_SECONDS = 90.0
# Shorter than the pause before SIGKILL; open event streams would otherwise hold the web process.
WEB_GRACE_SECONDS = 3
CELERY = ("celery", "--quiet", "--app", "portal")


class Command(BaseCommand):
    """Start servers, migrate, seed the demo, run web, worker, beat and the demo marketplace.

    Stops everything in reverse on Ctrl-C or SIGTERM. Exit status 0 after that, 1 when a port is
    taken, a server cannot be used, or a process keeps dying.
    """

    help = "Run the whole portal: servers, migrations, web, worker, beat and the demo marketplace."
    # The database that checks would ask is not up yet.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare ``--port`` and ``--no-demo``."""
        port = int(os.environ.get("PORT") or 8000)
        parser.add_argument("--port", type=int, default=port, help="port of the web pages")
        parser.add_argument("--no-demo", action="store_true", help="no sample data, no marketplace")

    def handle(self, *_args: object, **options: Any) -> None:
        """Run until told to stop."""
        run = Run(self, port=options["port"], demo=not options["no_demo"])
        try:
            run.until_told_to_stop()
        except RunEnded as ending:
            if ending.status:
                raise CommandError(str(ending), returncode=ending.status) from None
        except ServersError as error:
            raise CommandError(str(error)) from None
        finally:
            run.stop()


class Run:
    """One run of the portal, from the first port check to the last process stopped."""

    def __init__(self, command: BaseCommand, *, port: int, demo: bool) -> None:
        self.command = command
        self.port = port
        self.demo_port = int(os.environ.get("DEMO_PORT") or 8900)
        self.root = Path(settings.BASE_DIR)
        self.var = Path(settings.VAR_DIR)
        self.demo = demo
        self.marketplace = demo and (self.root / "demo" / "__main__.py").is_file()
        self.supervisor = Supervisor(out=command.stdout.write, colour=is_terminal())
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
        self._prepare_database()
        self._start("web", *self._web_command())
        schedule = str(self.var / "celerybeat-schedule")
        self._start("worker", *CELERY, "worker", "--concurrency", "2", "--loglevel", "warning")
        self._start("beat", *CELERY, "beat", "--schedule", schedule, "--loglevel", "warning")
        self.supervisor.watch(self._answers, seconds=READY_SECONDS)
        if self.marketplace:
            self.env |= self._marketplace_env()
            self._start("market", "demo")
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
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
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

    def _prepare_database(self) -> None:
        owner = self.env.get("DATABASE_OWNER_URL") or self.env["DATABASE_URL"]
        migrate = self._child("migrate", "manage.py", "migrate", "--noinput")
        migrate.env["DATABASE_URL"] = owner
        self.supervisor.run(migrate)
        if self.demo and "seed_demo" in get_commands():
            self.supervisor.run(self._child("seed", "manage.py", "seed_demo"))

    def _web_command(self) -> tuple[str, ...]:
        grace = ("--timeout-graceful-shutdown", str(WEB_GRACE_SECONDS))
        where = ("--host", HOST, "--port", str(self.port))
        quiet = ("--no-access-log", "--log-level", "warning")
        return ("uvicorn", "portal.asgi:application", *where, *grace, *quiet)

    def _start(self, name: str, module: str, *arguments: str) -> None:
        self.supervisor.start(self._child(name, "-m", module, *arguments))

    def _child(self, name: str, *arguments: str) -> Child:
        argv = [sys.executable, *arguments]
        return Child(name, argv, env=self.env, cwd=self.root, say=self.supervisor.say)

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
        lines = ["", f"  The portal is ready: http://{HOST}:{self.port}"]
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
        for line in lines:
            self.supervisor.say("up", line)


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
