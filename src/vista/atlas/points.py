"""The columns that drawing needs, in drawing order: gzip'd where a map is small, plain where tiles of them are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates, Items, Regions, Trust
from vista.atlas.blocks import gzipped
from vista.atlas.colors import Categories, Numbers, color_of, shades_of
from vista.atlas.manifest import CategoryColor, NumberColor, PointsEntry
from vista.cartography.tiles import Tiling

TILE_RECORD = np.dtype(
    [("z", "u1"), ("_", "u1"), ("tx", "<u2"), ("ty", "<u2"), ("__", "<u2"), ("start", "<u4"), ("n", "<u4"), ("n_all", "<u4")]
)


@dataclass(frozen=True, slots=True, eq=False)
class PointColumns:
    """Where the columns of a map's points are written, and how.

    Attributes:
        atlas: The atlas under construction.
        room: Folder of the map in it.
        order: (n_items,) drawing order.
        tiling: The tiles of the points; None where each column is fetched whole.
    """

    atlas: Path
    room: str
    order: NDArray[np.int64]
    tiling: Tiling | None = None

    def write(self, name: str, values: NDArray[Any]) -> str:
        """Write a column that is given in source order, and return its path."""
        return self._keep(name, np.ascontiguousarray(values[self.order]))

    def write_points(
        self, coordinates: Coordinates, trust: Trust | None, members: NDArray[np.int64] | None, regions: Regions
    ) -> PointsEntry:
        """Write where the points are, how far they can be believed, and in which region of the finest level each lies.

        Args:
            coordinates: (n_items, 2) layout.
            trust: How far each item's surroundings can be believed; None where that is not known.
            members: (n_items,) item of the set that each row is; None where it is the row.
            regions: Nested regions of the map.
        """
        false, missing = (None, None) if trust is None else (trust.false_neighbors, trust.missing_neighbors)
        entry: PointsEntry = {
            "xy": self._write_places(coordinates),
            "item": None,
            "trust_false": None if false is None else self.write("trust_false", _share_bytes(false)),
            "trust_missing": None if missing is None else self.write("trust_missing", _share_bytes(missing)),
            "region": self.write("region", regions.membership[:, -1].astype("<u2")),
        }
        if self.tiling is not None:
            entry["tiles"] = path = f"{self.room}/points/tiles.bin"
            (self.atlas / path).write_bytes(gzipped(tile_records(self.tiling).tobytes()))
        else:
            items = np.arange(len(self.order)) if members is None else members
            entry["item"] = self.write("item", items.astype("<u4"))
        return entry

    def _write_places(self, coordinates: Coordinates) -> str:
        if self.tiling is None:
            return self.write("xy", coordinates.astype("<f4"))
        return self._keep("xy", self.tiling.places.astype("<u2", copy=False))

    def write_colors(self, items: Items) -> tuple[list[CategoryColor | NumberColor], list[str]]:
        """Write the columns to color by; return their entries, and why others of those that were wanted give no color."""
        entries: list[CategoryColor | NumberColor] = []
        notes = []
        for number, name in enumerate(items.color_columns):
            color, file = color_of(items.columns.column(name)), f"color_{number}"
            if isinstance(color, str):
                notes.append(f"column '{name}' is not offered for coloring: {color}")
            elif isinstance(color, Categories):
                path = self.write(file, color.codes)
                entries.append(
                    {"name": name, "kind": "category", "path": path, "dtype": "uint8", "categories": color.names, "counts": color.counts}
                )
            else:
                entries.append(self.number_color(name, file, color))
        return entries, notes

    def number_color(self, name: str, file: str, numbers: Numbers) -> NumberColor:
        """Write a column of numbers to color by, and return its entry."""
        path = self.write(file, numbers.values.astype("<f4"))
        entry: NumberColor = {
            "name": name,
            "kind": "number",
            "path": path,
            "dtype": "float32",
            "low": numbers.low,
            "high": numbers.high,
        }
        if self.tiling is not None:
            entry["shades"] = self.write(f"{file}_shades", shades_of(numbers))
        return entry

    def _keep(self, name: str, drawn: NDArray[Any]) -> str:
        path = f"{self.room}/points/{name}.bin"
        (self.atlas / path).write_bytes(drawn.data if self.tiling is not None else gzipped(drawn.tobytes()))
        return path


def tile_records(tiling: Tiling) -> NDArray[Any]:
    """Return the records of `tiles.bin`."""
    records = np.zeros(len(tiling.levels), TILE_RECORD)
    records["z"], records["tx"], records["ty"] = tiling.levels, tiling.columns, tiling.rows
    records["start"], records["n"], records["n_all"] = tiling.starts, tiling.counts, tiling.totals
    return records


def _share_bytes(shares: NDArray[np.floating]) -> NDArray[np.uint8]:
    scaled: NDArray[np.uint8] = np.rint(np.clip(shares, 0.0, 1.0) * 255).astype(np.uint8)
    return scaled
