"""The tables of the compiled loop: folding by code point, sounds, common words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pushes.matching import kernel
from pushes.matching.kernel import I64, U32, U64, Folding
from pushes.matching.normalise import LEET_LETTERS, TABLE_SIZE, folding_table

LANGUAGES = (
    "en", "id", "ms", "vi", "fil", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "sv", "da",
    "nb", "fi", "cs", "sk", "sl", "hu", "ro", "ca", "lt", "lv", "sh", "is",
)  # fmt: skip
"""Languages in Latin letters whose frequent words must not be taken for misspelt names."""
LETTER_SIGNS = 0x20B0
"""Signs that stand for letters lie below: the last one is the euro's."""
RARER = ("en",)
"""Languages of which rarer words count as common too: shops mix English into any title."""
RARER_FROM = 2.3
"""Zipf frequency of the rarest of them: words begin near it ("ruffles" 2.7), misspelt names end
far below ("addidas" 1.4)."""


@cache
def folding() -> Folding:
    """The arrays, built once a process."""
    texts, kinds = folding_table()
    classes = np.frombuffer(kinds, np.uint8).astype(np.uint32)
    fold_array: U32 = np.left_shift(classes, kernel.CLASS_SHIFT, dtype=np.uint32)
    many = np.full(TABLE_SIZE, -1, np.int32)
    many_chars: list[int] = []
    for point, text in enumerate(texts):
        if len(text) == 1:
            fold_array[point] |= ord(text)
        elif text:
            many[point] = len(many_chars)
            many_chars += [len(text), *map(ord, text)]
            fold_array[point] |= kernel.MANY << kernel.CLASS_SHIFT
    letters = np.zeros(LETTER_SIGNS, np.uint32)
    for sign, letter in LEET_LETTERS.items():
        if ord(sign) < len(letters):
            letters[ord(sign)] = ord(letter)
    return Folding(fold_array, many, np.array(many_chars, np.uint32), letters, _sounds())


@cache
def syllables() -> tuple[str, ...]:
    """Each common ideograph's most frequent Mandarin syllable, without tone."""
    from pypinyin import lazy_pinyin

    block = [chr(p) for p in range(kernel.IDEOGRAPHS, kernel.IDEOGRAPHS_END)]
    return tuple(lazy_pinyin(char)[0] for char in block)


NEARLY = (
    ("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"),
)  # fmt: skip
NEARLY_LAST = (("ang", "an"), ("eng", "en"), ("ing", "in"))
"""First and last sounds that many speakers of Mandarin do not tell apart."""


def nearly(syllable: str) -> str:
    """The syllable with sounds that are often confused made one."""
    for first, other in NEARLY:
        if syllable.startswith(first) and len(syllable) > len(first):
            syllable = other + syllable[len(first) :]
    for last, other in NEARLY_LAST:
        if syllable.endswith(last):
            syllable = syllable[: -len(last)] + other
    return syllable


def _sounds() -> U32:
    """Number of each ideograph's syllable; syllables that are often confused share one."""
    numbers: dict[str, int] = {}
    heard = (nearly(syllable) for syllable in syllables())
    return np.array([numbers.setdefault(s, len(numbers)) for s in heard], np.uint32)


def sound(text: str, *, exactly: bool = False) -> str:
    """The syllables of a text of ideographs: one character each, its code the syllable's number.

    With ``exactly`` the syllables themselves, separated by spaces.
    """
    if exactly:
        return " ".join(syllables()[ord(char) - kernel.IDEOGRAPHS] for char in text)
    sounds = folding().sounds
    return "".join(chr(int(sounds[ord(char) - kernel.IDEOGRAPHS])) for char in text)


def is_ideographic(text: str) -> bool:
    """Whether every character is a common ideograph, the only ones with a known sound."""
    return all(kernel.IDEOGRAPHS <= ord(char) < kernel.IDEOGRAPHS_END for char in text)


def points_of(texts: Iterable[str]) -> tuple[U32, I64]:
    """(code points of all texts, n + 1 boundaries).

    Always arrays that may be written to: Numba compiles a function anew for each kind of array.
    """
    listed = list(texts)
    starts = np.zeros(len(listed) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, listed), np.int64, len(listed)), out=starts[1:])
    joined = "".join(listed)
    # NumPy keeps texts as code points, surrogates too, so that nothing need be encoded.
    points: U32 = np.array([joined or "\0"]).view(np.uint32)[: len(joined)]
    return points, starts


def slots_for(count: int) -> int:
    """Table size, a power of two, at most half full."""
    return 1 << max(4, int(2 * count).bit_length())


class Vocabulary(NamedTuple):
    """Frequent words in Latin letters, folded and hashed: strings would take 100 MB.

    ``common``: set of keys of all languages (see ``kernel.contains``); ``lists``: for each language
    its keys in ascending order and their Zipf frequencies (log10 per billion words).
    """

    common: U64
    lists: tuple[tuple[U64, NDArray[np.float32]], ...]


@cache
def vocabulary() -> Vocabulary:
    """Read the word lists of all languages, once a process (about a second)."""
    common: list[U64] = []
    lists = []
    for language in LANGUAGES:
        words, zipf = _frequencies(language)
        keys = kernel.hash_all(*points_of(words))
        common.append(keys[np.array([len(word) >= 4 for word in words], bool)])
        order = np.argsort(keys)
        lists.append((keys[order], zipf[order]))
    common += [_rarer_words(language) for language in RARER]
    every = np.unique(np.concatenate(common))
    return Vocabulary(kernel.fill_table(every, slots_for(len(every)))[0], tuple(lists))


