"""A static index of the words of many texts, so that a page finds texts without a server and without loading them.

```
terms.idx     the first term of every block          a page loads it once, some ten kilobytes
terms.bin     │ aard…able │ about…acid │ … │         blocks of sorted terms: one Range request
postings.bin  │ 3 17 20 … │ 4 …        │ … │         which items hold each term: another
```

The terms that begin with what was typed lie side by side, and so do their postings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vista.atlas.blocks import gzipped
from vista.atlas.json_text import json_bytes
from vista.atlas.manifest import SearchEntry

if TYPE_CHECKING:
    import pyarrow as pa

INDEXED_UP_TO_ITEMS = 1_000_000  # beyond, making it takes more memory than all else
TERMS_PER_BLOCK = 256
INDEXED_CHARACTERS = 1_000  # of each text
LONGEST_TERM = 40  # characters; what is longer is no word
_ROWS_AT_ONCE = 65_536
_BETWEEN_WORDS = r"[^\p{L}\p{N}]+"
_MARKS = r"\p{M}+"


def write_word_index(atlas: Path, room: str, texts: Sequence[str]) -> SearchEntry:
    """Write the index of the texts of a set, and return its entry.

    A term is a run of letters and digits, without case and marks, cut at 40 characters; of a long text the first 1 000
    characters count.

    Args:
        atlas: The atlas under construction.
        room: Folder of the set in it.
        texts: One text an item, in the order of the set.
    """
    (atlas / room / "search").mkdir()
    terms, counts, items = _inverted(texts)
    gaps = np.diff(items, prepend=0)
    firsts = np.cumsum(counts) - counts
    gaps[firsts] = items[firsts]
    postings, sizes = _varints(gaps)
    lengths = np.add.reduceat(sizes, firsts) if len(firsts) else np.zeros(0, np.int64)
    entry: SearchEntry = {
        "terms": f"{room}/search/terms.bin",
        "index": f"{room}/search/terms.idx",
        "postings": f"{room}/search/postings.bin",
        "n_terms": len(terms),
        "characters": INDEXED_CHARACTERS,
    }
    (atlas / entry["postings"]).write_bytes(postings)
    blocks = list(_term_blocks(terms, counts.tolist(), lengths.tolist()))
    (atlas / entry["terms"]).write_bytes(b"".join(blocks))
    index = {
        "first": [term.decode() for term in terms[::TERMS_PER_BLOCK]],
        "terms": np.cumsum([0, *map(len, blocks)]).tolist(),
        "postings": [0, *np.cumsum(lengths)[TERMS_PER_BLOCK - 1 :: TERMS_PER_BLOCK].tolist()][: len(blocks)],
    }
    (atlas / entry["index"]).write_bytes(gzipped(json_bytes(index)))
    return entry


def terms_of(texts: pa.Array) -> pa.Array:
    """Return the terms of each text, as lists; some may be empty."""
    import pyarrow.compute as pc

    plain = pc.replace_substring_regex(pc.utf8_normalize(pc.utf8_slice_codeunits(texts, 0, INDEXED_CHARACTERS), "NFKD"), _MARKS, "")
    return pc.split_pattern_regex(pc.replace_substring(pc.utf8_lower(plain), "ς", "σ"), _BETWEEN_WORDS)


def _inverted(texts: Sequence[str]) -> tuple[list[bytes], NDArray[np.int64], NDArray[np.int64]]:
    """Return the terms in the order of their bytes, how many items hold each, and these items, term after term, ascending."""
    number_of: dict[str, int] = {}
    codes, items = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for start in range(0, len(texts), _ROWS_AT_ONCE):
        own_codes, own_items = _pairs(texts[start : start + _ROWS_AT_ONCE], number_of)
        codes.append(own_codes)
        items.append(own_items + start)
    words = [word.encode() for word in number_of]
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), np.int64)
    rank[order] = np.arange(len(words))
    ranks = rank[np.concatenate(codes)]
    by_term = np.argsort(ranks, kind="stable")  # the items of a term stay ascending
    return [words[place] for place in order], np.bincount(ranks, minlength=len(words)), np.concatenate(items)[by_term]


def _pairs(texts: Sequence[str], number_of: dict[str, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each pair of a term and an item that holds it, once, by item; new terms get numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = terms_of(pa.array(texts, pa.string()))
    encoded = pc.utf8_slice_codeunits(lists.flatten(), 0, LONGEST_TERM).dictionary_encode()
    known = [number_of.setdefault(word, len(number_of)) if word else -1 for word in encoded.dictionary.to_pylist()]
    codes = np.array(known, np.int64)[encoded.indices.to_numpy()]
    pairs = pc.list_parent_indices(lists).to_numpy().astype(np.int64) * max(1, len(number_of)) + codes
    pairs = np.unique(pairs[codes >= 0])
    items, own = np.divmod(pairs, max(1, len(number_of)))
    return own, items


def _varints(numbers: NDArray[np.int64]) -> tuple[bytes, NDArray[np.int64]]:
    """Return whole numbers in 7 bits a byte, low bits first, the eighth bit set in all but the last; and how many bytes each takes."""
    sizes = np.ones(len(numbers), np.int64)
    for bits in (7, 14, 21, 28):
        sizes += numbers >= 1 << bits
    ends = np.cumsum(sizes)
    packed = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    for byte in range(int(sizes.max(initial=0))):
        has = sizes > byte
        goes_on = np.where(sizes[has] > byte + 1, 0x80, 0)
        packed[(ends - sizes)[has] + byte] = ((numbers[has] >> (7 * byte)) & 0x7F) | goes_on
    return packed.tobytes(), sizes


def _term_blocks(terms: list[bytes], counts: list[int], lengths: list[int]) -> Iterator[bytes]:
    """Yield the blocks of terms: each term by the bytes that it shares with the one before, and the others."""
    for start in range(0, len(terms), TERMS_PER_BLOCK):
        block, before = bytearray(), b""
        for place in range(start, min(start + TERMS_PER_BLOCK, len(terms))):
            term = terms[place]
            shared = _shared(before, term)
            for number in (shared, len(term) - shared):
                block += _varint(number)
            block += term[shared:] + _varint(counts[place]) + _varint(lengths[place])
            before = term
        yield gzipped(bytes(block))


def _shared(one: bytes, other: bytes) -> int:
    n = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        n += 1
    return n


def _varint(number: int) -> bytes:
    packed: list[Any] = []
    while number >= 0x80:
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*packed, number])
