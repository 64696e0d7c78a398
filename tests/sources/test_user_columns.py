"""The user's own columns: kept, renamed, left out, offered for coloring."""

import datetime
import decimal

import pyarrow as pa
import pytest

from vista.errors import InputError
from vista.sources import read_source

TEXT = ["one", "two", "three", "four"]


def columns_of(**columns: object) -> pa.Table:
    return read_source(pa.table({"text": TEXT, **columns})).items.columns


def test_names_that_the_atlas_uses_are_renamed_and_said_once() -> None:
    n = [1, 2, 3, 4]
    items = read_source(
        pa.table({"caption": TEXT, "text": TEXT, "x": n, "region_3": n, "region_name": n, "user_x": n}), text="caption"
    ).items
    assert items.columns.column_names == ["user_text", "user_user_x", "user_region_3", "region_name", "user_x"]
    (said,) = [note for note in items.notes if "renamed" in note]
    assert "'x' is now 'user_user_x'" in said


def test_a_column_without_a_name_gets_one() -> None:
    assert columns_of(**{"": [4, 3, 2, 1]}).column_names == ["unnamed"]


def test_text_id_and_vectors_are_not_repeated() -> None:
    data = pa.table({"id": list("abcd"), "text": TEXT, "v": [[1.0]] * 4, "year": [1, 2, 3, 5]})
    assert read_source(data, vectors="v").items.columns.column_names == ["year"]


def test_lists_structures_and_bytes_are_left_out_and_said() -> None:
    data = pa.table({"text": TEXT, "tags": [["a"]] * 4, "box": [{"w": 1}] * 4, "raw": [b"\x00"] * 4, "ok": [True] * 4})
    items = read_source(data).items
    assert items.columns.column_names == ["ok"]
    assert any(note.endswith(": tags, box, raw") for note in items.notes)


def test_dates_decimals_categories_and_half_floats_become_plain_values() -> None:
    columns = columns_of(
        day=[datetime.date(2020, 1, 2)] * 4,
        price=[decimal.Decimal("1.25")] * 4,
        kind=pa.array(["a", "b", "a", None]).dictionary_encode(),
        half=pa.array([0.5, 1.5, 2.5, 3.5], pa.float16()),
        big=pa.array(TEXT, pa.large_string()),
    )
    assert columns.to_pylist()[0] == {"day": "2020-01-02", "price": 1.25, "kind": "a", "half": 0.5, "big": "one"}
    assert [str(kind) for kind in columns.schema.types] == ["string", "double", "string", "float", "string"]


def test_a_table_without_further_columns_still_has_its_rows() -> None:
    columns = columns_of()
    assert (columns.num_columns, columns.num_rows) == (0, 4)


def test_columns_named_for_coloring_are_used_under_their_new_names() -> None:
    items = read_source(pa.table({"text": TEXT, "x": [1, 2, 3, 4], "kind": list("abab")}), color=("x",)).items
    assert items.color_columns == ("user_x",)


def test_the_text_column_can_color_too() -> None:
    items = read_source(pa.table({"text": TEXT}), color=("text",)).items
    assert items.color_columns == ("user_text",)
    assert items.columns.column("user_text").to_pylist() == TEXT


def test_one_color_may_be_given_as_a_string() -> None:
    assert read_source(pa.table({"text": TEXT, "kind": list("abab")}), color="kind").items.color_columns == ("kind",)


def test_coloring_by_a_list_is_refused() -> None:
    with pytest.raises(InputError, match=r"column 'tags' is list<.*coloring and labels need"):
        read_source(pa.table({"text": TEXT, "tags": [["a"]] * 4}), color=("tags",))


def test_only_columns_that_are_fit_are_offered_by_themselves() -> None:
    data = {
        "text": TEXT,
        "constant": ["a"] * 4,
        "running": [10, 11, 12, 13],
        "unique": ["p", "q", "r", "s"],
        "kind": ["a", "b", "a", "b"],
        "flag": [True, False, True, True],
        "year": [1900, 1950, 2000, 1950],
        "share": [0.1, 0.2, 0.3, 0.4],
    }
    items = read_source(pa.table(data)).items
    assert items.color_columns == ("kind", "flag", "year", "share")
    assert "columns for coloring: 'kind', 'flag', 'year', 'share' (guessed; choose others with --color)" in items.notes


def test_at_most_six_columns_and_250_categories_are_offered_by_themselves() -> None:
    many = {f"n{i}": [float(i), 2.5, 3.5] * 100 for i in range(9)}
    data = pa.table({"text": [f"t{i}" for i in range(300)], "often": [f"c{i % 260}" for i in range(300)], **many})
    assert read_source(data).items.color_columns == ("n0", "n1", "n2", "n3", "n4", "n5")


def test_the_labels_column_is_known_under_its_name_in_the_atlas() -> None:
    data = pa.table({"text": TEXT, "region_0": list("aabb")})
    assert read_source(data, labels="region_0").labels_column == "user_region_0"
    assert read_source(data).labels_column is None


@pytest.mark.parametrize(
    "paths",
    [
        ["/home/someone/a.txt", "/home/someone/b c.txt", None, "c.txt"],
        ["C:\\Users\\someone\\a.txt", "C:/Users/someone/b c.txt", None, "c.txt"],
        ["file:///home/someone/a.txt", "~someone/b c.txt", None, "c.txt"],
        ["\\\\host\\someone\\a.txt", "/home/someone/b c.txt", None, "c.txt"],
    ],
)
def test_absolute_paths_are_shortened_in_any_column_and_said_once(paths: list[str | None]) -> None:
    items = read_source(pa.table({"text": TEXT, "place": paths})).items
    assert items.columns.column("place").to_pylist() == ["a.txt", "b c.txt", None, "c.txt"]
    assert items.notes.count("column 'place' holds absolute paths; the atlas keeps their base names") == 1


def test_texts_with_slashes_stay_as_they_are() -> None:
    columns = {"command": ["/help", "/start", "/help", "/stop"], "share": ["~3/4", "~1/2", "~1/3", "n/a"], "day": ["1/2/2020"] * 4}
    items = read_source(pa.table({"text": TEXT, **columns})).items
    assert items.columns.to_pydict() == columns
    assert not any("absolute paths" in note for note in items.notes)


def test_coordinates_are_returned_and_not_repeated() -> None:
    source = read_source(pa.table({"text": TEXT, "x": [0, 1, 2, 3], "y": [0.5] * 4, "z": [7, 7, 7, 8]}), x="x", y="y")
    assert source.coordinates is not None
    assert source.coordinates.tolist() == [[0, 0.5], [1, 0.5], [2, 0.5], [3, 0.5]]
    assert str(source.coordinates.dtype) == "float32"
    assert source.items.columns.column_names == ["z"]


def test_coordinates_with_gaps_are_refused_with_their_rows() -> None:
    data = pa.table({"text": TEXT, "x": [0.0, None, float("nan"), float("inf")], "y": [1.0] * 4})
    with pytest.raises(InputError, match=r"column 'x': .* 3 of 4 rows: row 1, row 2, row 3"):
        read_source(data, x="x", y="y")


def test_coordinates_need_numbers_and_both_columns() -> None:
    data = pa.table({"text": TEXT, "x": [0.0] * 4, "kind": TEXT})
    with pytest.raises(InputError, match="--x and --y go together"):
        read_source(data, x="x")
    with pytest.raises(InputError, match="column 'kind' is string; coordinates are numbers"):
        read_source(data, x="x", y="kind")
