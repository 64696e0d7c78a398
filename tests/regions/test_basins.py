import numpy as np
import pytest

from vista.cartography.extent import extent_of
from vista.regions.basins import find_basins


def three_clumps() -> np.ndarray:
    rng = np.random.default_rng(0)
    centers = np.array([[0, 0], [10, 0], [0, 10]])
    return (np.repeat(centers, 200, axis=0) + rng.normal(size=(600, 2)) * 0.3).astype(np.float32)


def test_each_clump_is_a_basin_around_its_peak():
    coordinates = three_clumps()
    basins = find_basins(coordinates, extent_of(coordinates), 3)
    assert len(basins.peaks) == 3
    assert len({tuple(np.unique(part)) for part in np.split(basins.of_item, 3)}) == 3
    for part, items in zip(np.split(basins.of_item, 3), np.split(coordinates, 3), strict=True):
        assert basins.places[part[0]] == pytest.approx(items.mean(axis=0), abs=0.3)


def test_islands_border_on_each_other_at_no_height():
    coordinates = three_clumps()
    basins = find_basins(coordinates, extent_of(coordinates), 3)
    assert set(basins.borders.ravel()) == {0, 1, 2}
    assert (basins.passes < 1e-3 * basins.peaks.min()).all()


def test_touching_clumps_are_joined_by_a_pass_below_both_peaks():
    rng = np.random.default_rng(0)
    coordinates = (np.repeat([[0, 0], [4, 0]], 3000, axis=0) + rng.normal(size=(6000, 2))).astype(np.float32)
    basins = find_basins(coordinates, extent_of(coordinates), 2)
    assert (basins.passes > 0).any()
    for (one, other), height in zip(basins.borders, basins.passes, strict=True):
        assert height <= min(basins.peaks[one], basins.peaks[other])


def test_more_basins_are_found_when_more_are_wanted():
    coordinates = np.random.default_rng(0).normal(size=(3000, 2)).astype(np.float32)
    few, many = (find_basins(coordinates, extent_of(coordinates), wanted) for wanted in (20, 300))
    assert 20 <= len(few.peaks) < 300 <= len(many.peaks)
