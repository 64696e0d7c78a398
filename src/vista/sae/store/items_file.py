"""The items of a store, beside their codes: an Arrow file that is mapped into memory, so that long texts cost nothing to open."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from io import RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vista.artifacts import Items
from vista.errors import InputError, InputFileError, reason_of

if TYPE_CHECKING:
    import pyarrow as pa

OWN_COLUMNS = ("item_id", "source_row", "text")
_ROWS_PER_BATCH = 4096


def item_table(items: Items) -> pa.Table:
    """Return `item_id`, `source_row`, `text` (null where there are no texts) and the user's columns, one row an item.

    Raises:
        InputError: If a column of the user's has one of these names.
    """
    import pyarrow as pa

    if clash := sorted(set(OWN_COLUMNS) & set(items.columns.column_names)):
        raise InputError(f"a column is called '{clash[0]}', which a store keeps for itself; rename it.")
    own = {
        "item_id": pa.array(items.ids, pa.large_string()),
        "source_row": pa.array(items.source_rows, pa.int64()),
        "text": pa.nulls(len(items), pa.large_string()) if items.texts is None else pa.array(items.texts, pa.large_string()),
    }
    return pa.table(own | dict(zip(items.columns.column_names, items.columns.columns, strict=True)))


def write_items(path: Path, table: pa.Table) -> None:
    """Write a table as an Arrow file: the same bytes for the same rows."""
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as file:
        _write(file, table)


def items_sha256(items: Items) -> str:
    """Return the hash (hex) that the file of items has in a store, without writing it.

    Raises:
        InputError: As `item_table`.
    """
    import pyarrow as pa

    hashing = _Hashing()
    _write(pa.PythonFile(hashing, mode="w"), item_table(items))
    return hashing.digest.hexdigest()


class _Hashing(RawIOBase):
    """A file that keeps nothing of what is written but its hash."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        return len(data)


def _write(file: Any, table: pa.Table) -> None:
    import pyarrow as pa

    bare = table.replace_schema_metadata(None).unify_dictionaries().combine_chunks()
    with pa.ipc.new_file(file, bare.schema) as writer:
        writer.write_table(bare, max_chunksize=_ROWS_PER_BATCH)


def map_items(paths: Sequence[Path]) -> pa.Table:
    """Return the rows of several files, one after another; a column that some lack is null there.

    Raises:
        InputFileError: If a file is missing or damaged.
    """
    import pyarrow as pa

    try:
        tables = [pa.ipc.open_file(pa.memory_map(str(path))).read_all() for path in paths]
    except (OSError, pa.ArrowException) as error:
        raise InputFileError(f"the items of the store in '{paths[0].parent.parent}' cannot be read ({reason_of(error)}).") from error
    return pa.concat_tables(tables, promote_options="default")


def items_from(table: pa.Table, text_column: str | None, color_columns: Sequence[str]) -> Items:
    """Return a store's table as `Items`."""
    own: dict[str, Any] = {name: table.column(name) for name in OWN_COLUMNS}
    texts = None if own["text"].null_count == len(table) else ["" if text is None else text for text in own["text"].to_pylist()]
    return Items(
        ids=own["item_id"].to_pylist(),
        source_rows=np.asarray(own["source_row"].to_numpy(), np.int64),
        texts=texts,
        pictures=None,
        columns=table.drop_columns(list(OWN_COLUMNS)),
        text_column=text_column,
        color_columns=tuple(color_columns),
    )
