import datetime

import numpy as np
import pyarrow as pa
import pytest

from vista.atlas.colors import MAX_CATEGORIES, MISSING_CODE, Categories, Numbers, color_of


def color(values: list[object], kind: pa.DataType | None = None) -> Categories | Numbers | str:
    return color_of(pa.chunked_array([pa.array(values, kind)]))


def test_categories_come_by_falling_count_then_by_name() -> None:
    found = color(["pear", "fig", None, "pear", "apple", "fig", "pear"])
    assert isinstance(found, Categories)
    assert (found.names, found.counts) == (["pear", "fig", "apple"], [3, 2, 1])
    assert found.codes.tolist() == [0, 1, MISSING_CODE, 0, 2, 1, 0]


def test_truth_values_are_categories() -> None:
    found = color([True, False, True])
    assert isinstance(found, Categories)
    assert found.names == ["true", "false"]


def test_few_integers_are_categories_and_many_are_numbers() -> None:
    assert isinstance(color(list(range(20))), Categories)
    found = color([*range(21), None])
    assert isinstance(found, Numbers)
    assert (found.low, found.high) == (0.0, 20.0)
    assert np.isnan(found.values[-1])


def test_infinite_numbers_count_as_missing() -> None:
    found = color([1.5, float("inf"), float("nan"), -2.0])
    assert isinstance(found, Numbers)
    assert (found.low, found.high) == (-2.0, 1.5)
    assert np.isnan(found.values[1:3]).all()


@pytest.mark.parametrize("n_distinct", [MAX_CATEGORIES, MAX_CATEGORIES + 1, 1000])
def test_rare_categories_are_one(n_distinct: int) -> None:
    values: list[object] = [f"name {i}" for i in range(n_distinct)] * 2
    found = color(values)
    assert isinstance(found, Categories)
    assert len(found.names) == MAX_CATEGORIES
    assert sum(found.counts) == len(values)
    assert ("other" in found.names) == (n_distinct > MAX_CATEGORIES)
    assert np.bincount(found.codes).tolist() == found.counts


def test_dates_are_categories_while_they_are_few() -> None:
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(days=i) for i in range(251)]
    few = color(list(days[:2]))
    assert isinstance(few, Categories)
    assert few.names == ["2020-01-01", "2020-01-02"]
    assert "251 dates" in str(color(list(days)))


def test_dictionaries_are_their_values() -> None:
    found = color_of(pa.chunked_array([pa.array(["b", "a", "b"]).dictionary_encode()]))
    assert isinstance(found, Categories)
    assert found.names == ["b", "a"]


@pytest.mark.parametrize(("values", "kind"), [([None, None], pa.string()), ([float("nan")], pa.float64()), ([[1], [2]], None)])
def test_what_has_no_color_says_why(values: list[object], kind: pa.DataType | None) -> None:
    assert isinstance(color(values, kind), str)
