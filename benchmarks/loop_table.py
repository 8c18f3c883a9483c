"""The table of the loop's runs: means over seeds with 95 % intervals."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Runs = Sequence[dict[str, Any]]
ROUNDS_SHOWN = (1, 3, 4, 6, 12)


def table(runs: Runs) -> str:
    """Markdown: one part a question of the loop."""
    grouped: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for run in runs:
        grouped[run["set"], run["condition"]].append(run)
    parts = [_precision(grouped), _goals(grouped), _evasion(grouped)]
    return "\n\n".join(parts)


def interval(values: NDArray[np.float64] | list[float], digits: int = 1) -> str:
    """Mean ± half-width of its 95 % interval (1.96 standard errors)."""
    found = np.asarray(values, np.float64)
    half = 1.96 * found.std(ddof=1) / len(found) ** 0.5 if len(found) > 1 else float("nan")
    return f"{found.mean():.{digits}f} ± {half:.{digits}f}"


def _precision(grouped: dict[tuple[str, str], list[dict[str, Any]]]) -> str:
    head = "| set | condition | seeds | static | oracle | " + " | ".join(
        f"round {number}" for number in ROUNDS_SHOWN
    )
    lines = [
        f"{head} | recall 12 | F1 12 | ECE static, 3, 12 (0.03) | s |",
        "|" + "---|" * (9 + len(ROUNDS_SHOWN)),
    ]
    for (name, condition), runs in sorted(grouped.items()):
        if "static" not in runs[0]:
            continue
        cells = [name, condition, str(len(runs))]
        cells += [f"{100 * np.mean([r[k]['precision_at_k'] for r in runs]):.1f}"
                  for k in ("static", "oracle")]  # fmt: skip
        cells += [interval(100 * column(runs, "precision_at_k", n)) for n in ROUNDS_SHOWN]
        cells += [interval(100 * column(runs, key, 12)) for key in ("recall", "f1")]
        cells.append(_calibration(runs))
        cells.append(f"{np.mean([r['seconds'] for r in runs]):.0f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _calibration(runs: Runs) -> str:
    """Calibration error of the hand-set rules and of two rounds, for runs that tell it."""
    told = [run for run in runs if "calibration_error" in run["static"]]
    if not told:
        return "–"
    static = np.mean([run["static"]["calibration_error"] for run in told])
    later = (interval(column(told, "calibration_error", number), 3) for number in (3, 12))
    return f"{static:.3f}, " + ", ".join(later)


def column(runs: Runs, key: str, number: int) -> NDArray[np.float64]:
    """One measure of one round, by run."""
    return np.array([run["rounds"][number - 1][key] for run in runs], np.float64)


def share_of_gap(run: dict[str, Any], verdicts: int) -> float:
    """Part of the way from hand-set to oracle gone with that many verdicts (interpolated)."""
    static, oracle = run["static"]["precision_at_k"], run["oracle"]["precision_at_k"]
    seen = [0, *(row["verdicts"] for row in run["rounds"])]
    reached = [static, *(row["precision_at_k"] for row in run["rounds"])]
    at = float(np.interp(verdicts, seen, reached))
    return float((at - static) / (oracle - static))


def losses(runs: Runs) -> NDArray[np.float64]:
    """Change in points of precision of every promotion, against the champion before."""
    found = []
    for run in runs:
        before = run["static"]["precision_at_k"]
        for row in run["rounds"]:
            if row["promoted"]:
                found.append(100 * (row["precision_at_k"] - before))
            before = row["precision_at_k"]
    return np.array(found, np.float64)


def _goals(grouped: dict[tuple[str, str], list[dict[str, Any]]]) -> str:
    lines = [
        "| set | gap closed by 300 verdicts, % (80) | by 1,000, % (95) | promotions | "
        "lose > 1 point, % (10) | worst (-4) | bad faith 20 % costs (1) | 40 % above static (0) |",
        "|" + "---|" * 8,
    ]
    for name in sorted({name for name, _condition in grouped}):
        clean = grouped.get((name, "map"), [])
        if not clean:
            continue
        changes = losses(clean)
        cells = [name, *(interval([100 * share_of_gap(run, n) for run in clean], 0)
                         for n in (300, 1000))]  # fmt: skip
        cells += [str(len(changes)), f"{100 * (changes < -1.0001).mean():.1f}",
                  f"{changes.min():.1f}"]  # fmt: skip
        cells += [_paired(grouped, name, "bad faith 20 %"), _above(grouped, name)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _paired(grouped: dict[tuple[str, str], list[dict[str, Any]]], name: str, other: str) -> str:
    """Points of precision that a condition costs in round 12, seed by seed."""
    clean = {run["seed"]: run for run in grouped.get((name, "map"), [])}
    bad = {run["seed"]: run for run in grouped.get((name, other), [])}
    both = sorted(clean.keys() & bad.keys())
    if not both:
        return "–"
    first, second = (column([runs[s] for s in both], "precision_at_k", 12) for runs in (clean, bad))
    return interval(100 * (first - second))


def _above(grouped: dict[tuple[str, str], list[dict[str, Any]]], name: str) -> str:
    """Lowest and mean distance from static over rounds and seeds under 40 % bad faith."""
    runs = grouped.get((name, "bad faith 40 %"), [])
    if not runs:
        return "–"
    away = np.array(
        [[100 * (row["precision_at_k"] - run["static"]["precision_at_k"]) for row in run["rounds"]]
         for run in runs]
    )  # fmt: skip
    return f"{interval(away[:, -1])}, lowest of any round {away.min():.1f}"


def _evasion(grouped: dict[tuple[str, str], list[dict[str, Any]]]) -> str:
    shown = (4, 5, 6, 7, 9, 12)
    head = " | ".join(f"round {number}" for number in shown)
    lines = [
        f"| set | condition | {head} | evaders found 12, % | planted by round 7 of 6 (5) | "
        "words suggested |",
        "|" + "---|" * (5 + len(shown)),
    ]
    for (name, condition), runs in sorted(grouped.items()):
        if not condition.startswith("evasion"):
            continue
        cells = [name, condition]
        cells += [interval(100 * column(runs, "precision_at_k", n)) for n in shown]
        cells += [interval(100 * column(runs, "evaders", 12)), interval(column(runs, "planted", 7)),
                  interval(column(runs, "terms", 12), 0)]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
