"""What the compiled functions share: array types, character classes, tables, and compiling."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])

U8 = NDArray[np.uint8]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

Index = int | np.int64

# The package's types leave out some of its documented options.
CONFIG: Any = numba.config
JIT: Any = numba.njit

HERE = Path(__file__).parent


def _cache_folder() -> str:
    """Numba's cache, in a folder named after the text of all compiled files.

    Numba compares only the file of the function itself with its cache; here a function in one
    file calls those of others, and a change there must not leave it as it was.
    """
    digest = sha256()
    for path in sorted(HERE.glob("*.py")):
        digest.update(path.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or HERE / "__pycache__"
    return str(Path(base) / digest.hexdigest()[:12])


CACHE_FOLDER = _cache_folder()


def compiled(function: F) -> F:
    """Compile with Numba for callers in Python, keeping the signature for the type checker."""
    before = CONFIG.CACHE_DIR
    CONFIG.CACHE_DIR = CACHE_FOLDER
    try:
        return cast("F", JIT(cache=True, nogil=True, no_cfunc_wrapper=True)(function))
    finally:
        CONFIG.CACHE_DIR = before


def internal(function: F) -> F:
    """Compile a function that only compiled ones call: they are cached with it in them."""
    return cast("F", JIT(nogil=True, no_cfunc_wrapper=True, no_cpython_wrapper=True)(function))


def inlined(function: F) -> F:
    """A helper that becomes part of every compiled function that calls it."""
    return cast("F", JIT(inline="always")(function))


# Character classes, as in ``normalise.CharClass``; Numba wants plain integers.
SEPARATOR, LETTER, DIGIT, WIDE, DELETED, MASK, LEET, SPACE = range(8)
MANY = 0x80
"""Flag on a class: the character becomes more than one."""
CLASS_SHIFT = 24
"""``Folding.fold`` holds the class in its top byte, the folded character below."""
CHARACTER = 0xFFFFFF
PLANE_2, PLANE_4 = 0x20000, 0x34000
"""Code points from the one to the other are ideographs that stand for themselves."""

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
LONGEST_KEY = 64
"""Letters of a registered text that are hashed; longer ones are told apart afterwards."""

TEXT, LEETED, TYPO, HOMOPHONE, FLAGGED, HINT, GLUED = range(7)
"""Channels of a hit. FLAGGED names a text that Python has to look at; ``key`` holds its flags.
HINT is a misspelling that is no evidence by itself; GLUED a name run together with a word."""
COLUMNS = 5
"""text number, channel, key, start, end (offsets into the original text)."""

HAS_LEET, HAS_MASK, HAS_WIDE, HAS_STYLED = 1, 2, 4, 8
STYLED_FROM = 0x2000
"""Letters from here on that fold to ASCII are ornaments: mathematical, enclosed, fullwidth."""

TYPO_SHORTEST, TYPO_LONGEST = 5, 24
ANCHOR_SHORTEST, SPREAD_WORDS, SPREAD_SHORTEST = 3, 3, 7
"""Letters of a word that holds a name of several words in its place; words of such a name, and
letters of the shortest one, in which a misspelt word is looked for."""
NAME_SHORTEST = 4
"""Letters of the shortest name that is looked for in longer words: a letter too much, or glued."""
FIRST_SHORTEST = 6
"""Letters of the shortest name whose first letter may be wrong."""
REST_SHORTEST = 3
"""Letters of the shortest word that a name may be run together with."""
HOMOPHONE_LONGEST = 8
LEET_SHORTEST, LEET_LONG = 4, 6
IDEOGRAPHS, IDEOGRAPHS_END = 0x4E00, 0xA000

LEADS, NAME, LATIN, STRAIGHT = 1, 2, 4, 8
"""Traits of a registered text: finding it leads to a candidate; it is a brand's name; it is ASCII;
it is registered in the very characters that are looked up, apart from what stands between them."""
BRANDS_SHIFT = 4
"""How many brands have the name (up to 3): two bits from here."""
WHOLE, NUMBER, MODEL, CODE, HAS_MODELS, HAS_SELLERS = 0x40, 0x80, 0x100, 0x200, 0x400, 0x800
"""Further traits: always worked out in full; model number; model name; GTIN; its brand declares
product models; its brand declares authorised sellers."""
COPY, COMPARED, VAGUE = 0x1000, 0x2000, 0x4000
"""Traits of phrases, by what they say about a good."""
PLAIN, BENT, STACKED, HINTED, RUN_ON = 0x10000, 0x20000, 0x40000, 0x80000, 0x100000
"""Marks of a text beside the traits found in it: a name stands there as it is registered, or in a
way that needs a closer look; names of three brands and more; a name that may stand there; one run
together with a word."""
CARRIED = LEADS | WHOLE | NUMBER | MODEL | CODE | HAS_MODELS | HAS_SELLERS | COPY | COMPARED | VAGUE
MANY_HITS, MOST_REPEATS = 32, 8
"""In a field with many hits, the same text found more often than this says nothing more."""


class Folding(NamedTuple):
    """What becomes of each code point; ``many_chars[many[p]]`` says into how many it falls."""

    fold: U32
    """Class in the top byte, folded character below."""
    many: I32
    many_chars: U32
    letters: U32
    """Letter meant by a digit or sign below 0x100, else 0."""
    sounds: U32
    """Syllable number of each ideograph from IDEOGRAPHS on."""


class TextTable(NamedTuple):
    """All registered texts: hash → number, and bitmaps of how they begin.

    ``traits[i]`` says what finding text i means (marks, and IS_LATIN); ``breaks[i]`` has bit n set
    where the registered spelling may be written apart before its n-th letter.
    """

    table: U64
    values: I32
    traits: U32
    breaks: U64
    begins2: U64
    begins4: U64
    begins8: U64
    longest: int


class NameTable(NamedTuple):
    """Names under a changed key: hash → number, and how the keys begin."""

    table: U64
    values: I32
    begins2: U64


class NearTable(NamedTuple):
    """Names with one letter left out: hash → first entry, chained by ``following``.

    ``name_of[entry]`` is the number of the name, its letters are points[starts[n]:starts[n + 1]].
    """

    table: U64
    heads: I32
    following: I32
    bitmap: U64
    name_of: I32
    points: U32
    starts: I64
    anchors: U64
    """Bitmap of the words of names of several words: beside one a misspelt word is looked for."""


class Words(NamedTuple):
    """Words that are no misspellings: common ones, and those that led nowhere before."""

    common: U64
    seen: U64


class Squeezed(NamedTuple):
    """Room for the word characters of one text (see ``squeeze_into``)."""

    chars: U32
    origin: I32
    edges: U8
    """Class of a character, and where words begin and end: see FIRST and LAST."""
    hashes: U64
    """hashes[i]: rolling hash of the first i characters."""
    words: I32
    """Positions where a name may begin, and behind the last the number of characters."""


CLASS, FIRST, LAST = 0b11, 0b1100, 0b110000
"""Parts of an edge: the class; 2 << 2 where a word begins, 1 << 2 where letters meet digits; the
same for its end."""
BEGINS, MEETS, ENDS, MEETS_NEXT = 2 << 2, 1 << 2, 2 << 4, 1 << 4
