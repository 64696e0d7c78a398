"""Gathering codes by latent, and histograms of them, beside their slow twins."""

import numpy as np
import pytest

from vista.kernels import codes, reference


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def token_codes(rng, n_items=7, d_sae=11):
    token_starts = np.r_[0, np.cumsum(rng.integers(0, 6, n_items))]
    chosen = [np.sort(rng.choice(d_sae, rng.integers(0, 5), replace=False)) for _ in range(token_starts[-1])]
    code_starts = np.r_[0, np.cumsum([len(latents) for latents in chosen])].astype(np.int64)
    latents = np.concatenate(chosen).astype(np.int64)
    return token_starts, code_starts, latents, rng.random(len(latents)).astype(np.float32)


def test_group_by_latent(rng):
    given = token_codes(rng)
    n_codes = len(given[2])
    counts, run_starts = np.zeros(11, np.int64), np.empty(8, np.int64)
    run_latents, run_lengths, positions = np.empty((3, n_codes), np.int32)
    grouped = np.empty(n_codes, np.float32)

    codes.group_by_latent(*given, counts, run_starts, run_latents, run_lengths, positions, grouped)

    expected = reference.group_by_latent(*given)
    n_runs = run_starts[-1]
    for own, theirs in zip((run_starts, run_latents[:n_runs], run_lengths[:n_runs], positions, grouped), expected, strict=True):
        np.testing.assert_array_equal(own, theirs)
    assert not counts.any()


def test_add_to_histograms(rng):
    starts = np.array([0, 4, 4, 9, 12])
    values = rng.random(12).astype(np.float32)
    maxima = np.array([values[:4].max(), 1, 2, values[9:].max()], np.float32)
    histograms = np.full((4, 6), 3, np.int64)

    codes.add_to_histograms(starts, values, maxima, histograms)

    np.testing.assert_array_equal(histograms - 3, reference.add_to_histograms(starts, values, maxima, 6))
