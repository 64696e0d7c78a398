"""From the codes of tokens to the codes of an item, and where in the item each comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError
from vista.sae.store.codes import TokenCodes

Pooling: TypeAlias = Literal["max", "mean", "last"]
POOLINGS: tuple[Pooling, ...] = ("max", "mean", "last")


@dataclass(frozen=True, slots=True, eq=False)
class LatentRuns:
    """The codes of some items, latent by latent: a *run* is the codes of one latent in one item.

    Attributes:
        run_starts: (n_items + 1,) where each item's runs start.
        latents: (n_runs,) latent of each run, ascending within an item.
        lengths: (n_runs,) codes of each run, at least 1.
        code_starts: (n_items + 1,) where each item's codes start.
        positions: (n_codes,) token of each code within its item, ascending within a run.
        values: (n_codes,) float32.
    """

    run_starts: NDArray[np.int64]
    latents: NDArray[np.integer[Any]]
    lengths: NDArray[np.integer[Any]]
    code_starts: NDArray[np.int64]
    positions: NDArray[np.integer[Any]]
    values: NDArray[np.float32]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each run's codes start, (n_runs,)."""
        return np.cumsum(self.lengths, dtype=np.int64) - self.lengths


@dataclass(frozen=True, slots=True, eq=False)
class ItemCodes:
    """One value for each latent of an item: items × latents, as compressed rows.

    Attributes:
        starts: (n_items + 1,) where each item's codes start.
        latents: (n_codes,) ascending within an item.
        values: (n_codes,) float32, above 0.
        positions: (n_codes,) token of the item that the value is shown at: that of the maximum for "max" and "mean" (the
            first, where several are equal), the last token for "last".
    """

    starts: NDArray[np.int64]
    latents: NDArray[np.integer[Any]]
    values: NDArray[np.float32]
    positions: NDArray[np.integer[Any]]


def runs_of(codes: TokenCodes, d_sae: int) -> LatentRuns:
    """Gather the codes of each item by latent.

    Raises:
        InputError: If a token names a latent twice.
    """
    from vista.kernels.codes import group_by_latent

    n_codes = len(codes.latents)
    token_starts, code_starts = codes.token_starts.astype(np.int64), codes.code_starts.astype(np.int64)
    run_starts = np.empty(codes.n_items + 1, np.int64)
    run_latents, lengths, positions = np.empty((3, n_codes), np.int32)
    values = np.empty(n_codes, np.float32)
    counts = np.zeros(d_sae, np.int64)
    latents = codes.latents.astype(np.int32)
    group_by_latent(token_starts, code_starts, latents, codes.values, counts, run_starts, run_latents, lengths, positions, values)
    n_runs = run_starts[-1]
    runs = LatentRuns(run_starts, run_latents[:n_runs].copy(), lengths[:n_runs].copy(), code_starts[token_starts], positions, values)
    _refuse_repeats(runs)
    return runs


def _refuse_repeats(runs: LatentRuns) -> None:
    inside = np.ones(len(runs.positions), bool)
    inside[runs.starts] = False  # the first code of a run follows nothing
    repeated = np.flatnonzero(inside[1:] & (runs.positions[1:] == runs.positions[:-1])) + 1
    if len(repeated):
        run = np.searchsorted(runs.starts, repeated[0], side="right") - 1
        raise InputError(f"latent {runs.latents[run]} is given twice for token {runs.positions[repeated[0]]} of an item.")


def pool(runs: LatentRuns, n_tokens: NDArray[np.integer[Any]], pooling: Pooling) -> ItemCodes:
    """Pool the codes of each item's tokens.

    Args:
        runs: The codes.
        n_tokens: (n_items,) tokens of each item; those without a code of the latent count as 0 in the mean.
        pooling: "max" over the tokens, "mean" over them, or the value at the "last" one.
    """
    if len(runs.latents) == 0:
        nothing = np.empty(0, np.int32)
        return ItemCodes(runs.run_starts, nothing, np.empty(0, np.float32), nothing)
    if pooling == "last":
        return _at_last(runs, n_tokens)
    starts = runs.starts
    maxima = np.maximum.reduceat(runs.values, starts)
    positions = runs.positions[_first_equal(runs, starts, maxima)]
    if pooling == "max":
        return ItemCodes(runs.run_starts, runs.latents, maxima, positions)
    sums = np.add.reduceat(runs.values.astype(np.float64), starts)
    means = sums / np.repeat(n_tokens, np.diff(runs.run_starts))
    return ItemCodes(runs.run_starts, runs.latents, means.astype(np.float32), positions)


def _first_equal(runs: LatentRuns, starts: NDArray[np.int64], maxima: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the first code of each run that equals the run's maximum."""
    equal = np.flatnonzero(runs.values == np.repeat(maxima, runs.lengths))
    first: NDArray[np.int64] = equal[np.searchsorted(equal, starts)]
    return first


def _at_last(runs: LatentRuns, n_tokens: NDArray[np.integer[Any]]) -> ItemCodes:
    last_codes = runs.starts + runs.lengths - 1
    last_tokens = np.repeat(n_tokens, np.diff(runs.run_starts)) - 1
    kept = runs.positions[last_codes] == last_tokens
    before = np.concatenate(([0], np.cumsum(kept)))
    codes = last_codes[kept]
    return ItemCodes(before[runs.run_starts], runs.latents[kept], runs.values[codes], runs.positions[codes])
