"""Tables in files: what is read from each kind, and what each refusal says."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from vista.errors import InputError, InputFileError
from vista.sources import read_source

HOSTILE = ["<script>alert(1)</script>", "שלום עולם", "👩‍🚀 🏳️‍🌈", "a\tb\u202ec", 'quote " and , comma']


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def written_parquet(folder: Path, **columns: object) -> Path:
    parquet.write_table(pa.table(columns), folder / "table.parquet")
    return folder / "table.parquet"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", b"id,text,n\na,one,1\nb,two,2\n"),
        ("t.tsv", b"id\ttext\tn\na\tone\t1\nb\ttwo\t2\n"),
        ("t.jsonl", b'{"id": "a", "text": "one", "n": 1}\n\n{"id": "b", "text": "two", "n": 2}\n'),
        ("t.NDJSON", b'{"id": "a", "text": "one", "n": 1}\n{"id": "b", "text": "two", "n": 2}'),
    ],
)
def test_every_kind_of_text_table_gives_the_same_items(tmp_path: Path, name: str, content: bytes) -> None:
    items = read_source(written(tmp_path, name, content)).items
    assert items.ids == ["a", "b"]
    assert items.texts == ["one", "two"]
    assert items.columns.to_pydict() == {"n": [1, 2]}


def test_a_parquet_file_gives_ids_texts_and_columns(tmp_path: Path) -> None:
    items = read_source(str(written_parquet(tmp_path, item_id=[7, 8], caption=["one", "two"], n=[0.5, 1.5]))).items
    assert items.ids == ["7", "8"]
    assert (items.texts, items.text_column) == (["one", "two"], "caption")
    assert items.columns.to_pydict() == {"n": [0.5, 1.5]}


def test_the_file_is_recorded_by_base_name_hash_and_size(tmp_path: Path) -> None:
    content = b"text\none\ntwo\n"
    (recorded,) = read_source(written(tmp_path, "t.csv", content)).items.inputs
    assert (recorded.name, recorded.n_bytes) == ("t.csv", len(content))
    assert recorded.sha256 == hashlib.sha256(content).hexdigest()


def test_a_byte_order_mark_and_line_breaks_in_quotes_are_read(tmp_path: Path) -> None:
    items = read_source(written(tmp_path, "t.csv", b'\xef\xbb\xbftext,n\n"one\r\nmore",1\ntwo,2\n')).items
    assert items.text_column == "text"
    assert items.texts == ["one\r\nmore", "two"]


def test_ids_of_a_csv_keep_their_leading_zeros(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", b"id,code,text\n007,01,one\n008,02,two\n")
    assert read_source(path).items.ids == ["007", "008"]
    assert read_source(path, id="code").items.ids == ["01", "02"]


def test_a_type_that_only_shows_late_in_a_long_csv_is_found(tmp_path: Path) -> None:
    rows = b"".join(b"a text that is long enough to fill the file,%d\n" % n for n in range(40_000))
    items = read_source(written(tmp_path, "t.csv", b"text,code\n" + rows + b"last,none\n")).items
    assert items.columns.column("code")[-1].as_py() == "none"


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_text_of_megabytes_is_read(tmp_path: Path, ending: str) -> None:
    text = "a long line " * 400_000
    content = f'"text"\n"{text}"\n' if ending == "csv" else f'{{"text": "{text}"}}\n'
    assert read_source(written(tmp_path, f"t.{ending}", content.encode())).items.texts == [text]


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "csv"])
def test_hostile_texts_pass_through_unchanged(tmp_path: Path, ending: str) -> None:
    import pandas as pd

    frame, path = pd.DataFrame({"text": HOSTILE}), tmp_path / f"t.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_json(path, orient="records", lines=True)
    assert read_source(path).items.texts == HOSTILE


def test_ragged_rows_are_refused_and_named(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", b"text,n\none,1\ntwo,2,3\n")
    with pytest.raises(InputFileError, match=r"t\.csv cannot be read as csv: .*Row #3: Expected 2 columns, got 3"):
        read_source(path)


def test_a_broken_line_of_jsonl_is_refused_and_named(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"t\.jsonl cannot be read as jsonl: .*in row 1"):
        read_source(written(tmp_path, "t.jsonl", b'{"text": "one"}\n{"text": \n'))


@pytest.mark.parametrize("content", [b"text\ncaf\xe9 au lait\n", "text\none\n".encode("utf-16")])
def test_other_encodings_than_utf_8_are_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputFileError, match="save it as UTF-8"):
        read_source(written(tmp_path, "t.csv", content))


def test_a_truncated_parquet_file_is_refused_in_one_line(tmp_path: Path) -> None:
    path = written_parquet(tmp_path, text=["one", "two"] * 1000)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputFileError, match=r"table\.parquet cannot be read as parquet: ") as caught:
        read_source(path)
    assert "\n" not in str(caught.value)


def test_a_parquet_file_whose_data_are_damaged_is_refused(tmp_path: Path) -> None:
    path = written_parquet(tmp_path, text=[f"text {n}" for n in range(5000)])
    content = bytearray(path.read_bytes())
    content[4:2000] = bytes(1996)
    path.write_bytes(bytes(content))
    with pytest.raises(InputFileError, match="cannot be read as parquet"):
        read_source(path)


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.tsv"])
def test_a_parquet_file_under_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    path = written_parquet(tmp_path, text=["one"]).rename(tmp_path / name)
    with pytest.raises(InputFileError, match="binary data"):
        read_source(path)


def test_a_csv_file_named_parquet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="cannot be read as parquet"):
        read_source(written(tmp_path, "t.parquet", b"text\none\n"))


@pytest.mark.parametrize("name", ["absent.csv", "absent.parquet", "absent.npy", "absent"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputFileError, match=f"there is no file or folder .*{name}"):
        read_source(tmp_path / name)


def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"t\.xlsx is of no kind that can be mapped; .*\.parquet, .*\.npy"):
        read_source(written(tmp_path, "t.xlsx", b"PK"))


@pytest.mark.parametrize(("name", "content"), [("t.csv", b"text,n\n"), ("t.csv", b""), ("t.jsonl", b"")])
def test_a_table_without_rows_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises((InputError, InputFileError), match=r"has no rows|Empty"):
        read_source(written(tmp_path, name, content))


def test_an_empty_parquet_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no rows; there is nothing to map"):
        read_source(written_parquet(tmp_path, text=pa.array([], pa.string())))


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than one column named 'text'"):
        read_source(written(tmp_path, "t.csv", b"text,text\none,two\n"))
