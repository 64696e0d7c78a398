"""The medoid of each group of items: the member with the smallest mean squared distance to the others.

The mean squared distance from item x to the m − 1 other members of its group needs only the sum S of the group's rows:

    cosine      1 − (x·S − x·x) / (m − 1)                     half the squared chord between unit vectors
    euclidean   (m |x|² − 2 x·S + Σ |y|²) / (m − 1)

so that all groups together cost one pass over the vectors, and no pair of items is ever compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.metrics.space import MetricSpace

_BLOCK_ROWS = 4096
_TIE = 1e-12  # differences below this share of the terms are rounding


@dataclass(frozen=True, slots=True, eq=False)
class Medoids:
    """One medoid a group, in the order of the groups' codes.

    Attributes:
        codes: (n_groups,) int64, ascending.
        items: (n_groups,) int64, the medoid of each group; ties go to the lower item.
        counts: (n_groups,) int64 members.
        spreads: (n_groups,) float32, mean distance from the medoid to the other members; 0 when alone.
    """

    codes: NDArray[np.int64]
    items: NDArray[np.int64]
    counts: NDArray[np.int64]
    spreads: NDArray[np.float32]


def group_medoids(space: MetricSpace, codes: NDArray[np.int64]) -> Medoids:
    """Find the medoid of every group.

    The memory above the vectors is a block of rows where they are dense, and some numbers an item where they are sparse.

    Args:
        space: The representation under its metric; the term of the latent metric is left aside.
        codes: (n_items,) the group of each item.
    """
    members = np.argsort(codes, kind="stable")  # within a group, members are in item order
    starts = np.flatnonzero(np.diff(codes[members], prepend=codes.min(initial=0) - 1))
    counts = np.diff(starts, append=len(members))
    items, spreads = members[starts], np.zeros(len(starts), dtype=np.float32)
    for chosen in _blocks(space, counts):
        items[chosen], spreads[chosen] = _medoids(space, members, starts[chosen], counts[chosen])
    return Medoids(codes[members[starts]], items.astype(np.int64), counts.astype(np.int64), spreads)


def _blocks(space: MetricSpace, counts: NDArray[np.integer]) -> Iterator[NDArray[np.integer]]:
    """Cut the groups with company into blocks: all in one of sparse rows, few where rows are copied, and there a crowd alone."""
    if not isinstance(space.vectors, np.ndarray):
        if (counts > 1).any():
            yield np.flatnonzero(counts > 1)
        return
    for group in np.flatnonzero(counts > _BLOCK_ROWS):
        yield np.array([group])
    small = np.flatnonzero((counts > 1) & (counts <= _BLOCK_ROWS))
    if small.size:
        block = np.cumsum(counts[small]) // _BLOCK_ROWS
        yield from np.split(small, np.flatnonzero(np.diff(block)) + 1)


def _medoids(
    space: MetricSpace, members: NDArray[np.integer], starts: NDArray[np.integer], counts: NDArray[np.integer]
) -> tuple[NDArray[np.integer], NDArray[np.float32]]:
    """Return the medoid of each group, and the mean distance of the others to it."""
    offsets = np.concatenate(([0], np.cumsum(counts)[:-1]))
    group = np.repeat(np.arange(len(counts)), counts)
    items = members[np.arange(len(group)) - offsets[group] + starts[group]]  # the members, one group after another
    products, own = _products(space, items, offsets, counts)
    if space.metric != "euclidean":
        cost, rounding = own - products, np.full(len(items), _TIE) * counts[group]
    else:
        cost = counts[group] * own - 2 * products
        rounding = _TIE * np.maximum.reduceat(counts[group] * own, offsets)[group]
    least = np.minimum.reduceat(cost, offsets)
    is_least = cost <= least[group] + rounding
    is_least |= counts[group] == 2  # two items are equally far from each other, whatever rounding says
    places = np.minimum.reduceat(np.where(is_least, np.arange(len(items)), len(items)), offsets)
    if space.metric != "euclidean":
        spreads = 1.0 - (products[places] - own[places]) / (counts - 1)
    else:
        spreads = _euclidean_spreads(space, items, items[places], offsets, counts)
    return items[places], np.maximum(spreads, 0.0).astype(np.float32)


def _products(
    space: MetricSpace, items: NDArray[np.integer], offsets: NDArray[np.integer], counts: NDArray[np.integer]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x·S and x·x for every item x of the groups, S being the sum of the rows of its group.

    Both take rows as `space.rows` rounds them, so that subtracting x·x from x·S leaves the other items alone.
    """
    if not isinstance(space.vectors, np.ndarray):
        return _sparse_products(space, items, offsets)
    own = space.squared_norms[items] if space.metric == "euclidean" else _own_products(space, items)
    if len(counts) == 1:
        return _crowd_products(space, items), own
    rows = space.rows(items).astype(np.float64)
    sums = np.add.reduceat(rows, offsets, axis=0)
    return np.asarray(np.einsum("ij,ij->i", rows, np.repeat(sums, counts, axis=0))), own


def _sparse_products(
    space: MetricSpace, items: NDArray[np.integer], offsets: NDArray[np.integer]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from vista.kernels.sparse import multiply_with_sums
    from vista.kernels.threads import over_rows

    starts = np.append(offsets, len(items)).astype(np.int64)
    with_sums, with_own = np.empty(len(items)), np.empty(len(items))
    matrix: Any = space.vectors
    rows = matrix.data, matrix.indices, matrix.indptr, space.scales.astype(np.float32), items.astype(np.int64), starts

    def multiply(start: int, stop: int) -> None:
        multiply_with_sums(*rows, np.zeros(matrix.shape[1]), with_sums, with_own, start, stop)

    over_rows(len(offsets), multiply)
    return with_sums, with_own


def _crowd_products(space: MetricSpace, items: NDArray[np.integer]) -> NDArray[np.float64]:
    parts = [items[start : start + _BLOCK_ROWS] for start in range(0, len(items), _BLOCK_ROWS)]
    total = np.zeros(space.vectors.shape[1])
    for part in parts:
        total += space.rows(part).sum(axis=0, dtype=np.float64)
    return np.concatenate([space.rows(part).astype(np.float64) @ total for part in parts])


def _own_products(space: MetricSpace, items: NDArray[np.integer]) -> NDArray[np.float64]:
    blocks = (space.rows(items[start : start + _BLOCK_ROWS]).astype(np.float64) for start in range(0, len(items), _BLOCK_ROWS))
    return np.concatenate([np.einsum("ij,ij->i", rows, rows) for rows in blocks])


def _euclidean_spreads(
    space: MetricSpace, items: NDArray[np.integer], chosen: NDArray[np.integer], offsets: NDArray[np.integer], counts: NDArray[np.integer]
) -> NDArray[np.float64]:
    distances = np.empty(len(items))
    partners = np.repeat(chosen, counts)
    for start in range(0, len(items), _BLOCK_ROWS):
        part = slice(start, start + _BLOCK_ROWS)
        apart: Any = space.rows(items[part]).astype(np.float64) - space.rows(partners[part]).astype(np.float64)
        distances[part] = (
            np.sqrt(np.einsum("ij,ij->i", apart, apart))
            if isinstance(apart, np.ndarray)
            else np.sqrt(np.asarray(apart.multiply(apart).sum(axis=1)).ravel())
        )
    return np.asarray(np.add.reduceat(distances, offsets) / (counts - 1))
