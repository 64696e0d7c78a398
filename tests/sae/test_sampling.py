"""Drawing a latent's items: what each way promises, on activations that are as skewed as real ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vista.errors import InputError
from vista.sae.sampling import sample_items


@pytest.fixture
def skewed():
    return np.random.default_rng(0).exponential(size=1_000) ** 2 + 1e-3


def test_strata_hold_equally_many_items_and_are_drawn_alike(skewed):
    sample = sample_items(skewed, 100, sampling="strata")

    assert np.bincount(sample.groups).tolist() == [10] * 10
    assert (np.diff(sample.bounds) > 0).all()
    everything = sample_items(skewed, 2_000, sampling="strata")
    assert np.bincount(everything.groups).tolist() == [100] * 10
    assert np.median(skewed[sample.places]) == pytest.approx(np.median(skewed), rel=0.3)


def test_bins_are_equally_wide_and_show_the_rare_strong_ones(skewed):
    sample = sample_items(skewed, 100, sampling="bins")

    np.testing.assert_allclose(np.diff(sample.bounds), skewed.max() / 10)
    counts = np.histogram(skewed, sample.bounds)[0]
    drawn = np.bincount(sample.groups, minlength=10)
    assert (drawn[counts <= 10] == counts[counts <= 10]).all()  # all of a bin that has few
    assert skewed[sample.places].mean() > 2 * skewed.mean()


def test_the_two_draw_different_items(skewed):
    strata, bins = (sample_items(skewed, 100, sampling=sampling) for sampling in ("strata", "bins"))
    assert len(np.intersect1d(strata.places, bins.places)) < 50


def test_top_takes_the_largest(skewed):
    sample = sample_items(skewed, 30, sampling="top")
    assert set(sample.places) == set(np.argsort(skewed)[-30:])


@given(st.lists(st.floats(0.01, 100), max_size=60), st.integers(1, 80), st.sampled_from(["strata", "bins", "top"]), st.integers(1, 12))
def test_as_many_as_asked_for_are_drawn_each_once(values, n, sampling, n_groups):
    sample = sample_items(np.array(values), n, sampling=sampling, n_groups=n_groups)
    assert len(sample.places) == len(set(sample.places.tolist())) == min(n, len(values))
    assert sample.n_active == len(values)
    assert (np.diff(sample.bounds) >= 0).all()
    for place, group in zip(sample.places, sample.groups, strict=True):
        assert sample.bounds[group] <= values[place] <= sample.bounds[group + 1]


def test_the_seed_decides_the_draw(skewed):
    first, again, other = (sample_items(skewed, 50, seed=seed).places for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampling": "quantile"}, "no sampling 'quantile'"),
        ({"sampling": "stratum"}, "'strata'"),
        ({"n": 0}, "n must be at least 1"),
        ({"n_groups": 0}, "n_groups must be at least 1"),
        ({"activations": np.array([1.0, 0.0])}, "above 0"),
        ({"activations": np.array([1.0, np.nan])}, "finite"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        sample_items(**({"activations": np.ones(4), "n": 2} | options))
