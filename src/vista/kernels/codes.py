"""Codes of a sparse autoencoder: gathering those of a latent within each item, and counting values into histograms."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled


@compiled(allocates=True)
def group_by_latent(
    token_starts: NDArray[np.integer[Any]],
    code_starts: NDArray[np.integer[Any]],
    latents: NDArray[np.integer[Any]],
    values: NDArray[np.float32],
    counts: NDArray[np.int64],
    run_starts: NDArray[np.int64],
    run_latents: NDArray[np.int32],
    run_lengths: NDArray[np.int32],
    positions: NDArray[np.int32],
    grouped: NDArray[np.float32],
) -> None:
    """Reorder the codes of each item from token by token to latent by latent, positions ascending within a latent.

    A *run* is the codes of one latent in one item.

    Args:
        token_starts: (n_items + 1,) where each item's tokens start.
        code_starts: (n_tokens + 1,) where each token's codes start.
        latents: (n_codes,) in 0 … len(counts) − 1.
        values: (n_codes,).
        counts: (d_sae,) zeros, and zeros again afterwards.
        run_starts: (n_items + 1,) filled: where each item's runs start.
        run_latents: (n_codes,) filled in its first run_starts[-1] places: the latent of each run, ascending in an item.
        run_lengths: (n_codes,) filled likewise: codes of each run.
        positions: (n_codes,) filled: the token of each code, counted within its item.
        grouped: (n_codes,) filled: the values in the new order.
    """
    n_runs = 0
    run_starts[0] = 0
    for item in range(token_starts.shape[0] - 1):
        first_token, last_token = token_starts[item], token_starts[item + 1]
        first, last = code_starts[first_token], code_starts[last_token]
        first_run = n_runs
        for code in range(first, last):
            latent = latents[code]
            if counts[latent] == 0:
                run_latents[n_runs] = latent
                n_runs += 1
            counts[latent] += 1
        run_latents[first_run:n_runs].sort()
        place = first
        for run in range(first_run, n_runs):
            latent = run_latents[run]
            run_lengths[run] = counts[latent]
            counts[latent] = place
            place += run_lengths[run]
        for token in range(first_token, last_token):
            for code in range(code_starts[token], code_starts[token + 1]):
                latent = latents[code]
                positions[counts[latent]] = token - first_token
                grouped[counts[latent]] = values[code]
                counts[latent] += 1
        for run in range(first_run, n_runs):
            counts[run_latents[run]] = 0
        run_starts[item + 1] = n_runs


@compiled()
def add_to_histograms(
    starts: NDArray[np.integer[Any]],
    values: NDArray[np.float32],
    maxima: NDArray[np.float32],
    histograms: NDArray[np.int64],
) -> None:
    """Count the values of each latent into equal-width bins over [0, its maximum]; the last bin holds the maximum.

    Args:
        starts: (d_sae + 1,) where each latent's values start.
        values: (n_codes,) above 0.
        maxima: (d_sae,) at least the latent's values.
        histograms: (d_sae, n_bins) added to.
    """
    n_bins = histograms.shape[1]
    for latent in range(maxima.shape[0]):
        for code in range(starts[latent], starts[latent + 1]):
            place = int(np.float64(values[code]) / np.float64(maxima[latent]) * n_bins)
            histograms[latent, min(place, n_bins - 1)] += 1
