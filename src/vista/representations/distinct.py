"""How many different vectors a representation holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Vectors

_SEED = 0  # of the multipliers; any will do
_BLOCK_NUMBERS = 1 << 22


def count_distinct(vectors: Vectors) -> int:
    """Return the number of different rows, compared by a 64-bit hash of their bytes."""
    drawn = np.random.default_rng(_SEED).integers(0, 1 << 64, size=vectors.shape[1], dtype=np.uint64)
    multipliers: NDArray[np.uint64] = np.bitwise_or(drawn, np.uint64(1))
    hashes = _dense_hashes(vectors, multipliers) if isinstance(vectors, np.ndarray) else _sparse_hashes(vectors, multipliers)
    return len(np.unique(hashes))


def _dense_hashes(vectors: NDArray[np.float32], multipliers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    block = max(1, _BLOCK_NUMBERS // vectors.shape[1])
    parts = [(_mixed(vectors[i : i + block]) * multipliers).sum(axis=1, dtype=np.uint64) for i in range(0, len(vectors), block)]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _sparse_hashes(vectors: Vectors, multipliers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    assert not isinstance(vectors, np.ndarray)
    terms = _mixed(vectors.data) * multipliers[vectors.indices]
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(terms, dtype=np.uint64)])
    return np.asarray(sums[vectors.indptr[1:]] - sums[vectors.indptr[:-1]])


def _mixed(numbers: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return the bits of float32 numbers, spread over 64; −0 counts as 0, which is 0."""
    bits = np.ascontiguousarray(numbers + np.float32(0), dtype=np.float32).view(np.uint32).astype(np.uint64)
    return np.asarray(bits * np.uint64(0x9E3779B97F4A7C15) ^ (bits >> np.uint64(7)))
