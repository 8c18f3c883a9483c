"""Model names whose words stand in another order, or with others between: "90 Max Air".

Looked for only where the brand is named and none of its models is, so the search is among one
brand's models: those that share their rarest word with the title.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from pushes.matching.case import TITLE
from pushes.matching.index import Hit, Pattern, PatternKind
from pushes.matching.normalise import CharClass, normalise
from pushes.matching.types import Brand

LEAST_WORDS, LEAST_LETTERS = 2, 6
"""A shorter name says too little when its words are not together."""
FARTHEST = 60
"""Characters over which the words of one name may be spread."""
Span = tuple[int, int]


class ModelWords:
    """The models of one brand under the rarest word of each of their names."""

    def __init__(self, brand: Brand) -> None:
        self.brand = brand
        named = [
            (frozenset(spans_of(name)), name, model.id)
            for model in brand.product_models
            for name in (model.name, *model.aliases)
            if name
        ]
        common = Counter(word for words, _, _ in named for word in words)
        self._under: defaultdict[str, list[tuple[frozenset[str], str, str]]] = defaultdict(list)
        for words, name, model_id in named:
            if len(words) >= LEAST_WORDS and sum(map(len, words)) >= LEAST_LETTERS:
                rarest = min(words, key=lambda word: (common[word], -len(word), word))
                self._under[rarest].append((words, name, model_id))

    def find(self, title: str) -> Iterator[Hit]:
        """Every name all of whose words stand near one another in the title."""
        if not self._under:
            return
        spans = spans_of(title)
        for word in spans.keys() & self._under.keys():
            for words, name, model_id in self._under[word]:
                if words <= spans.keys():
                    start = min(spans[w][0] for w in words)
                    end = max(spans[w][1] for w in words)
                    if end - start <= FARTHEST:
                        pattern = Pattern(PatternKind.MODEL_NAME, self.brand.id, name, model_id)
                        yield Hit(pattern, TITLE, start, end)


def spans_of(text: str) -> dict[str, Span]:
    """Folded word → where it first stands in the original; ideographs in a row are one word."""
    source = normalise(text)
    spans: dict[str, Span] = {}
    word, first = "", 0
    for char, offset, kind in zip(
        (*source.text, " "), (*source.offsets, len(text)), (*source.classes, 0), strict=True
    ):
        if kind in (CharClass.LETTER, CharClass.DIGIT, CharClass.WIDE):
            first = first if word else offset
            word += char
            last = offset
        elif word:
            spans.setdefault(word, (first, last + 1))
            word = ""
    return spans
