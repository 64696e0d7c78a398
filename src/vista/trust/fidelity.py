"""How far the layout keeps the neighbors of the representation, told beside what chance alone gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Fidelity, FidelityNull, Layout, Representation
from vista.errors import InputError
from vista.execution import Progress, silent
from vista.metrics import LatentMetric, metric_space
from vista.trust.comparison import Comparison, compare_rankings
from vista.trust.figures import (
    Sizes,
    area,
    curve_sizes,
    gain_interval,
    gains,
    neighborhood_sizes,
    overlap_curve,
    rank_penalty,
    rescaled,
)

EXACT_DEFAULT_ITEMS = 5_000
EXACT_LIMIT_ITEMS = 20_000
SAMPLED_QUERIES = 2_000
N_PERMUTATIONS = 20


def measure_fidelity(
    representation: Representation,
    layout: Layout,
    *,
    metric: str | LatentMetric = "cosine",
    exact: bool | None = None,
    n_queries: int = SAMPLED_QUERIES,
    seed: int = 0,
    progress: Progress = silent,
) -> Fidelity:
    """Measure how far a layout keeps the neighbors of the representation, at all neighborhood sizes.

    Distances are euclidean on the map and in `metric` in the representation; equal distances go by row. Below three
    items there is nothing to measure: the arrays over k are empty and the area is 0. The time goes as the number of
    queries times the number of items, the memory is bounded. The same input and seed give the same figures.

    Args:
        representation: The items' vectors.
        layout: Where the items lie.
        metric: "cosine", "euclidean" or a `LatentMetric`.
        exact: Whether to ask every item for its neighbors. By default up to 5 000 items; True is possible up to
            20 000. Otherwise a random sample is asked, and the gain has a 95 % interval.
        n_queries: Size of that sample; all items where there are no more.
        seed: Seed of the sample and of the shuffled layouts.
        progress: Told the number of items asked.

    Raises:
        InputError: If the metric is unknown, the layout has other items, too many are to be asked, or too few.
    """
    space = metric_space(representation.vectors, metric)
    plane = metric_space(np.ascontiguousarray(layout.coordinates, dtype=np.float32), "euclidean")
    n = space.n_items
    _check(n, plane.n_items, exact, n_queries)
    rng = np.random.default_rng(seed)
    queries = _queries(n, exact, n_queries, rng)
    sizes, percentages = neighborhood_sizes(n)
    with progress.stage("measuring fidelity", len(queries)) as advance:
        counts = compare_rankings(space, plane, queries, sizes, n_permutations=N_PERMUTATIONS, rng=rng, advance=advance)
    curve = overlap_curve(counts.histogram, len(queries))
    gain, curve_k = gains(curve[sizes - 1], sizes, n), curve_sizes(n)
    return Fidelity(
        metric=space.metric,
        n_items=n,
        n_queries=len(queries),
        exact=len(queries) == n,
        k=sizes,
        percentages=percentages,
        gain=gain,
        gain_ci=gain_interval(gain, counts.overlaps, sizes, n),
        rnx=rescaled(curve[sizes - 1], sizes, n),
        rnx_area=area(curve, n),
        trustworthiness=rank_penalty(counts.intrusions, sizes, n, len(queries)),
        continuity=rank_penalty(counts.extrusions, sizes, n, len(queries)),
        null=_null(counts, sizes, n),
        curve_k=curve_k,
        curve_rnx=rescaled(curve[curve_k - 1], curve_k, n),
        gain_cosine=None if space.term is None else gains(overlap_curve(counts.cosine, len(queries))[sizes - 1], sizes, n),
    )


def _check(n: int, n_placed: int, exact: bool | None, n_queries: int) -> None:
    if n != n_placed:
        raise InputError(f"the layout places {n_placed} items, but the representation holds {n}; both must have the same rows.")
    if exact and n > EXACT_LIMIT_ITEMS:
        raise InputError(f"exact fidelity is possible up to {EXACT_LIMIT_ITEMS} items, not for {n}; leave it out to ask a sample.")
    if n_queries < 1:
        raise InputError(f"n_queries must be at least 1, not {n_queries}.")


def _queries(n: int, exact: bool | None, n_queries: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the items to ask: in random order, so that any block of them is a random sample, but where all are one block."""
    if exact is None:
        exact = n <= EXACT_DEFAULT_ITEMS
    if (exact or n <= n_queries) and n <= EXACT_DEFAULT_ITEMS:
        return np.arange(n)
    return rng.permutation(n)[: n if exact else n_queries]


def _null(counts: Comparison, sizes: Sizes, n: int) -> FidelityNull:
    curves = [overlap_curve(histogram, len(counts.overlaps)) for histogram in counts.shuffled]
    gain = np.array([gains(curve[sizes - 1], sizes, n) for curve in curves])
    areas = np.array([area(curve, n) for curve in curves])
    return FidelityNull(
        n=len(curves),
        gain_mean=gain.mean(axis=0),
        gain_low=gain.min(axis=0),
        gain_high=gain.max(axis=0),
        area_mean=float(areas.mean()),
        area_low=float(areas.min()),
        area_high=float(areas.max()),
    )
