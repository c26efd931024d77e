"""Fingerprints that tell an edited text from another one, and a page's template from its content.

Both are signed 64-bit integers, the widest that SQLite and Postgres index alike.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from crawler.core.folding import fold

_WORD = re.compile(r"\w+")
_BITS = 64
_SIGN = 1 << (_BITS - 1)
_LANE = 32  # bits for each counter; a text has fewer than 2**32 shingles
_UNSPACED = 12  # mean length of a "word" above which the script has no spaces
_SHINGLE = 3


def simhash(text: str) -> int:
    """Return the signed 64-bit simhash over shingles of three words; 0 for a text without words.

    Shingles of three tell a text with 5 % of its words changed (similarity .83, 5th percentile
    .75) from an unrelated one (99th percentile .64); single words do not (.61 against .66).
    Scripts without spaces are cut into shingles of three characters.
    """
    shingles = set(_shingles(fold(text)))
    if not shingles:
        return 0
    total = sum(map(_spread, shingles))
    half = len(shingles) / 2
    mask = (1 << _LANE) - 1
    bits = sum(1 << bit for bit in range(_BITS) if (total >> (bit * _LANE)) & mask > half)
    return _signed(bits)


def similarity(one: int, other: int) -> float:
    """Return the share of equal bits of two simhashes, 0 to 1; unrelated texts lie near 0.5."""
    return 1 - ((one ^ other) & ((1 << _BITS) - 1)).bit_count() / _BITS


def template_hash(parts: Iterable[str]) -> int:
    """Return the signed 64-bit hash of a page's skeleton, given as the names of its parts.

    Parts are taken as a set: a list of ten teasers and one of twenty make the same template.
    No parts give 0, which is no template.
    """
    names = sorted(set(parts))
    if not names:
        return 0
    return _signed(_hash64("\n".join(names)))


def _shingles(folded: str) -> Iterator[str]:
    words = _WORD.findall(folded)
    if words and sum(map(len, words)) / len(words) > _UNSPACED:
        words = list("".join(words))
    for start in range(max(1, len(words) - _SHINGLE + 1) if words else 0):
        yield " ".join(words[start : start + _SHINGLE])


def _hash64(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BITS // 8).digest()
    return int.from_bytes(digest, "big")


def _spread(shingle: str) -> int:
    """Lay the 64 bits of a shingle's hash into 64 counters of one large integer, to be summed."""
    digest = _hash64(shingle)
    return sum(_BYTE[(digest >> shift) & 0xFF] << (shift * _LANE) for shift in range(0, _BITS, 8))


def _spread_byte(byte: int) -> int:
    return sum(1 << (bit * _LANE) for bit in range(8) if byte >> bit & 1)


_BYTE = tuple(_spread_byte(byte) for byte in range(256))


def _signed(bits: int) -> int:
    return bits - (1 << _BITS) if bits & _SIGN else bits
