import io

import numpy as np
import pytest
from PIL import Image

from vista.cartography.extent import Extent, extent_of
from vista.rendering.density import render_density

LIMIT_BYTES = 150_000


def opacity_of(extent: Extent, coordinates: np.ndarray) -> np.ndarray:
    data = render_density(extent, coordinates)
    assert len(data) <= LIMIT_BYTES
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[:, :, 3]


def test_even_a_lone_item_is_seen_beside_a_crowd() -> None:
    crowd = np.random.default_rng(0).normal(0, 0.2, (50_000, 2))
    coordinates = np.concatenate([crowd, [[3.0, 3.0], [-3.0, -3.0]]]).astype(np.float32)
    opacity = opacity_of(Extent(-4, -4, 8), coordinates)
    middle, lone = opacity.shape[0] // 2, round(7 / 8 * opacity.shape[0])
    assert opacity[lone - 3 : lone + 3, lone - 3 : lone + 3].max() > 25
    assert opacity[middle, middle] > 200
    assert opacity[middle, 10] == 0


def test_more_items_make_more_ink() -> None:
    rng = np.random.default_rng(1)
    parts = [rng.uniform(0, 1, (n, 2)) + np.array([column, 0]) for column, n in enumerate((300, 3_000, 30_000, 300_000))]
    opacity = opacity_of(Extent(0, -1.5, 4), np.concatenate(parts).astype(np.float32))
    size = opacity.shape[0]
    rows = slice(round(size * 0.42), round(size * 0.58))
    means = [opacity[rows, round(size * (column + 0.2) / 4) : round(size * (column + 0.8) / 4)].mean() for column in range(4)]
    assert means == sorted(means)
    assert means[3] > 1.3 * means[2]


@pytest.mark.parametrize("n_items", [1, 2, 400_000])
def test_any_number_of_items_fits_the_limit(n_items: int) -> None:
    coordinates = np.random.default_rng(2).uniform(-1, 1, (n_items, 2)).astype(np.float32)
    assert opacity_of(extent_of(coordinates), coordinates).max() > 0
