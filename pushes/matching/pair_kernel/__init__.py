"""The compiled inner loops of product pairs: take records apart, compare two of them.

Numba compiles these functions once a machine (see ``kernel``). A record is a stretch of folded code
points; its words become 64-bit hashes, the hashes numbers, so that comparing two records is a merge
of sorted integers. Nothing here knows file formats or models.
"""

from pushes.matching.pair_kernel.comparing import OVERLAP, compare
from pushes.matching.pair_kernel.records import (
    BASE,
    DIGIT,
    F64,
    IGNORED,
    LETTER,
    PARTS,
    WIDE,
    Records,
    Units,
    take_apart,
)
from pushes.matching.pair_kernel.vectors import cosines, number, rivals, vectors

__all__ = [
    "BASE",
    "DIGIT",
    "F64",
    "IGNORED",
    "LETTER",
    "OVERLAP",
    "PARTS",
    "WIDE",
    "Records",
    "Units",
    "compare",
    "cosines",
    "number",
    "rivals",
    "take_apart",
    "vectors",
]
