"""Numbers that a map is conditioned on, beside the items: which have one, and what is refused."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch

from vista.errors import InputError
from vista.sources import read_direction, read_source

TABLE = pa.table(
    {
        "id": ["a", "b", "c", "d"],
        "text": ["one apple", "two pears", "three plums", "four figs"],
        "size": [3.0, None, float("inf"), -1.0],
        "year": [1999, 2001, 2005, 1999],
        "good": [True, False, None, True],
        "kind": ["x", None, "y", "x"],
        "parts": [[1], [2], [3], [4]],
    }
)


def test_items_without_a_number_are_left_out_counted_and_listed():
    found = read_source(TABLE, activation="size")

    assert found.items.ids == ["a", "d"]
    assert found.activations.tolist() == [3.0, -1.0]
    assert [one.name for one in found.items.skipped] == ["b", "c"]
    assert "2 of 4 items were left out, since column 'size' has no number for them" in found.items.notes
    assert found.activation_column == "size"


def test_truth_values_are_numbers_too():
    assert read_source(TABLE, activation="good").activations.tolist() == [1.0, 0.0, 1.0]


def test_strict_refuses_items_without_a_number():
    with pytest.raises(InputError, match=r"column 'size' has no number for 2 of 4 items"):
        read_source(TABLE, activation="size", strict=True)


@pytest.mark.parametrize("make", [np.array, list, pd.Series, pa.array, torch.tensor])
def test_an_array_goes_by_the_rows_of_the_source(make):
    found = read_source(TABLE, activation=make([4.0, float("nan"), 2.0, 1.0]), sample=3, seed=1)

    rows = found.items.source_rows.tolist()
    assert found.activations.tolist() == [[4.0, None, 2.0, 1.0][row] for row in rows]
    assert 1 not in rows
    assert found.items.inputs[-1].name == "in memory"


def test_a_renamed_column_is_known_by_its_new_name():
    renamed = TABLE.rename_columns(["id", "text", "activation", "year", "good", "kind", "parts"])

    assert read_source(renamed, activation="activation").activation_column == "user_activation"


def test_groups_are_told_by_words():
    assert read_source(TABLE, groups="kind").groups == ["x", None, "y", "x"]
    assert read_source(TABLE, groups="year").groups == ["1999", "2001", "2005", "1999"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": "sise"}, "no column 'sise'.*Did you mean 'size'"),
        ({"activation": "kind"}, r"column 'kind' is string.*columns of numbers: size, year, good"),
        ({"activation": "parts"}, "column 'parts' is list"),
        ({"activation": np.ones(3)}, r"shape \(3,\), but the table has 4 rows"),
        ({"activation": ["1", "2", "3", "4"]}, "a list of <U1 is nothing to condition a map on"),
        ({"activation": np.full(4, np.nan)}, "no number for any of the 4 items"),
        ({"groups": "knid"}, "Did you mean 'kind'"),
        ({"groups": "parts"}, "groups are told by strings"),
    ],
)
def test_what_is_no_number_is_refused_in_one_line(options, message):
    with pytest.raises(InputError, match=message) as caught:
        read_source(TABLE, **options)
    assert "\n" not in str(caught.value)


def test_a_direction_is_read_as_one_vector(tmp_path):
    np.save(tmp_path / "probe.npy", np.array([[1, 2, 3]]))
    np.savez(tmp_path / "probes.npz", first=np.arange(4.0), second=-np.arange(4.0))

    direction, file = read_direction(str(tmp_path / "probe.npy"))
    assert (direction.vector.tolist(), direction.name, file.name) == ([1.0, 2.0, 3.0], "direction:probe.npy", "probe.npy")
    direction, _ = read_direction(f"{tmp_path / 'probes.npz'}:second")
    assert (direction.vector.tolist(), direction.name) == ([0.0, -1.0, -2.0, -3.0], "direction:probes.npz:second")


@pytest.mark.parametrize(
    ("array", "message"),
    [(np.eye(3), r"shape \(3, 3\); a direction is one vector"), (np.zeros(3), "all zeros"), (np.array([1, np.nan]), "NaN or infinity")],
)
def test_what_is_no_direction_is_refused(tmp_path, array, message):
    np.save(tmp_path / "probe.npy", array)

    with pytest.raises(InputError, match=message):
        read_direction(str(tmp_path / "probe.npy"))
