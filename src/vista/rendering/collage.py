"""The collage: at every zoom, each occupied cell shows the picture of the item that stands for it.

Pictures are drawn once, into a spool; tiles are then composed and encoded in threads and written in the order of their
numbers, so that the archives are the same, byte for byte, on any number of threads. Nothing covers anything: a picture
stays inside its cell. Where cells hold many items, those that hold few are drawn a little smaller, so that one sees
where the map is dense.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from vista.cartography.extent import CELL_PX, CELLS_PER_TILE, TILE_PX, tile_of
from vista.execution import Progress, silent
from vista.rendering.cells import LevelCells
from vista.rendering.pictures import PICTURE_PX, Kind, PictureSource
from vista.rendering.spool import PictureSpool, in_order
from vista.rendering.webp import encode_tile

CELL_RECORD = np.dtype([("column", "u1"), ("row", "u1"), ("flags", "<u2"), ("item", "<u4"), ("count", "<u4"), ("spread", "<f4")])
PREVIEW_PX = 1024
PREVIEW_LIMIT_BYTES = 150_000
_PREVIEW_LEVEL = 1
_SMALLEST_PX = 44
_CROWDED = 4  # items in a full cell from which sizes tell counts apart
_TILES_AT_ONCE = 16
_MOST_THREADS = 8


@dataclass(frozen=True, slots=True)
class CollageSummary:
    """What was written.

    Attributes:
        n_levels: Levels of the pyramid.
        n_tiles: Tiles in all levels.
        n_bytes: Size of the tiles' archive.
        pictures: Where the pictures come from.
    """

    n_levels: int
    n_tiles: int
    n_bytes: int
    pictures: Literal["items", "library", "cards", "mixed"]


@dataclass(frozen=True, slots=True, eq=False)
class _Tile:
    """One tile before it is drawn: its number in the archive, its cells, their slots in the spool and their sizes."""

    number: int
    cells: NDArray[Any]
    slots: NDArray[np.int64]
    sizes_px: NDArray[np.int64]


def render_collage(
    levels: Sequence[LevelCells], source: PictureSource, *, tiles_path: Path, cells_path: Path, progress: Progress = silent
) -> CollageSummary:
    """Write the pyramid of pictures and, for each of its tiles, which item stands in which cell.

    Same input, same bytes. Memory holds a few tiles and 40 bytes a tile of directory; beside the output, 12.25 KiB of
    disk for each picture are used until the end.

    Args:
        levels: The occupied cells of levels 0, 1, 2, …, from `choose_representatives`.
        source: Finds the picture of an item.
        tiles_path: Archive of the pictures to write (`docs/format.md`), in a folder that exists.
        cells_path: Archive of the cells to write.
        progress: Told how far the work is.
    """
    keys = np.unique(np.concatenate([np.unique(source.keys(cells.items, cells.level)) for cells in levels]))
    n_threads = min(os.cpu_count() or 1, _MOST_THREADS)
    spool = PictureSpool(keys, tiles_path.parent)
    try:
        with ThreadPoolExecutor(n_threads) as pool:
            with progress.stage("drawing pictures", len(keys)) as advance:
                spool.fill(source, pool, n_threads, advance)
            n_tiles = _write_tiles(levels, source, spool, pool, n_threads, tiles_path, cells_path, progress)
    finally:
        spool.close()
    return CollageSummary(len(levels), n_tiles, tiles_path.stat().st_size, _origin(spool.kinds))


def render_preview(tiles_path: Path, *, px: int = PREVIEW_PX, limit_bytes: int = PREVIEW_LIMIT_BYTES) -> bytes:
    """Return the whole map in one WebP of at most `limit_bytes`, from a finished collage.

    The quality goes down, and below that the size, until it fits.

    Args:
        tiles_path: The collage's archive.
        px: Side of the preview; smaller for a map of a single level.
        limit_bytes: Largest size.
    """
    from PIL import Image

    whole = _whole_level(tiles_path)
    side_px = min(px, whole.width)
    while True:
        image = whole if side_px == whole.width else whole.resize((side_px, side_px), Image.Resampling.LANCZOS)
        for quality in (80, 65, 50, 35):
            packed = BytesIO()
            image.save(packed, "WEBP", quality=quality, alpha_quality=quality, method=4)
            if packed.tell() <= limit_bytes or side_px <= 64:
                return packed.getvalue()
        side_px = side_px * 3 // 4


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


def _write_tiles(
    levels: Sequence[LevelCells],
    source: PictureSource,
    spool: PictureSpool,
    pool: ThreadPoolExecutor,
    n_threads: int,
    tiles_path: Path,
    cells_path: Path,
    progress: Progress,
) -> int:
    from pmtiles.tile import TileType

    n_tiles = sum(len(np.unique(_tile_numbers_of(cells))) for cells in levels)
    with progress.stage("rendering tiles", n_tiles) as advance, tiles_path.open("wb") as tiles_file, cells_path.open("wb") as cells_file:
        tiles, cells = _writer(tiles_file, tiles_path.parent), _writer(cells_file, cells_path.parent)
        with tiles.tile_f, cells.tile_f:
            batches = _batches(_tiles(levels, source, spool))

            def encode_batch(batch: list[_Tile]) -> list[tuple[int, bytes, bytes]]:
                return [(tile.number, _encoded(tile, spool), tile.cells.tobytes()) for tile in batch]

            for batch in in_order(pool, encode_batch, batches, n_ahead=2 * n_threads):
                for number, webp, records in batch:
                    tiles.write_tile(number, webp)
                    cells.write_tile(number, records)
                advance(len(batch))
            tiles.finalize(_header(TileType.WEBP), {"name": "collage"})
            cells.finalize(_header(TileType.UNKNOWN), {"name": "cells"})
    return n_tiles


def _tiles(levels: Sequence[LevelCells], source: PictureSource, spool: PictureSpool) -> Iterator[_Tile]:
    for cells in levels:
        numbers = _tile_numbers_of(cells)
        order = np.argsort(numbers, kind="stable")  # within a tile, cells stay in row-major order
        slots = spool.slots(source.keys(cells.items, cells.level))[order]
        kinds = spool.kinds[slots]
        sizes_px = np.where(kinds == Kind.CARD, PICTURE_PX, _sizes_px(cells.counts)[order])
        records = _records(cells)[order]
        records["flags"] = kinds
        first = np.flatnonzero(np.diff(numbers[order], prepend=-1))
        for start, end in zip(first, np.append(first[1:], len(order)), strict=True):
            yield _Tile(int(numbers[order[start]]), records[start:end], slots[start:end], sizes_px[start:end])


def _tile_numbers_of(cells: LevelCells) -> NDArray[np.int64]:
    return tile_numbers(cells.level, *tile_of(cells.columns, cells.rows))


def _records(cells: LevelCells) -> NDArray[Any]:
    records = np.zeros(cells.n_cells, dtype=CELL_RECORD)
    records["column"], records["row"] = cells.columns % CELLS_PER_TILE, cells.rows % CELLS_PER_TILE
    records["item"], records["count"], records["spread"] = cells.items, cells.counts, cells.spreads
    return records


def _sizes_px(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how large each cell's picture is drawn: full size in a full cell, less by the logarithm of the count."""
    full = float(np.quantile(counts, 0.9))
    if full < _CROWDED:
        return np.full(len(counts), PICTURE_PX, dtype=np.int64)
    share = np.minimum(np.log(counts) / np.log(full), 1.0)
    return np.asarray(2 * np.round((_SMALLEST_PX + (PICTURE_PX - _SMALLEST_PX) * share) / 2), dtype=np.int64)


