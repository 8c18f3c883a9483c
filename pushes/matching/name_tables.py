"""Names of an index under changed keys, for spellings that are bent, near, or cut short."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from pushes.matching import kernel
from pushes.matching.kernel import I32
from pushes.matching.tables import beginnings, bitmap_of, points_of, slots_for

if TYPE_CHECKING:
    from pushes.matching.index import Name, Pattern


class NameList:
    """Names in alphabetical order: all that begin with some letters lie together."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._names = sorted(names, key=lambda name: name[0])
        self._keys = [key for key, _ in self._names]

    @cached_property
    def _backwards(self) -> tuple[list[str], list[Name]]:
        """Turned keys in their order, and the names in the same; made when first asked for."""
        turned = sorted(self._names, key=lambda name: name[0][::-1])
        return [key[::-1] for key, _ in turned], turned

    def holds(self, key: str) -> bool:
        """Whether this is a whole name."""
        at = bisect_left(self._keys, key)
        return at < len(self._keys) and self._keys[at] == key

    def ending(self, letters: str) -> Sequence[Name]:
        """All names that end with these letters."""
        keys, names = self._backwards
        turned = letters[::-1]
        low = bisect_left(keys, turned)
        return names[low : bisect_left(keys, turned + "\U0010ffff")]

    def beginning(self, letters: str) -> Sequence[Name]:
        """All names that begin with these letters."""
        low = bisect_left(self._keys, letters)
        return self._names[low : bisect_left(self._keys, letters + "\U0010ffff")]


class NameTable:
    """Names under a changed key (leet letters, sounds); several names may share one."""

    def __init__(self, entries: Sequence[tuple[str, str, tuple[Pattern, ...]]]) -> None:
        grouped: defaultdict[str, list[tuple[str, tuple[Pattern, ...]]]] = defaultdict(list)
        for changed, key, patterns in entries:
            grouped[changed].append((key, patterns))
        self.names = [tuple(group) for group in grouped.values()]
        points, starts = points_of(grouped)
        slots = slots_for(len(grouped))
        table, values = kernel.fill_table(kernel.hash_all(points, starts), slots)
        begins2 = beginnings(points, starts, max(512, slots // 8), 2)
        self.table = kernel.NameTable(table, values, begins2)


class NearTable:
    """Names and all their spellings with one letter left out.

    ``words``: folded words of names of several words.
    """

    def __init__(self, names: Sequence[Name], words: Sequence[str]) -> None:
        self.names = names
        entries = sum(len(key) + 1 for key, _ in names)
        points, starts = points_of(key for key, _ in names)
        slots = slots_for(entries)
        table, heads, following, name_of, bitmap = kernel.fill_near(
            points, starts, slots, slots * 4, max(1, entries)
        )
        anchors = bitmap_of(words)
        self.table = kernel.NearTable(
            table, heads, following, bitmap, name_of, points, starts, anchors
        )
        self.name_of: I32 = name_of
