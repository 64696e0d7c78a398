"""A grid gives every item a cell of its own and keeps neighbors together."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from vista.errors import InputError
from vista.layout import GridAssignment, assign_grid


def scattered(n_items: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n_items, 2)).astype(np.float32)


def cells_of(grid: GridAssignment) -> np.ndarray:
    return grid.rows.astype(np.int64) * grid.n_columns + grid.columns


def kept_neighbors(coordinates: np.ndarray, cells: np.ndarray, k: int = 10) -> float:
    before, after = (cKDTree(places).query(places, k + 1)[1][:, 1:] for places in (coordinates, cells.astype(float)))
    return float(np.mean([len(np.intersect1d(a, b)) / k for a, b in zip(before, after, strict=True)]))


def halved(coordinates: np.ndarray, n_columns: int, n_rows: int) -> np.ndarray:
    """Give cells by halving the items along the longer side of the cells they share, again and again."""
    cells = np.empty((len(coordinates), 2), dtype=int)

    def halve(rows: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        size = high - low
        if size.prod() == 1:
            cells[rows] = low
            return
        axis = int(size[1] > size[0])
        middle = low[axis] + size[axis] // 2
        first = len(rows) * (middle - low[axis]) // size[axis]
        ordered = rows[np.argsort(coordinates[rows, axis], kind="stable")]
        upper, lower = high.copy(), low.copy()
        upper[axis] = lower[axis] = middle
        halve(ordered[:first], low, upper)
        halve(ordered[first:], lower, high)

    halve(np.arange(len(coordinates)), np.array([0, 0]), np.array([n_columns, n_rows]))
    return cells


@pytest.mark.parametrize("aspect", [0.3, 1.0, 16 / 9])
def test_every_number_of_items_fills_distinct_cells_in_full_rows(aspect: float) -> None:
    for n_items in range(1, 51):
        grid = assign_grid(scattered(n_items), aspect=aspect)
        assert sorted(cells_of(grid)) == list(range(n_items))
        assert grid.columns.max() < grid.n_columns
        assert grid.rows.max() == grid.n_rows - 1
        assert grid.columns.dtype == grid.rows.dtype == np.int32


@pytest.mark.parametrize("aspect", [0.1, 0.5, 1.0, 1.6, 10.0])
def test_the_grid_comes_near_the_aspect_that_is_asked_for(aspect: float) -> None:
    grid = assign_grid(scattered(3000), aspect=aspect)
    assert grid.n_columns / grid.n_rows == pytest.approx(aspect, rel=0.12)


def test_an_extreme_aspect_makes_one_row_or_one_column() -> None:
    flat, tall = (assign_grid(scattered(20), aspect=aspect) for aspect in (1e9, 1e-9))
    assert (flat.n_columns, flat.n_rows) == (20, 1)
    assert (tall.n_columns, tall.n_rows) == (1, 20)


def test_one_row_is_in_the_order_of_x() -> None:
    coordinates = scattered(30)
    assert np.array_equal(np.argsort(assign_grid(coordinates, aspect=1e9).columns), np.argsort(coordinates[:, 0]))


def test_what_lies_on_a_grid_already_stays_where_it_is() -> None:
    rows, columns = np.divmod(np.arange(12 * 9), 12)
    shuffled = np.random.default_rng(0).permutation(12 * 9)
    coordinates = np.stack([columns * 3.0, rows * 0.5], axis=1).astype(np.float32)[shuffled]
    grid = assign_grid(coordinates, aspect=12 / 9)
    assert np.array_equal(grid.columns, columns[shuffled])
    assert np.array_equal(grid.rows, rows[shuffled])


def test_left_stays_left_and_the_top_stays_on_top() -> None:
    coordinates = scattered(900)
    grid = assign_grid(coordinates)
    assert np.corrcoef(coordinates[:, 0], grid.columns)[0, 1] > 0.9
    assert np.corrcoef(coordinates[:, 1], grid.rows)[0, 1] > 0.9


def test_the_moves_are_within_two_percent_of_the_exact_assignment() -> None:
    coordinates = scattered(400)
    grid = assign_grid(coordinates)
    even = np.argsort(np.argsort(coordinates, axis=0), axis=0) / 399 * [grid.n_columns - 1, grid.n_rows - 1]
    rows, columns = np.divmod(np.arange(400), grid.n_columns)
    squares = ((even[:, None] - np.stack([columns, rows], axis=1)) ** 2).sum(axis=-1)
    assert squares[np.arange(400), cells_of(grid)].sum() <= 1.02 * squares[linear_sum_assignment(squares)].sum()


@pytest.mark.parametrize("seed", range(3))
def test_it_keeps_more_neighbors_than_halving_the_items(seed: int) -> None:
    rng = np.random.default_rng(seed)
    coordinates = (rng.normal(size=(12, 2)) * 3)[rng.integers(12, size=900)] + rng.normal(size=(900, 2))
    grid = assign_grid(coordinates.astype(np.float32))
    assert (grid.n_columns, grid.n_rows) == (30, 30)
    ours, theirs = np.stack([grid.columns, grid.rows], axis=1), halved(coordinates, 30, 30)
    for k in (10, 50):
        assert kept_neighbors(coordinates, ours, k) > kept_neighbors(coordinates, theirs, k) + 0.01


@pytest.mark.parametrize("spots", [1, 3])
def test_items_on_the_same_spot_get_cells_of_their_own(spots: int) -> None:
    coordinates = scattered(spots)[np.arange(200) % spots]
    assert len(np.unique(cells_of(assign_grid(coordinates)))) == 200


def test_a_far_outlier_does_not_squeeze_the_others() -> None:
    coordinates = scattered(400)
    apart = np.concatenate([coordinates, [[1e6, 1e6]]]).astype(np.float32)
    grid = assign_grid(apart)
    assert kept_neighbors(coordinates, np.stack([grid.columns, grid.rows], axis=1)[:400]) > 0.5


def test_the_same_seed_gives_the_same_cells_for_any_number_of_threads() -> None:
    script = (
        "import numpy as np, hashlib; from vista.layout import assign_grid; "
        "grid = assign_grid(np.random.default_rng(0).normal(size=(3000, 2)), seed=3); "
        "print(hashlib.sha256(grid.columns.tobytes() + grid.rows.tobytes()).hexdigest())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", script], env=os.environ | {"OMP_NUM_THREADS": threads}, capture_output=True, text=True, check=True
        ).stdout
        for threads in ("1", "2", "4")
    }
    assert len(hashes) == 1


@pytest.mark.parametrize("aspect", [0.0, -1.0, float("nan"), float("inf")])
def test_an_aspect_that_is_no_positive_number_is_refused(aspect: float) -> None:
    with pytest.raises(InputError, match="aspect must be a number above 0"):
        assign_grid(scattered(5), aspect=aspect)


def test_coordinates_that_are_not_finite_are_refused_by_their_row() -> None:
    coordinates = scattered(5)
    coordinates[3, 1] = np.nan
    with pytest.raises(InputError, match="row 3"):
        assign_grid(coordinates)


@pytest.mark.parametrize("shape", [(0, 2), (4, 3), (4,)])
def test_coordinates_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="shape"):
        assign_grid(np.zeros(shape, dtype=np.float32))


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(InputError, match="seed"):
        assign_grid(scattered(5), seed=-1)
