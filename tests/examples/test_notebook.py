"""The notebook runs from its first cell to the last that needs no weights from a hub."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vista.execution import default_cache_folder

NOTEBOOK = Path(__file__).parents[2] / "examples/latents.ipynb"
FEWER = {"range(0, 4_000, 16)": "range(0, 4_000, 50)", "tokens=1_000": "tokens=300"}  # the cells do the same on 80 texts as on 250


@pytest.mark.model
def test_every_cell_runs_but_those_that_need_gemma(tmp_path):
    cells = [cell for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    run = [cell for cell in cells if "needs-gemma" not in cell["metadata"].get("tags", ())]
    script = "\n\n".join("".join(cell["source"]) for cell in run)
    for many, few in FEWER.items():
        assert many in script
        script = script.replace(many, few)
    (tmp_path / "cells.py").write_text(script, encoding="utf-8")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/kernels").symlink_to(default_cache_folder() / "kernels")
    environment = os.environ | {"VISTA_CACHE": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "cells.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "FVU" in done.stdout
    assert "80 texts" in done.stdout
    assert (tmp_path / "latents-notebook/site/index.html").is_file()
    assert all(cell["outputs"] == [] for cell in cells)
