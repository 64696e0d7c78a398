"""The collage: at every zoom, each occupied cell shows the picture of the item that stands for it.

Pictures are drawn once, into a spool; tiles and sheets are then composed and encoded in threads and written in order, so
that the files are the same, byte for byte, on any number of threads. Nothing covers anything: a picture stays inside its
cell. Where cells hold many items, those that hold few are drawn a little smaller, so that one sees where the map is dense.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from vista.cartography.extent import CELL_PX, TILE_PX
from vista.execution import Progress, in_order, silent, thread_pool
from vista.execution.progress import Advance
from vista.rendering.arrangement import FEWEST_TILE_LEVELS, Arrangement, Tile
from vista.rendering.cells import LevelCells
from vista.rendering.pictures import PICTURE_PX, Kind, PictureSource
from vista.rendering.spool import PictureSpool
from vista.rendering.webp import encode_webp

PREVIEW_PX = 768  # as wide as a whole map is on a screen of 800 px
PREVIEW_LIMIT_BYTES = 150_000
_PREVIEW_LEVEL = FEWEST_TILE_LEVELS - 1
_TILES_AT_ONCE = 4
_N_FIRST_TILES = 1 + 4 + 16  # of the levels that a first visit loads: they are worth more time
_QUALITIES, _FAR = (80, 65, 50, 35), 1.5  # of the preview; the lowest takes about half the bytes of the highest


@dataclass(frozen=True, slots=True)
class CollageSummary:
    """What was written.

    Attributes:
        n_levels: Levels of the collage.
        n_tile_levels: How many of them, from the coarsest, have tiles; the others are drawn from sheets.
        n_tiles: Tiles in all levels.
        n_sheets: Sheets of pictures.
        n_bytes: Size of the tiles' archive.
        pictures: Where the pictures come from.
    """

    n_levels: int
    n_tile_levels: int
    n_tiles: int
    n_sheets: int
    n_bytes: int
    pictures: Literal["items", "library", "cards", "mixed"]


def render_collage(
    levels: Sequence[LevelCells],
    source: PictureSource,
    *,
    tiles_path: Path,
    cells_path: Path,
    keep_sheets: Callable[[Iterable[bytes]], object],
    progress: Progress = silent,
) -> CollageSummary:
    """Write the pyramid of pictures, the sheets that continue it, and which item stands in which cell.

    Same input, same bytes. Memory holds a few tiles and 40 bytes a tile of directory; beside the output, 12.25 KiB of
    disk for each picture are used until the end.

    Args:
        levels: The occupied cells of levels 0, 1, 2, …, from `choose_representatives`.
        source: Finds the picture of an item.
        tiles_path: Archive of the pictures to write (`docs/format.md`), in a folder that exists.
        cells_path: Archive of the cells to write.
        keep_sheets: Writes the sheets, WebP after WebP; called only where there are any.
        progress: Told how far the work is.
    """
    keys = np.unique(np.concatenate([np.unique(source.keys(cells.items, cells.level)) for cells in levels]))
    spool = PictureSpool(keys, tiles_path.parent)
    try:
        with thread_pool() as pool:
            with progress.stage("drawing pictures", len(keys)) as advance:
                spool.fill(source, pool, advance)
            arrangement = Arrangement(levels, source, spool)
            encode = _Encoder(spool, pool)
            _write_tiles(arrangement, encode, tiles_path, progress)
            _write_archive(arrangement.all_cells(), cells_path, "cells")
            if arrangement.n_sheets:
                with progress.stage("drawing sheets", arrangement.n_sheets) as advance:
                    keep_sheets(webp for _, webp in encode(arrangement.sheets(), advance))
    finally:
        spool.close()
    return CollageSummary(
        n_levels=len(levels),
        n_tile_levels=arrangement.n_tile_levels,
        n_tiles=arrangement.n_tiles,
        n_sheets=arrangement.n_sheets,
        n_bytes=tiles_path.stat().st_size,
        pictures=_origin(spool.kinds),
    )


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
        qualities = [*_QUALITIES]
        while qualities:
            quality = qualities.pop(0)
            packed = BytesIO()
            image.save(packed, "WEBP", quality=quality, alpha_quality=quality, method=4)
            if packed.tell() <= limit_bytes or side_px <= 64:
                return packed.getvalue()
            if packed.tell() > _FAR * limit_bytes:
                qualities = qualities[-1:]  # those between would not fit either
        side_px = side_px * 3 // 4


class _Encoder:
    """Composes and encodes tiles in threads, and returns them in order."""

    def __init__(self, spool: PictureSpool, pool: ThreadPoolExecutor) -> None:
        self._spool, self._pool = spool, pool

    def __call__(self, tiles: Iterator[Tile], advance: Advance, *, n_tight: int = 0) -> Iterator[tuple[int, bytes]]:
        def encode(batch: list[Tile]) -> list[tuple[int, bytes]]:
            return [(tile.number, _encoded(tile, self._spool, tight=tile.number < n_tight)) for tile in batch]

        for batch in in_order(self._pool, encode, _batches(tiles)):
            yield from batch
            advance(len(batch))


def _write_tiles(arrangement: Arrangement, encode: _Encoder, path: Path, progress: Progress) -> None:
    with progress.stage("drawing tiles", arrangement.n_tiles) as advance:
        _write_archive(encode(arrangement.tiles(), advance, n_tight=_N_FIRST_TILES), path, "collage")


def _write_archive(payloads: Iterable[tuple[int, bytes]], path: Path, name: Literal["collage", "cells"]) -> None:
    from pmtiles.tile import Compression, TileType

    tile_type = TileType.WEBP if name == "collage" else TileType.UNKNOWN
    with path.open("wb") as file:
        writer = _writer(file, path.parent)
        with writer.tile_f:
            for number, payload in payloads:
                writer.write_tile(number, payload)
            writer.finalize({"tile_type": tile_type, "tile_compression": Compression.NONE}, {"name": name})


def _batches(tiles: Iterator[Tile]) -> Iterator[list[Tile]]:
    batch: list[Tile] = []
    for tile in tiles:
        batch.append(tile)
        if len(batch) == _TILES_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _encoded(tile: Tile, spool: PictureSpool, *, tight: bool) -> bytes:
    pixels = np.zeros((TILE_PX, TILE_PX, 4), dtype=np.uint8)
    for cell, slot, px in zip(tile.cells, tile.slots.tolist(), tile.sizes_px.tolist(), strict=True):
        margin = (CELL_PX - px) // 2
        x, y = int(cell["column"]) * CELL_PX + margin, int(cell["row"]) * CELL_PX + margin
        pixels[y : y + px, x : x + px] = _at_size(spool.read(slot), px)
    return encode_webp(pixels, lossless=bool((tile.cells["flags"] == Kind.CARD).all()), tight=tight)


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
    writer.tile_f = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the caller closes it
    return writer


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
