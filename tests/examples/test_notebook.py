"""The notebook runs from its first cell to the last that needs no weights from a hub."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples/latents.ipynb"


@pytest.mark.model
def test_every_cell_runs_but_those_that_need_gemma(tmp_path):
    cells = [cell for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    run = [cell for cell in cells if "needs-gemma" not in cell["metadata"].get("tags", ())]
    (tmp_path / "cells.py").write_text("\n\n".join("".join(cell["source"]) for cell in run), encoding="utf-8")
    environment = os.environ | {"VISTA_CACHE": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "cells.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "FVU" in done.stdout
    assert "250 texts" in done.stdout
    assert (tmp_path / "latents-notebook/site/index.html").is_file()
    assert all(cell["outputs"] == [] for cell in cells)
