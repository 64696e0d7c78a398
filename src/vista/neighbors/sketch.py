"""Sketches: rows in fewer dimensions, whose inner products are nearly those of the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.neighbors.rows import Ready

SAMPLE_ROWS = 10_000
BLOCK_ROWS = 4096
DIM_STEP = 32  # sketches are as wide as a multiple of this

Axes = NDArray[np.float32]  # (dim, n_axes)


def sketch_rows(ready: Ready, share: float, *, rng: np.random.Generator) -> NDArray[np.float32] | None:
    """Project all rows on their main axes, or return None where the rows themselves are as narrow.

    The axes are those of the second moments of a sample of rows, uncentered, which keep inner products best.

    Args:
        ready: The rows.
        share: How much of the squared norm the axes shall keep, in (0, 1]; for CSR rows, which have no full sketch,
            `share` of `SPARSE_AXES` axes.
        rng: Draws the sample.
    """
    from vista.kernels.threads import over_chunks

    n = ready.space.n_items
    sample = np.sort(rng.choice(n, min(n, SAMPLE_ROWS), replace=False))
    axes = _dense_axes(ready, sample, share)
    if axes is None:
        return None
    sketch = np.empty((n, axes.shape[1]), np.float32)

    def project(start: int, stop: int) -> None:
        sketch[start:stop] = ready.rows(slice(start, stop)) @ axes

    over_chunks(n, BLOCK_ROWS, project)
    return sketch


def _dense_axes(ready: Ready, sample: NDArray[np.int64], share: float) -> Axes | None:
    from vista.kernels.threads import over_chunks

    def moments(start: int, stop: int) -> NDArray[np.float32]:
        rows: Any = ready.rows(sample[start:stop])
        return np.asarray(rows.T @ rows)

    values, axes = np.linalg.eigh(sum(over_chunks(len(sample), BLOCK_ROWS // 4, moments)))
    kept = np.cumsum(values[::-1]) / max(values.sum(), np.finfo(np.float32).tiny)
    width = DIM_STEP * -(-(int(np.searchsorted(kept, share)) + 1) // DIM_STEP)
    return None if width >= len(values) else np.ascontiguousarray(axes[:, ::-1][:, :width])
