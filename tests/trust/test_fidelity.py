"""Fidelity equals a brute-force version that shares no code with it, and keeps what its definition promises."""

import json

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness

from vista.artifacts import Layout, Representation
from vista.errors import InputError
from vista.metrics import LatentMetric
from vista.trust import measure_fidelity

PERCENTAGES = (0.5, 1, 2, 5, 10, 20, 50)


def representation(vectors):
    return Representation(vectors if sp.issparse(vectors) else np.asarray(vectors, np.float32), "given", "none")


def layout(coordinates):
    return Layout(np.asarray(coordinates, np.float32), "given")


def brute_orders(vectors, metric):
    """Return the other rows of every row, near to far, by plain float64 distances, equal ones by row."""
    wide = np.asarray(vectors, np.float32).astype(np.float64)
    if metric == "euclidean":
        distances = np.stack([np.sqrt(((wide - row) ** 2).sum(axis=1)) for row in wide])
    elif (wide == np.rint(wide)).all():
        distances = whole_number_cosines(wide)
    else:
        unit = wide / np.linalg.norm(wide, axis=1)[:, None]
        distances = 1 - unit @ unit.T
    order = np.lexsort((np.broadcast_to(np.arange(len(wide)), distances.shape), distances), axis=1)
    return np.array([row[row != i] for i, row in enumerate(order)])


def whole_number_cosines(wide):
    """Return what orders the others as cosine distance does, and exactly: −cos |cos| times the row's own squared norm.

    Sums of small whole numbers have no rounding error, and one division of them rounds equal quotients equally.
    """
    products, norms = wide @ wide.T, (wide**2).sum(axis=1)
    return -products * np.abs(products) / np.where(norms > 0, norms, 1)


def is_among_first(orders, k):
    """Return an (n, n) table: whether the column is among the first k others of the row."""
    n = len(orders)
    return np.stack([np.isin(np.arange(n), order[:k]) for order in orders])


def ranks_in(orders):
    """Return an (n, n) table of ranks from 1, the row itself at 0."""
    ranks = np.zeros((len(orders), len(orders)), int)
    np.put_along_axis(ranks, orders, np.arange(1, len(orders)), axis=1)
    return ranks


def brute_fidelity(vectors, coordinates, metric):
    """Take every figure from its definition, with tables of who is whose neighbor."""
    near, drawn = brute_orders(vectors, metric), brute_orders(coordinates, "euclidean")
    n = len(near)
    percent = {min(max(1, int(p * n / 100 + 0.5)), n - 2) for p in PERCENTAGES}
    sizes = sorted(percent | {k for k in (10, 30, 100) if k < n - 1})
    overlap, shared = {}, np.zeros((n, n), int)
    for k in range(1, n - 1):
        for orders in (near, drawn):
            shared[np.arange(n), orders[:, k - 1]] += 1
        overlap[k] = np.count_nonzero(shared == 2) / (n * k)

    def rescaled(k):
        return ((n - 1) * overlap[k] - k) / (n - 1 - k)

    def penalty(ranked, listed, k):
        excess = np.where(is_among_first(listed, k), np.maximum(ranks_in(ranked) - k, 0), 0).sum()
        norm = 2 / (n * k * (2 * n - 3 * k - 1)) if k < n / 2 else 2 / (n * (n - k) * (n - k - 1))
        return 1 - norm * excess

    return {
        "k": sizes,
        "gain": [overlap[k] - k / (n - 1) for k in sizes],
        "rnx": [rescaled(k) for k in sizes],
        "rnx_area": sum(rescaled(k) / k for k in overlap) / sum(1 / k for k in overlap),
        "trustworthiness": [penalty(near, drawn, k) for k in sizes],
        "continuity": [penalty(drawn, near, k) for k in sizes],
    }


def lattice():
    """Whole numbers with many equal distances, some duplicates and zeros, laid out near one of their corners."""
    points = np.random.default_rng(0).integers(-2, 3, (900, 7))
    return points, points[:, :2] + 0.25 * points[:, 2:4]


def blobs():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(8, 30))[rng.integers(0, 8, 300)] + 0.3 * rng.normal(size=(300, 30))
    return vectors, vectors @ rng.normal(size=(30, 2))


def digits():
    vectors = load_digits().data[:250]
    return vectors, vectors @ np.random.default_rng(2).normal(size=(64, 2))


def crowd():
    """A few rows many times, and a layout with heaps."""
    rng = np.random.default_rng(3)
    vectors = np.repeat(rng.integers(-20, 20, (20, 12)), 8, axis=0)
    vectors[:5] = 0
    return vectors, rng.integers(0, 3, (160, 2))


def gaussian():
    """Rows in many dimensions, whose distances are all alike: many pairs differ by less than float32 can tell."""
    vectors = np.random.default_rng(11).normal(size=(1000, 384))
    return vectors, vectors @ np.random.default_rng(12).normal(size=(384, 2))


