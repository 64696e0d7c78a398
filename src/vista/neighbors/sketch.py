"""Sketches: rows in fewer dimensions, whose inner products are nearly those of the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.neighbors.rows import Ready

SAMPLE_ROWS = 10_000
BLOCK_ROWS = 4096
DIM_STEP = 32  # sketches are as wide as a multiple of this
WIDE_DIM = 1024  # sparse rows of more numbers get a fixed number of axes, found by iteration:
WIDE_SHARE_AXES = 320  # so many for the whole share
WIDE_SAMPLE_ROWS = 4096
POWER_STEPS = 2

Axes = NDArray[np.float32]  # (dim, n_axes)


def sketch_rows(ready: Ready, share: float, *, rng: np.random.Generator) -> NDArray[np.float32] | None:
    """Project all rows on their main axes, or return None where dense rows are as narrow themselves.

    The axes are those of the second moments of a sample of rows, uncentered, which keep inner products best.

    Args:
        ready: The rows.
        share: How much of the squared norm the axes shall keep, in (0, 1]; of sparse rows in many dimensions a sketch
            keeps less, and a larger share means more axes.
        rng: Draws the sample, and the axes that an iteration starts from.
    """
    from vista.kernels.threads import over_chunks

    n, dim = ready.space.vectors.shape
    sparse = not isinstance(ready.space.vectors, np.ndarray)
    axes = _wide_axes(ready, share, rng) if sparse and dim > WIDE_DIM else _main_axes(ready, share, rng)
    if axes is None and not sparse:
        return None
    sketch = np.empty((n, dim if axes is None else axes.shape[1]), np.float32)

    def project(start: int, stop: int) -> None:
        block = slice(start, stop)
        if axes is not None:
            sketch[block] = ready.times(block, axes)
        else:
            rows: Any = ready.rows(block)
            sketch[block] = rows.toarray()

    over_chunks(n, BLOCK_ROWS, project)
    return sketch


def _main_axes(ready: Ready, share: float, rng: np.random.Generator) -> Axes | None:
    """Return the axes that keep the share, or None if that takes all there are."""
    from vista.kernels.threads import over_chunks

    sample = _sample(ready, SAMPLE_ROWS, rng)

    def moments(start: int, stop: int) -> NDArray[np.float32]:
        rows: Any = ready.rows(sample[start:stop])
        products = rows.T @ rows
        return products if isinstance(products, np.ndarray) else np.asarray(products.toarray())

    values, axes = np.linalg.eigh(sum(over_chunks(len(sample), BLOCK_ROWS // 4, moments)))
    kept = np.cumsum(values[::-1]) / max(values.sum(), np.finfo(np.float32).tiny)
    width = DIM_STEP * -(-(int(np.searchsorted(kept, share)) + 1) // DIM_STEP)
    return None if width >= len(values) else np.ascontiguousarray(axes[:, ::-1][:, :width])


def _wide_axes(ready: Ready, share: float, rng: np.random.Generator) -> Axes:
    """Find main axes by subspace iteration (Halko, Martinsson & Tropp 2011), without a matrix of all dimensions squared."""
    rows: Any = ready.rows(_sample(ready, WIDE_SAMPLE_ROWS, rng))
    n_axes = DIM_STEP * round(share * WIDE_SHARE_AXES / DIM_STEP)
    axes = rng.standard_normal((rows.shape[1], min(n_axes, rows.shape[0]))).astype(np.float32)
    for _ in range(POWER_STEPS):
        axes = np.linalg.qr(rows.T @ (rows @ axes))[0]
    return np.ascontiguousarray(axes, dtype=np.float32)


def _sample(ready: Ready, n_rows: int, rng: np.random.Generator) -> NDArray[np.int64]:
    n = ready.space.n_items
    return np.sort(rng.choice(n, min(n, n_rows), replace=False))
