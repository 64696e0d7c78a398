"""A complete small atlas of synthetic items: `python tests/sample_atlas.py OUT [n]`.

Items are colored discs with made-up names, in nested groups; nothing here needs a model. The collage is drawn in the
plainest way that the format allows.
"""

from __future__ import annotations

import colorsys
import io
import struct
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from vista.artifacts import (
    Fidelity,
    FidelityNull,
    InputFile,
    Items,
    Label,
    Labels,
    Layout,
    NeighborGraph,
    RegionName,
    Regions,
    Skipped,
    Trust,
)
from vista.atlas import (
    CollageFacts,
    CollagePaths,
    ItemPictures,
    MapContent,
    building,
    collage_paths,
    provenance_of,
    write_blocks,
    write_item_set,
    write_manifest,
    write_map,
)
from vista.cartography.extent import CELL_PX, TILE_PX, Extent, cells_at, collage_depth, extent_of
from vista.cartography.order import drawing_order

KINGDOMS = ("sea", "forest", "city", "kitchen", "sky", "workshop")
ADJECTIVES = ("amber", "quiet", "northern", "paper", "velvet", "iron", "salted", "early")
NOUNS = ("lantern", "heron", "ledger", "quarry", "saffron", "tramway", "compass", "meadow", "anvil", "harbor")
HOSTILE = (
    "<script>document.title='owned'</script> <img src=x onerror=alert(1)>",
    "שלום עולם — مرحبا بالعالم",
    "family: 👩‍👩‍👧‍👦 and a flag 🏳️‍🌈",
    "a\ttab and\na line break, \"quotes\" & 'more' \\ <b>bold</b>",
)
N_GROUPS, N_NEIGHBORS, TRUST_K = 4, 20, 10
N_SHEET_LEVELS = 2  # deepest levels, drawn from sheets


def main() -> None:
    output = Path(sys.argv[1])
    build_sample(output, int(sys.argv[2]) if len(sys.argv) > 2 else 2_000, overwrite=True)


def build_sample(
    output: Path,
    n_items: int = 400,
    *,
    map_id: str = "main",
    seed: int = 0,
    overwrite: bool = False,
    pictures: bool = True,
    collage: bool = True,
    encoder: str = "synthetic",
    warnings: Sequence[str] = ("1 picture was skipped: see `skipped`.",),
    skipped: Sequence[Skipped] = (Skipped("broken.png", "not a picture"),),
    all_missing: bool = False,
    has_corners: bool = False,
    is_turned: bool = False,
    lent_to: Sequence[int] = (),
) -> Path:
    """Write a sample atlas to `output`.

    `all_missing` leaves the column `weight` without values, `has_corners` fills the four corners, `is_turned` lays the same
    items out in other places, and `lent_to` are the items
    that a library lends a picture, in place of pictures of their own.
    """
    pictures = pictures and not lent_to
    sample = Sample(
        n_items, seed, with_pictures=pictures, missing_share=1.0 if all_missing else 0.05, has_corners=has_corners, is_turned=is_turned
    )
    with building(output, map_id, overwrite=overwrite) as place:
        shown = ItemPictures((disc_webp(color) for color in sample.colors), px=128) if pictures else None
        if lent_to:
            of_item = np.full(n_items, -1)
            of_item[list(lent_to)] = np.arange(len(lent_to))
            shown = ItemPictures([disc_webp(sample.colors[item]) for item in lent_to], px=128, of_item=of_item)
        set_name, set_entry = write_item_set(place, sample.items, graph=sample.graph, pictures=shown)
        facts, preview = sample.draw_collage(collage_paths(place)) if collage else (None, webp(sample.ground(256)))
        map_entry, notes = write_map(
            place,
            sample.items,
            sample.content(map_id),
            set_name=set_name,
            representation={"encoder": encoder, "space": None, "dim": sample.vectors.shape[1], "n_zero": 0, "metric": "cosine"},
            collage=facts,
            ground=webp(sample.ground(512)),
            preview=preview,
        )
        write_manifest(
            place,
            title="Sample of discs",
            sets={set_name: set_entry},
            maps={map_id: map_entry},
            provenance=provenance_of(
                map_id,
                "map",
                {"source": "/home/somebody/discs.csv", "layout": "synthetic", "name": map_id},
                seed=seed,
                inputs=[InputFile("discs.csv", "0" * 64, 12_345)],
                seconds={"layout": 0.1},
            ),
            warnings=[*warnings, *notes],
            skipped=skipped,
        )
    return output


