"""What a map is conditioned on: one number an item, and the metric that looks at it beside the cosine.

    COLUMN               the numbers of a column
    dim:12               a neuron: column 12 of the vectors
    direction:FILE       the inner product of each vector with a direction, such as a probe
    means:COLUMN=a|b     the same, the direction being the mean vector of the items of group a less that of group b

In Python also an array with one number a row, or a `Direction`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Direction, InputFile, Representation, Vectors
from vista.errors import InputError, nearest_name_hint
from vista.metrics import LatentMetric, metric_space
from vista.pipeline.run import Run

if TYPE_CHECKING:
    from vista.sources import Source

DEFAULT_WEIGHT = 0.25
SAMPLED_ITEMS = 500  # between which cosine distances are looked at


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Numbers in memory, one a row of the source."""

    values: Any


@dataclass(frozen=True, slots=True)
class Neuron:
    """A column of the vectors."""

    dim: int


@dataclass(frozen=True, slots=True)
class Means:
    """The way from the mean of one group of items to that of another."""

    column: str
    first: str
    second: str


@dataclass(frozen=True, slots=True, eq=False)
class Along:
    """A direction, and the file that it was read from."""

    direction: Direction
    inputs: tuple[InputFile, ...] = ()


Condition: TypeAlias = Column | Numbers | Neuron | Means | Along


@dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """One number an item, which the map is conditioned on.

    Attributes:
        values: (n_items,) float64, finite, not all equal.
        name: What it is, as it was asked for.
        form: "column", "array", "dim", "direction", "latent" or "means".
        column: Name in the items' columns of the one that it comes from, or None.
        inputs: Files that were read for it.
    """

    values: NDArray[np.float64]
    name: str
    form: str
    column: str | None = None
    inputs: tuple[InputFile, ...] = ()


def condition_of(activation: Any) -> Condition | None:
    """Say what the option `activation` asks for, and read the file of a direction.

    Raises:
        InputError: If it has the form of none of these, or the direction cannot be used.
        InputFileError: If the file cannot be read.
    """
    if activation is None:
        return None
    if isinstance(activation, Direction):
        return Along(activation)
    if not isinstance(activation, str):
        return Numbers(activation)
    form, colon, rest = activation.partition(":")
    if colon and form == "dim":
        return _neuron(rest)
    if colon and form == "means":
        return _means(rest)
    if colon and form == "direction":
        return _along(rest)
    if colon and form == "latent":
        raise InputError(f"in Python a latent's direction is asked for as activation=vista.sae.directions.decoder_direction('{rest}')")
    return Column(activation)


def wanted_of_source(condition: Condition | None) -> dict[str, Any]:
    """Return the options by which a source is read for it."""
    match condition:
        case Column(name):
            return {"activation": name}
        case Numbers(values):
            return {"activation": values}
        case Means(column):
            return {"groups": column}
    return {}


def check_condition(condition: Condition | None, found: Source) -> None:
    """Refuse, before anything is encoded, groups that have no item and numbers that are all equal.

    Raises:
        InputError: As said.
    """
    if isinstance(condition, Means):
        known = dict.fromkeys(word for word in found.groups or [] if word is not None)
        for group in (condition.first, condition.second):
            if group not in known:
                raise InputError(f"no item has '{group}' in the column '{condition.column}'.{nearest_name_hint(group, known)}")
    if found.activations is not None:
        _refuse_constant(found.activations, _name_of(condition))


def measure(condition: Condition | None, found: Source, representation: Representation) -> Activation | None:
    """Measure every item; None where nothing was asked for.

    Raises:
        InputError: If a direction or a neuron does not fit the vectors, or all items have the same activation.
    """
    if condition is None:
        return None
    vectors, name = representation.vectors, _name_of(condition)
    match condition:
        case Neuron(dim):
            values, form = _column_of(vectors, dim), "dim"
        case Along(direction):
            values, form = _products(vectors, direction), direction.form
        case Means():
            values, form = _products(vectors, Direction(_between_means(vectors, found.groups or [], condition), name)), "means"
        case _:
            assert found.activations is not None
            values, form = found.activations, "column" if isinstance(condition, Column) else "array"
    _refuse_constant(values, name)
    return Activation(values, name, form, found.activation_column, condition.inputs if isinstance(condition, Along) else ())


