"""Signals → probability, with each signal's contribution.

A logistic model over named features: ``log-odds = intercept + sum(weight[name] * value[name])``.
The feature of a kind is the largest value among its signals; that signal carries the whole
contribution, its weaker twins carry none, so the waterfall always adds up.

A ``Ruleset`` is the immutable, content-hashed artefact that holds the weights, the thresholds and
the token frequencies of the platform's own stock.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from pushes.matching.errors import RulesetError
from pushes.matching.registry import canonical_hash
from pushes.matching.types import Signal, SignalState

FORMAT = 1
LIMIT = 30.0
"""Log-odds are cut here: beyond it a probability is 0 or 1 to every digit anyone prints."""

# name → (default weight in log-odds, declared sign). The sign is a promise to the rights holder:
# no amount of verdicts turns "price far below" into a reason against suspicion.
DEFAULTS: Mapping[str, tuple[float, int]] = MappingProxyType(
    {
        "brand_named": (0.8, 1),
        "brand_respaced": (3.3, 1),
        "brand_disguised": (3.3, 1),
        "brand_leet": (3.4, 1),
        "brand_masked": (3.4, 1),
        "brand_typo": (3.3, 1),
        "brand_homophone": (3.4, 1),
        "brand_fragment": (2.6, 1),
        "brand_glued": (0.5, 1),
        "brand_in_description": (0.3, 1),
        "category_agrees": (0.3, 1),
        "field_agrees": (-0.6, -1),
        "field_differs": (1.5, 1),
        "field_generic": (2.3, 1),
        "model_number": (0.4, 1),
        "model_name": (0.4, 1),
        "gtin": (0.4, 1),
        "keyword": (2.0, 1),
        "evasive_spelling": (3.3, 1),
        "imitation_phrase": (2.8, 1),
        "phrase_pattern": (2.4, 1),
        "price_low": (2.8, 1),
        "price_plausible": (-0.7, -1),
        "seller_authorised": (-6.0, -1),
        "seller_not_authorised": (0.4, 1),
        "seller": (3.5, 1),
        "seller_pattern": (1.6, 1),
        "ship_from": (0.9, 1),
        "category_mismatch": (0.9, 1),
        "attribute_mismatch": (0.9, 1),
        "missing_attribute": (0.5, 1),
        "stacked_brands": (1.2, 1),
        "accessory": (-2.4, -1),
        "gift": (-1.6, -1),
        "name_needs_support": (-5.0, -1),
        "image": (2.5, 1),
        "logo": (1.5, 1),
        "text_in_image": (2.0, 1),
    }
)


@dataclass(frozen=True)
class BrandOffset:
    """What one brand adds to the global weights; ``threshold`` None keeps the global one."""

    intercept: float = 0.0
    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    threshold: float | None = None


NO_OFFSET = BrandOffset()


@dataclass(frozen=True)
class Weights:
    """The model: intercept and weights in log-odds, threshold as a probability.

    ``signs[name]`` is +1, -1 or 0 (free). A weight against its declared sign is a ``RulesetError``.
    """

    intercept: float = -3.0
    weights: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({name: w for name, (w, _) in DEFAULTS.items()})
    )
    signs: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType({name: s for name, (_, s) in DEFAULTS.items()})
    )
    brand_offsets: Mapping[str, BrandOffset] = field(default_factory=lambda: MappingProxyType({}))
    threshold: float = 0.5

    def with_signals(self, weights: Mapping[str, float], signs: Mapping[str, int]) -> Weights:
        """The same intercept and threshold over other signals, without brands' own parts."""
        return replace(
            self,
            weights=MappingProxyType(dict(weights)),
            signs=MappingProxyType(dict(signs)),
            brand_offsets=MappingProxyType({}),
        )

    def __post_init__(self) -> None:
        _check_probability(self.threshold, "threshold")
        _check_finite(self.intercept, "intercept")
        for name, weight in self.weights.items():
            _check_finite(weight, f"weights.{name}")
            if weight * self.signs.get(name, 0) < 0:
                raise RulesetError(f"weights.{name}: {weight} is against its declared sign")
        for brand, offset in self.brand_offsets.items():
            self._check_offset(brand, offset)

    def _check_offset(self, brand: str, offset: BrandOffset) -> None:
        _check_finite(offset.intercept, f"brand_offsets.{brand}.intercept")
        if offset.threshold is not None:
            _check_probability(offset.threshold, f"brand_offsets.{brand}.threshold")
        for name, weight in offset.weights.items():
            _check_finite(weight, f"brand_offsets.{brand}.weights.{name}")

    def offset(self, brand_id: str) -> BrandOffset:
        """The brand's own part, empty for a brand without one."""
        return self.brand_offsets.get(brand_id, NO_OFFSET)

    def intercept_for(self, brand_id: str) -> float:
        """Intercept with the brand's offset, in log-odds."""
        return self.intercept + self.offset(brand_id).intercept

    def weight_for(self, brand_id: str, name: str) -> float:
        """Weight of a feature for a brand; the declared sign holds for the sum too."""
        weight = self.weights.get(name, 0.0)
        offset = self.brand_offsets.get(brand_id)
        if offset is None:
            return weight  # its sign was checked when the weights were made
        weight += offset.weights.get(name, 0.0)
        sign = self.signs.get(name, 0)
        return 0.0 if weight * sign < 0 else weight

    def threshold_for(self, brand_id: str) -> float:
        """Probability from which a match of this brand is suspect."""
        own = self.offset(brand_id).threshold
        return self.threshold if own is None else own

    def log_odds(self, brand_id: str, values: Mapping[str, float]) -> float:
        """Log-odds of a stored feature vector; unknown features count nothing."""
        total = self.intercept_for(brand_id)
        for name, value in values.items():
            total += self.weight_for(brand_id, name) * value
        return max(-LIMIT, min(LIMIT, total))

    def probability(self, brand_id: str, values: Mapping[str, float]) -> float:
        """Probability that a listing with this feature vector infringes the brand's rights."""
        return sigmoid(self.log_odds(brand_id, values))


