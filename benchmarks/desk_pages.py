"""The desk's pages, asked as a browser would, with their time and number of queries."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from portal.core.models import Member, User
from pushes.models import SuspectedLink

Ask = Callable[[int], Any]  # the test client's responses
WARM = 3
# What the list can be asked for; p95 of each is held to the goal.
LISTS = {
    "queue": {},
    "queue, highest score": {"order": "score"},
    "queue, newest": {"order": "new"},
    "queue, at risk": {"view": "risk"},
    "queue, infringing by score": {"view": "infringing", "order": "score"},
    "queue, one reason": {"signal": "price_low"},
    "queue, rare reason": {"signal": "gtin"},
    "queue, score from 0.9": {"min": "0.9"},
    "queue, within a day": {"due": "day"},
    "queue, words in many titles": {"q": "runner trail"},
    "queue, words in no title": {"q": "zzzzzz"},
}


@dataclass(frozen=True)
class Reader:
    """Somebody who is signed in, with links to open."""

    name: str
    client: Client
    links: Sequence[SuspectedLink]


def measure(*, rounds: int) -> list[dict[str, Any]]:
    """p50 and p95 (ms) and queries of every page, for the largest brand and for a small one."""
    found: list[dict[str, Any]] = []
    readers = [_reader("largest brand", 0, rounds), _reader("small brand", 20, rounds)]
    for reader in readers:
        for name, params in LISTS.items():
            found.append(_time(name, reader, rounds, _asks_list(reader, params)))
        seller = reader.links[0].version.seller
        if seller is not None:
            params = {"seller": str(seller.uuid)}
            found.append(_time("queue, one seller", reader, rounds, _asks_list(reader, params)))
        for name, route in (
            ("detail", "pushes:link"),
            ("pane", "pushes:link-pane"),
            ("similar links", "pushes:link-similar"),
            ("earlier versions", "pushes:link-versions"),
        ):
            if _exists(route, reader):
                found.append(_time(name, reader, rounds, _opens(reader, route)))
        found.append(_time("more rows", reader, rounds, _asks_more(reader)))
        found.append(_time("verdict", reader, rounds, _judges(reader)))
    return found


def _reader(name: str, number: int, rounds: int) -> Reader:
    user = User.objects.get(email=f"reviewer{number}@measured.example")
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    organisation = Member.objects.get(user=user).organisation
    links = SuspectedLink.objects.filter(organisation=organisation, state="pending")
    step = max(links.count() // (2 * rounds + 2 * WARM + 2), 1)
    return Reader(
        name, client, list(links.select_related("version__seller").order_by("pk")[::step])
    )


def _exists(route: str, reader: Reader) -> bool:
    try:
        reverse(route, args=[reader.links[0].uuid])
    except NoReverseMatch:
        return False
    return True


def _asks_list(reader: Reader, params: dict[str, str]) -> Ask:
    return lambda _number: reader.client.get(reverse("pushes:links"), params)


def _opens(reader: Reader, route: str) -> Ask:
    def ask(number: int) -> Any:
        link = reader.links[number % len(reader.links)]
        return reader.client.get(reverse(route, args=[link.uuid]))

    return ask


def _asks_more(reader: Reader) -> Ask:
    def ask(number: int) -> Any:
        link = reader.links[number % len(reader.links)]
        return reader.client.get(reverse("pushes:link-rows"), {"after": str(link.uuid)})

    return ask


def _judges(reader: Reader) -> Ask:
    """As the desk's one key does it: the answer is the changed row."""

    def ask(number: int) -> Any:
        link = reader.links[number % len(reader.links)]
        return reader.client.post(
            reverse("pushes:verdict", args=[link.uuid]),
            {"outcome": "counterfeit", "as": "row"},
            headers={"HX-Request": "true"},
        )

    return ask


def _time(name: str, reader: Reader, rounds: int, ask: Ask) -> dict[str, Any]:
    """Ask ``rounds`` times after some that warm the caches; the first counts the queries."""
    with CaptureQueriesContext(connection) as captured:
        answer = ask(0)
    # The next request empties the log.
    queries = list(captured.captured_queries)
    if answer.status_code not in {200, 302}:
        raise RuntimeError(f"{name}: {answer.status_code} {answer.content[:300]!r}")
    for number in range(1, WARM):
        ask(number)
    took: list[float] = []
    worked: list[float] = []
    gc.collect()
    for number in range(WARM, WARM + rounds):
        began, work = time.perf_counter(), time.process_time()
        ask(number)
        took.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - work))
    took.sort()
    worked.sort()
    slowest = max(queries, key=lambda query: float(query["time"]), default={"sql": "", "time": "0"})
    return {
        "page": name,
        "reader": reader.name,
        "p50": round(statistics.median(took), 1),
        "p95": round(_p95(took), 1),
        # This process alone, whatever else the machine does; PostgreSQL's share is not in it.
        "cpu_p50": round(statistics.median(worked), 1),
        "cpu_p95": round(_p95(worked), 1),
        "queries": len(queries),
        "slowest_query_ms": round(1000 * float(slowest["time"]), 1),
        "slowest_query": str(slowest["sql"])[:400],
    }


def _p95(ordered: Sequence[float]) -> float:
    return ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)]