def metric_of(activation: Activation | None, representation: Representation, run: Run) -> str | LatentMetric:
    """Return the metric of the map: by name, or conditioned on the activation; what was chosen is said and recorded.

    A weight means little without the distances that it stands beside, so these are said too.
    """
    asked = run.options
    if activation is None:
        return asked.metric
    is_signed = bool(activation.values.min() < 0)
    scale = asked.scale or ("rank" if is_signed else "max")
    metric = LatentMetric(
        activation.values,
        weight=DEFAULT_WEIGHT if asked.weight is None else float(asked.weight),
        scale=scale,
        transform=asked.transform or "linear",
    )
    run.effective |= {"activation": activation.name, "weight": metric.weight, "scale": scale, "transform": metric.transform}
    chosen = "" if asked.scale else ", since some are negative" if is_signed else ", since none is negative"
    where = f"column '{activation.name}'" if activation.form == "column" else activation.name
    beside = f"beside the cosine, whose distances are {_median_distance(representation.vectors, asked.seed):.2g} at the median"
    run.note(f"activation: {where}; its values are scaled by {scale}{chosen}, and weigh {metric.weight:g} {beside}")
    return metric


def _neuron(number: str) -> Neuron:
    if not (number.isascii() and number.isdigit()):
        raise InputError(f"'dim:{number}' names no column of the vectors: give its number, such as dim:12")
    return Neuron(int(number))


def _along(spec: str) -> Along:
    from vista.sources import read_direction

    direction, file = read_direction(spec)
    return Along(direction, (file,))


def _means(rest: str) -> Means:
    column, _, groups = rest.partition("=")
    first, _, second = groups.partition("|")
    if not (column and first and second) or "|" in second:
        raise InputError(f"'means:{rest}' names no two groups: give a column and two of its values, such as means:kind=cat|dog")
    if first == second:
        raise InputError(f"'means:{rest}' names one group twice: there is no way from '{first}' to itself")
    return Means(column, first, second)


def _name_of(condition: Condition | None) -> str:
    match condition:
        case Column(name):
            return name
        case Neuron(dim):
            return f"dim:{dim}"
        case Means(column, first, second):
            return f"means:{column}={first}|{second}"
        case Along(direction):
            return direction.name
    return "in memory"


def _column_of(vectors: Vectors, dim: int) -> NDArray[np.float64]:
    if dim >= vectors.shape[1]:
        raise InputError(f"there is no dim:{dim}: the vectors have {vectors.shape[1]} dimensions, 0 to {vectors.shape[1] - 1}")
    column = vectors[:, [dim]]
    return np.asarray(column if isinstance(column, np.ndarray) else column.toarray(), dtype=np.float64).ravel()


def _products(vectors: Vectors, direction: Direction) -> NDArray[np.float64]:
    along = np.asarray(direction.vector, dtype=np.float64)
    if along.shape != (vectors.shape[1],):
        raise InputError(
            f"{direction.name} is {' × '.join(map(str, along.shape))} numbers, but the vectors have {vectors.shape[1]}: "
            "map the representation that the direction was made for"
        )
    if not isinstance(vectors, np.ndarray):
        return np.asarray(vectors @ along, dtype=np.float64)
    return np.asarray(np.einsum("ij,j->i", vectors, along, dtype=np.float64))  # in pieces, and the same whatever the number of threads


def _between_means(vectors: Vectors, groups: list[str | None], means: Means) -> NDArray[np.float64]:
    """Return the mean of the first group less that of the second, (dim,)."""
    belongs = [np.array([group == name for group in groups], dtype=np.float64) for name in (means.first, means.second)]
    weights = belongs[0] / belongs[0].sum() - belongs[1] / belongs[1].sum()
    if not isinstance(vectors, np.ndarray):
        return np.asarray(vectors.T @ weights, dtype=np.float64)
    return np.asarray(np.einsum("ij,i->j", vectors, weights, dtype=np.float64))


def _median_distance(vectors: Vectors, seed: int) -> float:
    """Return the median cosine distance between two items, of a sample."""
    n = vectors.shape[0]
    rows = np.sort(np.random.default_rng(seed).choice(n, min(n, SAMPLED_ITEMS), replace=False))
    distances = metric_space(vectors[rows], "cosine").distances(slice(None))
    return float(np.median(distances[np.triu_indices(len(rows), 1)]))


def _refuse_constant(values: NDArray[np.float64], name: str) -> None:
    if values.min() == values.max():
        raise InputError(f"{name} is {values[0]:g} for all {len(values):,} items: there is nothing to condition the map on")
