"""The texts of items."""

from __future__ import annotations

import pyarrow as pa

from vista.errors import InputError
from vista.sources.columns import Roles
from vista.sources.user_columns import plain_column


def read_texts(table: pa.Table, roles: Roles, *, is_needed: bool) -> tuple[list[str] | None, tuple[str, ...]]:
    """Return one text an item, "" where it is missing or blank, and notes; None where there is no text column.

    Args:
        table: The rows of the items.
        roles: Says which column it is; a guessed column that turns out to be empty is let go, unless it is needed.
        is_needed: Whether without texts there would be nothing to map.

    Raises:
        InputError: If the column is no text, or empty in every row.
    """
    if roles.text is None:
        return None, ()
    column = plain_column(table.column(roles.text))
    if column is None and table.column(roles.text).null_count < table.num_rows:
        raise InputError(f"text column '{roles.text}' is {table.column(roles.text).type}; texts are strings. Choose another with --text.")
    values = [None] * table.num_rows if column is None else column.cast(pa.string()).to_pylist()
    texts = [value if value and not value.isspace() else "" for value in values]
    n_missing = texts.count("")
    if n_missing == len(texts):
        if roles.text_guessed and not is_needed:
            return None, (f"text column '{roles.text}' is empty in every row, and not used",)
        raise InputError(f"text column '{roles.text}' is empty in every row (100 % missing); choose another with --text.")
    return texts, (f"{n_missing:,} of {len(texts):,} items have no text",) if n_missing else ()