class Sample:
    """Synthetic items with everything that a map needs; small enough to compute by brute force."""

    def __init__(
        self,
        n_items: int,
        seed: int,
        *,
        with_pictures: bool = True,
        missing_share: float = 0.05,
        has_corners: bool = False,
        is_turned: bool = False,
    ) -> None:
        rng = np.random.default_rng(seed)
        self.kingdom = np.sort(rng.integers(len(KINGDOMS), size=n_items))
        self.group = rng.integers(N_GROUPS, size=n_items)
        self.nook = rng.integers(N_GROUPS, size=n_items)
        towns = rng.normal(size=(len(KINGDOMS), 2)) * 6
        quarters = rng.normal(size=(len(KINGDOMS), N_GROUPS, 2)) * 2
        corners = rng.normal(size=(len(KINGDOMS), N_GROUPS, N_GROUPS, 2)) * 0.6
        spread = rng.normal(size=(n_items, 2)) * 0.18
        place = towns[self.kingdom] + quarters[self.kingdom, self.group] + corners[self.kingdom, self.group, self.nook]
        self.coordinates = (place + spread).astype(np.float32)
        if has_corners:
            self.coordinates[:4] = [(x, y) for x in (-20, 20) for y in (-20, 20)]
        if is_turned:
            moved = self.coordinates + (np.roll(towns, 1, axis=0) - towns)[self.kingdom]
            self.coordinates = np.ascontiguousarray(np.stack([moved[:, 1], -1.5 * moved[:, 0]], axis=1), np.float32)
        self.vectors = np.hstack([place + spread * 1.5, rng.normal(size=(n_items, 2)) * 0.1, np.full((n_items, 1), 4.0)]).astype(np.float32)
        self.vectors /= np.linalg.norm(self.vectors, axis=1, keepdims=True)
        self.extent: Extent = extent_of(self.coordinates)
        self.colors = [_disc_color(self.kingdom[i], self.group[i], rng.integers(6) / 5) for i in range(n_items)]
        self.items = self._items(rng, with_pictures, missing_share)
        self.graph = self._graph()
        self.trust = self._trust()
        self.rng = rng

    def __len__(self) -> int:
        return len(self.kingdom)

    def _items(self, rng: np.random.Generator, with_pictures: bool, missing_share: float) -> Items:
        n = len(self)
        texts = [self._text(i, rng) for i in range(n)]
        texts[: len(HOSTILE)] = HOSTILE[:n]
        columns = pa.table(
            {
                "group": pa.array([KINGDOMS[k] for k in self.kingdom]),
                "year": pa.array(1900 + rng.integers(124, size=n), pa.int64()),
                "weight": pa.array(np.where(rng.random(n) < missing_share, np.nan, rng.lognormal(size=n)), pa.float64(), from_pandas=True),
                "checked": pa.array((rng.random(n) < 0.5).tolist()),
                "serial": pa.array([f"serial {i:05d}" for i in range(n)]),
            }
        )
        return Items(
            ids=[f"disc-{i:05d}" for i in range(n)],
            source_rows=np.arange(n, dtype=np.int64),
            texts=texts,
            pictures=[b""] * n if with_pictures else None,
            columns=columns,
            text_column="text",
            color_columns=("group", "year", "weight", "checked"),
        )

    def _text(self, i: int, rng: np.random.Generator) -> str:
        adjective = ADJECTIVES[(self.group[i] + 2 * self.nook[i]) % len(ADJECTIVES)]
        return f"{adjective} {NOUNS[rng.integers(len(NOUNS))]} of the {KINGDOMS[self.kingdom[i]]}, number {i}"

    def _graph(self) -> NeighborGraph:
        distances = 1 - self.vectors @ self.vectors.T
        np.fill_diagonal(distances, np.inf)
        k = min(N_NEIGHBORS, len(self) - 1)
        indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
        return NeighborGraph(indices.astype(np.int32), np.take_along_axis(distances, indices, 1).astype(np.float32), "cosine", exact=True)

    def _trust(self) -> Trust:
        """Compare neighbors by brute force, with the definitions of `docs/format.md`."""
        near_map = _nearest(((self.coordinates[:, None] - self.coordinates[None]) ** 2).sum(-1))
        near_space = _nearest(1 - self.vectors @ self.vectors.T)
        k = max(1, min(TRUST_K, (len(self) - 1) // 4))
        false = [len(set(near_map[i, :k]) - set(near_space[i, : 4 * k])) / k for i in range(len(self))]
        missing = [len(set(near_space[i, :k]) - set(near_map[i, : 4 * k])) / k for i in range(len(self))]
        return Trust(k, np.array(false, np.float32), np.array(missing, np.float32))

    def content(self, title: str) -> MapContent:
        regions, names, representatives = self._regions()
        layout = Layout(self.coordinates, "synthetic", {"spread": 0.18})
        order = drawing_order(self.coordinates, self.extent, 0)
        labels = self._labels(regions, names)
        spreads = [self._spreads(level, chosen) for level, chosen in zip(regions.membership.T, representatives, strict=True)]
        shown = (self.trust, _fidelity(len(self)), regions, names, representatives, labels, title)
        return MapContent(layout, self.extent, order, *shown, spreads=spreads)

    def _spreads(self, membership: np.ndarray, representatives: np.ndarray) -> np.ndarray:
        """Return the mean distance of each region's other items to the one that stands for it."""
        distances = 1 - (self.vectors * self.vectors[representatives[membership]]).sum(1)
        sizes = np.bincount(membership)
        return np.maximum(0, np.bincount(membership, distances)) / np.maximum(sizes - 1, 1)

    def _regions(self) -> tuple[Regions, list[list[RegionName]], list[np.ndarray]]:
        paths = (
            [(k,) for k in self.kingdom],
            list(zip(self.kingdom, self.group, strict=True)),
            list(zip(self.kingdom, self.group, self.nook, strict=True)),
        )
        membership, parents, anchors, names, representatives = [], [], [], [], []
        above: dict[tuple[int, ...], int] = {}
        for level, keys in enumerate(paths):
            known = {key: number for number, key in enumerate(sorted(set(keys)))}
            member = np.array([known[key] for key in keys], np.int32)
            centers = np.array([self.coordinates[member == r].mean(0) for r in range(len(known))], np.float32)
            nearest = [
                np.flatnonzero(member == r)[((self.coordinates[member == r] - centers[r]) ** 2).sum(1).argmin()] for r in range(len(known))
            ]
            membership.append(member)
            parents.append(np.array([above.get(key[:-1], -1) if level else -1 for key in known], np.int32))
            anchors.append(centers)
            names.append([_region_name(key) for key in known])
            representatives.append(np.array(nearest, np.int64))
            above = known
        return Regions(np.stack(membership, 1), tuple(parents), tuple(anchors)), names, representatives

    def _labels(self, regions: Regions, names: list[list[RegionName]]) -> Labels:
        font_px, zooms = (24.0, 16.0, 13.0), (0.0, 2.0, 4.0, 9.0)
        labels = []
        for level, (size, anchors) in enumerate(zip(font_px, regions.anchors, strict=True)):
            counts = np.bincount(regions.membership[:, level], minlength=len(anchors))
            for region in np.argsort(-counts, kind="stable"):
                width, height = len(names[level][region].name) * size * 0.62, size * 1.3
                x, y = (float(value) for value in anchors[region])
                start = max(
                    [zooms[level], *(_clear_zoom(self.extent, x, y, width, height, other) for other in labels if other.level == level)]
                )
                if start < zooms[level + 1]:
                    name = names[level][region].name
                    labels.append(Label(name, x, y, level, int(region), int(counts[region]), start, zooms[level + 1], width, height))
        return Labels(tuple(labels), font_px)

    def draw_collage(self, paths: CollagePaths) -> tuple[CollageFacts, bytes]:
        n_levels, alone_share = collage_depth(self.extent, self.coordinates)
        n_tile_levels = max(1, n_levels - N_SHEET_LEVELS)
        tiles: dict[int, bytes] = {}
        payloads: dict[int, bytes] = {}
        preview = Image.new("RGBA", (2 * TILE_PX, 2 * TILE_PX))
        for level in range(n_levels):
            for (tx, ty), cells in self._cells(level).items():
                image = Image.new("RGBA", (TILE_PX, TILE_PX))
                for column, row, item, _, _ in cells:
                    image.paste(disc(self.colors[item], CELL_PX - 8), (column * CELL_PX + 4, row * CELL_PX + 4))
                if level == min(1, n_levels - 1):
                    preview.paste(image, (tx * TILE_PX, ty * TILE_PX))
                payload = b"".join(
                    struct.pack("<BBHIIfI", column, row, 0, item, count, spread, item) for column, row, item, count, spread in cells
                )
                payloads[zxy_to_tileid(level, tx, ty)] = payload
                if level < n_tile_levels:
                    tiles[zxy_to_tileid(level, tx, ty)] = webp(image)
        _write_archive(paths.tiles, tiles, TileType.WEBP)
        _write_archive(paths.cells, payloads, TileType.UNKNOWN)
        n_sheets = write_blocks(paths.sheets, paths.sheet_index, self._sheets())
        rule_text = "The item with the smallest mean squared distance to the others in its cell stands for the cell."
        whose = "Every picture is the item's own."
        facts = CollageFacts(n_levels, n_tile_levels, n_sheets, "medoid", rule_text, "items", whose, alone_share)
        return facts, webp(preview)

    def _sheets(self) -> Iterator[bytes]:
        """Yield 64 pictures at a time, picture i that of item i."""
        for first in range(0, len(self.colors), 64):
            sheet = Image.new("RGBA", (TILE_PX, TILE_PX))
            for place, color in enumerate(self.colors[first : first + 64]):
                row, column = divmod(place, 8)
                sheet.paste(disc(color, CELL_PX - 8), (column * CELL_PX + 4, row * CELL_PX + 4))
            yield webp(sheet)

    def _cells(self, level: int) -> dict[tuple[int, int], list[tuple[int, int, int, int, float]]]:
        columns, rows = cells_at(self.extent, self.coordinates, level)
        members: dict[tuple[int, int], list[int]] = {}
        for item, key in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
            members.setdefault(key, []).append(item)
        tiles: dict[tuple[int, int], list[tuple[int, int, int, int, float]]] = {}
        for (row, column), items in sorted(members.items()):
            distances = 1 - self.vectors[items] @ self.vectors[items].T
            best = int(distances.mean(1).argmin())
            spread = float(np.delete(distances[best], best).mean()) if len(items) > 1 else 0.0
            tiles.setdefault((column // 8, row // 8), []).append((column % 8, row % 8, items[best], len(items), spread))
        return tiles

    def ground(self, size_px: int) -> Image.Image:
        """Draw a soft cloud in each kingdom's color."""
        image = Image.new("RGBA", (size_px, size_px))
        axis = (
            self.extent.x0 + (np.arange(size_px) + 0.5) / size_px * self.extent.size,
            self.extent.y0 + (np.arange(size_px) + 0.5) / size_px * self.extent.size,
        )
        alpha, color = np.zeros((size_px, size_px)), np.zeros((size_px, size_px, 3))
        for kingdom in np.unique(self.kingdom):
            cloud = np.zeros((size_px, size_px))
            for group in range(N_GROUPS):
                mine = self.coordinates[(self.kingdom == kingdom) & (self.group == group)]
                if len(mine):
                    center, width = mine.mean(0), 0.35 + mine.std()
                    cloud += np.exp(-((axis[0][None] - center[0]) ** 2 + (axis[1][:, None] - center[1]) ** 2) / (2 * width**2))
            color += cloud[..., None] * np.array(_disc_color(kingdom, 1, 0.5))
            alpha += cloud
        pixels = np.dstack([color / np.maximum(alpha, 1e-9)[..., None], np.minimum(alpha, 1) * 120]).astype(np.uint8)
        image.paste(Image.fromarray(pixels, "RGBA"))
        return image


def _disc_color(kingdom: int, group: int, shade: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hls_to_rgb((kingdom / len(KINGDOMS) + group * 0.03) % 1, 0.5 + 0.2 * shade, 0.6)
    return int(red * 255), int(green * 255), int(blue * 255)


@lru_cache(maxsize=512)
def disc(color: tuple[int, int, int], px: int) -> Image.Image:
    """Draw a disc with a soft highlight on a transparent ground."""
    image = Image.new("RGBA", (px * 2, px * 2))
    draw = ImageDraw.Draw(image)
    draw.ellipse((2, 2, px * 2 - 3, px * 2 - 3), fill=(*color, 255))
    light = tuple(min(255, channel + 45) for channel in color)
    draw.ellipse((px * 0.5, px * 0.35, px * 1.1, px * 0.95), fill=(*light, 255))
    return image.resize((px, px), Image.Resampling.LANCZOS)


@lru_cache
def disc_webp(color: tuple[int, int, int]) -> bytes:
    """Return the WebP of a disc of 128 px."""
    return webp(disc(color, 128))


def webp(image: Image.Image) -> bytes:
    """Encode a picture as WebP."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=75, method=1)
    return buffer.getvalue()


def _write_archive(path: Path, tiles: dict[int, bytes], tile_type: TileType) -> None:
    with path.open("wb") as file, tempfile.TemporaryFile(dir=path.parent) as spool:
        writer = Writer(file)
        writer.tile_f.close()
        writer.tile_f = spool
        for tile_id in sorted(tiles):
            writer.write_tile(tile_id, tiles[tile_id])
        header = {"tile_type": tile_type, "tile_compression": Compression.NONE, "center_zoom": 0}
        header |= dict.fromkeys(("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7", "center_lon_e7", "center_lat_e7"), 0)
        writer.finalize(header, {})


def _nearest(distances: np.ndarray) -> np.ndarray:
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1, kind="stable")[:, :-1]


def _region_name(key: tuple[int, ...]) -> RegionName:
    if len(key) == 1:
        return RegionName(KINGDOMS[key[0]], ((KINGDOMS[key[0]], 1.0),))
    adjective = ADJECTIVES[(key[1] + 2 * (key[2] if len(key) > 2 else 0)) % len(ADJECTIVES)]
    name = f"{adjective} {KINGDOMS[key[0]]}" + (f", {NOUNS[key[2]]}" if len(key) > 2 else "")
    return RegionName(name, ((adjective, 0.75), (KINGDOMS[key[0]], 0.25)))


def _clear_zoom(extent: Extent, x: float, y: float, width: float, height: float, other: Label) -> float:
    """Return the zoom from which two labels no longer overlap."""
    needed = min((width + other.width_px) / 2 / max(abs(x - other.x), 1e-9), (height + other.height_px) / 2 / max(abs(y - other.y), 1e-9))
    return float(np.log2(needed * extent.size / TILE_PX))


def _fidelity(n_items: int) -> Fidelity:
    percentages = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
    percent_of = {max(1, int(p * n_items / 100 + 0.5)): p for p in reversed(percentages)}
    k = np.array(sorted(percent_of), np.int64)
    percentages = tuple(percent_of[size] for size in k.tolist())
    rnx = np.linspace(0.62, 0.81, len(k))
    gain = rnx * (n_items - 1 - k) / max(1, n_items - 1)
    curve_k = np.unique(np.geomspace(1, max(2, n_items - 2), 40).astype(np.int64))
    zero = np.zeros(len(k))
    null = FidelityNull(20, zero, zero - 0.004, zero + 0.004, 0.0002, -0.003, 0.0041)
    ci = np.stack([gain, gain], axis=1)
    curve = 0.45 + 0.4 * np.linspace(0, 1, len(curve_k)) ** 0.7
    return Fidelity(
        "cosine", n_items, n_items, True, k, percentages, gain, ci, rnx, 0.61, rnx * 0 + 0.95, rnx * 0 + 0.94, null, curve_k, curve
    )


if __name__ == "__main__":
    main()
