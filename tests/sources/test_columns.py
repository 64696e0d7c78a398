"""Which column is what: asked, guessed, or refused."""

import pyarrow as pa
import pytest

from vista.errors import InputError
from vista.sources import read_source

LONG = ["a sentence about the sea", "another about the hills", "a third about the wind"]


def table(**columns: object) -> pa.Table:
    return pa.table(columns)


@pytest.mark.parametrize("option", ["text", "image", "id", "labels"])
def test_an_unknown_column_is_refused_with_the_nearest_name(option: str) -> None:
    with pytest.raises(InputError, match="there is no column 'captoin'") as caught:
        read_source(table(caption=LONG), **{option: "captoin"})
    assert "Did you mean 'caption'?" in str(caught.value)


def test_unknown_columns_for_color_and_coordinates_are_refused() -> None:
    with pytest.raises(InputError, match=r"no column 'yaer'.*Did you mean 'year'"):
        read_source(table(text=LONG, year=[1, 2, 3]), color=("yaer",))
    with pytest.raises(InputError, match="no column 'lon'"):
        read_source(table(text=LONG, year=[1, 2, 3]), x="lon", y="year")


def test_a_guessed_text_column_is_said() -> None:
    items = read_source(table(Caption=LONG, code=["a", "b", "c"])).items
    assert items.text_column == "Caption"
    assert "text column: 'Caption' (guessed; choose another with --text)" in items.notes


def test_ids_that_are_taken_without_being_asked_for_are_said() -> None:
    said = "ids: column 'item_id' (choose another with --id; --id row numbers the rows)"
    data = table(text=LONG, item_id=["p", "q", "r"])
    assert said in read_source(data).items.notes
    for asked in ("item_id", "row"):
        assert said not in read_source(data, id=asked).items.notes


def test_a_text_column_that_was_asked_for_is_not_called_a_guess() -> None:
    items = read_source(table(text=["x", "y", "z"], other=LONG), text="other").items
    assert items.texts == LONG
    assert not any("guessed; choose another with --text" in note for note in items.notes)


def test_a_column_named_text_wins_over_others_that_could_be_it() -> None:
    assert read_source(table(title=["x", "y", "z"], text=LONG)).items.text_column == "text"


def test_the_only_column_with_long_and_varied_strings_is_the_text() -> None:
    assert read_source(table(kind=["p", "q", "p"], remark=LONG)).items.text_column == "remark"


def test_long_strings_that_repeat_are_no_text() -> None:
    data = table(kind=["a category with a long name"] * 2 + ["another category with one"], v=[[1.0], [2.0], [3.0]])
    assert read_source(data.take([0, 1, 0, 1, 2]), vectors="v").items.texts is None


def test_several_candidates_are_named_and_none_is_taken() -> None:
    with pytest.raises(InputError, match=r"several could be it: 'title', 'abstract'; name one with --text"):
        read_source(table(title=LONG, abstract=LONG))
    items = read_source(table(title=LONG, abstract=LONG, v=[[1.0], [2.0], [3.0]]), vectors="v").items
    assert items.texts is None
    assert any("'title', 'abstract'" in note for note in items.notes)


def test_a_table_with_nothing_to_map_says_what_to_pass_and_what_looks_like_vectors() -> None:
    ways = r"--text or --image, vectors with --vectors, or a layout with --x and --y\."
    with pytest.raises(InputError, match=rf"{ways} Column 'embedding' looks like vectors.*Columns: n, embedding"):
        read_source(table(n=[1, 2], embedding=[[0.1, 0.2], [0.3, 0.4]]))


def test_vectors_are_never_taken_without_being_asked_for() -> None:
    source = read_source(table(text=LONG, embedding=[[1.0], [2.0], [3.0]]))
    assert source.vectors is None
    assert "column 'embedding' looks like vectors; use them with --vectors embedding" in source.items.notes


@pytest.mark.parametrize("name", ["id", "item_id"])
def test_a_column_of_ids_is_used_unless_row_numbers_are_asked_for(name: str) -> None:
    data = table(**{name: ["p", "q", "r"]}, text=LONG)
    assert read_source(data).items.ids == ["p", "q", "r"]
    assert read_source(data, id="row").items.ids == ["0", "1", "2"]


def test_ids_are_row_numbers_where_there_is_no_such_column() -> None:
    assert read_source(table(text=LONG)).items.ids == ["0", "1", "2"]


def test_duplicate_ids_are_refused_with_an_example_and_the_way_out() -> None:
    with pytest.raises(
        InputError, match=r"ids in column 'id' are not unique: 'q' occurs 2 times, 1 repeats in all; use row numbers with --id row"
    ):
        read_source(table(id=["p", "q", "q"], text=LONG))


def test_missing_ids_are_refused() -> None:
    with pytest.raises(InputError, match="id column 'id' is empty in 1 of 3 rows"):
        read_source(table(id=["p", None, "q"], text=LONG))


def test_missing_and_blank_texts_become_empty_and_are_counted() -> None:
    items = read_source(table(text=["one", None, "  \n", ""])).items
    assert items.texts == ["one", "", "", ""]
    assert "3 of 4 items have no text" in items.notes


@pytest.mark.parametrize("missing", [pa.array([None, None], pa.string()), pa.nulls(2), pa.array(["", " "])])
def test_a_text_column_that_is_empty_throughout_is_refused_by_name(missing: pa.Array) -> None:
    with pytest.raises(InputError, match="text column 'text' is empty in every row"):
        read_source(table(text=missing), text="text")


def test_a_guessed_text_column_that_is_empty_throughout_is_let_go_where_there_are_vectors() -> None:
    items = read_source(table(text=pa.array([None, None], pa.string()), v=[[1.0], [2.0]]), vectors="v").items
    assert (items.texts, items.text_column) == (None, None)
    assert "text column 'text' is empty in every row, and not used" in items.notes


def test_a_text_column_of_lists_is_refused() -> None:
    with pytest.raises(InputError, match=r"text column 'tags' is list<.*texts are strings"):
        read_source(table(tags=[["a"], ["b"]]), text="tags")


def test_categories_can_be_the_text() -> None:
    assert read_source(table(text=pa.array(LONG).dictionary_encode())).items.texts == LONG
