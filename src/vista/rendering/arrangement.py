"""Where every picture goes: into which cell of which tile of the collage, and to which place of which sheet.

```
levels 0 … n_tile_levels − 1    tiles: a cell stands for many items, and what stands side by side comes from all over the data
deeper levels                   sheets: most items stand for themselves, so each picture is kept once, 64 to a sheet in the
                                order of the map, instead of once at every level
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.cartography.extent import CELL_RECORD, CELLS_PER_TILE, MAX_LEVELS, NO_PICTURE, tile_of
from vista.rendering.cells import LevelCells
from vista.rendering.pictures import PICTURE_PX, Kind, PictureSource
from vista.rendering.spool import PictureSpool

PICTURES_PER_SHEET = CELLS_PER_TILE**2
FEWEST_TILE_LEVELS = 2  # the preview is made of the second
_STACKED = 2  # where cells hold fewer items than this in the mean, most items stand for themselves
_SMALLEST_PX = 44
_CROWDED = 4  # items in a full cell from which sizes tell counts apart
_FINEST_LEVEL = MAX_LEVELS + CELLS_PER_TILE.bit_length() - 1  # at which a tile is as small as a cell of the deepest level


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A tile or a sheet before it is drawn: its number, its cells, their slots in the spool and their sizes."""

    number: int
    cells: NDArray[Any]
    slots: NDArray[np.int64]
    sizes_px: NDArray[np.int64]


