"""What ``benchmarks.good_faith`` measures, in a process that knows the servers.

    python -m benchmarks.good_faith_cases CASES

Prints one JSON object.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from benchmarks import ready
from complaints.credit_rules import Kind
from complaints.services import credit, filing
from portal.core.actors import of_member
from tests.factories import (
    BrandFactory,
    CreditAccountFactory,
    InfringingLinkFactory,
    MemberFactory,
    give_past,
)

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
    """Measure on the database the environment names."""
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


if __name__ == "__main__":
    sys.stdout.write(json.dumps(ready.machine() | measure(int(sys.argv[1]))))
