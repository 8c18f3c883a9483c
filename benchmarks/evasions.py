"""Recall on generated evasions of real brand names, and of fragments beside other evidence.

    python -m benchmarks.evasions --names NAMES.csv [--names …] --brands 6000 --sample 500

Uses the generator of the tests (``tests/matching/evasions``), which shares no table with the
engine. Prints for every channel how many names it bends, the share found as a candidate (any
score), and the share over the shipped threshold from the title alone. For pieces of a name it
prints the share over the threshold beside co-signals: a price far below the brand's band in the
right category, a phrase, or a declared seller.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.alarms import brands, equipped, with_evidence
from pushes.matching import Engine, Listing, Registry
from tests.matching.evasions import (
    CHINESE,
    DETERMINISTIC,
    FUZZY,
    Evasion,
    any_case,
    styled,
)

TITLES = ("women summer {} bag cheap", "Giày {} nam cao cấp", "tas {} murah 2 pcs", "新款 {} 女鞋")
LATIN = re.compile(r"[A-Za-z]{4,14}( [A-Za-z]{3,10})?")
HAN = re.compile(r"[\u4e00-\u9fff]{2,6}")
Named = tuple[str, str]
"""Brand id and one name."""


def main() -> None:
    """Print one line a channel."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=Path, action="append", required=True)
    parser.add_argument("--brands", type=int, default=6_000, help="brands in the registry")
    parser.add_argument("--sample", type=int, default=500, help="names bent in each channel")
    options = parser.parse_args()
    registry = [equipped(brand) for brand in brands(options.names, options.brands)]
    engine = Engine(Registry(tuple(registry)))
    rng = random.Random(3)
    latin = _sample(((b.id, b.name) for b in registry), LATIN, options.sample, rng)
    han = _sample(((b.id, n) for b in registry for n in b.names), HAN, options.sample, rng)
    print("channel".ljust(24), "names", "candidate", "threshold")
    for channels, names in ((DETERMINISTIC, latin), (FUZZY, latin), (CHINESE, han)):
        for kind, evade in channels.items():
            print(kind.ljust(24), *_shares(engine, evade, names))
    for kind, evade, names in (
        ("styled fragment", styled_fragment, latin),
        ("first letters and mask", truncated, latin),
        ("Chinese, one left", one_character, han),
    ):
        for signal in ("nothing", "price", "phrase", "seller"):
            print(f"{kind}, {signal}".ljust(40), *_shares(engine, evade, names, signal))


def _sample(
    named: Iterable[Named], shape: re.Pattern[str], size: int, rng: random.Random
) -> list[Named]:
    fitting = [(key, name) for key, name in named if shape.fullmatch(name)]
    return rng.sample(fitting, min(size, len(fitting)))


def styled_fragment(name: str, rng: random.Random) -> str | None:
    """The first letters of a name, at least three, in one ornamental alphabet."""
    word = name.split(maxsplit=1)[0]
    if len(word) < 5:
        return None
    return styled(word[: rng.randint(3, len(word) - 1)], "MATHEMATICAL BOLD SCRIPT")


def truncated(name: str, rng: random.Random) -> str | None:
    """The first letters and a sign."""
    word = name.split(maxsplit=1)[0]
    return word[: rng.randint(3, len(word) - 1)] + rng.choice("*～") if len(word) >= 5 else None


def one_character(name: str, rng: random.Random) -> str | None:
    """One character and a sign for the rest."""
    return name[0] + rng.choice("～*") * rng.choice([1, len(name) - 1])


def _shares(
    engine: Engine, evade: Evasion, names: Sequence[Named], signal: str = "nothing"
) -> tuple[str, str, str]:
    rng = random.Random(5)
    total = found = over = 0
    for key, name in names:
        cased = any_case(name, rng) if name.isascii() else name
        bent = evade(cased, rng)
        if bent is None or bent == cased:
            continue
        title = rng.choice(TITLES).format(bent)
        matches = engine.scan_one(
            with_evidence(Listing("1", title), key, signal), include_below=True
        )
        mine = [match for match in matches if match.brand_id == key]
        total += 1
        found += bool(mine)
        over += bool(mine) and mine[0].is_suspect
    return f"{total:5}", f"{found / max(1, total):9.3f}", f"{over / max(1, total):9.3f}"


if __name__ == "__main__":
    main()
