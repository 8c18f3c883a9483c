"""Which cells of an aggregate may be shown.

A cell is safe when at least ``minimum`` brands contribute to it and none of them makes up more
than ``largest_share`` of it (the threshold and dominance rules of Hundepool et al., *Statistical
Disclosure Control*, 2012, ch. 4). Where parts add up to a published total, hiding one part is not
enough, since it is the total less the others: parts are hidden until what can be derived is itself
a safe cell (complementary suppression).
"""

from collections.abc import Mapping
from dataclasses import dataclass

LARGEST_SHARE = 0.85


@dataclass(frozen=True)
class Cell:
    """Counts by contributing brand; brands with a count of zero do not contribute."""

    by_brand: Mapping[int, int]

    @property
    def count(self) -> int:
        """The sum over all brands."""
        return sum(self.by_brand.values())

    @property
    def contributors(self) -> int:
        """How many brands contribute."""
        return sum(1 for count in self.by_brand.values() if count > 0)

    def is_safe(self, minimum: int, largest_share: float = LARGEST_SHARE) -> bool:
        """Whether showing the cell tells nothing about one brand."""
        if self.contributors < minimum:
            return False
        return max(self.by_brand.values()) <= largest_share * self.count


def merged(cells: list[Cell]) -> Cell:
    """Return the cell that adds up several."""
    by_brand: dict[int, int] = {}
    for cell in cells:
        for brand, count in cell.by_brand.items():
            by_brand[brand] = by_brand.get(brand, 0) + count
    return Cell(by_brand)


def hidden_parts(parts: Mapping[str, Cell], minimum: int, *, total_shown: bool) -> set[str]:
    """Return the names of the parts that must not be shown.

    With the total shown, the sum of the hidden parts can be derived, so it must be safe too:
    the smallest shown parts are hidden until it is.
    """
    hidden = {name for name, cell in parts.items() if not cell.is_safe(minimum)}
    if not total_shown:
        return hidden
    shown = sorted(
        (name for name in parts if name not in hidden), key=lambda name: parts[name].count
    )
    # An empty remainder derives as zero, which says that nobody has any: hide it like any other.
    while hidden and shown and not merged([parts[name] for name in hidden]).is_safe(minimum):
        hidden.add(shown.pop(0))
    return hidden
