import numpy as np

from vista.artifacts import Regions
from vista.labels import name_regions_by_column

TWO_LEVELS = Regions(
    np.array([[0, 0]] * 6 + [[0, 1]] * 6 + [[1, 2]] * 8, np.int32),
    (np.array([-1, -1], np.int32), np.array([0, 0, 1], np.int32)),
    (np.zeros((2, 2), np.float32), np.zeros((3, 2), np.float32)),
)


def named(values: list[str]) -> list[list[str]]:
    return [[region.name for region in level] for level in name_regions_by_column(TWO_LEVELS, values)]


def test_the_value_that_sets_a_region_apart_names_it():
    assert named(["cat"] * 8 + ["other"] * 4 + ["car"] * 5 + ["other"] * 3)[0] == ["cat", "car"]


def test_a_part_takes_another_value_than_the_whole_or_none():
    assert named(["cat"] * 6 + ["cat"] * 4 + ["lion"] * 2 + ["car"] * 8)[1] == ["", "lion", ""]


def test_a_rare_value_does_not_speak_for_a_region():
    assert named(["one"] + [f"v{row}" for row in range(11)] + ["car"] * 8)[0] == ["", "car"]


def test_missing_values_name_nothing():
    assert named([""] * 20) == [["", ""], ["", "", ""]]


def test_the_values_behind_a_name_are_told_with_their_weights():
    terms = name_regions_by_column(TWO_LEVELS, ["cat"] * 12 + ["car"] * 8)[0][0].terms
    assert terms == (("cat", 0.5108),)  # ln(20 / 12)
