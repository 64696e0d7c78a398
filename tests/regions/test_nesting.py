import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.spatial import cKDTree

from vista.artifacts import Layout, Regions
from vista.regions import find_regions, items_at


def islands(n_items: int, n_islands: int = 40, spread: float = 0.3) -> np.ndarray:
    rng = np.random.default_rng(2)
    centers = rng.normal(size=(n_islands, 2)) * 4
    return (centers[rng.integers(0, n_islands, n_items)] + rng.normal(size=(n_items, 2)) * spread).astype(np.float32)


def regions_of(coordinates: np.ndarray) -> Regions:
    return find_regions(Layout(coordinates, "test"))


def sizes(regions: Regions, level: int) -> np.ndarray:
    return np.bincount(regions.membership[:, level], minlength=len(regions.parents[level]))


@pytest.mark.parametrize("n_items", [1, 2, 3, 11])
def test_a_handful_of_items_is_one_region(n_items):
    regions = regions_of(islands(n_items))
    assert (regions.membership == 0).all()
    assert [parents.tolist() for parents in regions.parents] == [[-1]]


def test_items_in_one_place_are_one_region_anchored_there():
    regions = regions_of(np.full((500, 2), 3.0, np.float32))
    assert regions.membership.shape == (500, 1)
    assert regions.anchors[0].tolist() == [[3.0, 3.0]]


@pytest.mark.parametrize(("n_items", "low", "high"), [(1644, (8, 35, 150), (12, 60, 200)), (6000, (8, 30, 100), (12, 60, 200))])
def test_levels_go_from_about_ten_to_many(n_items, low, high):
    counts = [len(parents) for parents in regions_of(islands(n_items, 300)).parents]
    assert len(counts) >= 3
    assert all(least <= count <= most for least, count, most in zip(low, counts, high, strict=False))


def test_a_line_of_items_has_regions_too():
    line = np.stack([np.linspace(0, 1, 400), np.zeros(400)], axis=1).astype(np.float32)
    regions = regions_of(line)
    assert len(regions.parents[0]) > 3
    for region in range(len(regions.parents[0])):
        members = np.flatnonzero(regions.membership[:, 0] == region)
        assert np.ptp(members) == len(members) - 1


layouts = npst.arrays(np.float32, st.tuples(st.integers(1, 120), st.just(2)), elements=st.floats(-50, 50, width=16))


@settings(max_examples=40)
@given(layouts)
def test_regions_nest_are_full_and_are_numbered_by_size(coordinates):
    regions = regions_of(coordinates)
    for level, (parents, anchors) in enumerate(zip(regions.parents, regions.anchors, strict=True)):
        counts = sizes(regions, level)
        assert (counts > 0).all()
        assert (np.diff(counts) <= 0).all()
        above = regions.membership[:, level - 1] if level else np.full(len(coordinates), -1)
        assert (parents[regions.membership[:, level]] == above).all()
        for region, anchor in enumerate(anchors):
            assert (coordinates[regions.membership[:, level] == region] == anchor).all(axis=1).any()
    counts_by_level = [len(parents) for parents in regions.parents]
    assert sorted(set(counts_by_level)) == counts_by_level


def test_far_islands_keep_their_own_regions():
    rng = np.random.default_rng(0)
    island = np.repeat(np.arange(6), 100)
    centers = 100 * np.array([[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1]])
    coordinates = (centers[island] + rng.normal(size=(600, 2))).astype(np.float32)
    regions = regions_of(coordinates)
    for region in range(len(regions.parents[0])):
        assert len(set(island[regions.membership[:, 0] == region])) == 1


def test_regions_are_contiguous_on_the_map():
    coordinates = islands(3000, 60, 0.8)
    regions = regions_of(coordinates)
    _, nearest = cKDTree(coordinates).query(coordinates, k=2)
    together = regions.membership[:, 0] == regions.membership[nearest[:, 1], 0]
    assert together.mean() > 0.97


def test_no_region_is_a_splinter_of_its_level():
    regions = regions_of(islands(3000))
    for level in range(regions.n_levels):
        assert sizes(regions, level).min() >= max(3, 0.1 * 3000 / len(regions.parents[level]))


def test_an_anchor_is_where_the_region_is_dense():
    coordinates = islands(3000, 8, 0.4)
    regions = regions_of(coordinates)
    distances, _ = cKDTree(coordinates).query(coordinates, k=20)
    anchor_rows = cKDTree(coordinates).query(regions.anchors[0])[1]
    for region, row in enumerate(anchor_rows):
        members = regions.membership[:, 0] == region
        assert distances[row, -1] <= np.median(distances[members, -1])


def test_the_same_map_gives_the_same_regions():
    first, second = regions_of(islands(2000)), regions_of(islands(2000))
    assert first.membership.tobytes() == second.membership.tobytes()
    assert all((one == other).all() for one, other in zip(first.anchors, second.anchors, strict=True))


def test_regions_of_a_fair_sample_hold_all_items_where_these_lie():
    coordinates = islands(9000)
    sample = np.sort(np.random.default_rng(0).choice(9000, 3000, replace=False))
    regions = find_regions(Layout(coordinates, "test"), sample=sample)
    for level, parents in enumerate(regions.parents):
        assert regions.membership[:, level].max() < len(parents)
        assert sizes(regions, level).min() > 0
        if level:
            assert (parents[regions.membership[:, level]] == regions.membership[:, level - 1]).all()
    nearest = sample[cKDTree(coordinates[sample]).query(coordinates)[1]]
    assert (regions.membership[:, -1] == regions.membership[nearest, -1]).mean() > 0.9


def test_a_sample_of_all_items_changes_nothing():
    coordinates = islands(2000)
    whole, sampled = regions_of(coordinates), find_regions(Layout(coordinates, "test"), sample=np.arange(2000))
    assert (whole.membership == sampled.membership).all()
    for one, other in zip(whole.anchors, sampled.anchors, strict=True):
        assert (one == other).all()


def test_items_at_anchors_are_those_that_lie_there():
    coordinates = islands(2000)
    coordinates[7] = coordinates[3]
    regions = regions_of(coordinates)
    anchors = np.concatenate([*regions.anchors, coordinates[[7]]])
    items = items_at(anchors, coordinates)
    assert (coordinates[items] == anchors).all()
    assert items[-1] == 3
