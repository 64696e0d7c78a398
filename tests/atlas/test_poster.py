"""A map as one picture: what is on it, at any size, and that a PNG written in bands is a PNG."""

import numpy as np
import pytest
from PIL import Image

import vista
from sample_atlas import build_sample
from vista.atlas import poster
from vista.atlas.png import PngWriter
from vista.errors import AtlasFormatError, InputError


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    return vista.open(build_sample(tmp_path_factory.mktemp("sample") / "atlas", 300))


def drawn(atlas, folder, **options):
    path = vista.export(atlas, folder / f"poster-{len(list(folder.iterdir()))}.png", to="png", **options)
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


@pytest.mark.parametrize(("width", "height", "step"), [(1, 1, 1), (37, 23, 5), (300, 64, 64)])
def test_a_picture_written_in_bands_reads_back(width, height, step, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    with (tmp_path / "picture.png").open("wb") as file, PngWriter(file, width, height) as png:
        for start in range(0, height, step):
            png.write(pixels[start : start + step])

    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "picture.png")), pixels)


def test_a_picture_that_lacks_rows_is_no_picture(tmp_path):
    with pytest.raises(ValueError, match="2 rows too few"), (tmp_path / "picture.png").open("wb") as file, PngWriter(file, 4, 5) as png:
        png.write(np.zeros((3, 4, 3), np.uint8))


@pytest.mark.parametrize("size", [300, 1_000, 2_500])
def test_a_poster_is_as_wide_as_asked_for_and_shows_the_same_at_any_size(size, atlas, tmp_path):
    pixels, small = drawn(atlas, tmp_path, size=size), drawn(atlas, tmp_path, size=600)

    assert pixels.shape[1] == size
    assert np.corrcoef(ink_of(pixels), ink_of(small))[0, 1] > 0.7  # pictures of finer levels are other ones at the same places


def ink_of(pixels):
    """Return how much of each of 24 × 24 parts of a poster is not page."""
    ink = (np.abs(pixels - pixels[0, 0]).sum(axis=2) > 40).astype(np.uint8) * 255
    return np.asarray(Image.fromarray(ink).resize((24, 24), Image.Resampling.BOX)).astype(float).ravel()


def test_pictures_stand_where_their_items_lie_and_nowhere_else(tmp_path):
    atlas = vista.open(build_sample(tmp_path / "atlas", 14, seed=3))
    size = 1_600
    pixels = drawn(atlas, tmp_path, size=size, theme="dark")
    entry = atlas.maps["main"].entry
    view = poster._view_of(entry, size)
    table = atlas.maps["main"].items()
    per_unit = view.square_px / entry["extent"]["size"]
    columns = (table["x"].to_numpy() - entry["extent"]["x0"]) * per_unit - view.x0
    rows = (table["y"].to_numpy() - entry["extent"]["y0"]) * per_unit - view.y0
    cell = view.tile_px / 8

    def lit(xs, ys):
        """Share of places whose cell holds something much brighter than the page and its ground."""
        found = 0
        for x, y in zip((xs // cell).astype(int), (ys // cell).astype(int), strict=True):
            part = pixels[max(0, round(y * cell)) : round((y + 1) * cell), max(0, round(x * cell)) : round((x + 1) * cell)]
            found += bool(part.size and (part.max(axis=2) > 150).mean() > 0.2)
        return found / len(xs)

    assert lit(columns, rows) > 0.5  # some discs are dark
    assert lit(size - columns, rows) < 0.2
    assert lit(rows, columns) < 0.2


def test_themes_have_their_own_page(atlas, tmp_path):
    assert drawn(atlas, tmp_path, size=400)[-3:, :3].mean() > 230
    assert drawn(atlas, tmp_path, size=400, theme="dark")[-3:, :3].mean() < 40


def test_a_map_without_a_collage_shows_its_points(tmp_path):
    atlas = vista.open(build_sample(tmp_path / "atlas", 60, collage=False))
    pixels = drawn(atlas, tmp_path, size=500)

    assert pixels[:400].std() > 1  # above the footer


def test_points_are_drawn_at_the_size_of_the_poster_where_their_items_lie(tmp_path):
    atlas = vista.open(build_sample(tmp_path / "atlas", 60, collage=False))
    size = 3_000
    pixels = drawn(atlas, tmp_path, size=size)
    entry = atlas.maps["main"].entry
    view = poster._view_of(entry, size)
    table = atlas.maps["main"].items()
    per_unit = view.square_px / entry["extent"]["size"]
    columns = ((table["x"].to_numpy() - entry["extent"]["x0"]) * per_unit - view.x0).astype(int)
    rows = ((table["y"].to_numpy() - entry["extent"]["y0"]) * per_unit - view.y0).astype(int)
    light = pixels.sum(axis=2)
    here = light[rows.clip(0, view.height_px - 1), columns.clip(0, size - 1)]
    beside = light[rows.clip(0, view.height_px - 1), (columns + 14).clip(0, size - 1)]

    assert (here < beside - 30).mean() > 0.8, "a dot is dark, and a few pixels wide"


@pytest.mark.parametrize("y0", [1.2378, 0.0, 3.3])
@pytest.mark.parametrize("size", [257, 1_000, 9_857])
def test_every_row_is_written_wherever_the_map_lies(y0, size, tmp_path):
    """Bands end at the poster's end, not at the borders of tiles."""
    entry = {
        "extent": {"x0": 0.0, "y0": 0.0, "size": 10.0},
        "bounds": {"x0": 1.0, "y0": y0, "x1": 9.0, "y1": 8.0},
        "collage": None,
    }
    view = poster._view_of(entry, size)
    tops = range(view.y0, view.y0 + view.height_px, poster._BAND_PX)

    assert sum(min(top + poster._BAND_PX, view.y0 + view.height_px) - top for top in tops) == view.height_px
    assert view.width_px == size


@pytest.mark.parametrize("name", ["ground.webp", "collage.pmtiles", "labels.json"])
@pytest.mark.parametrize("content", [None, b"junk"])
def test_a_damaged_atlas_is_told_in_one_line(name, content, tmp_path):
    folder = build_sample(tmp_path / "atlas", 30)
    path = folder / "maps" / "main" / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(AtlasFormatError, match=f"{name} cannot be read") as caught:
        vista.export(folder, tmp_path / "poster.png", to="png", size=300)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "poster.png").exists()


def test_options_of_another_form_are_refused(atlas, tmp_path):
    with pytest.raises(InputError, match="--columns is no option"):
        vista.export(atlas, tmp_path / "poster.png", to="png", columns=["group"])
    with pytest.raises(InputError, match="--size is no option"):
        vista.export(atlas, tmp_path / "site", size=300)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 10}, "256 to 65,536 px wide, not 10"),
        ({"theme": "sepia"}, "light or dark"),
        ({"name": "mane"}, "did you mean|Did you mean"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_leaves_nothing(options, message, atlas, tmp_path):
    with pytest.raises(InputError, match=message):
        vista.export(atlas, tmp_path / "poster.png", to="png", **options)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_poster_is_replaced_only_when_asked(atlas, tmp_path):
    vista.export(atlas, tmp_path / "poster.png", to="png", size=300)
    with pytest.raises(InputError, match="--overwrite"):
        vista.export(atlas, tmp_path / "poster.png", to="png", size=300)
    vista.export(atlas, tmp_path / "poster.png", to="png", size=400, overwrite=True)
    assert Image.open(tmp_path / "poster.png").width == 400