def figures_differ(found, expected):
    return max(np.abs(np.asarray(getattr(found, name)) - value).max() for name, value in expected.items())


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("data", [digits, blobs, gaussian, lattice, crowd])
def test_every_figure_equals_brute_force(data, metric):
    vectors, coordinates = data()
    found = measure_fidelity(representation(vectors), layout(coordinates), metric=metric)
    assert found.exact
    assert found.n_queries == found.n_items == len(vectors)
    for name, expected in brute_fidelity(vectors, coordinates, metric).items():
        np.testing.assert_allclose(getattr(found, name), expected, rtol=0, atol=1e-9, err_msg=name)


def test_trustworthiness_and_continuity_equal_those_of_scikit_learn():
    vectors, coordinates = (array.astype(np.float32).astype(np.float64) for array in blobs())
    found = measure_fidelity(representation(vectors), layout(coordinates), metric="euclidean")
    for i, k in enumerate(found.k):
        if k < len(vectors) / 2:
            assert found.trustworthiness[i] == pytest.approx(trustworthiness(vectors, coordinates, n_neighbors=int(k)), abs=1e-9)
            assert found.continuity[i] == pytest.approx(trustworthiness(coordinates, vectors, n_neighbors=int(k)), abs=1e-9)


def test_sparse_rows_have_the_fidelity_of_their_dense_form():
    vectors, coordinates = digits()
    dense = measure_fidelity(representation(vectors), layout(coordinates))
    sparse = measure_fidelity(representation(sp.csr_matrix(vectors.astype(np.float32))), layout(coordinates))
    np.testing.assert_array_equal(dense.curve_rnx, sparse.curve_rnx)


@pytest.mark.parametrize("n", [3, 4, 10, 700])
def test_two_dimensional_data_laid_out_as_itself_is_kept_perfectly(n):
    points = np.random.default_rng(4).normal(size=(n, 2))
    found = measure_fidelity(representation(points), layout(points), metric="euclidean")
    assert found.rnx_area == pytest.approx(1, abs=1e-12)
    for figures in (found.rnx, found.curve_rnx, found.trustworthiness, found.continuity):
        np.testing.assert_allclose(figures, 1)
    np.testing.assert_allclose(found.gain, 1 - found.k / (n - 1))


def test_more_noise_on_the_map_means_less_fidelity():
    points, rng = np.random.default_rng(5).normal(size=(400, 2)), np.random.default_rng(6)
    noisy = [points + sigma * rng.normal(size=points.shape) for sigma in (0, 0.1, 0.5, 3)]
    areas = [measure_fidelity(representation(points), layout(y), metric="euclidean").rnx_area for y in noisy]
    assert areas == sorted(areas, reverse=True)
    assert areas[0] == pytest.approx(1)
    assert areas[-1] < 0.25


def test_a_shuffled_layout_lies_inside_the_null_and_a_kept_one_above():
    points = np.random.default_rng(7).normal(size=(300, 2))
    kept = measure_fidelity(representation(points), layout(points), metric="euclidean")
    assert kept.null.n == 20
    assert kept.rnx_area > kept.null.area_high
    assert (kept.gain > kept.null.gain_high).all()
    inside = 0
    for seed in range(40):
        shuffled = points[np.random.default_rng(seed).permutation(300)]
        found = measure_fidelity(representation(points), layout(shuffled), metric="euclidean", seed=seed)
        inside += found.null.area_low <= found.rnx_area <= found.null.area_high
        assert (found.null.gain_low <= found.null.gain_mean).all()
        assert (found.null.gain_mean <= found.null.gain_high).all()
    assert inside >= 32  # 19 of 21 are expected


def test_the_null_is_centered_on_zero():
    points = np.random.default_rng(8).normal(size=(500, 2))
    null = measure_fidelity(representation(points), layout(points), metric="euclidean").null
    assert abs(null.area_mean) < 0.003
    assert null.area_low < 0 < null.area_high
    np.testing.assert_allclose(null.gain_mean, 0, atol=0.003)


def test_the_interval_covers_the_exact_gain(monkeypatch):
    monkeypatch.setattr("vista.trust.fidelity.N_PERMUTATIONS", 1)  # the interval does not ask the null
    vectors, coordinates = blobs()
    exact = measure_fidelity(representation(vectors), layout(coordinates))
    covered = np.zeros(len(exact.k))
    for seed in range(200):
        found = measure_fidelity(representation(vectors), layout(coordinates), exact=False, n_queries=80, seed=seed)
        covered += (found.gain_ci[:, 0] <= exact.gain) & (exact.gain <= found.gain_ci[:, 1])
    assert (covered / 200 >= 0.9).all(), covered / 200
    assert (covered < 200).any()  # an interval that is never wrong says nothing


def test_a_sample_says_that_it_is_one_and_estimates_the_exact_figures():
    vectors, coordinates = digits()
    exact = measure_fidelity(representation(vectors), layout(coordinates))
    found = measure_fidelity(representation(vectors), layout(coordinates), exact=False, n_queries=150)
    assert (found.exact, found.n_queries, found.n_items) == (False, 150, 250)
    assert found.rnx_area == pytest.approx(exact.rnx_area, abs=0.03)
    np.testing.assert_allclose(found.trustworthiness, exact.trustworthiness, atol=0.03)
    assert (found.gain_ci[:, 0] < found.gain).all()
    assert (found.gain < found.gain_ci[:, 1]).all()
    np.testing.assert_array_equal(exact.gain_ci, np.stack([exact.gain, exact.gain], axis=1))


