import os
import subprocess
import sys
from pathlib import Path

import pytest

from sample_atlas import build_sample
from vista.atlas import building, check_output, read_manifest, reader
from vista.errors import AtlasFormatError, InputError, InputFileError


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"/" for path in sorted(folder.rglob("*"))}


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


class Stop(BaseException):
    """An interruption that no `except Exception` catches."""


def write_half(output: Path, interruption: type[BaseException]) -> None:
    with building(output, "main", overwrite=True) as place:
        (place.folder / "maps" / "main").mkdir(parents=True)
        (place.folder / "maps" / "main" / "labels.json").write_text("half")
        raise interruption


def write_while_another_writes(output: Path) -> None:
    with building(output, "late") as place:
        build_sample(output, 11, map_id="early")
        (place.folder / "atlas.json").write_text("{}")


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt, Stop])
def test_an_interrupted_build_leaves_nothing(tmp_path: Path, interruption: type[BaseException]) -> None:
    with pytest.raises(interruption):
        write_half(tmp_path / "new" / "deep" / "atlas", interruption)
    assert everything(tmp_path) == {}


def test_an_interrupted_build_leaves_the_earlier_atlas_untouched(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 20)
    before = everything(tmp_path)
    with pytest.raises(Stop):
        write_half(folder, Stop)
    assert everything(tmp_path) == before


def test_building_needs_a_manifest_at_its_end(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"atlas\.json"), building(tmp_path / "atlas", "main"):
        pass
    assert everything(tmp_path) == {}


@pytest.mark.parametrize("stood", [True, False])
def test_what_another_run_wrote_meanwhile_is_not_lost(tmp_path: Path, stood: bool) -> None:
    folder = tmp_path / "atlas"
    if stood:
        build_sample(folder, 10)
    with pytest.raises(InputError, match="was changed by another run meanwhile; run again") as caught:
        write_while_another_writes(folder)
    assert "\n" not in str(caught.value)
    assert list(read_manifest(folder)["maps"]) == (["main", "early"] if stood else ["early"])
    assert [path.name for path in tmp_path.iterdir()] == ["atlas"]


def test_an_empty_folder_is_fine(tmp_path: Path) -> None:
    (tmp_path / "atlas").mkdir()
    build_sample(tmp_path / "atlas", 10)
    assert [path.name for path in tmp_path.iterdir()] == ["atlas"]
    reader.open(tmp_path / "atlas").verify()


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    build_sample(tmp_path / "link", 10)
    assert (tmp_path / "link").is_symlink()
    reader.open(tmp_path / "real").verify()


def test_a_foreign_folder_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="is not an atlas") as caught:
        check_output(tmp_path, "main", overwrite=True)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError), building(tmp_path, "main", overwrite=True):
        pass
    assert everything(tmp_path) == {"thesis.tex": b"years of work"}


def test_a_file_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="this is a file"):
        check_output(tmp_path / "thesis.tex", "main", overwrite=True)
    assert everything(tmp_path) == {"thesis.tex": b"years of work"}


def test_the_same_name_needs_overwrite(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    with pytest.raises(InputError, match="--overwrite"):
        build_sample(folder, 10)
    build_sample(folder, 11, overwrite=True)
    assert read_manifest(folder)["maps"]["main"]["n_items"] == 11


def test_an_atlas_of_a_newer_format_is_not_added_to(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    text = (folder / "atlas.json").read_text().replace('"format_version": 1', '"format_version": 9')
    (folder / "atlas.json").write_text(text)
    with pytest.raises(InputError, match="newer VISTA"):
        check_output(folder, "other")


@pytest.mark.parametrize("map_id", ["", "..", "a/b", ".hidden", "a b", "ä", "x" * 65, "a\n"])
def test_a_name_that_cannot_be_a_folder_is_refused(tmp_path: Path, map_id: str) -> None:
    with pytest.raises(InputError, match="cannot be called"):
        check_output(tmp_path / "atlas", map_id)


def test_files_that_others_put_into_the_atlas_stay(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    (folder / "notes.txt").write_text("mine")
    build_sample(folder, 10, map_id="other")
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_path_under_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a")
    with pytest.raises(InputFileError, match="cannot be written") as caught, building(tmp_path / "table.csv" / "atlas", "main"):
        pass
    assert "\n" not in str(caught.value)
    assert everything(tmp_path) == {"table.csv": b"a"}


@pytest.mark.parametrize("n_characters", [240, 300])
def test_a_name_that_no_disk_takes_is_one_line(tmp_path: Path, n_characters: int) -> None:
    with pytest.raises(InputFileError, match="cannot be written: File name too long"):
        build_sample(tmp_path / ("x" * n_characters), 10)
    assert everything(tmp_path) == {}


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path; from sample_atlas import build_sample\n"
        "from vista.errors import InputFileError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try: build_sample(Path(sys.argv[1]), 60, collage=False)\n"
        "except InputFileError as error: print(error)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", program, str(tmp_path / "atlas")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert "cannot be written: File too large" in ran.stdout
    assert ran.stdout.count("\n") == 1
    assert everything(tmp_path) == {}


def test_leftovers_of_killed_runs_are_removed_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    (tmp_path / f".atlas.building-{dead_pid()}-0" / "maps").mkdir(parents=True)
    (tmp_path / f".atlas.building-{os.getppid()}-0").mkdir()
    (tmp_path / f".other.building-{dead_pid()}-0").mkdir()
    build_sample(tmp_path / "atlas", 10)
    kept = {path.name.rsplit("-", 2)[0] for path in tmp_path.iterdir()}
    assert kept == {"atlas", ".atlas.building", ".other.building"}
    assert (tmp_path / f".atlas.building-{os.getppid()}-0").is_dir()


def test_an_atlas_set_aside_by_a_killed_run_comes_back(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    folder.rename(tmp_path / f".atlas.displaced-{dead_pid()}-0")
    with pytest.raises(InputError, match="has a map 'main' already"):
        check_output(folder, "main")
    assert [path.name for path in tmp_path.iterdir()] == ["atlas"]


def test_a_damaged_atlas_is_not_added_to(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    (folder / "maps/main/labels.json").unlink()
    with pytest.raises(InputError, match=r"lacks maps/main/labels\.json"):
        build_sample(folder, 10, map_id="other")


def test_verify_finds_a_changed_and_a_missing_file(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    (folder / "maps/main/labels.json").write_text("{}")
    (folder / "items/main/titles.bin").unlink()
    with pytest.raises(AtlasFormatError, match=r"items/main/titles\.bin is missing \(and 1 more\)"):
        reader.open(folder).verify()
