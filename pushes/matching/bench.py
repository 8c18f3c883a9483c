"""Throughput, latency, memory and build time beside two baselines, in one run on the same text.

Registry and titles are made up here from word lists (seeded, so that two runs compare). Baselines:
``rapidfuzz.fuzz.partial_ratio`` with cut-off 85 of every title against every registered text, and
a bare multi-pattern automaton (daachorse) over the same titles in lower case, joined into batches
of the engine's own size and asked for nothing but its hits: not even which title they are in. The
rounds of engine and baselines alternate, so that other work on the machine meets both, and each
counts with its best round in CPU time.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache

import daachorse
import psutil
import wordfreq
from rapidfuzz import fuzz, process

from pushes.matching.engine import BATCH, Engine
from pushes.matching.index import patterns_of
from pushes.matching.registry import Registry
from pushes.matching.types import Brand, Listing, ProductModel

HIT_RATE = 0.10
"""Share of the titles that name a registered brand or product."""
TITLES = 20_000
NAIVE_TITLES = 40
SINGLE_CALLS = 3_000
ROUNDS = 5
SPEED_ROUNDS = 20
MODELS_A_BRAND = 8
CUTOFF = 85
MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """One size. Speeds in listings a second of CPU time (one and two processes: of wall time).

    ``automaton_each_listings_per_second``: the automaton asked title by title, so that it knows
    which title a hit is in. ``slow_down``: the first size's speed over this one's.
    ``single_cpu_…``: one call in CPU time, which other work on the machine does not stretch.
    ``two_process_cpu_ratio``: the same ratio from CPU time, that is with a core for each process.
    """

    models: int
    rules: int
    hit_rate: float
    listings_per_second: float
    naive_listings_per_second: float
    automaton_listings_per_second: float
    automaton_each_listings_per_second: float
    one_process_listings_per_second: float
    two_process_listings_per_second: float
    single_p50_us: float
    single_p99_us: float
    single_cpu_p50_us: float
    single_cpu_p99_us: float
    build_seconds: float
    rule_change_seconds: float
    memory_mb: float
    times_naive: float
    share_of_automaton: float
    two_process_ratio: float
    two_process_cpu_ratio: float
    slow_down: float


@cache
def _words(language: str, low: int, high: int) -> tuple[str, ...]:
    words = wordfreq.top_n_list(language, high, wordlist="small")[low:]
    return tuple(w for w in words if len(w) > (1 if language == "zh" else 2) and w.isalpha())


def make_registry(models: int, seed: int = 7) -> Registry:
    """About ``models`` product models, eight a brand; every third brand has a Chinese alias."""
    rng = random.Random(seed)  # noqa: S311 - a benchmark's dice
    rare = _words("en", 6_000, 30_000)
    chinese = _words("zh", 4_000, 30_000)
    brands = []
    for number in range(max(1, models // MODELS_A_BRAND)):
        name = _invented(rng)
        aliases = ("".join(rng.sample(chinese, 2)),) if number % 3 == 0 else ()
        products = tuple(
            ProductModel(
                id=f"m{number}-{n}",
                name=f"{rng.choice(rare).title()} {rng.choice(rare).title()} {rng.randint(1, 99)}",
                model_number=f"{name[:2].upper()}-{rng.randint(100, 99_999)}{rng.choice('ABX')}",
            )
            for n in range(MODELS_A_BRAND)
        )
        brands.append(Brand(f"b{number}", name, aliases, product_models=products))
    return Registry(tuple(brands))


def _invented(rng: random.Random) -> str:
    """A pronounceable name of 5 to 10 letters."""
    starts, vowels, ends = (
        ("br", "c", "d", "g", "k", "l", "m", "n", "st", "tr", "v"),
        "aeiou",
        "nrlx",
    )
    name = "".join(rng.choice(starts) + rng.choice(vowels) for _ in range(rng.randint(2, 3)))
    return (name + rng.choice(ends) + rng.choice(("", "a", "o", "ix"))).capitalize()


def make_titles(registry: Registry, count: int, seed: int = 11) -> list[str]:
    """Titles of 8 to 16 words in four languages, HIT_RATE of which name something registered."""
    rng = random.Random(seed)  # noqa: S311 - a benchmark's dice
    titles = []
    for _ in range(count):
        language = rng.choice(("en", "en", "id", "vi", "zh"))
        words = _words(language, 0, 10_000)
        parts = [words[int(len(words) * rng.random() ** 3)] for _ in range(rng.randint(8, 16))]
        parts.insert(2, str(rng.randint(1, 512)) + rng.choice(("gb", "cm", " pcs", "ml", "")))
        if rng.random() < HIT_RATE:
            brand = rng.choice(registry.brands)
            model = rng.choice(brand.product_models)
            parts.insert(rng.randrange(len(parts)), f"{brand.name} {model.name}")
        titles.append(("" if language == "zh" else " ").join(parts).title())
    return titles


def run(sizes: Sequence[int]) -> Iterator[dict[str, float | int]]:
    """One row of figures for each number of product models."""
    empty = Engine(make_registry(64))
    _scan(empty, [Listing("warm", "warm up")])
    del empty
    first = 0.0
    for models in sizes:
        figures = _measure(models, first)
        first = first or figures.listings_per_second
        yield asdict(figures)


def _measure(models: int, first: float) -> Figures:
    memory = _resident()
    registry = make_registry(models)
    started = time.perf_counter()
    engine = Engine(registry)
    built = time.perf_counter() - started
    memory = _resident() - memory
    texts = [pattern.text for pattern, _ in patterns_of(registry.brands)]
    titles = make_titles(registry, TITLES)
    listings = [Listing(str(number), title) for number, title in enumerate(titles)]
    hits = sum(1 for matches in engine.scan(listings, include_below=True) if matches)
    together, each = _automata(texts, titles)
    speed, automaton, automaton_each = (
        len(titles) / seconds
        for seconds in _in_turn(
            lambda: _scan(engine, listings), together, each, rounds=SPEED_ROUNDS
        )
    )
    naive = NAIVE_TITLES / _in_turn(lambda: _naive(texts, titles[:NAIVE_TITLES]), rounds=1)[0]
    one, two, alike = _one_and_two(engine, listings)
    single, alone = _single(engine, listings[:SINGLE_CALLS])
    return Figures(
        models=models,
        rules=len(texts),
        hit_rate=round(hits / len(titles), 4),
        listings_per_second=round(speed),
        naive_listings_per_second=round(naive, 2),
        automaton_listings_per_second=round(automaton),
        automaton_each_listings_per_second=round(automaton_each),
        one_process_listings_per_second=round(one),
        two_process_listings_per_second=round(two),
        single_p50_us=_percentile(single, 50),
        single_p99_us=_percentile(single, 99),
        single_cpu_p50_us=_percentile(alone, 50),
        single_cpu_p99_us=_percentile(alone, 99),
        build_seconds=round(built, 2),
        rule_change_seconds=round(_rule_change(engine, registry.brands[0]), 4),
        memory_mb=round(memory, 1),
        times_naive=round(speed / naive),
        share_of_automaton=round(speed / automaton, 3),
        two_process_ratio=round(two / one, 2),
        two_process_cpu_ratio=round(alike, 2),
        slow_down=round((first or speed) / speed, 2),
    )


def _resident() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6


def _in_turn(*works: Callable[[], object], rounds: int) -> list[float]:
    """Least CPU seconds of some rounds of each work: other work on the machine only ever adds."""
    seconds = [math.inf] * len(works)
    for _ in range(rounds):
        for number, work in enumerate(works):
            started = time.process_time()
            work()
            seconds[number] = min(seconds[number], time.process_time() - started)
    return seconds


def _rule_change(engine: Engine, brand: Brand) -> float:
    """Seconds from a brand's new alias to the first listing matched by it."""
    changed = replace(brand, aliases=(*brand.aliases, "Zyvoqualix"))
    started = time.perf_counter()
    fresh = engine.with_delta([changed])
    matches = fresh.scan_one(Listing("new", "Zyvoqualix shoes"), include_below=True)
    if not matches:
        raise RuntimeError("the changed brand is not matched")
    return time.perf_counter() - started


