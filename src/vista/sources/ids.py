"""The ids of items: unique strings."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa

from vista.errors import InputError
from vista.sources.user_columns import plain_column


def item_ids(table: pa.Table, column: str | None) -> list[str]:
    """Return one unique string an item: the values of a column, or row numbers from 0 where `column` is None.

    Raises:
        InputError: If values are missing or occur twice, or are no strings or numbers.
    """
    if column is None:
        return [str(row) for row in range(table.num_rows)]
    plain = plain_column(table.column(column))
    if plain is None:
        raise InputError(f"id column '{column}' is {table.column(column).type}; ids are strings or numbers. Row numbers: --id row.")
    if plain.null_count:
        raise InputError(f"id column '{column}' is empty in {plain.null_count:,} of {len(plain):,} rows; use row numbers with --id row.")
    ids: list[str] = plain.cast(pa.string()).to_pylist()
    _refuse_duplicates(ids, column)
    return ids


def _refuse_duplicates(ids: list[str], column: str) -> None:
    n_repeats = len(ids) - len(set(ids))
    if n_repeats:
        [(example, n_times)] = Counter(ids).most_common(1)
        counts = f"'{example}' occurs {n_times:,} times, {n_repeats:,} repeats in all"
        raise InputError(f"ids in column '{column}' are not unique: {counts}; use row numbers with --id row.")