def _buckets(language: str, wordlist: str) -> list[list[str]]:
    """Words by frequency: those of bucket ``n`` have a Zipf frequency of ``9 - n / 100``."""
    import wordfreq

    buckets = wordfreq.get_frequency_list(language, wordlist)
    wordfreq.get_frequency_list.cache_clear()  # it would keep every list it has read
    return buckets


def _frequencies(language: str) -> tuple[list[str], NDArray[np.float32]]:
    """Folded words in Latin letters, most frequent first, and their Zipf frequencies."""
    buckets = _buckets(language, "small")
    spelt = [(word, 9 - number / 100) for number, bucket in enumerate(buckets) for word in bucket]
    folded = fold_all([word for word, _ in spelt])
    kept: dict[str, float] = {}
    for word, (_, zipf) in zip(folded, spelt, strict=True):
        if word.isascii() and len(word) >= 3:
            kept.setdefault(word, zipf)
    return list(kept), np.array(list(kept.values()), np.float32)


def _rarer_words(language: str) -> U64:
    """Keys of the words between those of the short list and RARER_FROM."""
    buckets = _buckets(language, "large")[300 : round(100 * (9 - RARER_FROM))]
    folded = fold_all([word for bucket in buckets for word in bucket])
    words = [word for word in folded if word.isascii() and len(word) >= 4]
    return kernel.hash_all(*points_of(words))


def common_words() -> U64:
    """Frequent words of many languages: no misspellings of anything."""
    return vocabulary().common


ABSENT = 2.5
"""Zipf frequency of a word that a list does not hold; the lists end near 3."""


@lru_cache(maxsize=50_000)
def is_ordinary_word(folded: str) -> bool:
    """Whether a folded Latin name is also a word of some language rather than a name everywhere.

    A name is about as frequent in every language, a word is at home in some: it is one when its
    Zipf frequency in its home language is at least 3.3 and 1.1 above the median of all languages.
    (On 70 brands read by hand: champion, native, triangle, lining, coach are words; samsung,
    toshiba, nike, converse are names.)
    """
    if not folded.isascii() or not folded.isalpha():
        return False
    key = kernel.hash_all(*points_of([folded]))[0]
    found = sorted(_zipf(keys, zipf, key) for keys, zipf in vocabulary().lists)
    return found[-1] >= 3.3 and found[-1] - found[len(found) // 2] >= 1.1


def zipf_anywhere(folded: str) -> float:
    """Zipf frequency of a folded Latin word in the language where it is most frequent."""
    key = kernel.hash_all(*points_of([folded]))[0]
    return max(_zipf(keys, zipf, key) for keys, zipf in vocabulary().lists)


@cache
def _chinese_words() -> U64:
    """Set of keys of the Chinese words that occur once in a million words or more often."""
    buckets = _buckets("zh", "small")
    words = [word for bucket in buckets[: 100 * (9 - 3)] for word in bucket]
    keys = np.unique(kernel.hash_all(*points_of(fold_all(words))))
    return kernel.fill_table(keys, slots_for(len(keys)))[0]


def is_chinese_word(folded: str) -> bool:
    """Whether these characters are themselves a usual Chinese word."""
    return kernel.contains(_chinese_words(), kernel.hash_all(*points_of([folded]))[0])


def _zipf(keys: U64, zipf: NDArray[np.float32], key: np.uint64) -> float:
    at = int(np.searchsorted(keys, key))
    return max(ABSENT, float(zipf[at])) if at < len(keys) and keys[at] == key else ABSENT


def fold_all(texts: Sequence[str]) -> list[str]:
    """``normalise.fold`` of many texts at once."""
    chars, bounds = kernel.fold_texts(*points_of(texts), folding())
    squeezed = chars[: bounds[-1]].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    cuts = bounds.tolist()
    return [squeezed[a:b] for a, b in pairwise(cuts)]


def text_table(
    keys: Sequence[str], traits: U32 | None = None, breaks: U64 | None = None
) -> kernel.TextTable:
    """Hash table over squeezed texts, with bitmaps of how they begin.

    ``traits`` and ``breaks`` as in ``kernel.TextTable``; nothing is known without them.
    """
    points, starts = points_of(keys)
    table, values = kernel.fill_table(kernel.hash_all(points, starts), slots_for(len(keys)))
    words = max(512, slots_for(len(keys)) // 8)
    begins2, begins4, begins8 = (beginnings(points, starts, words, n) for n in (2, 4, 8))
    latin = np.array([kernel.LATIN if key.isascii() else 0 for key in keys], np.uint32)
    longest = max(map(len, keys), default=0)
    return kernel.TextTable(
        table,
        values,
        latin if traits is None else latin | traits,
        np.zeros(len(keys), np.uint64) if breaks is None else breaks,
        begins2,
        begins4,
        begins8,
        longest,
    )


def bitmap_of(words: Sequence[str]) -> U64:
    """Bitmap of whole words."""
    bitmap = np.zeros(max(512, slots_for(len(words)) // 4), np.uint64)
    kernel.set_keys(bitmap, kernel.hash_all(*points_of(words)))
    return bitmap


def beginnings(points: U32, starts: I64, words: int, length: int) -> U64:
    """Bitmap of the first ``length`` characters of all texts."""
    bitmap = np.zeros(words, np.uint64)
    kernel.set_bits(bitmap, points, starts, length)
    return bitmap
