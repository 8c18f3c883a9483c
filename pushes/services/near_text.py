"""Near-duplicate titles by index: MinHash bands (Broder 1997; banding: Leskovec et al., ch. 3.4).

The title is first reduced to what the engine reads, so odd spacing and look-alike letters do not
hide a copy. Its set of 3-character shingles gets ``BANDS × ROWS`` minimum hashes; two titles that
share one band are candidates. With 6 bands of 3 rows titles of Jaccard similarity 0.8 share one
with probability 0.99, those of 0.3 with 0.15; the caller compares candidates in full.
"""

import struct
import zlib
from functools import cache
from random import Random

from pushes.matching.normalise import squeeze

BANDS, ROWS, SHINGLE = 6, 3, 3
# Multiply-and-add modulo a prime, as in the paper; fixed for ever, because bands are stored.
_PRIME = (1 << 61) - 1


@cache
def _permutations() -> tuple[tuple[int, int], ...]:
    draw = Random(20_260_603)  # noqa: S311  # hash parameters, no secret
    return tuple((draw.randrange(1, _PRIME), draw.randrange(_PRIME)) for _ in range(BANDS * ROWS))


def bands_of(title: str) -> list[int]:
    """The bands of a title as signed 32-bit integers; empty for a title of hardly any letters."""
    text = squeeze(title).text
    grams = {text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1)}
    if len(grams) < SHINGLE:
        return []
    hashes = [zlib.crc32(gram.encode("utf-8", "surrogatepass")) for gram in grams]
    lowest = [min((a * value + b) % _PRIME for value in hashes) for a, b in _permutations()]
    bands = []
    for band in range(BANDS):
        rows = lowest[band * ROWS : (band + 1) * ROWS]
        key = struct.pack(f">B{ROWS}q", band, *rows)
        bands.append(struct.unpack(">i", struct.pack(">I", zlib.crc32(key)))[0])
    return sorted(set(bands))
