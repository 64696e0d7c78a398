import numpy as np
import pyarrow as pa
import pytest

from vista.errors import InputError
from vista.sources import column_words
from vista.sources.column_words import ColumnWords
from vista.sources.ids import ids_at, item_ids

N = column_words.LISTED_ITEMS + 1


def test_few_ids_are_a_list() -> None:
    assert item_ids(pa.table({"n": [5, 6]}), None) == ["0", "1"]


def test_row_numbers_of_many_items_are_spelled_when_asked_for() -> None:
    ids = item_ids(pa.table({"n": np.zeros(N, np.int8)}), None)
    assert isinstance(ids, ColumnWords)
    assert (len(ids), ids[7], ids[N - 1], ids[2:4]) == (N, "7", str(N - 1), ["2", "3"])
    assert pa.array(ids, pa.string())[N - 1].as_py() == str(N - 1)
    assert list(ids)[-1] == str(N - 1)
    assert list(ids_at(ids, np.array([3, 1]))) == ["3", "1"]


def test_repeated_ids_among_many_are_refused() -> None:
    numbers = np.arange(N)
    numbers[-2:] = 5
    with pytest.raises(InputError, match=r"'5' occurs 3 times, 2 repeats in all"):
        item_ids(pa.table({"n": numbers}), "n")
