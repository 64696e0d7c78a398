"""Columns to color by: a category's code or a number for every item, in drawing order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

MAX_CATEGORIES = 250
MAX_INTEGER_CATEGORIES = 20
MISSING_CODE = 255
LAST_SHADE = 254
_HEAD_ROWS = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """Codes of named categories, the most frequent first.

    Attributes:
        codes: (n_items,) uint8; `MISSING_CODE` where the value is missing.
        names: At most 250; where there were more values, the last is "other".
        counts: Items of each.
    """

    codes: NDArray[np.uint8]
    names: list[str]
    counts: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Numbers, with the lowest and the highest.

    Attributes:
        values: (n_items,) float32; NaN where the value is missing or infinite.
        low: Smallest value.
        high: Largest value.
    """

    values: NDArray[np.float32]
    low: float
    high: float


Color: TypeAlias = Categories | Numbers


def color_of(column: pa.ChunkedArray) -> Color | str:
    """Return what a column gives to color by, or the reason why it gives nothing.

    Texts and truth values are categories, and so are integers with at most 20 and dates with at most 250 distinct
    values. Other numbers are numbers.
    """
    import pyarrow as pa

    column = _simple(column)
    is_number, is_moment = pa.types.is_integer(column.type) or pa.types.is_floating(column.type), pa.types.is_temporal(column.type)
    if not (is_number or is_moment or _is_text(column.type)):
        return f"values of type {column.type} have no color"
    if column.null_count == len(column):
        return "it holds no values"
    if pa.types.is_floating(column.type) or (is_number and _has_more_values(column, MAX_INTEGER_CATEGORIES)):
        return _numbers(column)
    encoded = column.dictionary_encode().combine_chunks()
    if is_moment and len(encoded.dictionary) > MAX_CATEGORIES:
        return f"its {len(encoded.dictionary)} dates are more than {MAX_CATEGORIES} categories"
    return _categories([_name(value) for value in encoded.dictionary.to_pylist()], encoded.indices)


def shades_of(numbers: Numbers) -> NDArray[np.uint8]:
    """Return numbers as shades from 0, the lowest, to 254, the highest; 255 is missing."""
    span = np.float64(numbers.high) - np.float64(numbers.low)
    shades = numbers.values.astype(np.float64)
    shades -= numbers.low
    shades *= LAST_SHADE / span if span > 0 else 0.0
    is_missing = np.isnan(shades)
    shades[is_missing] = MISSING_CODE
    return np.rint(shades, out=shades).astype(np.uint8)


def _has_more_values(column: pa.ChunkedArray, most: int) -> bool:
    """Return whether a column has more distinct values than that; often its beginning tells."""
    import pyarrow.compute as pc

    head = column.slice(0, _HEAD_ROWS)
    return bool(pc.count_distinct(head).as_py() > most or (len(column) > len(head) and pc.count_distinct(column).as_py() > most))


def _simple(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column with plain values, for Arrow cannot count distinct ones in every type."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        return _simple(column.cast(column.type.value_type))
    if pa.types.is_string_view(column.type):
        return column.cast(pa.string())
    return column.cast(pa.float64()) if pa.types.is_decimal(column.type) else column


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind))


def _name(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _categories(known: list[str], values: pa.Array) -> Categories:
    """Return categories from the names of distinct values, and for every item the number of its own."""
    numbers = values.fill_null(len(known)).to_numpy(zero_copy_only=False)
    times = np.bincount(numbers, minlength=len(known) + 1)[: len(known)].tolist()
    counted = sorted(zip(known, times, range(len(known)), strict=True), key=lambda entry: (-entry[1], entry[0]))
    kept = counted if len(counted) <= MAX_CATEGORIES else counted[: MAX_CATEGORIES - 1]
    names, counts = [name for name, _, _ in kept], [count for _, count, _ in kept]
    if len(counted) > len(kept):
        names.append("other")
        counts.append(sum(count for _, count, _ in counted[len(kept) :]))
    code_of = np.full(len(known) + 1, len(kept), np.uint8)
    code_of[len(known)] = MISSING_CODE
    for code, (_, _, number) in enumerate(kept):
        code_of[number] = code
    return Categories(code_of[numbers], names, counts)


def _numbers(column: pa.ChunkedArray) -> Numbers | str:
    import pyarrow as pa

    with np.errstate(over="ignore"):
        values = np.asarray(column.cast(pa.float64()).to_numpy(), np.float64).astype(np.float32)
    values[~np.isfinite(values)] = np.nan
    if np.isnan(values).all():
        return "it holds no finite number"
    return Numbers(values, float(np.nanmin(values)), float(np.nanmax(values)))
