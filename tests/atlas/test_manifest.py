import json
import subprocess
import sys
from pathlib import Path

import pytest

from vista.atlas import read_manifest
from vista.errors import AtlasFormatError


def rewritten(folder: Path, tmp_path: Path, **changes: object) -> Path:
    manifest = json.loads((folder / "atlas.json").read_text()) | changes
    (tmp_path / "atlas.json").write_text(json.dumps(manifest))
    return tmp_path


def message(folder: Path) -> str:
    with pytest.raises(AtlasFormatError) as caught:
        read_manifest(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_written_manifest_reads_back(sample_folder: Path) -> None:
    manifest = read_manifest(sample_folder)
    assert manifest["format_version"] == 1
    assert list(manifest["maps"]) == ["main"]


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    assert "there is no such folder" in message(tmp_path / "nowhere")


def test_a_file_is_not_an_atlas(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,b")
    assert "this is a file" in message(tmp_path / "table.csv")


def test_a_name_that_no_disk_takes_is_said(tmp_path: Path) -> None:
    assert "File name too long" in message(tmp_path / ("x" * 300))


def test_a_path_under_a_file_holds_no_atlas(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,b")
    assert "there is no such folder" in message(tmp_path / "table.csv" / "atlas")


def test_a_folder_without_a_manifest_is_not_an_atlas(tmp_path: Path) -> None:
    assert "holds no atlas.json" in message(tmp_path)


def test_an_atlas_without_its_manifest_is_incomplete(tmp_path: Path) -> None:
    (tmp_path / "maps").mkdir()
    assert "incomplete" in message(tmp_path)


@pytest.mark.parametrize("text", ['{"format": "vista-atlas", "maps": {', "", "\x00", "[" * 100_000])
def test_a_manifest_cut_short_is_damaged(tmp_path: Path, text: str) -> None:
    (tmp_path / "atlas.json").write_text(text)
    assert "is not complete JSON" in message(tmp_path)


def test_a_manifest_in_another_encoding_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "atlas.json").write_bytes(b"\xff\xfe{}")
    assert "UTF-8" in message(tmp_path)


@pytest.mark.parametrize("text", ["[]", '"vista-atlas"', '{"format": "something"}'])
def test_other_json_is_not_an_atlas(tmp_path: Path, text: str) -> None:
    (tmp_path / "atlas.json").write_text(text)
    assert "is not an atlas" in message(tmp_path)


def test_a_newer_format_names_the_upgrade(sample_folder: Path, tmp_path: Path) -> None:
    said = message(rewritten(sample_folder, tmp_path, format_version=3))
    assert said.endswith("was written by a newer VISTA (format 3, this one reads 2): pip install -U vista-atlas")


@pytest.mark.parametrize("version", [None, "1", 0, True, 1.0])
def test_a_version_that_is_no_version_is_damage(sample_folder: Path, tmp_path: Path, version: object) -> None:
    assert "format_version" in message(rewritten(sample_folder, tmp_path, format_version=version))


def test_unknown_keys_are_ignored(sample_folder: Path, tmp_path: Path) -> None:
    assert read_manifest(rewritten(sample_folder, tmp_path, of_a_later_minor="1"))["title"] == "Sample of discs"


def test_a_map_that_lacks_a_part_is_damage(sample_folder: Path, tmp_path: Path) -> None:
    maps = read_manifest(sample_folder)["maps"]
    del maps["main"]["points"]  # type: ignore[misc]
    assert "lacks 'maps.main.points'" in message(rewritten(sample_folder, tmp_path, maps=maps))


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "items/../../x", "C:/x", "a\\b", ".hidden", "items/.git/x", ""])
def test_a_file_outside_the_atlas_is_refused(sample_folder: Path, tmp_path: Path, path: str) -> None:
    files = {path: {"n_bytes": 1, "sha256": "0"}}
    assert "outside the atlas" in message(rewritten(sample_folder, tmp_path, files=files))


def test_reading_and_describing_load_nothing_heavy(sample_folder: Path) -> None:
    program = (
        "import sys; from vista.atlas import fidelity, fidelity_lines, info, lines; "
        "lines(info(sys.argv[1])); fidelity_lines(fidelity(sys.argv[1])); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'numpy', 'pyarrow', 'pydantic', 'PIL', 'starlette', 'vista'}))"
    )
    ran = subprocess.run([sys.executable, "-c", program, str(sample_folder)], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["vista"]
