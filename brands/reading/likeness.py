"""Whether two pages look alike, however they were saved.

``fingerprint`` is the perceptual hash of Zauner ("Implementation and Benchmarking of Perceptual
Image Hash Functions", 2010): the signs of the lowest frequencies of the picture's cosine
transform. It finds candidates by counting differing bits. Certificates of one office share a
form, so candidates are compared again by ``sameness``: the share of inked tiles that agree once
both pages lie upon each other. On the demo's twelve certificates of one form, copies saved
smaller and worse keep at least 0.99 of their tiles, certificates of other owners at most 0.85.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import fft

# Bits of 64 in which a copy may differ; one form filled in differently stays within it too.
NEAR_BITS: Final = 8
# At least this share of inked tiles agrees in a copy.
COPY: Final = 0.93
_SIDE: Final = 32
_WIDTH, _HEIGHT, _TILE = 512, 720, 24
_INK: Final = 12.0
_AGREES: Final = 0.6
_FARTHEST: Final = 40
Pixels = npt.NDArray[np.float32]


def fingerprint(picture: Image.Image) -> int:
    """Return 64 bits as a signed integer; alike pictures differ in few of them."""
    small = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    waves = fft.dctn(np.asarray(small, dtype=np.float32), norm="ortho")[:8, :8].ravel()
    # The first coefficient is the brightness, which says nothing of what is drawn.
    bits = np.concatenate(([False], waves[1:] > np.median(waves[1:])))
    return int(np.packbits(bits).view(">i8")[0])


def distance(one: int, other: int) -> int:
    """Return in how many bits of 64 two fingerprints differ."""
    return ((one ^ other) & (2**64 - 1)).bit_count()


def sameness(one: Image.Image, other: Image.Image) -> float:
    """Return the share of inked tiles (0 to 1) that agree; 0 for two empty pages."""
    first, second = _pixels(one), _pixels(other)
    left, right = _tiles(first), _tiles(_laid_upon(first, second))
    spread_left, spread_right = left.std(axis=1), right.std(axis=1)
    inked = (spread_left > _INK) | (spread_right > _INK)
    if not inked.any():
        return 0.0
    together = ((left - left.mean(1, keepdims=True)) * (right - right.mean(1, keepdims=True))).mean(
        axis=1
    )
    agreement = together / (spread_left * spread_right + 1e-6)
    return float((agreement[inked] > _AGREES).mean())


def _pixels(picture: Image.Image) -> Pixels:
    shown = picture.convert("L").resize((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS)
    return 255 - np.asarray(shown, dtype=np.float32)


def _laid_upon(fixed: Pixels, moved: Pixels) -> Pixels:
    """Shift ``moved`` onto ``fixed`` (phase correlation; Kuglin and Hines, 1975)."""
    product = fft.rfft2(fixed - fixed.mean()) * np.conj(fft.rfft2(moved - moved.mean()))
    peak = int(np.argmax(fft.irfft2(product / (np.abs(product) + 1e-6), s=fixed.shape)))
    down, across = divmod(peak, fixed.shape[1])
    down = down - fixed.shape[0] if down > fixed.shape[0] // 2 else down
    across = across - fixed.shape[1] if across > fixed.shape[1] // 2 else across
    if abs(down) > _FARTHEST or abs(across) > _FARTHEST:
        return moved
    return np.roll(moved, (down, across), axis=(0, 1))


def _tiles(pixels: Pixels) -> Pixels:
    rows, columns = pixels.shape[0] // _TILE, pixels.shape[1] // _TILE
    cut = pixels[: rows * _TILE, : columns * _TILE]
    return cut.reshape(rows, _TILE, columns, _TILE).swapaxes(1, 2).reshape(rows * columns, -1)
