"""Where the layout starts: the two main axes of the vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates, Representation, Vectors
from vista.execution.seeds import check_seed

SPARE_AXES = 10
POWER_STEPS = 6
SAMPLED_ITEMS = 10_000
BLOCK_ROWS = 2_048
FLAT = 1e-6  # an axis narrower than this share of the first holds no information
JITTER = 1e-2  # width that such an axis gets, as a share of the first

Axes = NDArray[np.float32]  # (dim, n_axes)


def pca_start(representation: Representation, *, seed: int = 0) -> Coordinates:
    """Project the vectors on their two main axes (randomized subspace iteration, Halko, Martinsson & Tropp 2011).

    The axes are those of a seeded random sample of 10 000 items where there are more. Each axis points where its largest
    coefficient is positive. An axis along which the vectors do not differ is filled with a little seeded noise, so that
    a layout can start from it. The same input and seed give the same bytes.

    Args:
        representation: The items' vectors, dense or CSR; CSR rows are never densified.
        seed: Seed of the sample, of the random axes that the iteration starts from, and of the noise.

    Returns:
        (n_items, 2) coordinates in the units of the vectors, centered.

    Raises:
        InputError: If the seed is out of range.
    """
    from vista.kernels.threads import one_blas_thread

    check_seed(seed)
    rng = np.random.default_rng(seed)
    vectors = representation.vectors
    with one_blas_thread():
        projected = _project(vectors, _main_axes(_sample(vectors, rng), rng))
    projected -= projected.mean(axis=0, dtype=np.float64)
    return _fill_flat_axes(projected.astype(np.float32), rng)


def _sample(vectors: Vectors, rng: np.random.Generator) -> Vectors:
    """Return rows to find the axes on, dense ones centered and as float32."""
    n = vectors.shape[0]
    rows = vectors[np.sort(rng.permutation(n)[:SAMPLED_ITEMS])] if n > SAMPLED_ITEMS else vectors
    return (rows - rows.mean(axis=0, dtype=np.float64)).astype(np.float32) if isinstance(rows, np.ndarray) else rows


def _main_axes(sample: Vectors, rng: np.random.Generator) -> Axes:
    """Return the two main axes of the sample, (dim, 2) or fewer columns."""
    dim = sample.shape[1]
    mean = np.asarray(sample.mean(axis=0, dtype=np.float64), dtype=np.float32).ravel()
    axes = _orthonormal(rng.standard_normal((dim, min(dim, 2 + SPARE_AXES))))
    for _ in range(POWER_STEPS):
        seen = np.asarray(sample @ axes - mean @ axes, dtype=np.float32)
        axes = _orthonormal(np.asarray(sample.T @ seen - np.outer(mean, seen.sum(axis=0))))
    seen = np.asarray(sample @ axes - mean @ axes, dtype=np.float64)
    _, turn = np.linalg.eigh(seen.T @ seen)
    main = axes @ turn[:, ::-1][:, :2].astype(np.float32)
    largest = np.take_along_axis(main, np.abs(main).argmax(axis=0)[None, :], axis=0)
    return np.asarray(np.where(largest < 0, -main, main), dtype=np.float32)


def _orthonormal(axes: NDArray[Any]) -> Axes:
    return np.linalg.qr(axes.astype(np.float64))[0].astype(np.float32)


def _project(vectors: Vectors, axes: Axes) -> NDArray[np.float64]:
    """Return vectors · axes, (n_items, n_axes), dense rows in blocks that do not depend on the number of threads."""
    from vista.kernels.threads import over_chunks

    if not isinstance(vectors, np.ndarray):
        return np.asarray(vectors @ axes, dtype=np.float64)
    if not len(vectors):
        return np.zeros((0, axes.shape[1]))
    origin = vectors[0].astype(np.float32)  # any item; so that vectors far from 0 keep their digits
    blocks = over_chunks(len(vectors), BLOCK_ROWS, lambda a, b: ((vectors[a:b] - origin) @ axes).astype(np.float64))
    return np.concatenate(blocks)


def _fill_flat_axes(projected: NDArray[np.float32], rng: np.random.Generator) -> Coordinates:
    coordinates = np.zeros((len(projected), 2), np.float32)
    coordinates[:, : projected.shape[1]] = projected
    width = coordinates.std(axis=0, dtype=np.float64)
    widest = width.max(initial=0.0)
    for axis in np.flatnonzero(width <= FLAT * widest):
        coordinates[:, axis] = rng.normal(scale=JITTER * (widest or 1.0), size=len(coordinates))
    return coordinates
