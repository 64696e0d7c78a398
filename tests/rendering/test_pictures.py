"""What stands in a cell: the item's own picture, a library's, or a card."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw

from vista.artifacts import Items
from vista.rendering import PictureLibrary, PictureSource, hues_around
from vista.rendering.pictures import PICTURE_PX, Kind


def png(image: Image.Image) -> bytes:
    packed = BytesIO()
    image.save(packed, "PNG")
    return packed.getvalue()


def photo(color, size=(120, 80)) -> bytes:
    return png(Image.new("RGB", size, color))


def cut_out(color, size=(64, 64)) -> bytes:
    image = Image.new("RGBA", size)
    ImageDraw.Draw(image).ellipse((8, 8, size[0] - 9, size[1] - 9), fill=(*color, 255))
    return png(image)


def items_of(texts=None, pictures=None) -> Items:
    n = len(texts or pictures)
    ids = [f"id{i}" for i in range(n)]
    return Items(ids, np.arange(n), texts, pictures, pa.table({"id": ids}))


def library_of(*colors) -> PictureLibrary:
    return PictureLibrary("few", tuple(map(str, colors)), tuple(map(str, colors)), tuple(cut_out(color) for color in colors))


def test_a_photo_fills_the_square_with_rounded_corners():
    drawn = PictureSource(items_of(pictures=[photo((10, 200, 30))])).draw(0)
    pixels = np.asarray(drawn.image)
    assert drawn.kind == Kind.ITEM
    assert pixels.shape == (PICTURE_PX, PICTURE_PX, 4)
    assert pixels[28, 28].tolist() == [10, 200, 30, 255]
    assert (pixels[28, :, 3] == 255).all()
    assert pixels[0, 0, 3] == 0


def test_a_photo_is_cut_to_its_middle_and_not_squeezed():
    wide = Image.new("RGB", (300, 100), (255, 0, 0))
    wide.paste((0, 0, 255), (100, 0, 200, 100))
    pixels = np.asarray(PictureSource(items_of(pictures=[png(wide)])).draw(0).image)
    assert pixels[28, 4:52, 2].min() > 200
    assert pixels[28, 4:52, 0].max() < 40


def test_a_white_photo_has_an_edge_on_a_white_page():
    pixels = np.asarray(PictureSource(items_of(pictures=[photo((255, 255, 255))])).draw(0).image)
    assert pixels[28, 0, :3].max() < 240
    assert pixels[28, 3, :3].min() == 255


def test_a_cut_out_stands_free_and_keeps_its_shape():
    pixels = np.asarray(PictureSource(items_of(pictures=[cut_out((230, 160, 20), (128, 64))])).draw(0).image)
    assert (pixels[:12, :, 3] == 0).all()
    assert (pixels[-12:, :, 3] == 0).all()
    assert pixels[28, 28].tolist() == [230, 160, 20, 255]


def test_only_a_dark_cut_out_gets_a_rim_of_light():
    bright = np.asarray(PictureSource(items_of(pictures=[cut_out((230, 160, 20))])).draw(0).image)
    dark = np.asarray(PictureSource(items_of(pictures=[cut_out((10, 10, 12))])).draw(0).image)
    assert np.count_nonzero(dark[..., 3]) > np.count_nonzero(bright[..., 3])
    border = dark[(dark[..., 3] > 20) & (bright[..., 3] == 0)]
    assert border[:, :3].min() > 200
    assert dark[28, 28].tolist() == [10, 10, 12, 255]


def test_own_pictures_come_before_the_library_and_the_library_before_cards():
    items = items_of(texts=["a", "b", "c"], pictures=[photo((1, 2, 3)), None, None])
    source = PictureSource(items, library_of((9, 99, 9)), np.array([0, 0, -1], dtype=np.int32))
    kinds = [source.draw(int(key)).kind for key in source.keys(np.arange(3), 0)]
    assert kinds == [Kind.ITEM, Kind.LIBRARY, Kind.CARD]


def test_items_that_match_one_library_picture_share_its_key():
    source = PictureSource(items_of(texts=list("abc")), library_of((9, 99, 9), (99, 9, 9)), np.array([1, 0, 1], dtype=np.int32))
    first, second, third = source.keys(np.arange(3), 0).tolist()
    assert first == third != second


def test_deep_levels_show_cards_where_only_shallow_ones_were_matched():
    matches = np.zeros(2, dtype=np.int32)
    source = PictureSource(items_of(texts=list("ab")), library_of((9, 99, 9)), matches, n_library_levels=2)
    assert source.draw(int(source.keys(np.arange(2), 1)[0])).kind == Kind.LIBRARY
    assert source.draw(int(source.keys(np.arange(2), 2)[0])).kind == Kind.CARD


def test_a_picture_that_cannot_be_decoded_gives_way_to_the_card():
    source = PictureSource(items_of(texts=["a word"], pictures=[b"broken"]))
    as_card = PictureSource(items_of(texts=["a word"]))
    assert source.draw(0).kind == Kind.CARD
    assert source.draw(0).image.tobytes() == as_card.draw(0).image.tobytes()


def test_an_item_without_text_shows_its_id():
    by_id = PictureSource(items_of(texts=["", "x"])).draw(0).image
    assert by_id.tobytes() == PictureSource(items_of(texts=["id0", "x"])).draw(0).image.tobytes()


def test_neighbors_on_the_map_get_nearly_the_same_tint():
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    hues = hues_around(ring)
    assert ((hues >= 0) & (hues <= 1)).all()
    steps = np.abs(np.diff(hues, append=hues[0]))
    assert np.minimum(steps, 1 - steps).max() < 0.02
