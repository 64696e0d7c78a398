"""Parquet as an atlas holds it: the same bytes for the same rows, in row groups small enough to fetch alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_PER_GROUP = 25_000
ROWS_AT_ONCE = 65_536  # of a table that is written as it is made


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table without the metadata of whoever made it."""
    import pyarrow.parquet as pq

    bare = table.replace_schema_metadata(None)
    pq.write_table(bare, path, compression="snappy", row_group_size=ROWS_PER_GROUP, write_page_index=True)


@contextmanager
def growing_table(path: Path) -> Iterator[Callable[[pa.Table], None]]:
    """Give a function that adds rows to a table, which is never in memory as a whole; the first call sets the types."""
    import pyarrow.parquet as pq

    writer: pq.ParquetWriter | None = None

    def add(table: pa.Table) -> None:
        nonlocal writer
        bare = table.replace_schema_metadata(None)
        if writer is None:
            writer = pq.ParquetWriter(path, bare.schema, compression="snappy", write_page_index=True)
        writer.write_table(bare, row_group_size=ROWS_PER_GROUP)

    try:
        yield add
    finally:
        if writer is not None:
            writer.close()
