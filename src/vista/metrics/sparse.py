"""Inner products of sparse rows: columns that few rows use are met one by one, those that many use as a dense block.

A number costs some twenty times more when it is met alone than in a matrix product. Columns that more than a fifth of the
rows use, as the most frequent latents are, are therefore cheaper dense. Such a block holds only the rows in hand.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CROWDED_SHARE = 0.2  # of rows that use a column
BLOCK_ROWS = 2048  # their products with one row stay in the nearest cache


def sparse_products(left: Any, right: Any) -> NDArray[Any]:
    """Return the inner products of the rows of two CSR matrices without duplicate entries, (n_left, n_right), in their precision.

    Beyond the result, memory goes as the rows of `left` and a block of rows of `right`: their numbers once more, and a dense
    block of at most 1 / 0.2 = 5 times as many. Where both are the same matrix, each pair of rows is multiplied once.
    """
    used = np.bincount(right.indices, minlength=right.shape[1])
    crowded = np.flatnonzero(used > CROWDED_SHARE * right.shape[0])
    place = np.full(right.shape[1], -1, np.int32)
    place[crowded] = np.arange(len(crowded))
    dense, rest = _split(left, place, len(crowded))
    if left is right:
        return _own_products(dense, rest)
    products = np.empty((left.shape[0], right.shape[0]), left.dtype)
    for block in _blocks(right.shape[0]):
        block_dense, block_rest = _split(right[block], place, len(crowded))
        products[:, block] = _add_rest(dense @ block_dense.T, rest, block_rest)
    return products


def _own_products(dense: NDArray[Any], rest: Any) -> NDArray[Any]:
    """Return the products of all rows with all, block after block of columns down to the diagonal, and from there mirrored."""
    products: NDArray[Any] = dense @ dense.T
    for block in _blocks(len(products)):
        products[: block.stop, block] = _add_rest(products[: block.stop, block].copy(), rest[: block.stop], rest[block])
        products[block, : block.start] = products[: block.start, block].T
    return products


def _blocks(n_rows: int) -> list[slice]:
    return [slice(first, min(first + BLOCK_ROWS, n_rows)) for first in range(0, n_rows, BLOCK_ROWS)]


def _add_rest(products: NDArray[Any], left: Any, right: Any) -> NDArray[Any]:
    from vista.kernels.sparse import add_sparse_products
    from vista.kernels.threads import over_rows

    parts = *_three(left), *_three(right.tocsc())
    over_rows(len(products), lambda start, stop: add_sparse_products(*parts, products, start, stop))
    return products


def _split(matrix: Any, place: NDArray[np.int32], n_crowded: int) -> tuple[NDArray[Any], Any]:
    """Return the crowded columns as a dense block, and the others as CSR."""
    import scipy.sparse as sp

    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))
    places = place[matrix.indices]
    inside = places >= 0
    block = np.zeros((matrix.shape[0], n_crowded), matrix.dtype)
    block[rows[inside], places[inside]] = matrix.data[inside]
    lengths = np.bincount(rows[~inside], minlength=matrix.shape[0])
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    return block, sp.csr_matrix((matrix.data[~inside], matrix.indices[~inside], starts), shape=matrix.shape)


def _three(matrix: Any) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[np.int32]]:
    return matrix.data, matrix.indices.astype(np.int32, copy=False), matrix.indptr.astype(np.int32, copy=False)
