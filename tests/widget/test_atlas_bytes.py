"""What a viewer may read of an atlas by messages: spans of the files that the manifest names, and nothing else."""

from pathlib import Path

import pytest

import vista
from sample_atlas import build_sample
from vista.errors import AtlasFormatError, InputError
from vista.widget.atlas_bytes import AtlasBytes

TILES = "maps/main/collage.pmtiles"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sample(tmp_path_factory.mktemp("widget") / "discs", 40)


@pytest.fixture
def files(folder: Path) -> AtlasBytes:
    return AtlasBytes(vista.open(folder))


def test_a_file_comes_whole_or_in_parts(files: AtlasBytes, folder: Path) -> None:
    whole = (folder / TILES).read_bytes()

    assert files.read(TILES) == whole
    assert files.read(TILES, 100, 50) == whole[100:150]
    assert files.read(TILES, len(whole) - 5, 50) == whole[-5:]
    assert files.read(TILES, len(whole) + 5, 50) == b""
    assert files.read("atlas.json") == (folder / "atlas.json").read_bytes()


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "maps/main/../main/labels.json", "maps", "", None, 3, ["atlas.json"], "atlas.json\0", "nothing"]
)
def test_what_the_manifest_does_not_name_is_refused(files: AtlasBytes, folder: Path, name: object) -> None:
    (folder.parent / "secret").write_text("secret")

    with pytest.raises(InputError, match="there is no file"):
        files.read(name)


def test_a_link_out_of_the_atlas_is_refused(folder: Path, tmp_path: Path) -> None:
    copy = build_sample(tmp_path / "atlas", 5)
    (tmp_path / "outside").write_text("outside")
    (copy / TILES).unlink()
    (copy / TILES).symlink_to(tmp_path / "outside")

    with pytest.raises(InputError, match="there is no file"):
        AtlasBytes(vista.open(copy)).read(TILES)


@pytest.mark.parametrize(("offset", "length"), [(-1, 4), (0, -4), ("0", 4), (0.5, 4), (0, "all")])
def test_a_malformed_span_is_refused(files: AtlasBytes, offset: object, length: object) -> None:
    with pytest.raises(InputError, match="no bytes from"):
        files.read(TILES, offset, length)


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    atlas = vista.open(build_sample(tmp_path / "atlas", 5))
    (atlas.path / TILES).unlink()

    with pytest.raises(AtlasFormatError, match=r"collage\.pmtiles cannot be read"):
        AtlasBytes(atlas).read(TILES)
