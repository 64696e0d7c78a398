"""A representation under a metric, made ready for asking distances of many rows at once.

Cosine works on unit rows, euclidean on the rows as they are; both then need only inner products, so that dense and
sparse vectors share every caller. CSR rows are never densified: only blocks of distances are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import MetricName, Vectors
from vista.errors import InputError, nearest_name_hint

METRICS: tuple[str, ...] = get_args(MetricName)
BLOCK_LIMIT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, eq=False)
class MetricSpace:
    """Rows between which distances can be asked.

    Attributes:
        metric: "cosine" or "euclidean".
        rows: (n, dim) dense or CSR; unit rows for cosine, where a zero row stays zero.
        squared_norms: (n,) float64 squared norms of `rows`.
        n_zero: Number of zero rows. Under cosine a zero row is at distance 1 from every other row.
    """

    metric: MetricName
    rows: Vectors
    squared_norms: NDArray[np.float64]
    n_zero: int

    @property
    def n_items(self) -> int:
        return int(self.rows.shape[0])

    def distances(self, queries: NDArray[np.integer] | slice, targets: NDArray[np.integer] | slice = slice(None), *, precise: bool = False) -> NDArray[np.floating]:
        """Return the distances between query rows and target rows, (n_queries, n_targets), as float32.

        Args:
            queries: Rows to ask for, an index array or a slice.
            targets: Rows to measure to; all by default.
            precise: Compute in float64 before rounding to float32, so that the ranks do not depend on the order of
                summation; about half as fast.
        """
        products = self._products(queries, targets, np.float64 if precise else np.float32)
        if self.metric == "cosine":
            np.subtract(1.0, products, out=products)
        else:
            products *= -2.0
            products += self.squared_norms[queries][:, None].astype(products.dtype)
            products += self.squared_norms[targets][None, :].astype(products.dtype)
            np.maximum(products, 0.0, out=products)
            np.sqrt(products, out=products)
        return np.maximum(products, 0.0, out=products).astype(np.float32, copy=False)

    def query_blocks(self, queries: NDArray[np.integer], *, limit_bytes: int = BLOCK_LIMIT_BYTES) -> Iterator[NDArray[np.integer]]:
        """Cut `queries` into blocks whose distances to all rows fit into `limit_bytes` as float64."""
        block = max(1, limit_bytes // (8 * max(1, self.n_items)))
        for start in range(0, len(queries), block):
            yield queries[start : start + block]

    def _products(self, queries: NDArray[np.integer] | slice, targets: NDArray[np.integer] | slice, dtype: type[np.floating]) -> NDArray[np.floating]:
        left, right = self.rows[queries], self.rows[targets]
        product = left.astype(dtype, copy=False) @ right.astype(dtype, copy=False).T
        return product if isinstance(product, np.ndarray) else np.asarray(product.toarray(), dtype=dtype)


def metric_space(vectors: Vectors, metric: str = "cosine") -> MetricSpace:
    """Make vectors ready for asking distances.

    Args:
        vectors: (n_items, dim) float32, dense or CSR, finite.
        metric: "cosine" or "euclidean".

    Raises:
        InputError: If the metric is unknown.
    """
    if metric not in METRICS:
        raise InputError(f"no metric '{metric}'.{nearest_name_hint(metric, METRICS)}")
    norms = _squared_norms(vectors)
    n_zero = int(np.count_nonzero(norms == 0))
    if metric == "euclidean":
        return MetricSpace("euclidean", vectors, norms, n_zero)
    scale = np.divide(1.0, np.sqrt(norms), out=np.zeros_like(norms), where=norms > 0)
    return MetricSpace("cosine", _scale_rows(vectors, scale), (norms > 0).astype(np.float64), n_zero)


def _squared_norms(vectors: Vectors) -> NDArray[np.float64]:
    if isinstance(vectors, np.ndarray):
        return np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)
    return np.asarray(vectors.multiply(vectors).sum(axis=1), dtype=np.float64).ravel()


def _scale_rows(vectors: Vectors, scale: NDArray[np.float64]) -> Vectors:
    if isinstance(vectors, np.ndarray):
        return np.asarray(vectors * scale[:, None], dtype=np.float32)
    scaled = vectors.copy().astype(np.float32)
    scaled.data *= np.repeat(scale, np.diff(scaled.indptr)).astype(np.float32)
    return scaled
