"""Sources in memory: tables and arrays of the packages that people use."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch

from vista.errors import InputError
from vista.sources import read_source

FRAME = pd.DataFrame({"text": ["one", "two", "three"], "kind": ["a", "b", "a"], "v": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]})


@pytest.mark.parametrize("table", [FRAME, pl.from_pandas(FRAME), pa.Table.from_pandas(FRAME)], ids=["pandas", "polars", "pyarrow"])
def test_tables_of_every_package_give_the_same_items(table: object) -> None:
    source = read_source(table, vectors="v")
    assert source.items.texts == ["one", "two", "three"]
    assert source.items.columns.to_pydict() == {"kind": ["a", "b", "a"]}
    assert str(source.items.columns.schema.field("kind").type) == "string"
    assert source.vectors is not None
    assert source.vectors.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert [file.name for file in source.items.inputs] == ["in memory"]


def test_a_named_pandas_index_is_a_column_and_an_unnamed_one_is_not() -> None:
    assert read_source(FRAME.rename_axis("id").set_index(pd.Index(["p", "q", "r"], name="id"))).items.ids == ["p", "q", "r"]
    assert read_source(FRAME.iloc[1:]).items.ids == ["0", "1"]


@pytest.mark.parametrize("rows", [np.eye(3), torch.eye(3, dtype=torch.bfloat16), torch.eye(3, requires_grad=True), np.eye(3, dtype=">f8")])
def test_arrays_and_tensors_are_vectors(rows: object) -> None:
    source = read_source(rows)
    assert source.vectors is not None
    assert source.vectors.dtype == np.float32
    assert source.vectors.tolist() == np.eye(3).tolist()
    assert source.items.ids == ["0", "1", "2"]
    assert (source.items.columns.num_rows, source.items.columns.num_columns) == (3, 0)


def test_the_content_hash_follows_the_values_and_nothing_else() -> None:
    def content_hash(source: object) -> str:
        return read_source(source).items.inputs[0].sha256

    table = pa.table({"text": ["one", "two"]})
    assert content_hash(table) == content_hash(table.replace_schema_metadata({"made": "elsewhere"}))
    assert content_hash(table) != content_hash(pa.table({"text": ["one", "too"]}))
    assert content_hash(np.eye(2)) == content_hash(np.asfortranarray(np.eye(2)))
    assert content_hash(np.eye(2)) != content_hash(np.eye(2) * 2)


@pytest.mark.parametrize("source", [["a", "b"], {"text": ["a"]}, 7, None])
def test_other_objects_are_refused_by_type(source: object) -> None:
    with pytest.raises(InputError, match=f"a {type(source).__name__} cannot be mapped; give a path"):
        read_source(source)


def test_a_frame_of_mixed_objects_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match="the DataFrame cannot be read as a table") as caught:
        read_source(pd.DataFrame({"text": ["a", 1, object()]}))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("index", [pd.MultiIndex.from_tuples([(1, "a"), (2, "b")], names=["n", "text"]), pd.Index(["a", "b"])])
def test_a_frame_of_nothing_but_an_index_says_what_to_do(index: pd.Index) -> None:
    with pytest.raises(InputError, match=r"2 rows and no columns; make columns of its index with reset_index\(\)"):
        read_source(pd.DataFrame(index=index))


_NO_UNICODE = pa.array([b"a b", b"\xed\xa0\x80 c"]).view(pa.string())


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            pd.DataFrame({"text": ["a b", "\ud800 c"]}, dtype=object),
            r"the DataFrame holds text that is no valid Unicode \(the lone surrogate '.ud800'\)",
        ),
        (pa.table({"text": _NO_UNICODE}), "column 'text' of the table holds text that is not UTF-8"),
    ],
    ids=["pandas", "pyarrow"],
)
def test_text_that_is_no_unicode_is_refused_in_one_line(table: object, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_source(table)
    assert "\n" not in str(caught.value)
    assert str(caught.value).isascii()


@pytest.mark.parametrize("empty", [pd.DataFrame({"text": []}), np.zeros((0, 3))])
def test_empty_tables_and_arrays_are_refused(empty: object) -> None:
    with pytest.raises(InputError, match="has no rows; there is nothing to map"):
        read_source(empty)
