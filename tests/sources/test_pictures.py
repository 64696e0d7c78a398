"""Pictures of items: how a table names them, and what happens to those that cannot be decoded."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from vista.errors import InputError
from vista.sources import read_source


def encoded(color: str = "red") -> bytes:
    file = BytesIO()
    Image.new("RGB", (6, 4), color).save(file, "PNG")
    return file.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that claims to be 60 000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def written_table(folder: Path, **columns: object) -> Path:
    parquet.write_table(pa.table(columns), folder / "table.parquet")
    return folder / "table.parquet"


def test_paths_begin_at_the_folder_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "a.png").write_bytes(encoded())
    table = written_table(tmp_path, image=["img/a.png", str(tmp_path / "img" / "a.png"), None])
    items = read_source(table).items
    assert items.pictures == [tmp_path / "img" / "a.png", tmp_path / "img" / "a.png", None]
    assert "image column: 'image' (guessed; choose another with --image)" in items.notes


def test_absolute_paths_do_not_reach_the_columns(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded())
    items = read_source(written_table(tmp_path, image=["a.png", str(tmp_path / "a.png")])).items
    assert items.columns.to_pydict() == {"image": ["a.png", "a.png"]}


@pytest.mark.parametrize(
    "column",
    [
        pa.array([encoded(), encoded("blue")]),
        pa.array([encoded(), encoded("blue")], pa.large_binary()),
        pa.array([{"bytes": encoded(), "path": "a.png"}, {"bytes": encoded("blue"), "path": None}]),
    ],
)
def test_pictures_can_be_bytes_and_are_not_repeated_in_the_columns(column: pa.Array) -> None:
    items = read_source(pa.table({"photo": column, "year": [1, 2]})).items
    assert items.pictures == [encoded(), encoded("blue")]
    assert items.columns.column_names == ["year"]
    assert [file.name for file in items.inputs] == ["in memory"]


def test_a_structure_without_bytes_is_followed_to_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded())
    table = written_table(tmp_path, image=[{"bytes": None, "path": "a.png"}, {"bytes": encoded("blue"), "path": "none.png"}])
    assert read_source(table).items.pictures == [tmp_path / "a.png", encoded("blue")]


def test_of_several_columns_of_pictures_the_one_named_image_is_taken() -> None:
    assert read_source(pa.table({"mask": [encoded("blue")], "image": [encoded()]})).items.pictures == [encoded()]
    with pytest.raises(InputError, match="several could be it: 'left', 'right'; name one with --image"):
        read_source(pa.table({"left": [encoded()], "right": [encoded()]}))


def test_names_of_files_that_are_not_there_are_not_guessed_to_be_pictures(tmp_path: Path) -> None:
    items = read_source(written_table(tmp_path, file_name=["a.png", "b.png"], text=["one", "two"])).items
    assert items.pictures is None
    assert items.columns.column_names == ["file_name"]


def with_unfit_pictures() -> dict[str, Any]:
    pictures = [encoded(), encoded()[:40], b"<html>not a picture</html>", bomb(), None, encoded("blue")]
    return {"id": list("abcdef"), "image": pictures, "year": list(range(6)), "v": [[float(n)] for n in range(6)]}


def test_items_whose_pictures_cannot_be_decoded_are_left_out_whole_and_listed() -> None:
    source = read_source(pa.table(with_unfit_pictures()), vectors="v")
    items = source.items
    assert items.ids == ["a", "e", "f"]
    assert items.source_rows.tolist() == [0, 4, 5]
    assert items.pictures == [encoded(), None, encoded("blue")]
    assert items.columns.column("year").to_pylist() == [0, 4, 5]
    assert source.vectors is not None
    assert source.vectors[:, 0].tolist() == [0, 4, 5]
    assert [(one.name, one.reason) for one in items.skipped] == [
        ("b", items.skipped[0].reason),
        ("c", "the content is not one of JPEG, PNG, WEBP, GIF"),
        ("d", "larger than 100,000,000 pixels"),
    ]
    assert "3 of 6 items were left out, since their pictures cannot be read" in items.notes


def test_strict_refuses_with_the_first_few_names() -> None:
    with pytest.raises(InputError, match=r"3 of 6 pictures cannot be read: b: .*; c: the content is not one of .*; d: larger than"):
        read_source(pa.table(with_unfit_pictures()), strict=True)


def test_strict_accepts_what_can_be_decoded() -> None:
    assert len(read_source(pa.table({"image": [encoded(), None]}), strict=True).items) == 2


def test_the_content_counts_and_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "really-png.jpg").write_bytes(encoded())
    (tmp_path / "really-text.png").write_text("hello")
    (tmp_path / "empty.gif").write_bytes(b"")
    items = read_source(tmp_path).items
    assert items.ids == ["really-png.jpg"]
    assert [one.name for one in items.skipped] == ["empty.gif", "really-text.png"]


def test_reasons_tell_no_folder_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded())
    (tmp_path / "folder.png").mkdir()
    paths = ["a.png", "absent.png", "folder.png", "x" * 5000, "https://example.org/a.png", "a\x00b.png"]
    items = read_source(written_table(tmp_path, image=paths)).items
    assert items.ids == ["0"]
    assert {one.reason for one in items.skipped} == {"there is no such file"}


def test_pictures_of_which_none_can_be_decoded_are_refused() -> None:
    data = pa.table({"image": [b"no", b"neither", None], "text": ["a", "b", "c"]})
    with pytest.raises(InputError, match="none of the 2 pictures can be read: 0: the content is not one of"):
        read_source(data, image="image")


def test_an_image_column_that_is_empty_throughout_is_refused() -> None:
    with pytest.raises(InputError, match="image column 'image' is empty in every row"):
        read_source(pa.table({"image": pa.nulls(2, pa.string()), "text": ["a", "b"]}), image="image")


def test_an_image_column_of_numbers_is_refused() -> None:
    with pytest.raises(InputError, match="image column 'image' is int64; pictures are paths"):
        read_source(pa.table({"image": [1, 2]}), image="image")


def test_progress_counts_every_picture() -> None:
    from contextlib import contextmanager

    told: list[tuple[str, int | None, list[int]]] = []

    class Progress:
        @contextmanager
        def stage(self, title: str, total: int | None = None):
            told.append((title, total, []))
            yield told[-1][2].append

        def say(self, sentence: str) -> None:
            raise AssertionError("notes belong to the items")

    read_source(pa.table({"image": [encoded()] * 600}), progress=Progress())
    assert [(title, total, sum(steps)) for title, total, steps in told] == [("checking pictures", 600, 600)]


def test_two_readings_give_the_same() -> None:
    first, second = (read_source(pa.table(with_unfit_pictures()), vectors="v") for _ in range(2))
    assert first.items.ids == second.items.ids
    assert first.items.inputs == second.items.inputs
    assert first.items.skipped == second.items.skipped
    assert np.array_equal(first.vectors, second.vectors)
