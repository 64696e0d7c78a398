import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from vista.cartography.extent import CELLS_PER_TILE, MAX_LEVELS, Extent, cells_at, collage_depth, extent_of, tile_of

places = npst.arrays(np.float32, st.tuples(st.integers(1, 30), st.just(2)), elements=st.floats(-1e4, 1e4, width=32))


@given(places)
def test_the_extent_holds_every_item_and_survives_json(coordinates):
    extent = extent_of(coordinates)
    assert extent.size > 0
    assert (coordinates >= [extent.x0, extent.y0]).all()
    assert (coordinates <= [extent.x0 + extent.size, extent.y0 + extent.size]).all()
    assert Extent(**json.loads(json.dumps({"x0": extent.x0, "y0": extent.y0, "size": extent.size}))) == extent


def test_the_extent_is_a_centered_square_with_a_margin_of_four_percent():
    extent = extent_of(np.array([[0, 0], [100, 50]], np.float32))
    assert (extent.x0, extent.y0, extent.size) == (-4.0, -29.0, 108.0)


@pytest.mark.parametrize("place", [(0.0, 0.0), (3.5, -2.0), (1e6, 1e6)])
def test_items_in_one_place_get_a_square_of_size_one_around_it(place):
    extent = extent_of(np.array([place, place], np.float32))
    assert extent.size == 1.0
    assert extent.x0 + 0.5 == pytest.approx(place[0])


def test_cells_follow_the_format_and_the_far_border_belongs_to_the_last_cell():
    extent = Extent(0.0, 0.0, 1.0)
    columns, rows = cells_at(extent, np.array([[0, 0], [0.51, 0.26], [1, 1], [-3, 9]], np.float32), 1)
    assert columns.tolist() == [0, 8, 15, 0]
    assert rows.tolist() == [0, 4, 15, 15]
    tile_columns, tile_rows = tile_of(columns, rows)
    assert tile_columns.tolist() == [0, 1, 1, 0]
    assert tile_rows.tolist() == [0, 0, 1, 1]


@given(places, st.integers(0, MAX_LEVELS - 2))
def test_a_cell_lies_inside_one_cell_of_the_level_above(coordinates, level):
    extent = extent_of(coordinates)
    for coarse, fine in zip(cells_at(extent, coordinates, level), cells_at(extent, coordinates, level + 1), strict=True):
        assert (fine // 2 == coarse).all()
        assert (coarse < CELLS_PER_TILE << level).all()


def test_the_deepest_level_is_the_first_where_items_are_alone():
    on_a_grid = np.stack(np.meshgrid(np.arange(16), np.arange(16)), axis=-1).reshape(-1, 2).astype(np.float32)
    extent = Extent(-0.5, -0.5, 16.0)
    assert collage_depth(extent, on_a_grid) == (2, 1.0)
    assert collage_depth(extent, on_a_grid[:1]) == (1, 1.0)


def test_one_crowded_pair_in_a_hundred_does_not_ask_for_more_levels():
    coordinates = np.random.default_rng(0).permutation(64 * 64)[:100]
    places = np.stack([coordinates % 64, coordinates // 64], axis=1).astype(np.float32)
    places[0] = places[1]
    n_levels, alone_share = collage_depth(Extent(-0.5, -0.5, 64.0), places)
    assert n_levels <= 4
    assert 0.95 <= alone_share <= 0.98


def test_items_that_never_part_stop_at_the_last_level():
    assert collage_depth(Extent(0.0, 0.0, 1.0), np.full((9, 2), 0.5, np.float32)) == (MAX_LEVELS, 0.0)