def test_small_memory_blocks_change_no_figure_but_the_null(monkeypatch):
    vectors, coordinates = digits()
    whole = measure_fidelity(representation(vectors), layout(coordinates))
    monkeypatch.setattr("vista.trust.comparison.RANKS_LIMIT_BYTES", 4 * 250 * 37)
    monkeypatch.setattr("vista.trust.rankings.BLOCK_LIMIT_BYTES", 8 * 250 * 11)
    parts = measure_fidelity(representation(vectors), layout(coordinates))
    for name in ("gain", "gain_ci", "rnx", "rnx_area", "trustworthiness", "continuity", "curve_rnx"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))
    assert parts.null.area_low < 0 < parts.null.area_high
    assert parts.null.area_high < 0.02


def test_the_sizes_are_percentages_and_plain_numbers_in_ascending_order():
    points = np.random.default_rng(9).normal(size=(1644, 2))
    found = measure_fidelity(representation(points), layout(points), metric="euclidean", exact=False, n_queries=20)
    assert found.k.tolist() == [8, 10, 16, 30, 33, 82, 100, 164, 329, 822]
    assert found.percentages == (0.5, None, 1, None, 2, 5, None, 10, 20, 50)


def test_a_size_that_several_percentages_give_is_told_once_under_the_smallest():
    points = np.random.default_rng(9).normal(size=(40, 2))
    found = measure_fidelity(representation(points), layout(points), metric="euclidean")
    assert found.k.tolist() == [1, 2, 4, 8, 10, 20, 30]
    assert found.percentages == (0.5, 5, 10, 20, None, 50, None)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 11])
def test_few_items_give_finite_figures(n):
    points = np.random.default_rng(10).normal(size=(n, 5))
    found = measure_fidelity(representation(points), layout(points[:, :2]))
    figures = [found.gain, found.gain_ci, found.rnx, found.trustworthiness, found.continuity, found.curve_rnx]
    null = found.null
    figures += [null.gain_mean, null.gain_low, null.gain_high]
    json.dumps([array.tolist() for array in figures] + [found.rnx_area, null.area_mean, null.area_low, null.area_high], allow_nan=False)
    assert len(found.k) == len(found.percentages) == len(found.gain_ci) == len(set(found.k.tolist()))
    assert (len(found.k) > 0) == (n >= 3)
    assert (found.k <= max(1, n - 2)).all()


def test_identical_items_on_one_place_are_measured():
    found = measure_fidelity(representation(np.ones((50, 4))), layout(np.zeros((50, 2))))
    assert found.rnx_area == pytest.approx(1)  # both sides order equal distances by row


def test_the_same_seed_gives_the_same_figures_and_another_seed_another_null():
    vectors, coordinates = digits()
    areas = [measure_fidelity(representation(vectors), layout(coordinates), seed=seed).null.area_mean for seed in (1, 1, 2)]
    assert areas[0] == areas[1] != areas[2]


def test_what_cannot_be_measured_is_refused():
    points = np.zeros((4, 2))
    with pytest.raises(InputError, match="places 3 items"):
        measure_fidelity(representation(points), layout(points[:3]))
    with pytest.raises(InputError, match="up to 20000 items"):
        measure_fidelity(representation(np.zeros((20_001, 1))), layout(np.zeros((20_001, 2))), exact=True)
    with pytest.raises(InputError, match="n_queries"):
        measure_fidelity(representation(points), layout(points), n_queries=0)
    with pytest.raises(InputError, match="no metric"):
        measure_fidelity(representation(points), layout(points), metric="hamming")


@pytest.mark.parametrize("n", [40, 700])
@pytest.mark.parametrize("as_rows", [np.asarray, sp.csr_matrix])
def test_under_the_latent_metric_the_gain_of_its_cosine_is_told_too(n, as_rows, monkeypatch):
    rng = np.random.default_rng(n)
    vectors = rng.random((n, 12)).astype(np.float32) * (rng.random((n, 12)) < 0.6)
    items, placed = representation(as_rows(vectors.astype(np.float32))), layout(rng.random((n, 2)))
    monkeypatch.setattr("vista.trust.rankings.BLOCK_LIMIT_BYTES", 8 * n * 7)
    metric = LatentMetric(rng.random(n), weight=0.7, scale="rank")
    told = measure_fidelity(items, placed, metric=metric)

    np.testing.assert_array_equal(told.gain_cosine, measure_fidelity(items, placed, metric="cosine").gain)
    assert (told.gain_cosine != told.gain).any()


def test_other_metrics_have_no_gain_of_another():
    vectors = np.random.default_rng(0).random((30, 4)).astype(np.float32)

    assert measure_fidelity(representation(vectors), layout(vectors[:, :2])).gain_cosine is None
