import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from vista.cartography.extent import Extent, extent_of, grid_cells
from vista.cartography.tiles import DEEPEST_LEVEL, Tiling, tile_points


def clumps(n_items: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(9, 2))[rng.integers(0, 9, n_items)] * 5 + rng.normal(size=(n_items, 2)) * 0.2).astype(np.float32)


def rows_of(tiling: Tiling, tile: int) -> np.ndarray:
    """Return the items of a tile, in the order in which they are drawn."""
    start = tiling.starts[tile]
    return tiling.order[start : start + tiling.counts[tile]]


def lies_in(tiling: Tiling, extent: Extent, coordinates: np.ndarray, tile: int) -> np.ndarray:
    """Tell which items lie within a tile, by the arithmetic of the map's tiles."""
    columns, rows = grid_cells(extent, coordinates, 1 << int(tiling.levels[tile]))
    return (columns == tiling.columns[tile]) & (rows == tiling.rows[tile])


def read_back(tiling: Tiling, extent: Extent) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates that a viewer reads, in drawing order, and how large a step of each is."""
    tile_size = extent.size / 2.0 ** np.repeat(tiling.levels, tiling.counts)
    tiles = np.repeat(np.stack([tiling.columns, tiling.rows], axis=1), tiling.counts, axis=0)
    corners = np.array([extent.x0, extent.y0]) + tiles * tile_size[:, None]
    return corners + (tiling.places + 0.5) / 65536 * tile_size[:, None], tile_size / 65536


def check(coordinates: np.ndarray, *, tile_items: int, seed: int = 0) -> Tiling:
    """Tile the items and check everything that the format promises of any map."""
    extent = extent_of(coordinates)
    tiling = tile_points(coordinates, extent, seed=seed, tile_items=tile_items)
    assert sorted(tiling.order.tolist()) == list(range(len(coordinates)))
    assert tiling.counts.sum() == tiling.totals[0] == len(coordinates)
    assert (tiling.counts > 0).all()
    is_deepest = tiling.levels == DEEPEST_LEVEL
    assert (tiling.counts[~is_deepest] <= tile_items).all()
    number = {key: tile for tile, key in enumerate(zip(tiling.levels.tolist(), tiling.columns.tolist(), tiling.rows.tolist(), strict=True))}
    for (level, column, row), tile in number.items():
        children = [number.get((level + 1, 2 * column + right, 2 * row + down)) for down in (0, 1) for right in (0, 1)]
        below = sum(int(tiling.totals[child]) for child in children if child is not None)
        assert tiling.totals[tile] == tiling.counts[tile] + below
        assert lies_in(tiling, extent, coordinates, tile)[rows_of(tiling, tile)].all()
        if below:
            assert tiling.counts[tile] == tile_items
        if level:
            assert (level - 1, column // 2, row // 2) in number
    places, step = read_back(tiling, extent)
    assert (np.abs(places - coordinates[tiling.order]) <= 0.5001 * step[:, None] + 1e-6 * extent.size / 2**20).all()
    return tiling


@pytest.mark.parametrize("n_items", [1, 2, 15, 16, 17, 3000])
def test_every_item_is_in_one_tile_at_its_own_place(n_items: int) -> None:
    check(clumps(n_items), tile_items=16)


@settings(max_examples=40)
@given(npst.arrays(np.float32, st.tuples(st.integers(1, 60), st.just(2)), elements=st.floats(-100, 100, width=32)), st.integers(1, 9))
def test_any_layout_is_tiled(coordinates: np.ndarray, tile_items: int) -> None:
    check(coordinates, tile_items=tile_items)


def test_an_item_on_the_border_of_two_tiles_is_where_its_cell_is() -> None:
    check(np.array([[99, 0], [0, 0]], np.float32), tile_items=1)


def test_a_map_without_items_is_an_empty_root() -> None:
    tiling = tile_points(np.zeros((0, 2), np.float32), Extent(0, 0, 1))
    assert (tiling.levels.tolist(), tiling.counts.tolist(), tiling.totals.tolist()) == ([0], [0], [0])
    assert tiling.order.shape == (0,)
    assert tiling.places.shape == (0, 2)


def test_items_in_one_place_end_in_the_deepest_tile() -> None:
    coordinates = np.concatenate([np.full((500, 2), 0.3), [[-1.0, -1.0], [1.0, 1.0]]]).astype(np.float32)
    tiling = check(coordinates, tile_items=4)
    assert tiling.levels.max() == DEEPEST_LEVEL
    assert 500 - 4 * DEEPEST_LEVEL <= tiling.counts[-1] <= 502 - 4 * DEEPEST_LEVEL


def test_tiles_come_level_by_level_along_the_morton_curve() -> None:
    tiling = check(clumps(4000), tile_items=32)
    assert (np.diff(tiling.levels) >= 0).all()
    for level in range(int(tiling.levels.max()) + 1):
        on_level = tiling.levels == level
        codes = [
            sum(((x >> bit) & 1) << (2 * bit) | ((y >> bit) & 1) << (2 * bit + 1) for bit in range(level))
            for x, y in zip(tiling.columns[on_level].tolist(), tiling.rows[on_level].tolist(), strict=True)
        ]
        assert codes == sorted(set(codes))


def test_a_prefix_of_a_tile_is_a_fair_sample_of_what_lies_below() -> None:
    coordinates = clumps(20_000)
    extent = extent_of(coordinates)
    tiling = tile_points(coordinates, extent, tile_items=2_000)
    columns, rows = grid_cells(extent, coordinates, 4)
    cells = rows * 4 + columns
    for length in (300, 2_000):
        drawn = np.bincount(cells[tiling.order[:length]], minlength=16)
        expected = np.bincount(cells, minlength=16) * length / len(coordinates)
        assert (np.abs(drawn - expected) <= 4.5 * np.sqrt(expected + 1)).all()


def test_the_rows_of_the_source_say_nothing_of_the_order() -> None:
    coordinates = clumps(20_000)
    drawn = tile_points(coordinates, extent_of(coordinates), tile_items=2_000).order[:2_000]
    assert abs(drawn.mean() / 10_000 - 1) < 0.06


def test_the_seed_alone_decides_the_order() -> None:
    coordinates = clumps(3000)
    extent = extent_of(coordinates)
    first, again, other = (tile_points(coordinates, extent, seed=seed, tile_items=50).order for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()
