"""The relief is high where values are, and nowhere without items."""

from io import BytesIO

import numpy as np
from PIL import Image

from vista.cartography import extent_of
from vista.rendering.terrain import render_terrain


def terrain(values_right: float):
    rng = np.random.default_rng(0)
    left, right = rng.normal((-3, 0), 0.4, (300, 2)), rng.normal((3, 0), 0.4, (300, 2))
    coordinates = np.concatenate([left, right]).astype(np.float32)
    values = np.concatenate([np.full(300, 1.0), np.full(300, values_right)])
    picture = Image.open(BytesIO(render_terrain(extent_of(coordinates), coordinates, values)))
    return np.asarray(picture.convert("RGBA")).astype(float)


def test_high_values_are_warm_and_low_ones_cool():
    pixels = terrain(9.0)
    warmth = pixels[..., 0] - pixels[..., 2]
    land = pixels[..., 3] > 100

    assert warmth[:, 512:][land[:, 512:]].mean() > warmth[:, :512][land[:, :512]].mean() + 30


def test_there_is_no_land_where_no_items_are():
    pixels = terrain(9.0)

    assert pixels[:, 480:544, 3].max() < 10
    assert pixels[:40, :, 3].max() == 0


def test_only_the_order_of_values_counts():
    np.testing.assert_array_equal(terrain(2.0), terrain(9_000.0))
