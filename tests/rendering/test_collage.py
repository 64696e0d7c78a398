"""The collage's two archives, read back as a viewer reads them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import Compression, TileType, zxy_to_tileid

from vista.artifacts import Items
from vista.cartography.extent import CELL_PX, CELL_RECORD, collage_depth, extent_of
from vista.metrics.space import metric_space
from vista.rendering import PictureLibrary, PictureSource, choose_representatives, render_collage, render_preview
from vista.rendering.arrangement import tile_numbers

N_ITEMS = 150


def make_levels(n_items=N_ITEMS, n_levels=None):
    rng = np.random.default_rng(1)
    coordinates = (rng.normal(size=(n_items, 2)) ** 3).astype(np.float32)
    extent = extent_of(coordinates)
    n_levels = n_levels or min(collage_depth(extent, coordinates)[0], 6)
    return choose_representatives(metric_space(rng.normal(size=(n_items, 6)).astype(np.float32)), coordinates, extent, n_levels)


def flat_photo(color) -> bytes:
    packed = BytesIO()
    Image.new("RGB", (70, 70), color).save(packed, "PNG")
    return packed.getvalue()


def color_of(item: int) -> tuple[int, int, int]:
    return 40 + 60 * (item % 4), 40 + 60 * (item // 4 % 4), 40 + 60 * (item // 16 % 4)


def items_with(pictures=None, n_items=N_ITEMS) -> Items:
    ids = [f"item {i}" for i in range(n_items)]
    return Items(ids, np.arange(n_items), ids, pictures, pa.table({"id": ids}))


def rendered(folder: Path, levels, source):
    sheets = []
    summary = render_collage(
        levels, source, tiles_path=folder / "collage.pmtiles", cells_path=folder / "cells.pmtiles", keep_sheets=sheets.extend
    )
    return (
        summary,
        Reader(MemorySource((folder / "collage.pmtiles").read_bytes())),
        Reader(MemorySource((folder / "cells.pmtiles").read_bytes())),
        sheets,
    )


@pytest.fixture(scope="module")
def photographed(tmp_path_factory):
    levels = make_levels()
    source = PictureSource(items_with([flat_photo(color_of(i)) for i in range(N_ITEMS)]))
    folder = tmp_path_factory.mktemp("collage")
    return levels, folder, *rendered(folder, levels, source)


def test_cells_are_told_of_at_every_level_and_tiles_drawn_where_cells_are_stacks(photographed):
    levels, _, summary, tiles, cells, _ = photographed
    occupied = {(level.level, c // 8, r // 8) for level in levels for c, r in zip(level.columns.tolist(), level.rows.tolist(), strict=True)}
    assert {place for place, _ in all_tiles(cells.get_bytes)} == occupied
    stacked = [level.level for level in levels if level.n_cells <= N_ITEMS / 2]
    assert 2 < len(stacked) < len(levels)
    assert summary.n_tile_levels == len(stacked)
    drawn = {place for place in occupied if place[0] in stacked}
    assert {place for place, _ in all_tiles(tiles.get_bytes)} == drawn
    assert summary.n_tiles == len(drawn)


def test_archives_are_clustered_pmtiles_with_the_agreed_compressions(photographed):
    _, _, _, tiles, cells, _ = photographed
    for reader, tile_type in ((tiles, TileType.WEBP), (cells, TileType.UNKNOWN)):
        header = reader.header()
        assert header["tile_type"] == tile_type
        assert header["tile_compression"] == Compression.NONE
        assert header["internal_compression"] == Compression.GZIP
        assert header["clustered"]
        assert header["min_zoom"] == 0


def test_cells_tell_item_count_and_spread_of_every_occupied_cell(photographed):
    levels, _, _, _, cells, _ = photographed
    for level in levels:
        told = []
        for (z, tx, ty), data in all_tiles(cells.get_bytes):
            if z == level.level:
                records = np.frombuffer(data, dtype=CELL_RECORD)
                places = list(zip(records["row"].tolist(), records["column"].tolist(), strict=True))
                assert places == sorted(places)
                told += [(ty * 8 + r["row"], tx * 8 + r["column"], r["item"], r["count"], r["spread"], r["flags"]) for r in records]
        expected = zip(level.rows, level.columns, level.items, level.counts, level.spreads, [0] * level.n_cells, strict=True)
        assert sorted(map(tuple, told)) == sorted(map(tuple, expected))


def test_each_cell_shows_the_picture_of_its_representative_and_empty_cells_nothing(photographed):
    levels, _, summary, tiles, *_ = photographed
    for level in levels[: summary.n_tile_levels]:
        occupied = {}
        for column, row, item in zip(level.columns.tolist(), level.rows.tolist(), level.items.tolist(), strict=True):
            occupied[column, row] = item
        for tx, ty in {(column // 8, row // 8) for column, row in occupied}:
            image = np.asarray(Image.open(BytesIO(tiles.get(level.level, tx, ty))).convert("RGBA")).astype(int)
            assert image.shape == (512, 512, 4)
            for row in range(8):
                for column in range(8):
                    cell = image[row * CELL_PX : (row + 1) * CELL_PX, column * CELL_PX : (column + 1) * CELL_PX]
                    item = occupied.get((tx * 8 + column, ty * 8 + row))
                    if item is None:
                        assert not cell[..., 3].any()
                    else:
                        assert np.abs(cell[32, 32, :3] - color_of(item)).max() < 20
                        assert not cell[:2, :, 3].any()  # even a full-sized picture leaves a margin
                        assert not cell[:, :2, 3].any()


def sheet_places(sheets) -> np.ndarray:
    """Return the pictures of the sheets by their numbers, (n, 64, 64, 4)."""
    drawn = np.stack([np.asarray(Image.open(BytesIO(sheet)).convert("RGBA")) for sheet in sheets])
    assert drawn.shape[1:] == (512, 512, 4)
    return drawn.reshape(-1, 8, 64, 8, 64, 4).swapaxes(2, 3).reshape(-1, 64, 64, 4).astype(int)


def test_below_the_tiles_each_cell_names_the_picture_of_its_representative_on_a_sheet(photographed):
    levels, _, summary, _, cells, sheets = photographed
    places = sheet_places(sheets)
    assert summary.n_sheets == len(sheets)
    for level in levels[summary.n_tile_levels :]:
        for column, row in {(c // 8, r // 8) for c, r in zip(level.columns.tolist(), level.rows.tolist(), strict=True)}:
            for record in np.frombuffer(cells.get(level.level, column, row), dtype=CELL_RECORD):
                picture = places[record["picture"]]
                assert np.abs(picture[32, 32, :3] - color_of(int(record["item"]))).max() < 20
                assert not picture[:2, :, 3].any()
                assert not picture[:, :2, 3].any()


def test_each_picture_is_kept_on_one_sheet_only(photographed):
    levels, _, summary, _, _, sheets = photographed
    shown = set(np.concatenate([level.items for level in levels[summary.n_tile_levels :]]).tolist())
    assert np.count_nonzero(sheet_places(sheets)[:, 32, 32, 3]) == len(shown)


def test_pictures_that_follow_each_other_on_the_sheets_are_near_on_the_map(photographed):
    levels, _, _, _, cells, _ = photographed
    deepest = levels[-1]
    records = [np.frombuffer(data, dtype=CELL_RECORD) for (z, *_), data in all_tiles(cells.get_bytes) if z == deepest.level]
    picture_of = {int(record["item"]): int(record["picture"]) for record in np.concatenate(records)}
    order = np.argsort([picture_of[item] for item in deepest.items.tolist()])
    places = np.stack([deepest.columns, deepest.rows], axis=1)[order].astype(float)
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    jumps = np.linalg.norm(np.diff(np.random.default_rng(0).permutation(places), axis=0), axis=1)
    assert np.median(steps) < 0.4 * np.median(jumps)


def test_a_library_picture_that_many_items_share_is_kept_once(tmp_path):
    levels = make_levels(60, 6)
    library = PictureLibrary("one", ("x",), ("x",), (flat_photo((9, 9, 9)),))
    _, _, cells, sheets = rendered(tmp_path, levels, PictureSource(items_with(n_items=60), library, np.zeros(60, np.int32)))
    assert len(sheets) == 1
    deepest = [np.frombuffer(data, dtype=CELL_RECORD) for (z, *_), data in all_tiles(cells.get_bytes) if z == 5]
    assert not np.concatenate(deepest)["picture"].any()


def test_the_same_input_gives_the_same_bytes_on_one_thread_and_on_many(photographed, tmp_path, monkeypatch):
    levels, folder, *_, sheets = photographed
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    again = rendered(tmp_path, levels, PictureSource(items_with([flat_photo(color_of(i)) for i in range(N_ITEMS)])))
    assert again[-1] == sheets
    for name in ("collage.pmtiles", "cells.pmtiles"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_nothing_but_the_archives_is_left_beside_them(photographed):
    _, folder, *_ = photographed
    assert sorted(path.name for path in folder.iterdir()) == ["cells.pmtiles", "collage.pmtiles"]


def test_nothing_is_written_to_the_systems_temporary_folder_during_the_work(tmp_path, monkeypatch):
    import tempfile

    folders = []
    original = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *a, **k: folders.append(k.get("dir")) or original(*a, **k))
    rendered(tmp_path, make_levels(20, 2), PictureSource(items_with(n_items=20)))
    assert folders.count(tmp_path) == 3  # pictures, tiles, cells
    assert folders.count(None) <= 2  # the library opens two of its own, which stay empty


def test_flags_and_summary_tell_cards_and_library_pictures_apart(tmp_path):
    levels = make_levels(30, 2)
    library = PictureLibrary("one", ("x",), ("x",), (flat_photo((9, 9, 9)),))
    matches = np.where(np.arange(30) % 2 == 0, 0, -1).astype(np.int32)
    summary, _, cells, _ = rendered(tmp_path, levels, PictureSource(items_with(n_items=30), library, matches))
    assert summary.pictures == "mixed"
    for _, data in all_tiles(cells.get_bytes):
        for record in np.frombuffer(data, dtype=CELL_RECORD):
            assert record["flags"] == (2 if record["item"] % 2 == 0 else 1)


@pytest.mark.parametrize(("pictures", "matches", "origin"), [(True, None, "items"), (False, None, "cards"), (False, 0, "library")])
def test_the_summary_says_where_the_pictures_come_from(tmp_path, pictures, matches, origin):
    levels = make_levels(12, 2)
    own = [flat_photo((9, 99, 9))] * 12 if pictures else None
    library = PictureLibrary("one", ("x",), ("x",), (flat_photo((9, 9, 9)),))
    chosen = None if matches is None else np.zeros(12, dtype=np.int32)
    summary, *_ = rendered(tmp_path, levels, PictureSource(items_with(own, n_items=12), library, chosen))
    assert summary.pictures == origin
    assert summary.n_levels == 2
    assert summary.n_bytes == (tmp_path / "collage.pmtiles").stat().st_size


def test_where_cells_are_crowded_a_lone_item_is_drawn_smaller(tmp_path):
    coordinates = np.concatenate([np.zeros((50, 2)), [[10, 10]]]).astype(np.float32)
    levels = choose_representatives(metric_space(np.eye(51, dtype=np.float32)), coordinates, extent_of(coordinates), 1)
    _, tiles, *_ = rendered(tmp_path, levels, PictureSource(items_with([flat_photo((200, 9, 9))] * 51, n_items=51)))
    alpha = np.asarray(Image.open(BytesIO(tiles.get(0, 0, 0))).convert("RGBA"))[..., 3]
    crowd, alone = np.count_nonzero(alpha[:256, :256]), np.count_nonzero(alpha[256:, 256:])
    assert 0.4 * crowd < alone < 0.8 * crowd


def test_a_single_item_makes_a_map_of_one_tile(tmp_path):
    levels = choose_representatives(
        metric_space(np.ones((1, 3), dtype=np.float32)), np.zeros((1, 2), np.float32), extent_of(np.zeros((1, 2), np.float32)), 1
    )
    summary, tiles, *_ = rendered(tmp_path, levels, PictureSource(items_with(n_items=1)))
    assert summary.n_tiles == 1
    assert Image.open(BytesIO(render_preview(tmp_path / "collage.pmtiles"))).size == (512, 512)
    assert tiles.header()["max_zoom"] == 0


def test_the_preview_shows_the_whole_map_within_its_limit(photographed):
    _, folder, *_ = photographed
    preview = render_preview(folder / "collage.pmtiles")
    image = Image.open(BytesIO(preview))
    assert image.size == (768, 768)
    assert len(preview) <= 150_000
    assert np.asarray(image)[..., 3].min() == 0
    assert len(render_preview(folder / "collage.pmtiles", limit_bytes=5_000)) <= 5_000


def test_tile_numbers_are_those_of_pmtiles():
    for level in range(6):
        columns, rows = (axis.ravel() for axis in np.meshgrid(np.arange(1 << level), np.arange(1 << level)))
        expected = [zxy_to_tileid(level, int(x), int(y)) for x, y in zip(columns, rows, strict=True)]
        assert tile_numbers(level, columns, rows).tolist() == expected
    assert tile_numbers(11, np.array([1234]), np.array([777])).tolist() == [zxy_to_tileid(11, 1234, 777)]
