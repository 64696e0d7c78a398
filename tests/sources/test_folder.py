"""A folder of pictures, with and without captions."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from vista.errors import InputError, InputFileError
from vista.sources import read_source


def picture(color: str = "red", format: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", (6, 4), color).save(file, format)
    return file.getvalue()


def folder_of(top: Path, **files: bytes | str) -> Path:
    """Write files; `__` in a key stands for `/`, and a single `_` before the ending for the dot."""
    folder = top / "pictures"
    for key, content in files.items():
        path = folder / key.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_pictures_are_found_below_and_sorted_by_their_path(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        b_png=picture(),
        sub__a_JPG=picture(format="JPEG"),
        a_webp=picture(format="WEBP"),
        z_gif=picture(format="GIF"),
        note_md="x",
    )
    items = read_source(folder).items
    assert items.ids == ["a.webp", "b.png", "sub/a.JPG", "z.gif"]
    assert items.pictures == [folder / name for name in items.ids]
    assert items.texts is None
    assert items.columns.to_pydict() == {"folder": ["", "", "sub", ""]}


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a_png=picture())
    (folder / ".cache").mkdir()
    (folder / ".cache" / "b.png").write_bytes(picture())
    (folder / "._a.png").write_bytes(b"resource fork")
    assert read_source(folder).items.ids == ["a.png"]


def test_captions_come_from_text_files_beside_the_pictures(tmp_path: Path) -> None:
    items = read_source(folder_of(tmp_path, a_png=picture(), a_txt="\ufeff a red field \n", b_png=picture("blue"))).items
    assert items.texts == ["a red field", ""]
    assert items.text_column == "caption"


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("captions.csv", "file_name,caption,year\nb.png,blue field,2002\nsub/c.png,green field,2003\na.png,red field,2001\n"),
        (
            "metadata.jsonl",
            '{"file_name": "a.png", "caption": "red field", "year": 2001}\n'
            '{"file_name": "sub/c.png", "caption": "green field", "year": 2003}\n'
            '{"file_name": "./b.png", "caption": "blue field", "year": 2002}\n',
        ),
        ("anything.tsv", "image\tcaption\tyear\nb.png\tblue field\t2002\na.png\tred field\t2001\nc.png\tgreen field\t2003\n"),
    ],
)
def test_captions_and_columns_come_from_a_table_in_the_folder(tmp_path: Path, name: str, table: str) -> None:
    folder = folder_of(tmp_path, a_png=picture(), b_png=picture("blue"), sub__c_png=picture("green"), a_txt="not this")
    (folder / name).write_text(table)
    items = read_source(folder).items
    assert items.ids == ["a.png", "b.png", "sub/c.png"]
    assert items.texts == ["red field", "blue field", "green field"]
    assert items.columns.column("year").to_pylist() == [2001, 2002, 2003]
    assert [file.name for file in items.inputs] == [name, "pictures"]


def test_pictures_without_a_row_and_rows_that_repeat_are_counted(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a_png=picture(), b_png=picture())
    (folder / "captions.csv").write_text("image,caption\na.png,first\na.png,second\n")
    items = read_source(folder).items
    assert items.texts == ["first", ""]
    assert "1 of 2 pictures have no row in captions.csv" in items.notes
    assert "rows of captions.csv that repeat a picture: 1; the first row of each counts" in items.notes


def test_columns_of_the_table_come_before_what_the_folder_adds(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, sub__a_png=picture(), captions_csv="path,folder,file_name,caption\nsub/a.png,mine,other.png,x\n")
    assert read_source(folder).items.columns.to_pydict() == {"folder": ["mine"], "user_file_name": ["other.png"]}


def test_a_table_that_names_none_of_the_pictures_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a_png=picture(), captions_csv="file_name,caption\nother.png,x\n")
    with pytest.raises(InputError, match=r"no column of .*captions\.csv holds the names of the pictures beside it"):
        read_source(folder)


def test_several_tables_are_refused_unless_one_has_a_telling_name(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a_png=picture(), one_csv="file,caption\na.png,x\n", two_csv="file,caption\na.png,y\n")
    with pytest.raises(InputError, match=r"holds several tables; name the one with the captions captions\.csv"):
        read_source(folder)
    (folder / "captions.csv").write_text("file,caption\na.png,z\n")
    assert read_source(folder).items.texts == ["z"]


def test_captions_in_another_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"a\.txt is not UTF-8"):
        read_source(folder_of(tmp_path, a_png=picture(), a_txt=b"caf\xe9"))


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there are no pictures in .*; known endings: \.jpg"):
        read_source(folder_of(tmp_path, note_md="nothing here"))


def test_the_pictures_are_recorded_as_one_entry_that_follows_names_and_contents(tmp_path: Path) -> None:
    def recorded(top: str, **files: bytes) -> tuple[str, str, int]:
        (entry,) = read_source(folder_of(tmp_path / top, **files)).items.inputs
        return entry.name, entry.sha256, entry.n_bytes

    first = recorded("one", a_png=picture(), b_png=picture("blue"))
    assert first[0] == "pictures"
    assert first[2] == len(picture()) + len(picture("blue"))
    assert recorded("two", a_png=picture(), b_png=picture("blue")) == first
    assert recorded("three", a_png=picture(), c_png=picture("blue"))[1] != first[1]
    assert recorded("four", a_png=picture(), b_png=picture("green"))[1] != first[1]


def test_a_sample_reads_only_the_pictures_it_takes(tmp_path: Path) -> None:
    files = {f"p{n:02}_png": picture() for n in range(20)}
    items = read_source(folder_of(tmp_path, **files), sample=5).items
    assert len(items) == 5
    assert items.pictures == [tmp_path / "pictures" / name for name in items.ids]
    assert items.inputs[0].n_bytes == 5 * len(picture())