def _scan(engine: Engine, listings: Sequence[Listing]) -> int:
    return sum(map(len, engine.scan(listings)))


def _automata(
    texts: Sequence[str], titles: Sequence[str]
) -> tuple[Callable[[], int], Callable[[], int]]:
    """The bare automaton over whole batches, and title by title."""
    automaton = daachorse.CharwiseDoubleArrayAhoCorasick(list({text.lower() for text in texts}))
    small = [title.lower() for title in titles]
    batches = ["\n".join(small[at : at + BATCH]) for at in range(0, len(small), BATCH)]
    return (
        lambda: sum(len(automaton.find_overlapping(batch)) for batch in batches),
        lambda: sum(len(automaton.find_overlapping(title)) for title in small),
    )


def _naive(texts: Sequence[str], titles: Sequence[str]) -> int:
    return sum(
        len(
            process.extract(
                title, texts, scorer=fuzz.partial_ratio, score_cutoff=CUTOFF, limit=None
            )
        )
        for title in titles
    )


_shared: tuple[Engine, Sequence[Listing]] | None = None


def _half(_: int) -> float:
    """Scan all listings some times; returns the CPU seconds it took."""
    if _shared is None:
        raise RuntimeError("no engine was handed to this process")
    engine, listings = _shared
    started = time.process_time()
    for _ in range(ROUNDS):
        _scan(engine, listings)
    return time.process_time() - started


def _one_and_two(engine: Engine, listings: Sequence[Listing]) -> tuple[float, float, float]:
    """Listings a second of wall time with one and with two processes, the best of rounds in turn.

    Each process scans all listings, so that two have twice the work of one. The third figure is
    what two are worth in CPU time: 2 when neither makes the other slower.
    """
    global _shared  # noqa: PLW0603 - the only way to hand an engine to forked workers
    _shared = (engine, listings)
    gc.freeze()  # else the workers copy every page whose reference counts the collector touches
    best, least = [0.0, 0.0], [math.inf, math.inf]
    fork = multiprocessing.get_context("fork")
    with fork.Pool(1) as one, fork.Pool(2) as two:
        pools = (one, two)
        for turn in range(ROUNDS):
            for number, pool in enumerate(pools):
                started = time.perf_counter()
                used = max(pool.map(_half, range(number + 1), chunksize=1))
                speed = (number + 1) * ROUNDS * len(listings) / (time.perf_counter() - started)
                if turn:  # the first one only warms up
                    best[number] = max(best[number], speed)
                    least[number] = min(least[number], used)
    gc.unfreeze()
    return best[0], best[1], 2 * least[0] / least[1]


def _single(engine: Engine, listings: Sequence[Listing]) -> tuple[list[float], list[float]]:
    """Seconds of every call by the clock on the wall, and in CPU time (without other work)."""
    wall, alone = [], []
    for listing in listings:
        started, used = time.perf_counter(), time.thread_time()
        engine.scan_one(listing)
        alone.append(time.thread_time() - used)
        wall.append(time.perf_counter() - started)
    return wall, alone


def _percentile(seconds: Sequence[float], percent: int) -> float:
    return round(statistics.quantiles(seconds, n=100)[percent - 1] * MICRO, 1)
