"""Which tiled maps of an atlas show the same items, and at which rows, so that a reader can go from one to the other.

A tiled map has a set of its own, in its own order. Where another map's set holds the same ids and texts in another order, and nothing
else in the columns that both have, two files say for each row of one map which row of the other shows the same item.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.atlas.construction import Building
from vista.atlas.manifest import MapEntry, RowsEntry

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 1_000_000


def write_same_items(place: Building, entry: MapEntry) -> dict[str, RowsEntry]:
    """Write where the items of a tiled map are on the tiled maps before it that show the same; return an entry for each of these."""
    if place.earlier is None or "tiles" not in entry["points"]:
        return {}
    found: dict[str, RowsEntry] = {}
    for other, earlier in place.earlier["maps"].items():
        if "tiles" not in earlier["points"] or earlier["n_items"] != entry["n_items"]:
            continue
        there = rows_there(place.folder, entry["set"], earlier["set"])
        if there is None:
            continue
        here = np.empty_like(there)
        here[there] = np.arange(len(there), dtype=there.dtype)
        found[other] = {"there": _written(place, f"{other}-there", there), "here": _written(place, f"{other}-here", here)}
    return found


def rows_there(atlas: Path, name: str, other: str) -> NDArray[np.uint32] | None:
    """Return (n_items,) the item of the set `other` that each item of the set `name` is; None where they do not hold the same items."""
    import pyarrow.parquet as pq

    tables = [pq.ParquetFile(atlas / f"items/{one}/items.parquet") for one in (name, other)]
    orders = [np.argsort(table.read(["source_row"]).column(0).to_numpy(), kind="stable") for table in tables]
    shared = [column for column in tables[0].schema_arrow.names if column in tables[1].schema_arrow.names]
    for column in shared:  # one at a time: a table of ten million texts is large
        one, same = (table.read([column]).column(0) for table in tables)
        if not all(_are_equal(one.take(here), same.take(there)) for here, there in _ranges(orders)):
            return None
    there = np.empty(len(orders[0]), np.uint32)
    there[orders[0]] = orders[1].astype(np.uint32)
    return there


def _ranges(orders: list[NDArray[np.int64]]) -> Iterator[list[NDArray[np.int64]]]:
    """Cut orders into ranges whose texts fit into one array."""
    for start in range(0, len(orders[0]), _ROWS_AT_ONCE):
        yield [order[start : start + _ROWS_AT_ONCE] for order in orders]


def _are_equal(one: pa.ChunkedArray, same: pa.ChunkedArray) -> bool:
    """Return whether two columns hold the same; a number that is none equals itself here."""
    import pyarrow as pa

    if one.type == same.type and pa.types.is_floating(one.type):
        return one.is_null().equals(same.is_null()) and np.array_equal(one.to_numpy(), same.to_numpy(), equal_nan=True)
    return bool(one.equals(same))


def _written(place: Building, name: str, rows: NDArray[np.uint32]) -> str:
    path = f"maps/{place.map_id}/rows/{name}.bin"
    (place.folder / path).parent.mkdir(exist_ok=True)
    (place.folder / path).write_bytes(rows.astype("<u4", copy=False).tobytes())
    return path
