"""What each latent does over all items of a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.sae.store.index import entry_dtype
from vista.sae.store.rounding import restored
from vista.sae.store.tensors import MappedTensors, map_tensors, write_tensors

N_BINS = 64  # equal-width bins over [0, the latent's maximum]


@dataclass(frozen=True, slots=True, eq=False)
class LatentStatistics:
    """Figures of every latent, over the items' pooled codes as they are stored.

    Attributes:
        n_items: Number of items.
        n_active: (d_sae,) int64 items on which the latent fires.
        maximum: (d_sae,) float32 largest value; 0 for a latent that never fires.
        mean: (d_sae,) float32 mean over the items on which it fires; 0 where there are none.
        histogram: (d_sae, 64) int64 items by value, in equal-width bins over [0, maximum]; the last bin holds the maximum.
            Items on which the latent does not fire are in none.
    """

    n_items: int
    n_active: NDArray[np.int64]
    maximum: NDArray[np.float32]
    mean: NDArray[np.float32]
    histogram: NDArray[np.int64]

    @property
    def density(self) -> NDArray[np.float64]:
        """Share of items on which each latent fires, (d_sae,)."""
        return self.n_active / max(self.n_items, 1)

    def bin_edges(self, latent: int) -> NDArray[np.float64]:
        """Return the 65 borders of a latent's bins."""
        return np.linspace(0, float(self.maximum[latent]), N_BINS + 1)


def statistics_of(shards: Iterable[Path], d_sae: int, n_items: int) -> LatentStatistics:
    """Go through the transposed indices of all shards: once for the maxima, then once for the histograms."""
    from vista.kernels.codes import add_to_histograms

    shards = list(shards)
    n_active, sums = np.zeros(d_sae, np.int64), np.zeros(d_sae, np.float64)
    maximum = np.zeros(d_sae, np.float32)
    for starts, values in _values_by_latent(shards):
        lengths = np.diff(starts)
        active = np.flatnonzero(lengths)
        n_active += lengths
        if len(active):
            maximum[active] = np.maximum(maximum[active], np.maximum.reduceat(values, starts[active]))
            sums[active] += np.add.reduceat(values.astype(np.float64), starts[active])
    histogram = np.zeros((d_sae, N_BINS), np.int64)
    for starts, values in _values_by_latent(shards):
        add_to_histograms(starts, values, maximum, histogram)
    return LatentStatistics(n_items, n_active, maximum, (sums / np.maximum(n_active, 1)).astype(np.float32), histogram)


def _values_by_latent(shards: Iterable[Path]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    for path in shards:
        shard = map_tensors(path)
        shard.expect("entries")
        entries = entries_of(shard)
        starts = shard["latent_starts"].astype(np.int64)
        latents = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        yield starts, restored(entries["value"], shard["exponents"], latents)


def entries_of(shard: MappedTensors) -> NDArray[Any]:
    """Return the entries of a shard's transposed index as records."""
    packed = shard["entries"]
    return packed.view(entry_dtype(shard["positions"].dtype)).reshape(len(packed))


def write_statistics(path: Path, statistics: LatentStatistics) -> None:
    """Write the figures to one file."""
    arrays: dict[str, NDArray[Any]] = {"n_active": statistics.n_active, "maximum": statistics.maximum, "mean": statistics.mean}
    write_tensors(path, arrays | {"histogram": statistics.histogram.astype(np.uint32)})


def read_statistics(path: Path, n_items: int) -> LatentStatistics:
    """Read the figures of `n_items` items."""
    arrays = map_tensors(path)
    histogram = arrays["histogram"].astype(np.int64)
    return LatentStatistics(n_items, np.array(arrays["n_active"]), np.array(arrays["maximum"]), np.array(arrays["mean"]), histogram)
