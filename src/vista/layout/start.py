"""Where the layout starts: the two main axes of the vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates, Representation, Vectors

SPARE_AXES = 10
POWER_STEPS = 6
BLOCK_LIMIT_BYTES = 32 << 20
FLAT = 1e-6  # an axis narrower than this share of the first holds no information
JITTER = 1e-2  # width that such an axis gets, as a share of the first

Axes = NDArray[np.float32]  # (dim, n_axes)


def pca_start(representation: Representation, *, seed: int = 0) -> Coordinates:
    """Project the vectors on their two main axes (randomized subspace iteration, Halko, Martinsson & Tropp 2011).

    Each axis points where its largest coefficient is positive. An axis along which the vectors do not differ is filled
    with a little seeded noise, so that a layout can start from it. The same input and seed give the same bytes.

    Args:
        representation: The items' vectors, dense or CSR; CSR rows are never densified.
        seed: Seed of the random axes that the iteration starts from, and of the noise.

    Returns:
        (n_items, 2) coordinates in the units of the vectors, centered.
    """
    rng = np.random.default_rng(seed)
    vectors = representation.vectors
    mean = np.asarray(vectors.mean(axis=0, dtype=np.float64), dtype=np.float32).ravel()
    axes = _main_axes(vectors, mean, rng)
    return _fill_flat_axes(_project(vectors, mean, axes), rng)


def _main_axes(vectors: Vectors, mean: NDArray[np.float32], rng: np.random.Generator) -> Axes:
    dim = vectors.shape[1]
    axes = _orthonormal(rng.standard_normal((dim, min(dim, 2 + SPARE_AXES))))
    for _ in range(POWER_STEPS):
        axes = _orthonormal(_back(vectors, mean, _project(vectors, mean, axes)))
    projected = _project(vectors, mean, axes).astype(np.float64)
    _, turn = np.linalg.eigh(projected.T @ projected)
    main = axes @ turn[:, ::-1][:, :2].astype(np.float32)
    largest = np.take_along_axis(main, np.abs(main).argmax(axis=0)[None, :], axis=0)
    return np.asarray(np.where(largest < 0, -main, main), dtype=np.float32)


def _orthonormal(axes: NDArray[Any]) -> Axes:
    return np.linalg.qr(axes.astype(np.float64))[0].astype(np.float32)


def _project(vectors: Vectors, mean: NDArray[np.float32], axes: Axes) -> NDArray[np.float32]:
    """Return (vectors − mean) · axes, (n_items, n_axes)."""
    if not isinstance(vectors, np.ndarray):
        return np.asarray(vectors @ axes - mean @ axes, dtype=np.float32)
    return np.concatenate([(block - mean) @ axes for block in _blocks(vectors)])


def _back(vectors: Vectors, mean: NDArray[np.float32], projected: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (vectors − mean)ᵀ · projected, (dim, n_axes)."""
    if not isinstance(vectors, np.ndarray):
        return np.asarray(vectors.T @ projected - np.outer(mean, projected.sum(axis=0)), dtype=np.float32)
    total = np.zeros((vectors.shape[1], projected.shape[1]), np.float32)
    done = 0
    for block in _blocks(vectors):
        total += (block - mean).T @ projected[done : done + len(block)]
        done += len(block)
    return total


def _blocks(vectors: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    n_rows = max(1, BLOCK_LIMIT_BYTES // (4 * max(1, vectors.shape[1])))
    return [vectors[start : start + n_rows] for start in range(0, len(vectors), n_rows)]


def _fill_flat_axes(projected: NDArray[np.float32], rng: np.random.Generator) -> Coordinates:
    coordinates = np.zeros((len(projected), 2), np.float32)
    coordinates[:, : projected.shape[1]] = projected
    width = coordinates.std(axis=0, dtype=np.float64)
    widest = width.max(initial=0.0)
    for axis in np.flatnonzero(width <= FLAT * widest):
        coordinates[:, axis] = rng.normal(scale=JITTER * (widest or 1.0), size=len(coordinates))
    return coordinates
