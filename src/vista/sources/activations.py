"""One number an item that a map is conditioned on: a column of the table, or an array in row order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vista.artifacts import InputFile, Skipped
from vista.errors import InputError
from vista.sources.column_types import is_number
from vista.sources.fingerprints import vectors_input
from vista.sources.loaded import Loaded
from vista.sources.memory import as_vectors
from vista.sources.user_columns import plain_column


@dataclass(frozen=True, slots=True, eq=False)
class GivenActivations:
    """Numbers in row order.

    Attributes:
        values: (n_rows,) float64; NaN where there is no number, or none that float32 holds.
        name: What messages call them.
        inputs: Their hash, where they came beside the source.
    """

    values: NDArray[np.float64]
    name: str
    inputs: tuple[InputFile, ...] = ()

    def measured(self, rows: NDArray[np.int64], ids: Sequence[str], *, strict: bool) -> tuple[NDArray[np.int64], tuple[Skipped, ...]]:
        """Return those of the rows that have a number, and the others as left out.

        Raises:
            InputError: If no row has one, or under `strict` if some have none.
        """
        is_measured = np.isfinite(self.values[rows])
        n_without = int(np.count_nonzero(~is_measured))
        if n_without == len(rows):
            raise InputError(f"{self.name} has no number for any of the {len(rows):,} items: there is nothing to condition the map on.")
        if n_without and strict:
            raise InputError(f"{self.name} has no number for {n_without:,} of {len(rows):,} items; leave out --strict to map the others.")
        left_out = tuple(Skipped(ids[row], f"{self.name} has no number for it") for row in rows[~is_measured].tolist())
        return rows[is_measured], left_out


def find_activations(loaded: Loaded, activation: object) -> GivenActivations | None:
    """Find the numbers: in a column of that name, or in an array in memory; None where nothing was asked for.

    Raises:
        InputError: If the column or the array holds no numbers, or the array has not one a row.
    """
    if activation is None:
        return None
    if isinstance(activation, str):
        return GivenActivations(_column_numbers(loaded.table, activation), f"column '{activation}'")
    values = _numbers_in_memory(activation)
    if values.shape != (loaded.table.num_rows,):
        raise InputError(
            f"the activations have the shape {values.shape}, but {loaded.name} has {loaded.table.num_rows:,} rows; give one a row."
        )
    return GivenActivations(_finite(values), "the array of activations", (vectors_input(values),))


def read_groups(table: pa.Table, column: str) -> list[str | None]:
    """Return the values of a column as words, None where there is none.

    Raises:
        InputError: If the column holds lists, structures or bytes.
    """
    plain = plain_column(table.column(column))
    if plain is None:
        raise InputError(f"column '{column}' is {table.column(column).type}; groups are told by strings, booleans or numbers.")
    words: list[str | None] = plain.cast(pa.string()).to_pylist()
    return words


def _column_numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    plain = plain_column(table.column(name))
    if plain is None or not _counts(plain.type):
        numbers = [field.name for field in table.schema if _counts(field.type)]
        known = f"columns of numbers: {', '.join(numbers[:12])}" if numbers else "no column holds numbers"
        raise InputError(f"column '{name}' is {table.column(name).type}; a map is conditioned on numbers ({known}).")
    return _finite(plain.cast(pa.float64(), safe=False).to_numpy())


def _counts(kind: pa.DataType) -> bool:
    return is_number(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind)


def _numbers_in_memory(activation: Any) -> NDArray[np.float64]:
    array = as_vectors(activation)
    array = np.asarray(activation) if array is None else array
    try:
        if array.dtype.kind not in "fiubO":
            raise TypeError
        return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"a {type(activation).__name__} of {array.dtype} is nothing to condition a map on; give a column's name or one number a row."
        ) from None


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the numbers with NaN in place of those that an atlas cannot hold, which are float32 there."""
    with np.errstate(over="ignore"):
        return np.where(np.isfinite(values.astype(np.float32)), values, np.nan)
