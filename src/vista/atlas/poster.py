"""A map as one picture to print or to show: the collage at any size, with names, a title and how far it can be believed.

The map is drawn as the viewer draws it on a page 1 400 px wide, and finer: from there on names keep their share of the page, and
pictures come from a level whose cells are about as large as they are drawn; a map without pictures is drawn from its items' places.
It is drawn and written in bands of 512 px.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from vista.atlas.blocks import Blocks
from vista.atlas.png import PngWriter
from vista.atlas.poster_points import PosterPoints
from vista.atlas.reader import Atlas
from vista.atlas.summary import kept_at
from vista.cartography.extent import CELL_PX, CELL_RECORD, CELLS_PER_TILE, NO_PICTURE, TILE_PX
from vista.cartography.type import font
from vista.errors import AtlasFormatError, InputError, reason_of
from vista.execution import Progress, silent

if TYPE_CHECKING:
    from PIL.Image import Image

Theme = Literal["light", "dark"]
SMALLEST_PX, DEFAULT_PX, LARGEST_PX = 256, 4_096, 65_536
_PAGE_PX = 1_400  # width of the page on which names have the size that labels.json gives
_MARGIN = 0.03 + 1 / 16  # of the square's side; a picture of the coarsest level reaches 1 / 16 beyond its item
_BAND_PX = 512
_ARCHIVE = b"PMTiles"
_FOOTER = 0.055  # of the poster's width
_COLORS = {"light": ("#faf8f4", "#1a1c21", "#5c616c"), "dark": ("#14151a", "#f2f0ea", "#a3a7b2")}  # page, ink, soft ink


@dataclass(frozen=True, slots=True)
class _View:
    """Which part of the map's square is drawn, and how large.

    Attributes:
        x0, y0: Left and upper border in px of the whole square at this size.
        width_px, height_px: Size of the map on the poster.
        square_px: Width of the whole square.
        level: Level of the collage that is drawn.
        page: How many times larger than on the page of 1 400 px.
    """

    x0: int
    y0: int
    width_px: int
    height_px: int
    square_px: float
    level: int
    page: float

    @property
    def tile_px(self) -> float:
        return float(self.square_px / 2**self.level)


def write_poster(
    atlas: Atlas, map_id: str, path: Path, *, size_px: int = DEFAULT_PX, theme: Theme = "light", progress: Progress = silent
) -> None:
    """Write a map as a PNG.

    Args:
        atlas: The atlas.
        map_id: Its map.
        path: The file.
        size_px: Width of the picture.
        theme: "light" or "dark".
        progress: Told the bands.

    Raises:
        InputError: If the size is out of range or the theme is unknown.
        AtlasFormatError: If a file of the atlas is damaged.
    """
    if not SMALLEST_PX <= size_px <= LARGEST_PX:
        raise InputError(f"a poster can be {SMALLEST_PX:,} to {LARGEST_PX:,} px wide, not {size_px:,}.")
    if theme not in _COLORS:
        raise InputError(f"no theme '{theme}': light or dark.")
    entry: Any = atlas.maps[map_id].entry
    view = _view_of(entry, size_px)
    footer_px = round(_FOOTER * size_px)
    tops = range(view.y0, view.y0 + view.height_px, _BAND_PX)
    with (
        path.open("wb") as file,
        PngWriter(file, size_px, view.height_px + footer_px) as png,
        progress.stage("drawing the poster", len(tops)) as advance,
    ):
        for band in _bands(atlas, entry, view, tops, theme):
            png.write(np.asarray(band))
            advance(1)
        png.write(np.asarray(_footer(atlas, map_id, size_px, footer_px, theme)))


def _view_of(entry: Any, size_px: int) -> _View:
    extent, bounds = entry["extent"], entry.get("bounds")
    if bounds is None:
        bounds = {"x0": extent["x0"], "y0": extent["y0"], "x1": extent["x0"] + extent["size"], "y1": extent["y0"] + extent["size"]}
    margin = _MARGIN * extent["size"]
    x0, y0 = max(bounds["x0"] - margin, extent["x0"]), max(bounds["y0"] - margin, extent["y0"])
    x1 = min(bounds["x1"] + margin, extent["x0"] + extent["size"])
    y1 = min(bounds["y1"] + margin, extent["y0"] + extent["size"])
    square_px = size_px * extent["size"] / (x1 - x0)
    n_levels = entry["collage"]["n_levels"] if entry["collage"] else 1
    level = min(max(0, math.ceil(math.log2(square_px / TILE_PX) - 0.25)), n_levels - 1)
    per_unit = square_px / extent["size"]
    left, top = round((x0 - extent["x0"]) * per_unit), round((y0 - extent["y0"]) * per_unit)
    return _View(left, top, size_px, round((y1 - y0) * per_unit), square_px, level, max(1.0, size_px / _PAGE_PX))


def _bands(atlas: Atlas, entry: Any, view: _View, tops: range, theme: Theme) -> Iterator[Image]:
    from PIL import Image

    spans = [(top, min(top + _BAND_PX, view.y0 + view.height_px)) for top in tops]
    tiles = _Tiles(atlas, entry, view.level) if entry["collage"] else None
    points = None if tiles else _points(atlas, entry, view, spans)
    has_own_ground = entry["ground"] and entry["ground"] != entry["preview"]  # else it is a picture of the points
    whole = _picture(atlas, entry["ground"]) if has_own_ground else None
    labels = list(_labels_at(atlas, entry, view))
    for top, bottom in spans:
        band = Image.new("RGBA", (view.width_px, bottom - top), _COLORS[theme][0])
        if whole is not None:
            scale = whole.width / view.square_px
            box = (view.x0 * scale, top * scale, (view.x0 + view.width_px) * scale, bottom * scale)
            band.alpha_composite(whole.resize(band.size, Image.Resampling.BILINEAR, box=box))
        if points is not None:
            band.alpha_composite(points.band(top, bottom))
        if tiles is not None:
            for ty in range(int(top // view.tile_px), math.ceil(bottom / view.tile_px)):
                _paste_tiles(band, tiles, view, ty, top)
        _draw_labels(band, labels, top - view.y0, theme)
        yield band.convert("RGB")


def _points(atlas: Atlas, entry: Any, view: _View, spans: list[tuple[int, int]]) -> PosterPoints:
    with _reading(atlas, entry["items"]):
        return PosterPoints(
            atlas.path / entry["items"],
            entry["extent"],
            square_px=view.square_px,
            left_px=view.x0,
            width_px=view.width_px,
            page=view.page,
            bands=spans,
        )


def _paste_tiles(band: Image, tiles: _Tiles, view: _View, ty: int, top: int) -> None:
    """Paste the part of a row of tiles that lies in a band; only that part is enlarged or made smaller."""
    from PIL import Image

    y0, y1 = (round(row * view.tile_px) - top for row in (ty, ty + 1))
    above, below = max(0, y0), min(band.height, y1)
    for tx in range(int(view.x0 // view.tile_px), math.ceil((view.x0 + view.width_px) / view.tile_px)):
        x0, x1 = (round(column * view.tile_px) - view.x0 for column in (tx, tx + 1))
        left, right = max(0, x0), min(band.width, x1)
        tile = tiles.read(tx, ty) if left < right and above < below else None
        if tile is not None:
            across, down = TILE_PX / (x1 - x0), TILE_PX / (y1 - y0)
            box = ((left - x0) * across, (above - y0) * down, (right - x0) * across, (below - y0) * down)
            band.alpha_composite(tile.resize((right - left, below - above), Image.Resampling.LANCZOS, box=box), (left, above))


class _Tiles:
    """The tiles of one level, from the archive or put together from the sheets."""

    def __init__(self, atlas: Atlas, entry: Any, level: int) -> None:
        from pmtiles.reader import MmapSource, Reader

        collage = entry["collage"]
        self._level, self._from_sheets = level, level >= collage["n_tile_levels"]
        name = collage["cells" if self._from_sheets else "tiles"]
        with _reading(atlas, name), (atlas.path / name).open("rb") as file:
            if file.read(len(_ARCHIVE)) != _ARCHIVE:
                raise ValueError("it is no PMTiles archive")
            self._reader = Reader(MmapSource(file))  # the map of the file stays when the file is closed
        self._atlas, self._name = atlas, name
        self._sheets = (
            Blocks(atlas.path / collage["sheets"]["data"], atlas.path / collage["sheets"]["index"]) if collage["sheets"] else None
        )
        self._kept: dict[int, Image] = {}

    def read(self, tx: int, ty: int) -> Image | None:
        across = 1 << self._level
        with _reading(self._atlas, self._name):
            payload = self._reader.get(self._level, tx, ty) if 0 <= tx < across and 0 <= ty < across else None
            if not payload:
                return None
            return self._composed(np.frombuffer(payload, CELL_RECORD)) if self._from_sheets else _opened(BytesIO(payload))

    def _composed(self, cells: Any) -> Image:
        from PIL import Image

        tile = Image.new("RGBA", (TILE_PX, TILE_PX))
        for cell in cells[cells["picture"] != NO_PICTURE]:
            number, place = divmod(int(cell["picture"]), CELLS_PER_TILE**2)
            row, column = divmod(place, CELLS_PER_TILE)
            box = (column * CELL_PX, row * CELL_PX, (column + 1) * CELL_PX, (row + 1) * CELL_PX)
            at = (int(cell["column"]) % CELLS_PER_TILE * CELL_PX, int(cell["row"]) % CELLS_PER_TILE * CELL_PX)
            tile.paste(self._sheet(number).crop(box), at)
        return tile

    def _sheet(self, number: int) -> Image:
        assert self._sheets is not None
        if number not in self._kept:
            if len(self._kept) >= 64:
                self._kept.pop(next(iter(self._kept)))
            self._kept[number] = _opened(BytesIO(self._sheets[number]))
        return self._kept[number]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A name in px of the poster: its middle, its type and its lines."""

    x: float
    y: float
    font_px: float
    lines: list[str]


