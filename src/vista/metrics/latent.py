"""The latent metric: cosine distance, and how far apart two items are along one latent.

    D(i, j) = (1 − cos(z_i, z_j)) + λ · g(|s(a_i) − s(a_j)|)

with the activations a of the latent, s that scales them to [0, 1], and g that shapes their difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Vectors
from vista.errors import InputError, nearest_name_hint

ActivationScale: TypeAlias = Literal["max", "rank", "log"]
DifferenceTransform: TypeAlias = Literal["linear", "sqrt", "saturating"]

LARGEST_WEIGHT = 1e6  # beyond, cosine distances would sink below the steps that distances are counted in


@dataclass(frozen=True, slots=True, eq=False)
class LatentMetric:
    """Which latent the distance looks at, and how.

    Attributes:
        activations: (n_items,) the latent's activation of each item, finite.
        weight: λ ≥ 0: 0 is pure cosine; the larger, the more the activations order the map.
        scale: s: "max" a / max a; "rank" the rank among all items, equal activations sharing one; "log" log(1 + a) /
            log(1 + max a). "max" and "log" take activations of at least 0.
        transform: g(x): "linear" x; "sqrt" √x, which sets small differences apart; "saturating" x / (x + c), for which
            large differences are much alike.
        saturation: c > 0 of the saturating transform, in units of scaled activation.
        left_out: Column of the vectors that the cosine does not see, such as the latent's own; None for all columns.
    """

    activations: NDArray[Any]
    weight: float = 1.0
    scale: ActivationScale = "max"
    transform: DifferenceTransform = "linear"
    saturation: float = 0.1
    left_out: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ActivationTerm:
    """λ · g(|s(a_i) − s(a_j)|), ready for use.

    Attributes:
        values: (n_items,) float64 scaled activations, in [0, 1].
        weight: λ.
        transform: g.
        saturation: c of the saturating transform.
    """

    values: NDArray[np.float64]
    weight: float
    transform: DifferenceTransform
    saturation: float

    @property
    def largest(self) -> float:
        """The largest value that the term can take."""
        return float(self.of_differences(np.ones(1))[0])

    def between(self, own: NDArray[Any], theirs: NDArray[Any]) -> NDArray[Any]:
        """Return the term for scaled activations that broadcast against each other."""
        return self.of_differences(np.abs(own - theirs))

    def of_differences(self, differences: NDArray[Any]) -> NDArray[Any]:
        """Return λ · g of differences, in the memory of these."""
        if self.transform == "sqrt":
            np.sqrt(differences, out=differences)
        elif self.transform == "saturating":
            np.divide(differences, differences + self.saturation, out=differences)
        differences *= self.weight
        return differences

    def reordered(self, order: NDArray[np.integer]) -> ActivationTerm:
        """Return the term for the items in another order."""
        return ActivationTerm(self.values[order], self.weight, self.transform, self.saturation)


def activation_term(metric: LatentMetric, n_items: int) -> ActivationTerm:
    """Scale the activations of a latent metric.

    Raises:
        InputError: If an option is unknown or out of range, or the activations do not fit `n_items` items.
    """
    _check_options(metric)
    activations = _checked_activations(metric, n_items)
    return ActivationTerm(_scaled(activations, metric.scale), float(metric.weight), metric.transform, float(metric.saturation))


def without_column(vectors: Vectors, column: int) -> Vectors:
    """Return a copy of the vectors with one column set to 0.

    Raises:
        InputError: If there is no such column.
    """
    if not 0 <= column < vectors.shape[1]:
        raise InputError(f"there is no column {column} to leave out: the vectors have columns 0 to {vectors.shape[1] - 1}.")
    if isinstance(vectors, np.ndarray):
        rest = np.array(vectors)
        rest[:, column] = 0
        return rest
    rest = vectors.copy()
    rest.data[rest.indices == column] = 0
    rest.eliminate_zeros()
    return rest


def _check_options(metric: LatentMetric) -> None:
    for name, value, known in (
        ("scale", metric.scale, get_args(ActivationScale)),
        ("transform", metric.transform, get_args(DifferenceTransform)),
    ):
        if value not in known:
            raise InputError(f"the latent metric has no {name} '{value}'.{nearest_name_hint(str(value), known)}")
    if not 0 <= metric.weight <= LARGEST_WEIGHT:
        raise InputError(f"the weight of the latent metric must be from 0 to {LARGEST_WEIGHT:.0f}, not {metric.weight}.")
    if not 0 < metric.saturation < np.inf:
        raise InputError(f"the saturation of the latent metric must be above 0 and finite, not {metric.saturation}.")


def _checked_activations(metric: LatentMetric, n_items: int) -> NDArray[np.float64]:
    activations = np.asarray(metric.activations)
    if activations.dtype.kind not in "fiub":
        raise InputError(f"activations must be numbers, not {activations.dtype}.")
    if activations.shape != (n_items,):
        raise InputError(f"activations have shape {activations.shape}, but there are {n_items} items; give one number an item.")
    wide = activations.astype(np.float64)
    if not np.isfinite(wide).all():
        row = int(np.flatnonzero(~np.isfinite(wide))[0])
        raise InputError(f"activations must be finite; the one of item {row} is {wide[row]}.")
    if metric.scale != "rank" and wide.min(initial=0.0) < 0:
        raise InputError(f"activations must be at least 0 under scale '{metric.scale}', and one is {wide.min():g}; use scale 'rank'.")
    return wide


def _scaled(activations: NDArray[np.float64], scale: ActivationScale) -> NDArray[np.float64]:
    if scale == "rank":
        _, rank, counts = np.unique(activations, return_inverse=True, return_counts=True)
        middle = np.cumsum(counts) - (counts + 1) / 2  # of the places that equal activations take, from 0
        return _to_unit(middle - middle[:1])[rank]
    return _to_unit(np.log1p(activations) if scale == "log" else activations)


def _to_unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    largest = values.max(initial=0.0)
    return values / largest if largest > 0 else np.zeros_like(values)
