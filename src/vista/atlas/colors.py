"""Columns to color by: a category's code or a number for every item, in drawing order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

MAX_CATEGORIES = 250
MAX_INTEGER_CATEGORIES = 20
MISSING_CODE = 255


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
    import pyarrow.compute as pc

    column = _simple(column)
    is_number, is_moment = pa.types.is_integer(column.type) or pa.types.is_floating(column.type), pa.types.is_temporal(column.type)
    if not (is_number or is_moment or _is_text(column.type)):
        return f"values of type {column.type} have no color"
    n_distinct = pc.count_distinct(column).as_py()
    if n_distinct == 0:
        return "it holds no values"
    if pa.types.is_floating(column.type) or (is_number and n_distinct > MAX_INTEGER_CATEGORIES):
        return _numbers(column)
    if is_moment and n_distinct > MAX_CATEGORIES:
        return f"its {n_distinct} dates are more than {MAX_CATEGORIES} categories"
    return _categories([None if value is None else _name(value) for value in column.to_pylist()])


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


def _categories(values: list[str | None]) -> Categories:
    counted = sorted(Counter(value for value in values if value is not None).items(), key=lambda entry: (-entry[1], entry[0]))
    kept = counted if len(counted) <= MAX_CATEGORIES else counted[: MAX_CATEGORIES - 1]
    names, counts = [name for name, _ in kept], [count for _, count in kept]
    if len(counted) > len(kept):
        names.append("other")
        counts.append(sum(count for _, count in counted[len(kept) :]))
    code_of: dict[str | None, int] = {name: code for code, (name, _) in enumerate(kept)}
    code_of[None] = MISSING_CODE
    codes = np.fromiter((code_of.get(value, len(kept)) for value in values), np.uint8, len(values))
    return Categories(codes, names, counts)


def _numbers(column: pa.ChunkedArray) -> Numbers | str:
    import pyarrow as pa

    values = np.asarray(column.cast(pa.float64()).to_numpy(), np.float64).astype(np.float32)
    values = np.where(np.isfinite(values), values, np.float32("nan"))
    if np.isnan(values).all():
        return "it holds no finite number"
    return Numbers(values, float(np.nanmin(values)), float(np.nanmax(values)))
