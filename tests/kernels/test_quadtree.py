"""Filling the tiles of a quadtree, beside the slow twin."""

import numpy as np
import pytest

from vista.kernels import quadtree, reference


@pytest.mark.parametrize(("n_items", "capacity", "n_levels"), [(0, 3, 4), (1, 1, 4), (500, 7, 4), (500, 1, 2), (64, 100, 4)])
def test_fill_tiles(n_items: int, capacity: int, n_levels: int) -> None:
    rng = np.random.default_rng(3)
    columns, rows = rng.integers(0, 1 << n_levels, (2, n_items)).astype(np.uint32)
    most = 1 + 4 * (n_items // capacity)
    tile_of, children = np.empty(n_items, np.int32), np.full((most, 4), -1, np.int32)
    counts, levels, tile_columns, tile_rows = (np.zeros(most, np.int64) for _ in range(4))

    n_tiles = quadtree.fill_tiles(columns, rows, n_levels, capacity, tile_of, children, counts, levels, tile_columns, tile_rows)

    found = np.stack([levels[tile_of], tile_columns[tile_of], tile_rows[tile_of]], axis=1)
    expected = reference.fill_tiles(columns, rows, n_levels, capacity)
    np.testing.assert_array_equal(found, expected)
    assert counts[:n_tiles].tolist() == np.bincount(tile_of, minlength=n_tiles).tolist()
    assert n_tiles == max(1, len(np.unique(expected, axis=0)))
