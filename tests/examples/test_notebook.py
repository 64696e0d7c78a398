"""The notebook runs from its first cell to the last that needs no weights from a hub."""

import json
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples/latents.ipynb"


@pytest.mark.model
def test_every_cell_runs_but_those_that_need_gemma(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VISTA_CACHE", str(tmp_path / "cache"))
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code" and "needs-gemma" not in cell["metadata"].get("tags", ()):
            exec("".join(cell["source"]), names)

    said = capsys.readouterr().out
    assert "FVU" in said
    assert "250 texts" in said
    assert (tmp_path / "latents-notebook/site/index.html").is_file()
    assert {cell["outputs"] == [] for cell in cells if cell["cell_type"] == "code"} == {True}
