"""Writing the items of a tiled map: in drawing order, so that neighbors on the map lie side by side, and a slice at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import NeighborGraph
from vista.atlas.blocks import gzipped, write_blocks
from vista.atlas.card_text import card_blocks
from vista.atlas.json_text import rounded
from vista.atlas.manifest import CardsEntry, NeighborsEntry
from vista.atlas.tables import ROWS_AT_ONCE, growing_table
from vista.execution import Progress, in_order, thread_pool

if TYPE_CHECKING:
    import pyarrow as pa

ITEMS_PER_BLOCK = 64  # a few kilobytes; whoever looks at one item looks at those beside it next
NEIGHBORS_ON_CARD = 15
_QUICK = 1  # level of gzip: the tightest takes ten times as long, for a tenth of the bytes
_LARGE_BYTES = 1 << 30  # a string column that could outgrow the offsets of Arrow's strings


@dataclass(frozen=True, slots=True, eq=False)
class DrawnItems:
    """Items in drawing order.

    Attributes:
        table: `item_id`, `source_row`, `text` and the user's columns, in source order.
        order: (n_items,) row of `table` that each item is.
        graph: The nearest items of every row of `table`, or None.
        pictures: (n_items,) the picture of each item, −1 for none.
    """

    table: pa.Table
    order: NDArray[np.int64]
    graph: NeighborGraph | None
    pictures: NDArray[np.int64]

    def rows(self, start: int) -> pa.Table:
        """Return the items of a slice."""
        return self.table.take(self.order[start : start + ROWS_AT_ONCE])


def whole_columns(table: pa.Table) -> pa.Table:
    """Return a table whose columns are in one piece, from which single rows are quickly taken."""
    import pyarrow as pa

    for place, name in enumerate(table.column_names):
        column = table.column(name)
        if pa.types.is_string(column.type) and column.nbytes > _LARGE_BYTES:
            table = table.set_column(place, name, column.cast(pa.large_string()))
    return table.combine_chunks()


def write_drawn_items(atlas: Path, room: str, items: DrawnItems, progress: Progress) -> CardsEntry:
    """Write the table of the items and their cards, and return the entry of the cards."""
    entry: CardsEntry = {"data": f"{room}/cards.bin", "index": f"{room}/cards.idx", "items_per_block": ITEMS_PER_BLOCK}
    place_of = np.empty(len(items.order), np.uint32)
    place_of[items.order] = np.arange(len(items.order), dtype=np.uint32)

    def slice_of(start: int) -> tuple[pa.Table, list[bytes]]:
        table = items.rows(start)
        near, far = _near(items, place_of, start)
        blocks = card_blocks(table, start, items.pictures[start : start + table.num_rows], near, far, items_per_block=ITEMS_PER_BLOCK)
        return table, [gzipped(block, _QUICK) for block in blocks]

    with (
        progress.stage("writing items", len(items.order)) as advance,
        growing_table(atlas / room / "items.parquet") as add,
        thread_pool() as pool,
    ):

        def blocks() -> Iterator[bytes]:
            for table, packed in in_order(pool, slice_of, range(0, len(items.order), ROWS_AT_ONCE)):
                add(table)
                yield from packed
                advance(table.num_rows)

        write_blocks(atlas / entry["data"], atlas / entry["index"], blocks())
    return entry


def write_drawn_neighbors(atlas: Path, room: str, graph: NeighborGraph, order: NDArray[np.int64]) -> NeighborsEntry:
    """Write the nearest items of every item, in drawing order."""
    import pyarrow as pa

    k = graph.n_neighbors
    place_of = np.empty(len(order), np.uint32)
    place_of[order] = np.arange(len(order), dtype=np.uint32)
    with growing_table(atlas / room / "neighbors.parquet") as add:
        for start in range(0, len(order), ROWS_AT_ONCE):
            rows = order[start : start + ROWS_AT_ONCE]
            columns = {
                "item": pa.array(np.arange(start, start + len(rows), dtype=np.uint32)),
                "neighbors": pa.FixedSizeListArray.from_arrays(pa.array(place_of[graph.indices[rows]].ravel()), k),
                "distances": pa.FixedSizeListArray.from_arrays(pa.array(graph.distances[rows].ravel()), k),
            }
            add(pa.table(columns))
    return {"path": f"{room}/neighbors.parquet", "k": k, "metric": graph.metric, "exact": graph.exact, "recall": graph.recall}


def _near(items: DrawnItems, place_of: NDArray[np.uint32], start: int) -> tuple[NDArray[Any], NDArray[np.float64]]:
    rows = items.order[start : start + ROWS_AT_ONCE]
    if items.graph is None:
        return np.zeros((len(rows), 0), np.uint32), np.zeros((len(rows), 0))
    return place_of[items.graph.indices[rows, :NEIGHBORS_ON_CARD]], rounded(items.graph.distances[rows, :NEIGHBORS_ON_CARD], 4)
