"""Picture libraries: the one that ships, and folders of captioned images."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vista.rendering
from vista.errors import InputError, InputFileError
from vista.kernels.pictures import decode_picture
from vista.rendering import demonstration_table, load_library, match_pictures


def save_picture(path: Path, color: tuple[int, int, int] = (200, 30, 30)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 12), color).save(path)


def test_noto_ships_about_1650_captioned_pictures_in_less_than_8_mb():
    library = load_library("noto")
    folder = Path(vista.rendering.__file__).parent / "noto"
    assert 1550 <= len(library) <= 1750
    assert sum(path.stat().st_size for path in folder.iterdir()) < 8_000_000
    assert "Apache License" in (folder / "LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in (folder / "LICENSE").read_text(encoding="utf-8")


def test_every_noto_picture_decodes_to_a_cut_out_of_at_least_64_px():
    library = load_library()
    for picture in library.pictures[::25]:
        image = decode_picture(picture)
        assert image.mode == "RGBA"
        assert min(image.size) >= 64


def test_noto_has_no_skin_tones_and_no_id_twice():
    library = load_library()
    assert len(set(library.ids)) == len(library)
    assert not [one for one in library.ids if re.search(r"1F3F[B-F]", one)]


def test_noto_captions_are_matched_by_meaning():
    library = load_library()
    vectors = library.caption_vectors
    assert vectors is not None
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    names = [caption.split(":")[0] for caption in library.captions]
    near_dog = np.argsort(-(vectors @ vectors[names.index("dog face")]))[:6]
    assert "dog" in [names[i] for i in near_dog]


def test_the_demonstration_table_holds_the_library_with_groups_and_vectors():
    table, library = demonstration_table(), load_library()
    assert table.column_names == ["item_id", "text", "emoji", "group", "subgroup", "image", "vector"]
    assert table["item_id"].to_pylist() == list(library.ids)
    assert table["image"][5].as_py() == library.pictures[5]
    assert table["vector"][5].as_py() == pytest.approx(library.caption_vectors[5].tolist())
    assert table["text"][0].as_py().startswith("grinning face: ")
    assert "food & drink" in table["group"].to_pylist()
    assert table["emoji"][0].as_py() == "😀"


def test_a_folder_takes_captions_from_the_table_then_the_text_file_then_the_name(tmp_path):
    for name in ("one.png", "deep/two.jpg", "a_red-square.webp"):
        save_picture(tmp_path / name)
    (tmp_path / "captions.csv").write_text('file_name,caption\none.png,"a first, with comma"\n', encoding="utf-8")
    (tmp_path / "deep/two.txt").write_text(" the second \n", encoding="utf-8")
    library = load_library(tmp_path)
    assert library.ids == ("a_red-square.webp", "deep/two.jpg", "one.png")
    assert library.captions == ("a red square", "the second", "a first, with comma")
    assert library.caption_vectors is None
    assert library.name == tmp_path.name


def test_unreadable_pictures_of_a_folder_are_left_out_and_named(tmp_path):
    save_picture(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    library = load_library(tmp_path)
    assert library.ids == ("good.png",)
    assert [skipped.name for skipped in library.skipped] == ["bad.png"]


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(InputError, match="no readable"):
        load_library(tmp_path)


def test_a_missing_folder_is_refused_in_one_line(tmp_path):
    with pytest.raises(InputFileError, match="neither 'noto' nor a folder") as caught:
        load_library(tmp_path / "gone")
    assert "\n" not in str(caught.value)


def test_a_caption_table_without_its_columns_is_refused(tmp_path):
    save_picture(tmp_path / "a.png")
    (tmp_path / "captions.csv").write_text("name,caption\na.png,x\n", encoding="utf-8")
    with pytest.raises(InputError, match="file_name"):
        load_library(tmp_path)


def test_matches_are_the_most_similar_captions_whatever_the_lengths():
    captions = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
    items = np.array([[5, 1], [0.1, 0.2], [0, 0], [-1, -1]], dtype=np.float32)
    assert match_pictures(items, captions).tolist() == [0, 1, -1, 0]
    assert match_pictures(items, captions, min_similarity=0.5).tolist() == [0, 1, -1, -1]


def test_matching_in_blocks_equals_matching_at_once():
    rng = np.random.default_rng(0)
    captions, items = rng.normal(size=(50, 8)).astype(np.float32), rng.normal(size=(9000, 8)).astype(np.float32)
    expected = (items @ (captions / np.linalg.norm(captions, axis=1, keepdims=True)).T).argmax(axis=1)
    assert (match_pictures(items, captions) == expected).all()