class Arrangement:
    """The tiles, the cells and the sheets of a collage, before anything is drawn.

    Args:
        levels: The occupied cells of levels 0, 1, 2, …
        source: Finds the picture of an item.
        spool: The drawn pictures.
    """

    def __init__(self, levels: Sequence[LevelCells], source: PictureSource, spool: PictureSpool) -> None:
        self._source, self._spool, self._levels = source, spool, levels
        self.n_tile_levels = _n_tile_levels(levels)
        on_map = _places_on_map(levels[self.n_tile_levels :], source, spool)
        order = np.lexsort((on_map, -spool.kinds.astype(np.int64)))  # the library's pictures, which many share, by themselves
        self._in_sheets = order[on_map[order] >= 0]
        self._picture_of_slot = np.full(len(spool.keys), NO_PICTURE, dtype=np.uint32)
        self._picture_of_slot[self._in_sheets] = np.arange(len(self._in_sheets), dtype=np.uint32)

    @property
    def n_sheets(self) -> int:
        return -(-len(self._in_sheets) // PICTURES_PER_SHEET)

    @property
    def n_tiles(self) -> int:
        return sum(len(np.unique(_tile_numbers_of(cells))) for cells in self._levels[: self.n_tile_levels])

    def tiles(self) -> Iterator[Tile]:
        """Yield the tiles that are drawn, in the order of their numbers."""
        return self._tiles(self._levels[: self.n_tile_levels])

    def all_cells(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number and the cells of every tile that there is at any level, in the order of the numbers."""
        return ((tile.number, tile.cells.tobytes()) for tile in self._tiles(self._levels))

    def _tiles(self, levels: Sequence[LevelCells]) -> Iterator[Tile]:
        for cells in levels:
            numbers = _tile_numbers_of(cells)
            order = np.argsort(numbers, kind="stable")  # within a tile, cells stay in row-major order
            slots = self._spool.slots(self._source.keys(cells.items, cells.level))[order]
            kinds = self._spool.kinds[slots]
            sizes_px = np.where(kinds == Kind.CARD, PICTURE_PX, _sizes_px(cells.counts)[order])
            records = _records(cells, self._source.numbers)[order]
            records["flags"], records["picture"] = kinds, self._picture_of_slot[slots]
            first = np.flatnonzero(np.diff(numbers[order], prepend=-1))
            for start, end in zip(first, np.append(first[1:], len(order)), strict=True):
                yield Tile(int(numbers[order[start]]), records[start:end], slots[start:end], sizes_px[start:end])

    def sheets(self) -> Iterator[Tile]:
        """Yield the sheets: 8 × 8 pictures each, row by row."""
        for number in range(self.n_sheets):
            slots = self._in_sheets[number * PICTURES_PER_SHEET :][:PICTURES_PER_SHEET]
            cells = np.zeros(len(slots), dtype=CELL_RECORD)
            cells["row"], cells["column"] = np.divmod(np.arange(len(slots)), CELLS_PER_TILE)
            cells["flags"] = self._spool.kinds[slots]
            yield Tile(number, cells, slots, np.full(len(slots), PICTURE_PX))


def tile_numbers(level: int, columns: NDArray[np.integer], rows: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the PMTiles v3 number of each tile of a level: the tiles of all levels above, then its place on a Hilbert curve."""
    x, y = columns.astype(np.int64), rows.astype(np.int64)
    numbers = np.full(len(x), ((1 << (2 * level)) - 1) // 3, dtype=np.int64)
    for bit in reversed(range(level)):
        side = 1 << bit
        right, lower = x & side, y & side
        numbers += ((3 * right) ^ lower) << bit
        mirrored = (lower == 0) & (right != 0)
        x, y = np.where(mirrored, side - 1 - x, x), np.where(mirrored, side - 1 - y, y)
        x, y = np.where(lower == 0, y, x), np.where(lower == 0, x, y)
    return numbers


def _n_tile_levels(levels: Sequence[LevelCells]) -> int:
    """Return how many levels have tiles: all in which cells are stacks, and those that the preview is made of."""
    n_items = int(levels[0].counts.sum())
    n_stacked = sum(n_items >= _STACKED * cells.n_cells for cells in levels)
    return min(len(levels), max(n_stacked, FEWEST_TILE_LEVELS))


def _places_on_map(levels: Sequence[LevelCells], source: PictureSource, spool: PictureSpool) -> NDArray[np.int64]:
    """Return where on a Hilbert curve over the map each picture of the spool is shown in the levels, -1 for nowhere.

    A picture that stands in several cells is put where the middle one of them is, at the deepest level that shows it.
    """
    on_map = np.full(len(spool.keys), -1, dtype=np.int64)
    for cells in levels:
        slots = spool.slots(source.keys(cells.items, cells.level))
        across = MAX_LEVELS - cells.level  # compared between levels, so counted in cells of the deepest there can be
        along = tile_numbers(_FINEST_LEVEL, cells.columns.astype(np.int64) << across, cells.rows.astype(np.int64) << across)
        order = np.lexsort((along, slots))
        shown, first, n_cells = np.unique(slots[order], return_index=True, return_counts=True)
        on_map[shown] = along[order[first + n_cells // 2]]
    return on_map


def _tile_numbers_of(cells: LevelCells) -> NDArray[np.int64]:
    return tile_numbers(cells.level, *tile_of(cells.columns, cells.rows))


def _records(cells: LevelCells, numbers: NDArray[np.int64] | None) -> NDArray[Any]:
    records = np.zeros(cells.n_cells, dtype=CELL_RECORD)
    records["column"], records["row"] = cells.columns % CELLS_PER_TILE, cells.rows % CELLS_PER_TILE
    records["item"] = cells.items if numbers is None else numbers[cells.items]
    records["count"], records["spread"] = cells.counts, cells.spreads
    return records


def _sizes_px(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how large each cell's picture is drawn: full size in a full cell, less by the logarithm of the count."""
    full = float(np.quantile(counts, 0.9))
    if full < _CROWDED:
        return np.full(len(counts), PICTURE_PX, dtype=np.int64)
    share = np.minimum(np.log(counts) / np.log(full), 1.0)
    return np.asarray(2 * np.round((_SMALLEST_PX + (PICTURE_PX - _SMALLEST_PX) * share) / 2), dtype=np.int64)
