"""The ids of items: unique strings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vista.errors import InputError
from vista.sources.column_words import LISTED_ITEMS, ColumnWords
from vista.sources.user_columns import plain_column


def item_ids(table: pa.Table, column: str | None) -> Sequence[str]:
    """Return one unique string an item: the values of a column, or row numbers from 0 where `column` is None.

    Raises:
        InputError: If values are missing or occur twice, or are no strings or numbers.
    """
    if column is None:
        is_large = table.num_rows > LISTED_ITEMS
        return ColumnWords(pa.array(np.arange(table.num_rows))) if is_large else [str(row) for row in range(table.num_rows)]
    plain = plain_column(table.column(column))
    if plain is None:
        raise InputError(f"id column '{column}' is {table.column(column).type}; ids are strings or numbers. Row numbers: --id row.")
    if plain.null_count:
        raise InputError(f"id column '{column}' is empty in {plain.null_count:,} of {len(plain):,} rows; use row numbers with --id row.")
    words = plain.cast(pa.string())
    if len(words) > LISTED_ITEMS:
        _refuse_duplicates_of_many(words, column)
        return ColumnWords(words)
    ids: list[str] = words.to_pylist()
    _refuse_duplicates(ids, column)
    return ids


def ids_at(ids: Sequence[str], rows: NDArray[np.int64]) -> Sequence[str]:
    """Return the ids of some rows, in the same form."""
    if isinstance(ids, ColumnWords):
        return ids if len(rows) == len(ids) else ids.taken(rows)
    return [ids[row] for row in rows.tolist()]


def _refuse_duplicates(ids: list[str], column: str) -> None:
    n_repeats = len(ids) - len(set(ids))
    if n_repeats:
        [(example, n_times)] = Counter(ids).most_common(1)
        raise InputError(_repeated(column, example, n_times, n_repeats))


def _refuse_duplicates_of_many(words: pa.ChunkedArray, column: str) -> None:
    n_repeats = len(words) - pc.count_distinct(words).as_py()
    if n_repeats:
        counted = words.value_counts()
        most = int(np.argmax(counted.field("counts").to_numpy()))
        raise InputError(_repeated(column, counted.field("values")[most].as_py(), counted.field("counts")[most].as_py(), n_repeats))


def _repeated(column: str, example: str, n_times: int, n_repeats: int) -> str:
    counts = f"'{example}' occurs {n_times:,} times, {n_repeats:,} repeats in all"
    return f"ids in column '{column}' are not unique: {counts}; use row numbers with --id row."
