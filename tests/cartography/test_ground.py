import numpy as np
import pytest

from vista.cartography.extent import extent_of
from vista.cartography.ground import paint_ground, region_hues


def two_islands() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    region = np.repeat(np.array([0, 1], np.int32), 300)
    return (rng.normal(size=(600, 2)) + 30 * region[:, None] * [1, 0]).astype(np.float32), region


def pixel_of(coordinates: np.ndarray, place: np.ndarray, size_px: int) -> tuple[int, int]:
    extent = extent_of(coordinates)
    column, row = ((place - [extent.x0, extent.y0]) / extent.size * size_px).astype(int)
    return row, column


def test_the_ground_lies_under_the_items_and_nowhere_else():
    coordinates, region = two_islands()
    picture = paint_ground(extent_of(coordinates), coordinates, region, size_px=300)
    assert picture.shape == (300, 300, 4)
    assert picture.dtype == np.uint8
    assert all(picture[pixel_of(coordinates, place, 300)][3] > 20 for place in coordinates)
    assert picture[pixel_of(coordinates, np.array([15.0, 0.0]), 300)][3] == 0
    assert not picture[[0, -1], :, 3].any()
    assert not picture[:, [0, -1], 3].any()


def test_the_ground_is_a_tint_that_lets_the_page_through():
    coordinates, region = two_islands()
    assert 50 < paint_ground(extent_of(coordinates), coordinates, region)[..., 3].max() < 130


def test_each_region_has_its_own_color_of_the_same_lightness():
    coordinates, region = two_islands()
    picture = paint_ground(extent_of(coordinates), coordinates, region, size_px=256)
    one, other = (picture[pixel_of(coordinates, np.array(center), 256)][:3].astype(float) for center in ([0.0, 0.0], [30.0, 0.0]))
    assert np.abs(one - other).max() > 60
    luminance = [color @ [0.2126, 0.7152, 0.0722] for color in (one, other)]
    assert abs(luminance[0] - luminance[1]) < 15


def test_neighbors_get_hues_that_differ_more_than_those_of_regions_far_apart():
    centers = np.array([[np.cos(angle), np.sin(angle)] for angle in np.linspace(0, 2 * np.pi, 10, endpoint=False)])
    hues = region_hues(centers)
    assert len(set(hues)) == 10
    contrast = 1 - np.cos(hues[:, None] - hues[None])
    place = np.arange(10)
    steps = np.minimum((place[:, None] - place) % 10, (place - place[:, None]) % 10)
    assert contrast[steps == 1].mean() > contrast[steps > 2].mean()


@pytest.mark.parametrize("n_items", [1, 2])
def test_a_single_region_of_hardly_any_items_is_painted(n_items):
    coordinates = np.zeros((n_items, 2), np.float32)
    picture = paint_ground(extent_of(coordinates), coordinates, np.zeros(n_items, np.int32), size_px=64)
    assert picture[32, 32, 3] > 10


def test_the_same_map_gives_the_same_ground():
    coordinates, region = two_islands()
    first, second = (paint_ground(extent_of(coordinates), coordinates, region, size_px=128) for _ in range(2))
    assert first.tobytes() == second.tobytes()
