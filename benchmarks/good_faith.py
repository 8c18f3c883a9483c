"""Measure good-faith accounts and filing on servers of its own.

    python -m benchmarks.good_faith [--cases 100000] [--out FILE]

An account of ``--cases`` cases over 180 days gets further cases one by one: writing the line and
assessing the account is timed, and the counts are then compared with a recomputation from the
ledger. Then 300 links are complained about in one action. Prints one JSON object.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from portal.embedded.servers import temporary_servers

ROOT = Path(__file__).resolve().parent.parent
UPDATES, LINKS = 200, 300


def timed(call: Callable[[], Any]) -> tuple[float, float]:
    """Return milliseconds on the wall and of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def in_short(times: list[tuple[float, float]]) -> dict[str, float]:
    """Return the median, 95th percentile and maximum on the wall, and the median of the CPU."""
    wall = sorted(each[0] for each in times)
    return {
        "median_ms": round(median(wall), 2),
        "p95_ms": round(wall[int(0.95 * (len(wall) - 1))], 2),
        "max_ms": round(wall[-1], 2),
        "cpu_median_ms": round(median(each[1] for each in times), 2),
    }


def measure(cases: int) -> dict[str, Any]:
    """Measure on the database the environment names; Django must not be set up before."""
    import django  # noqa: PLC0415  # the environment names the database only now

    django.setup()
    from complaints.credit_rules import Kind  # noqa: PLC0415
    from complaints.services import credit  # noqa: PLC0415
    from tests.factories import CreditAccountFactory, give_past  # noqa: PLC0415

    now = datetime.now(UTC)
    account = CreditAccountFactory()
    give_past(account, today=now.date(), span=180, established=cases)
    credit.assess(account=account, now=now)

    def update(number: int) -> None:
        key = f"bench:{number}"
        day = now.date() - timedelta(days=number % 90)
        credit.add(account=account, kind=Kind.ESTABLISHED, key=key, day=day, now=now)
        credit.assess(account=account, now=now)

    times = [timed(partial(update, number)) for number in range(UPDATES)]
    recounted: list[bool] = []
    recount = timed(lambda: recounted.append(credit.recount(account) == credit.counted(account)))
    return {
        "cases": cases + UPDATES,
        "update": in_short(times),
        "recount_ms": round(recount[0], 1),
        "agrees": recounted[0],
        "tier": account.tier,
        "filing": _file(now),
    }


def _file(now: datetime) -> dict[str, Any]:
    """File 300 links in one action; return milliseconds until accepted."""
    from complaints.services import filing  # noqa: PLC0415
    from portal.core.actors import of_member  # noqa: PLC0415
    from tests.factories import (  # noqa: PLC0415
        BrandFactory,
        InfringingLinkFactory,
        MemberFactory,
    )

    brand = BrandFactory()
    links = [InfringingLinkFactory(brand=brand) for __ in range(LINKS)]
    actor = of_member(MemberFactory(organisation=brand.organisation))
    results: list[Any] = []
    wall, cpu = timed(
        lambda: results.append(
            filing.file(actor=actor, links=links, now=now, statement_accepted=True)
        )
    )
    return {"links": len(results[0].filed), "ms": round(wall, 1), "cpu_ms": round(cpu, 1)}


def main() -> None:
    """Start servers, migrate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        place = Path(folder)
        with temporary_servers(place / "servers") as addresses:
            os.environ |= {
                "DATABASE_URL": addresses["DATABASE_OWNER_URL"],
                "REDIS_URL": addresses["REDIS_URL"],
                "DATABASE_POOL": "0",
                "PORTAL_VAR": str(place / "var"),
                "DJANGO_SETTINGS_MODULE": "portal.settings",
            }
            command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
            subprocess.run(command, cwd=ROOT, check=True)
            found = measure(options.cases)
    found |= {"at": datetime.now(UTC).isoformat(), "python": platform.python_version()}
    found["cpus"] = os.cpu_count()
    text = json.dumps(found, indent=2)
    sys.stdout.write(f"{text}\n")
    if options.out:
        options.out.write_text(f"{text}\n")


if __name__ == "__main__":
    main()
