import numpy as np
import pytest

from vista.cartography.extent import extent_of, grid_cells
from vista.cartography.order import drawing_order


def clumps(n: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    return (rng.normal(size=(7, 2))[rng.integers(0, 7, n)] * 5 + rng.normal(size=(n, 2))).astype(np.float32)


@pytest.mark.parametrize("n", [1, 2, 1000])
def test_every_item_is_drawn_once(n):
    coordinates = clumps(n)
    assert sorted(drawing_order(coordinates, extent_of(coordinates))) == list(range(n))


def test_every_prefix_holds_each_part_of_the_map_in_proportion():
    coordinates = clumps(5000)
    extent = extent_of(coordinates)
    columns, rows = grid_cells(extent, coordinates, 32)
    cells = rows * 32 + columns
    order = drawing_order(coordinates, extent, seed=3)
    for length in (100, 700, 2500):
        expected = np.bincount(cells, minlength=1024) * length / 5000
        drawn = np.bincount(cells[order[:length]], minlength=1024)
        assert np.abs(drawn - expected).max() < 2.5


def test_the_seed_alone_decides_the_order():
    coordinates = clumps(500)
    extent = extent_of(coordinates)
    first = drawing_order(coordinates, extent, seed=0)
    assert (first == drawing_order(coordinates, extent, seed=0)).all()
    assert (first != drawing_order(coordinates, extent, seed=1)).any()
