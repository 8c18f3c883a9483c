"""A few links below the threshold are pushed too, so that what the rules miss can be seen.

Of each batch one listing in ten is looked at below the threshold, chosen by the hash of its
version; of what is found there as many links as the policy's share of the batch's pushes are drawn,
likelier ones and those the shadow would push more often. Each link's propensity is the product of
both chances, known and above zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pushes.matching import Match, features
from pushes.matching.learning import exploration
from pushes.models import ListingVersion
from pushes.services.registry import Loaded
from pushes.services.second_looks import draw

# Share of listings that are looked at below the threshold: a second look at a listing costs.
LOOKED_AT: Final = 0.1


@dataclass(frozen=True)
class Explored:
    """A match below the threshold that is pushed all the same, and how likely that was."""

    version: ListingVersion
    match: Match
    propensity: float


def is_looked_at(version: ListingVersion) -> bool:
    """Whether exploration looks at a version below the threshold; the same answer for ever."""
    return draw("exploration", *_name_of(version)) < LOOKED_AT


def drawn(
    below: Mapping[ListingVersion, Sequence[Match]], pushes: int, share: float, loaded: Loaded
) -> list[Explored]:
    """The links to explore among what lies below the threshold.

    ``share``: how many there should be for each of the batch's ``pushes``, on average.
    """
    found = [(version, match) for version, matches in below.items() for match in matches]
    budget = share * pushes
    if not found or budget <= 0:
        return []
    scores = np.array([match.score for _version, match in found], np.float64)
    disputed = np.flatnonzero([_is_disputed(match, loaded) for _version, match in found])
    chance = exploration.chances(scores, pushes, disputed)
    inclusion = exploration.inclusions(chance, min(budget, len(found)))
    return [
        Explored(version, match, float(share_drawn) * LOOKED_AT)
        for (version, match), share_drawn in zip(found, inclusion, strict=True)
        if draw("explored", *_name_of(version)) < share_drawn
    ]


def _name_of(version: ListingVersion) -> tuple[str, str]:
    """What is the same wherever the listing comes in again, so that a past can be lived twice."""
    return version.listing.external_id, version.content_hash


def shadow_score(match: Match, loaded: Loaded) -> float | None:
    """What the ruleset in shadow says of a match; None without one."""
    if loaded.shadow is None:
        return None
    return loaded.shadow.probability(match.brand_id, features(match.signals))


def _is_disputed(match: Match, loaded: Loaded) -> bool:
    score = shadow_score(match, loaded)
    if score is None or loaded.shadow is None:
        return False
    return score >= loaded.shadow.threshold_for(match.brand_id)
