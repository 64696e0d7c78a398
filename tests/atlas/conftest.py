from pathlib import Path

import pytest

from sample_atlas import build_sample
from vista.atlas import Atlas, reader

N_ITEMS = 120


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sample(tmp_path_factory.mktemp("sample") / "discs", N_ITEMS)


@pytest.fixture
def sample(sample_folder: Path) -> Atlas:
    return reader.open(sample_folder)


@pytest.fixture
def viewer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the built viewer."""
    folder = tmp_path / "viewer"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>viewer</title>")
    (folder / "README.md").write_text("not public")
    (folder / "assets" / "index-1234.js").write_text("export {};\n" * 100)
    monkeypatch.setattr("vista.atlas.viewer.VIEWER_FOLDER", folder)
    return folder
