"""The transposed index of a shard: latent ► items, with the value and the position of each.

Each entry is packed, so that all that a shard knows of a latent is one run of bytes:

    │ row u16 │ value f16 │ position u8, u16 or u32 │   5, 6 or 8 bytes, rows ascending within a latent

Rows count from the shard's first item; a shard has 65 536 items at most.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_ROWS = 1 << 16


@lru_cache
def entry_dtype(position_dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the packed record of one item of a latent."""
    return np.dtype([("row", "<u2"), ("value", "<f2"), ("position", position_dtype)])


def transposed(
    item_starts: NDArray[np.integer[Any]],
    latents: NDArray[np.integer[Any]],
    values: NDArray[np.float16],
    positions: NDArray[Any],
    d_sae: int,
) -> tuple[NDArray[np.int32], NDArray[Any]]:
    """Return where each latent's entries start, (d_sae + 1,), and the entries, (n_codes,)."""
    import scipy.sparse as sp

    numbers = np.arange(len(latents), dtype=np.int32)
    shape = (len(item_starts) - 1, d_sae)
    columns = sp.csr_matrix((numbers, latents.astype(np.int32), item_starts.astype(np.int32)), shape=shape).tocsc()
    entries = np.empty(len(latents), entry_dtype(positions.dtype))
    entries["row"], entries["value"], entries["position"] = columns.indices, values[columns.data], positions[columns.data]
    return columns.indptr, entries