def _batches(tiles: Iterator[_Tile]) -> Iterator[list[_Tile]]:
    batch: list[_Tile] = []
    for tile in tiles:
        batch.append(tile)
        if len(batch) == _TILES_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _encoded(tile: _Tile, spool: PictureSpool) -> bytes:
    """Compose the rectangle around the tile's pictures and encode it."""
    columns, rows = tile.cells["column"].astype(int), tile.cells["row"].astype(int)
    margins = (CELL_PX - tile.sizes_px) // 2  # even, as WebP's offsets are
    margins -= margins % 2
    lefts, tops = columns * CELL_PX + margins, rows * CELL_PX + margins
    left, top = int(lefts.min()), int(tops.min())
    right, bottom = int((lefts + tile.sizes_px).max()), int((tops + tile.sizes_px).max())
    pixels = np.zeros((bottom - top, right - left, 4), dtype=np.uint8)
    for slot, x, y, px in zip(tile.slots.tolist(), (lefts - left).tolist(), (tops - top).tolist(), tile.sizes_px.tolist(), strict=True):
        pixels[y : y + px, x : x + px] = _at_size(spool.read(slot), px)
    return encode_tile(pixels, left, top, TILE_PX, lossless=bool((tile.cells["flags"] == Kind.CARD).all()))


def _at_size(picture: NDArray[np.uint8], px: int) -> NDArray[np.uint8]:
    if px == PICTURE_PX:
        return picture
    from PIL import Image

    return np.asarray(Image.fromarray(picture).resize((px, px), Image.Resampling.LANCZOS))


def _writer(file: BinaryIO, folder: Path) -> Any:
    """Return a PMTiles writer that spools beside its output, not in the system's temporary folder, which may be small."""
    from pmtiles.writer import Writer

    writer = Writer(file)
    writer.tile_f.close()
    writer.tile_f = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - `_write_tiles` closes it
    return writer


def _header(tile_type: Any) -> dict[str, Any]:
    from pmtiles.tile import Compression

    return {"tile_type": tile_type, "tile_compression": Compression.NONE}


def _origin(kinds: NDArray[np.uint16]) -> Literal["items", "library", "cards", "mixed"]:
    found = set(kinds.tolist())
    if len(found) > 1:
        return "mixed"
    return "items" if found == {Kind.ITEM} else "cards" if found == {Kind.CARD} else "library"


def _whole_level(tiles_path: Path) -> Any:
    from PIL import Image
    from pmtiles.reader import MmapSource, Reader

    with tiles_path.open("rb") as file:
        reader = Reader(MmapSource(file))
        level = min(_PREVIEW_LEVEL, reader.header()["max_zoom"])
        whole = Image.new("RGBA", (TILE_PX << level, TILE_PX << level))
        for column in range(1 << level):
            for row in range(1 << level):
                tile = reader.get(level, column, row)
                if tile:
                    whole.paste(Image.open(BytesIO(tile)).convert("RGBA"), (column * TILE_PX, row * TILE_PX))
    return whole