@dataclass(frozen=True)
class Ruleset:
    """Weights plus token frequencies: one versioned artefact.

    ``token_frequency[token]``: share of the platform's stock titles that hold the folded token;
    ``word_share[name]``: share of the titles holding a folded registered name whose brand field
    names somebody else, so that the name is probably just a word there (see ``stock``).
    """

    weights: Weights = field(default_factory=Weights)
    token_frequency: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    word_share: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    name: str = "shipped"

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) over everything but the name."""
        document = self.to_dict()
        del document["name"]
        return canonical_hash(document)

    def with_weights(self, weights: Weights, name: str = "candidate") -> Ruleset:
        """The same token frequencies under other weights."""
        return replace(self, weights=weights, name=name)

    def weights_to_dict(self) -> dict[str, Any]:
        """The part of the JSON form that is learned."""
        weights = self.weights
        return {
            "intercept": weights.intercept,
            "weights": dict(sorted(weights.weights.items())),
            "brand_offsets": {
                brand: {
                    "intercept": offset.intercept,
                    "weights": dict(sorted(offset.weights.items())),
                    "threshold": offset.threshold,
                }
                for brand, offset in sorted(weights.brand_offsets.items())
            },
        }

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "format": FORMAT,
            "name": self.name,
            "threshold": self.weights.threshold,
            "signs": dict(sorted(self.weights.signs.items())),
            **self.weights_to_dict(),
            "token_frequency": dict(sorted(self.token_frequency.items())),
            "word_share": dict(sorted(self.word_share.items())),
        }

    def to_json(self) -> str:
        """The JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)

    @classmethod
    def from_dict(cls, document: object) -> Ruleset:
        """Read the JSON form; raises ``RulesetError`` saying what is wrong."""
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise RulesetError(f"not a ruleset of format {FORMAT}")
        offsets = _part(document, "brand_offsets")
        weights = Weights(
            intercept=_number(document.get("intercept"), "intercept"),
            threshold=_number(document.get("threshold"), "threshold"),
            weights=_numbers(_part(document, "weights"), "weights"),
            signs=_signs(_part(document, "signs")),
            brand_offsets={brand: _offset(brand, value) for brand, value in offsets.items()},
        )
        _check_known(weights)
        return cls(
            weights=weights,
            token_frequency=_numbers(_part(document, "token_frequency"), "token_frequency"),
            word_share=_numbers(_part(document, "word_share"), "word_share"),
            name=str(document.get("name", "")),
        )

    @classmethod
    def from_json(cls, text: str) -> Ruleset:
        """Read the JSON text; raises ``RulesetError`` saying what is wrong."""
        try:
            document = json.loads(text)
        except ValueError as error:
            raise RulesetError(f"not JSON: {error}") from None
        return cls.from_dict(document)


