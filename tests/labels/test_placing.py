import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vista.artifacts import Label, Layout, RegionName, Regions
from vista.cartography.extent import Extent, extent_of
from vista.cartography.type import text_width_px
from vista.labels import place_labels
from vista.regions import find_regions


def overlap(one: Label, other: Label, extent: Extent, zoom: float) -> bool:
    scale = 512 * 2**zoom / extent.size
    apart_x = abs(one.x - other.x) * scale >= (one.width_px + other.width_px) / 2 - 1e-6
    apart_y = abs(one.y - other.y) * scale >= (one.height_px + other.height_px) / 2 - 1e-6
    return not (apart_x or apart_y)


def showing(labels: tuple[Label, ...], zoom: float) -> list[Label]:
    return [label for label in labels if label.min_zoom <= zoom < label.max_zoom]


def a_map(seed: int, n_items: int, name_length: int) -> tuple[Regions, tuple[tuple[RegionName, ...], ...], Extent]:
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(20, 2)) * 3
    coordinates = (centers[rng.integers(0, 20, n_items)] + rng.normal(size=(n_items, 2)) * rng.uniform(0.05, 1)).astype(np.float32)
    regions = find_regions(Layout(coordinates, "test"))
    word = "quite a long name of many words "[:name_length].strip() or "x"
    names = tuple(tuple(RegionName(f"{word} {number}") for number in range(len(parents))) for parents in regions.parents)
    return regions, names, extent_of(coordinates)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 900), st.integers(0, 32), st.data())
def test_labels_never_overlap_at_any_zoom(seed, n_items, name_length, data):
    regions, names, extent = a_map(seed, n_items, name_length)
    labels = place_labels(regions, names, extent, depth_levels=8).labels
    zooms = sorted({label.min_zoom for label in labels} | {label.max_zoom - 1e-6 for label in labels})
    for zoom in {*zooms[:12], *(data.draw(st.floats(-2, 15)) for _ in range(4))}:
        for one, other in itertools.combinations(showing(labels, zoom), 2):
            assert not overlap(one, other, extent, zoom)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 900))
def test_every_label_shows_for_a_while_and_levels_start_one_after_another(seed, n_items):
    regions, names, extent = a_map(seed, n_items, 5)
    labels = place_labels(regions, names, extent, depth_levels=8).labels
    assert labels
    assert all(label.max_zoom - label.min_zoom >= 0.5 for label in labels)
    first = [min(label.min_zoom for label in labels if label.level == level) for level in range(regions.n_levels)]
    assert first == sorted(first)
    assert [(label.level, label.region) for label in labels] == sorted((label.level, label.region) for label in labels)


def test_the_whole_map_is_labeled_by_its_continents_and_a_close_view_by_its_smallest_places():
    regions, names, extent = a_map(3, 2000, 3)
    labels = place_labels(regions, names, extent, depth_levels=8).labels
    assert {label.level for label in showing(labels, 0.6)} == {0}
    assert len(showing(labels, 0.6)) >= 6
    assert {label.level for label in showing(labels, 8.0)} == {regions.n_levels - 1}
    assert len(showing(labels, 8.0)) == len(regions.parents[-1])


@pytest.mark.parametrize("zoom", [0.6, 1.5, 2.5, 3.5])
def test_a_screen_shows_a_pleasant_number_of_labels(zoom):
    regions, names, extent = a_map(3, 5000, 6)
    labels = showing(place_labels(regions, names, extent, depth_levels=8).labels, zoom)
    half_x, half_y = np.array([600, 400]) / extent.scale(zoom)
    counts = [sum(abs(other.x - label.x) < half_x and abs(other.y - label.y) < half_y for other in labels) for label in labels]
    assert 5 <= np.mean(counts) <= 28


def test_a_label_holds_its_text_with_room_to_spare():
    regions, names, extent = a_map(1, 300, 12)
    labels = place_labels(regions, names, extent, depth_levels=6)
    for label in labels.labels:
        font_px = labels.font_px[label.level]
        lines = label.text.split("\n")
        assert label.width_px >= 1.15 * max(text_width_px(line, font_px) for line in lines)
        assert label.height_px >= len(lines) * font_px


def test_larger_regions_are_set_in_larger_type():
    regions, names, extent = a_map(1, 2000, 4)
    font_px = place_labels(regions, names, extent, depth_levels=6).font_px
    assert len(font_px) == regions.n_levels
    assert list(font_px) == sorted(font_px, reverse=True)


ONE_REGION = Regions(np.zeros((4, 1), np.int32), (np.array([-1], np.int32),), (np.zeros((1, 2), np.float32),))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("short, name", "short, name"),
        ("kitchen, household item, bowl", "kitchen,\nhousehold item, bowl"),
        ("unbreakablebutquitelongname", "unbreakablebutquitelongname"),
        ("two\nlines", "two lines"),
        ("many words " * 9, "many words many words\nmany words many words man…"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_long_names_are_broken_once_and_cut(name, text):
    (label,) = place_labels(ONE_REGION, ((RegionName(name),),), Extent(-1.0, -1.0, 2.0), depth_levels=3).labels
    assert label.text == text


def test_a_region_without_a_name_has_no_label():
    assert place_labels(ONE_REGION, ((RegionName(""),),), Extent(-1.0, -1.0, 2.0), depth_levels=3).labels == ()
