"""Rounds on labelled pairs: what learning from verdicts brings, and what spoils it."""

from pushes.matching.rounds.game import METHODS, play
from pushes.matching.rounds.world import World, world_of

__all__ = ["METHODS", "World", "play", "world_of"]
