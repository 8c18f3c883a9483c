"""What ``benchmarks.good_faith`` measures, in a process that knows the servers.

    python -m benchmarks.good_faith_cases CASES

Prints one JSON object.
"""

import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from benchmarks import ready
from complaints.credit_rules import Kind
from complaints.services import credit, filing, misuse
from portal.core.actors import of_member
from pushes.models import SuspectedLink
from tests.factories import (
    BrandFactory,
    CreditAccountFactory,
    InfringingLinkFactory,
    MemberFactory,
    give_past,
)

UPDATES, REJECTIONS, LINKS, FILINGS = 200, 40, 300, 5


def timed(call: Callable[[], Any]) -> tuple[float, float]:
    """Return milliseconds on the wall and of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def in_short(times: list[tuple[float, float]]) -> dict[str, float]:
    """Return the median and the 95th percentile of wall and CPU in milliseconds."""
    wall, cpu = (sorted(column) for column in zip(*times, strict=True))
    at = math.ceil(0.95 * len(wall)) - 1
    return {
        "times": len(times),
        "wall_p50": round(median(wall), 2),
        "wall_p95": round(wall[at], 2),
        "cpu_p50": round(median(cpu), 2),
        "cpu_p95": round(cpu[at], 2),
    }


def measure(cases: int) -> dict[str, Any]:
    """Measure on the database the environment names."""
    now = datetime.now(UTC)
    account = CreditAccountFactory()
    give_past(account, today=now.date(), span=180, established=cases)
    credit.assess(account=account, now=now)

    # One transaction, as the journal's consumer has it around one entry at least.
    @transaction.atomic
    def update(number: int) -> None:
        key = f"bench:{number}"
        day = now.date() - timedelta(days=number % 90)
        credit.add(account=account, kind=Kind.ESTABLISHED, key=key, day=day, now=now)
        credit.assess(account=account, now=now)

    @transaction.atomic
    def reject(number: int) -> None:
        key = f"bench-rejected:{number}"
        credit.add(account=account, kind=Kind.REJECTED, key=key, day=now.date(), now=now)
        credit.assess(account=account, now=now)
        misuse.consider_notices(
            organisation_id=account.organisation_id, agent_id=account.agent_id, now=now
        )

    times = [timed(partial(update, number)) for number in range(UPDATES)]
    rejected = [timed(partial(reject, number)) for number in range(REJECTIONS)]
    with CaptureQueriesContext(connection) as statements:
        update(UPDATES)
    recounted: list[bool] = []
    recount = timed(lambda: recounted.append(credit.recount(account) == credit.counted(account)))
    return {
        "cases": cases + UPDATES + REJECTIONS + 1,
        "update": in_short(times) | {"queries": len(statements)},
        "rejection": in_short(rejected),
        "recount_ms": round(recount[0], 1),
        "agrees": recounted[0],
        "tier": account.tier,
        "filing": _file(now),
    }


def _file(now: datetime) -> dict[str, Any]:
    """File 300 links in one action, some times; return milliseconds until accepted."""
    brand = BrandFactory()
    actor = of_member(MemberFactory(organisation=brand.organisation))
    filed: list[int] = []

    def file(links: Sequence[SuspectedLink]) -> None:
        result = filing.file(actor=actor, links=links, now=now, statement_accepted=True)
        filed.append(len(result.filed))

    times = []
    for __ in range(FILINGS):
        links: list[Any] = [InfringingLinkFactory(brand=brand) for __ in range(LINKS)]
        times.append(timed(partial(file, links)))
    return {"links": min(filed), **in_short(times)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(ready.machine() | measure(int(sys.argv[1]))))
