"""Throughput, latency, memory and build time beside two baselines, in one run on the same text.

Registry and titles are made up here from word lists (seeded, so that two runs compare). Baselines:
``rapidfuzz.fuzz.partial_ratio`` with cut-off 85 of every title against every registered text, and
a bare multi-pattern automaton (daachorse) over the same titles in lower case, fed in batches of the
engine's own size and asked for nothing but its hits.
"""

from __future__ import annotations

import gc
import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
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
MODELS_A_BRAND = 8
CUTOFF = 85
MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """One size. Speeds in listings a second of CPU time (two processes: of wall time)."""

    models: int
    rules: int
    hit_rate: float
    listings_per_second: float
    naive_listings_per_second: float
    automaton_listings_per_second: float
    two_process_listings_per_second: float
    one_process_wall_listings_per_second: float
    single_p50_us: float
    single_p99_us: float
    build_seconds: float
    memory_mb: float
    times_naive: float
    share_of_automaton: float


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
    _scan(Engine(make_registry(64)), [Listing("warm", "warm up")])
    for models in sizes:
        yield asdict(_measure(models))


def _measure(models: int) -> Figures:
    memory = _resident()
    registry = make_registry(models)
    started = time.perf_counter()
    engine = Engine(registry)
    built = time.perf_counter() - started
    memory = _resident() - memory
    texts = [p.text for brand in registry.brands for p in patterns_of(brand)]
    titles = make_titles(registry, TITLES)
    listings = [Listing(str(number), title) for number, title in enumerate(titles)]
    hits = sum(1 for matches in engine.scan(listings, include_below=True) if matches)
    speed = len(titles) / _cpu(lambda: _scan(engine, listings))
    automaton = len(titles) / _cpu(_automaton(texts, titles))
    naive = NAIVE_TITLES / _cpu(lambda: _naive(texts, titles[:NAIVE_TITLES]), rounds=1)
    one, two = (_wall(engine, listings, processes) for processes in (1, 2))
    single = _single(engine, listings[:SINGLE_CALLS])
    return Figures(
        models=models,
        rules=len(texts),
        hit_rate=round(hits / len(titles), 4),
        listings_per_second=round(speed),
        naive_listings_per_second=round(naive, 2),
        automaton_listings_per_second=round(automaton),
        two_process_listings_per_second=round(two),
        one_process_wall_listings_per_second=round(one),
        single_p50_us=round(statistics.median(single) * MICRO, 1),
        single_p99_us=round(statistics.quantiles(single, n=100)[98] * MICRO, 1),
        build_seconds=round(built, 2),
        memory_mb=round(memory, 1),
        times_naive=round(speed / naive),
        share_of_automaton=round(speed / automaton, 3),
    )


def _resident() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6


def _cpu(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Least CPU seconds of some rounds: other work on the machine only ever adds."""
    seconds = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)


def _scan(engine: Engine, listings: Sequence[Listing]) -> int:
    return sum(len(matches) for matches in engine.scan(listings))


def _automaton(texts: Sequence[str], titles: Sequence[str]) -> Callable[[], int]:
    lowered = list({text.lower() for text in texts})
    automaton = daachorse.CharwiseDoubleArrayAhoCorasick(lowered)
    small = [title.lower() for title in titles]
    batches = ["\n".join(small[at : at + BATCH]) for at in range(0, len(small), BATCH)]
    return lambda: sum(len(automaton.find_overlapping(batch)) for batch in batches)


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


def _half(part: int) -> int:
    if _shared is None:
        raise RuntimeError("no engine was handed to this process")
    engine, listings = _shared
    for _ in range(ROUNDS):
        _scan(engine, listings)
    return part


def _wall(engine: Engine, listings: Sequence[Listing], processes: int) -> float:
    """Listings a second of wall time with all of them scanned by each of so many processes."""
    global _shared  # noqa: PLW0603 - the only way to hand an engine to forked workers
    _shared = (engine, listings)
    best = 0.0
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        pool.map(_half, range(processes), chunksize=1)
        for _ in range(2):
            started = time.perf_counter()
            pool.map(_half, range(processes), chunksize=1)
            seconds = time.perf_counter() - started
            best = max(best, processes * ROUNDS * len(listings) / seconds)
    return best


def _single(engine: Engine, listings: Sequence[Listing]) -> list[float]:
    seconds = []
    for listing in listings:
        started = time.perf_counter()
        engine.scan_one(listing)
        seconds.append(time.perf_counter() - started)
    return seconds
