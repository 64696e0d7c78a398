"""Which of the items that a latent is active on are shown on its map.

Two ways are called "quantiles" elsewhere, and they draw different items: equal-count strata of the items in the order of
their activation, and bins of equal width between 0 and the largest. Here each has a name of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError, nearest_name_hint

Sampling: TypeAlias = Literal["strata", "bins", "top"]
SAMPLINGS: tuple[str, ...] = get_args(Sampling)
N_GROUPS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Items drawn for a latent.

    Attributes:
        places: (n_drawn,) places in the arrays that were drawn from, ascending.
        groups: (n_drawn,) stratum or bin of each, 0 for the weakest activations; all 0 for "top".
        bounds: (n_groups + 1,) activations between which the groups lie, ascending.
        n_active: How many items there were to draw from.
        sampling: The way they were drawn.
    """

    places: NDArray[np.int64]
    groups: NDArray[np.int64]
    bounds: NDArray[np.float64]
    n_active: int
    sampling: Sampling


def sample_items(activations: NDArray[Any], n: int, *, sampling: Sampling = "strata", n_groups: int = N_GROUPS, seed: int = 0) -> Sample:
    """Draw items that a latent is active on; all of them where there are no more than asked for.

    "strata" cuts the items, in the order of their activation, into groups of equal count (which differ by 1 at most) and
    draws alike from each: the sample has the distribution of all activations. "bins" cuts the range from 0 to the largest
    activation into equal widths and draws alike from each, as far as it has items; what a bin lacks is drawn from the others,
    the strongest first: it shows the rare strong activations beside the many weak ones. "top" takes the largest.

    Args:
        activations: (n_active,) above 0, finite.
        n: How many items to draw.
        sampling: The way to draw.
        n_groups: Number of strata or bins.
        seed: Seed of the draw.

    Raises:
        InputError: If the sampling is unknown, a number is below 1, or an activation is not above 0.
    """
    if sampling not in SAMPLINGS:
        raise InputError(f"no sampling '{sampling}'.{nearest_name_hint(sampling, SAMPLINGS)}")
    for name, number in (("n", n), ("n_groups", n_groups)):
        if number < 1:
            raise InputError(f"{name} must be at least 1, not {number}.")
    values = np.asarray(activations, dtype=np.float64)
    if len(values) and not (np.isfinite(values).all() and values.min() > 0):
        raise InputError("a latent's map shows items on which it is active: activations must be above 0 and finite.")
    groups, bounds = _grouped(values, sampling, n_groups)
    rng = np.random.default_rng(seed)
    places = _strongest(values, n) if sampling == "top" else _drawn(groups, n, len(bounds) - 1, rng)
    return Sample(places, groups[places], bounds, len(values), sampling)


def _grouped(values: NDArray[np.float64], sampling: str, n_groups: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the group of each value, and the values between which the groups lie."""
    if not len(values) or sampling == "top":
        return np.zeros(len(values), np.int64), np.array([values.min(initial=np.inf), values.max(initial=0.0)]) if len(
            values
        ) else np.zeros(2)
    if sampling == "bins":
        bounds = np.linspace(0, values.max(), n_groups + 1)
        return np.clip(np.searchsorted(bounds, values, side="left") - 1, 0, n_groups - 1), bounds
    n_groups = min(n_groups, len(values))
    ranks = np.empty(len(values), np.int64)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    groups = ranks * n_groups // len(values)
    ascending = np.sort(values)
    firsts = -(-np.arange(n_groups) * len(values) // n_groups)
    return groups, np.append(ascending[firsts], ascending[-1])


def _strongest(values: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    return np.sort(np.argsort(-values, kind="stable")[:n])


def _drawn(groups: NDArray[np.int64], n: int, n_groups: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw alike from every group; what a group lacks comes from those that have more, the last ones first."""
    if n >= len(groups):
        return np.arange(len(groups))
    sizes = np.bincount(groups, minlength=n_groups)
    quotas = _quotas(sizes, n)
    chosen = [rng.choice(np.flatnonzero(groups == group), quota, replace=False) for group, quota in enumerate(quotas) if quota]
    return np.sort(np.concatenate(chosen))


def _quotas(sizes: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return how many to draw from each group: as equal as their sizes allow, the odd ones from the last groups."""
    quotas = np.zeros_like(sizes)
    while (left := n - int(quotas.sum())) > 0:
        open_groups = np.flatnonzero(quotas < sizes)
        share, odd = divmod(left, len(open_groups))
        more = np.full(len(open_groups), share)
        more[len(open_groups) - odd :] += 1
        quotas[open_groups] += np.minimum(more, sizes[open_groups] - quotas[open_groups])
    return quotas