def _part(document: Mapping[str, object], key: str) -> Mapping[str, Any]:
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise RulesetError(f"{key}: expected an object")
    return value


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RulesetError(f"{where}: expected a number")
    try:
        number = float(value)
    except OverflowError:
        raise RulesetError(f"{where}: the number is too large") from None
    _check_finite(number, where)
    return number


def _numbers(values: Mapping[str, object], where: str) -> dict[str, float]:
    return {name: _number(value, f"{where}.{name}") for name, value in values.items()}


def _signs(values: Mapping[str, object]) -> dict[str, int]:
    signs = _numbers(values, "signs")
    for name, sign in signs.items():
        if sign not in {-1, 0, 1}:
            raise RulesetError(f"signs.{name}: {sign} must be -1, 0 or 1")
    return {name: int(sign) for name, sign in signs.items()}


def _check_known(weights: Weights) -> None:
    """A misspelt name would weigh nothing, and nobody would notice."""
    known = DEFAULTS.keys() | weights.signs.keys()
    named = [("weights", weights.weights)]
    named += [
        (f"brand_offsets.{brand}.weights", offset.weights)
        for brand, offset in weights.brand_offsets.items()
    ]
    for where, given in named:
        for name in given.keys() - known:
            raise RulesetError(f"{where}.{name}: no such signal; if it is a new one, add its sign")


def _offset(brand: str, value: object) -> BrandOffset:
    where = f"brand_offsets.{brand}"
    if not isinstance(value, dict):
        raise RulesetError(f"{where}: expected an object")
    threshold = value.get("threshold")
    return BrandOffset(
        intercept=_number(value.get("intercept", 0.0), f"{where}.intercept"),
        weights=_numbers(_part(value, "weights"), f"{where}.weights"),
        threshold=None if threshold is None else _number(threshold, f"{where}.threshold"),
    )


def _check_finite(value: float, where: str) -> None:
    if not math.isfinite(value):
        raise RulesetError(f"{where}: {value} is not a finite number")


def _check_probability(value: float, where: str) -> None:
    if not 0 < value < 1:
        raise RulesetError(f"{where}: {value} must lie between 0 and 1")


def sigmoid(log_odds: float) -> float:
    """Log-odds → probability."""
    return 1.0 / (1.0 + math.exp(-max(-LIMIT, min(LIMIT, log_odds))))


def features(signals: Sequence[Signal]) -> dict[str, float]:
    """Feature vector of a match: kind → largest value. Stable, so that it can be stored."""
    values: dict[str, float] = {}
    for signal in signals:
        if signal.state is SignalState.FIRED:
            values[signal.kind] = max(values.get(signal.kind, 0.0), signal.value)
    return values


def explain(
    weights: Weights, brand_id: str, signals: Sequence[Signal]
) -> tuple[float, tuple[Signal, ...]]:
    """(probability, the signals with their contributions, strongest first)."""
    values = features(signals)
    explained: list[Signal] = []
    credited: set[str] = set()
    for signal in signals:
        kind = signal.kind
        contribution = 0.0
        if kind not in credited and signal.value == values.get(kind):
            credited.add(kind)
            contribution = weights.weight_for(brand_id, kind) * signal.value
        explained.append(_credited(signal, contribution))
    explained.sort(key=_strength)
    total = weights.intercept_for(brand_id) + sum(s.contribution for s in explained)
    return sigmoid(total), tuple(explained)


def _credited(signal: Signal, contribution: float) -> Signal:
    """The signal with its contribution (``replace`` is ten times slower)."""
    return Signal(
        signal.kind,
        signal.field,
        signal.start,
        signal.end,
        signal.matched,
        signal.registered,
        signal.value,
        contribution,
        signal.state,
    )


def _strength(signal: Signal) -> float:
    return -abs(signal.contribution)
