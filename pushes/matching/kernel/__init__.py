"""The compiled inner loop: fold, squeeze and look up whole batches of texts.

Numba compiles these functions once a machine and caches the result (first use takes some seconds).
They work on UTF-32 code points and know nothing of brands.

Method: instead of walking an automaton over every character, the loop starts only where a word (or
a letter of a script written without spaces) begins and looks up the rolling 64-bit hash of every
stretch that ends where a word ends. Three bitmaps over 2-, 4- and 8-letter beginnings of the
registered texts stop nearly every walk early. So spacing and punctuation inside a name cost
nothing, and the time hardly depends on the number of registered texts. The hash of a stretch comes
from the hashes of two beginnings (Karp and Rabin 1987), so nothing is hashed twice.
"""

from pushes.matching.kernel.basis import (
    BENT,
    BRANDS_SHIFT,
    CLASS_SHIFT,
    CODE,
    COLUMNS,
    COMPARED,
    COPY,
    FLAGGED,
    HAS_MODELS,
    HAS_SELLERS,
    HOMOPHONE,
    I32,
    I64,
    IDEOGRAPHS,
    IDEOGRAPHS_END,
    LATIN,
    LEADS,
    LEETED,
    LONGEST_KEY,
    MANY,
    MODEL,
    NAME,
    NUMBER,
    PLAIN,
    STACKED,
    STRAIGHT,
    STYLED_FROM,
    TEXT,
    TYPO,
    TYPO_LONGEST,
    TYPO_SHORTEST,
    U8,
    U32,
    U64,
    VAGUE,
    WHOLE,
    Folding,
    NameTable,
    NearTable,
    TextTable,
    Words,
    compiled,
)
from pushes.matching.kernel.folding import fold_texts
from pushes.matching.kernel.hashing import contains, fill_table, hash_all, set_bits
from pushes.matching.kernel.scan import phrase_marks, scan_texts
from pushes.matching.kernel.typos import fill_near

__all__ = [
    "BENT",
    "BRANDS_SHIFT",
    "CLASS_SHIFT",
    "CODE",
    "COLUMNS",
    "COMPARED",
    "COPY",
    "FLAGGED",
    "HAS_MODELS",
    "HAS_SELLERS",
    "HOMOPHONE",
    "I32",
    "I64",
    "IDEOGRAPHS",
    "IDEOGRAPHS_END",
    "LATIN",
    "LEADS",
    "LEETED",
    "LONGEST_KEY",
    "MANY",
    "MODEL",
    "NAME",
    "NUMBER",
    "PLAIN",
    "STACKED",
    "STRAIGHT",
    "STYLED_FROM",
    "TEXT",
    "TYPO",
    "TYPO_LONGEST",
    "TYPO_SHORTEST",
    "U8",
    "U32",
    "U64",
    "VAGUE",
    "WHOLE",
    "Folding",
    "NameTable",
    "NearTable",
    "TextTable",
    "Words",
    "compiled",
    "contains",
    "fill_near",
    "fill_table",
    "fold_texts",
    "hash_all",
    "phrase_marks",
    "scan_texts",
    "set_bits",
]