def _labels_at(atlas: Atlas, entry: Any, view: _View) -> Iterator[_Placed]:
    """Yield the names that the viewer would show on the page, where they are on the poster."""
    with _reading(atlas, entry["labels"]):
        told = json.loads((atlas.path / entry["labels"]).read_text(encoding="utf-8"))
    zoom = math.log2(view.square_px / view.page / TILE_PX)
    extent = entry["extent"]
    for label in told["labels"]:
        if not label["min_zoom"] <= zoom < label["max_zoom"] or not label["text"]:
            continue
        x = (label["x"] - extent["x0"]) / extent["size"] * view.square_px - view.x0
        y = (label["y"] - extent["y0"]) / extent["size"] * view.square_px - view.y0
        font_px = told["font_px"][min(label["level"], len(told["font_px"]) - 1)] * view.page
        yield _Placed(x, y, font_px, label["text"].split("\n"))


def _draw_labels(band: Image, labels: list[_Placed], top: int, theme: Theme) -> None:
    from PIL.ImageDraw import Draw

    page, ink, _ = _COLORS[theme]
    draw = Draw(band)
    for label in labels:
        height = 1.25 * label.font_px * len(label.lines)
        if label.y + height < top or label.y - height > top + band.height:
            continue
        for i, line in enumerate(label.lines):
            y = label.y + (i - (len(label.lines) - 1) / 2) * 1.2 * label.font_px - top
            draw.text(
                (label.x, y),
                line,
                fill=ink,
                font=font(round(label.font_px)),
                anchor="mm",
                stroke_width=round(label.font_px / 7),
                stroke_fill=page,
            )


def _footer(atlas: Atlas, map_id: str, width_px: int, height_px: int, theme: Theme) -> Image:
    from PIL import Image
    from PIL.ImageDraw import Draw

    page, ink, soft = _COLORS[theme]
    footer = Image.new("RGB", (width_px, height_px), page)
    draw, margin, middle = Draw(footer), round(0.02 * width_px), height_px / 2
    title = atlas.title if len(atlas.maps) == 1 else f"{atlas.title} · {atlas.maps[map_id].title}"
    told = _what_is_kept(atlas, map_id)
    large, small = font(round(0.30 * height_px)), font(round(0.21 * height_px))
    room = width_px - 3 * margin - small.getlength(told)
    while large.getlength(title) > room and len(title) > 8:
        title = title[:-2].rstrip("… ") + "…"
    draw.text((margin, middle), title, fill=ink, font=large, anchor="lm")
    draw.text((width_px - margin, middle), told, fill=soft, font=small, anchor="rm")
    return footer


def _what_is_kept(atlas: Atlas, map_id: str) -> str:
    drawn = atlas.maps[map_id]
    figures, n = drawn.fidelity, drawn.n_items
    told = f"{n:,} items"
    if (kept := kept_at(figures, n)) is not None:
        told += f", {kept:.0%} of the 10 nearest kept (chance {10 / (n - 1):.1%})"
    return f"{told} · VISTA"


@contextmanager
def _reading(atlas: Atlas, name: str) -> Iterator[None]:
    """Turn what goes wrong with a file of the atlas into one line."""
    try:
        yield
    except (OSError, ValueError, KeyError, IndexError, zlib.error, struct.error) as error:
        why = reason_of(error)
        raise AtlasFormatError(f"the atlas at '{atlas.path}' is damaged: {name} cannot be read ({why}); build it again.") from None


def _picture(atlas: Atlas, name: str) -> Image:
    with _reading(atlas, name):
        return _opened(atlas.path / name)


def _opened(picture: Any) -> Image:
    from PIL import Image

    return Image.open(picture).convert("RGBA")
