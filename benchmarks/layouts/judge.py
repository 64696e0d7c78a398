"""What each program kept of the true neighbors, measured by one process after all runs.

    python -m layouts.judge SET METRIC COORDINATES.npy...        (in benchmarks/)

All programs on a set are asked for the same queries against the same exact neighbors, by `vista.trust`, whose figures
tests hold against plain brute force. The answer is kept beside the coordinates, in `judged.json`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from layouts.runs import Shelf, file_hash

BENCHMARKS = Path(__file__).resolve().parents[1]
TRUST = BENCHMARKS.parent / "src" / "vista" / "trust"
NAMED_K = (10, 30, 100)
NAMED_PERCENT = (1, 5)


def judge(shelves: list[Shelf]) -> None:
    """Measure every shelf of one set whose coordinates were not yet judged."""
    waiting = [one for one in shelves if one.coordinates.is_file() and _kept(one) is None]
    if waiting:
        chosen = waiting[0].chosen
        files = [str(one.coordinates) for one in waiting]
        print(f"judging {chosen.name}: {', '.join(one.program.name for one in waiting)}", flush=True)
        subprocess.run([sys.executable, "-m", "layouts.judge", str(chosen.path), chosen.metric, *files], cwd=BENCHMARKS, check=True)


def judged(one: Shelf) -> dict[str, Any]:
    """Return what was measured on the coordinates of a shelf; empty where nothing was."""
    return _kept(one) or {}


def _kept(one: Shelf) -> dict[str, Any] | None:
    file = one.folder / "judged.json"
    if not (file.is_file() and one.coordinates.is_file()):
        return None
    kept = json.loads(file.read_text())
    return kept if kept["of"] == _identity(one.coordinates) else None


def _identity(coordinates: Path) -> str:
    return " ".join(file_hash(file)[:16] for file in (coordinates, *sorted(TRUST.glob("*.py"))))


def _measure(vectors_file: str, metric: str, coordinates_files: list[str]) -> None:
    import numpy as np

    from vista.artifacts import Layout, Representation
    from vista.trust import measure_fidelity

    representation = Representation(np.load(vectors_file), encoder="given", fingerprint="")
    for file in map(Path, coordinates_files):
        coordinates = np.load(file)
        if not np.isfinite(coordinates).all():
            raise SystemExit(f"{file} holds coordinates that are not finite")
        found = measure_fidelity(representation, Layout(coordinates, "given"), metric=metric)
        columns = {name: found.k.tolist().index(k) for name, k in _named_sizes(found.n_items).items() if k in found.k}
        answer = {
            "of": _identity(file),
            "n_queries": found.n_queries,
            "gain": {name: round(float(found.gain[i]), 5) for name, i in columns.items()},
            "half_interval": {name: round(float(np.ptp(found.gain_ci[i]) / 2), 5) for name, i in columns.items()},
            "area": round(found.rnx_area, 5),
            "null_area": [round(value, 5) for value in (found.null.area_low, found.null.area_mean, found.null.area_high)],
            "null_gain": {name: round(float(found.null.gain_high[i]), 5) for name, i in columns.items()},
            "curve": [[int(k), round(float(r), 4)] for k, r in zip(found.curve_k, found.curve_rnx, strict=True)],
        }
        (file.parent / "judged.json").write_text(json.dumps(answer))


def _named_sizes(n_items: int) -> dict[str, int]:
    """Return the neighborhood sizes of the tables by what the tables call them."""
    shares = {f"{percent}%": max(1, int(percent * n_items / 100 + 0.5)) for percent in NAMED_PERCENT}
    return shares | {str(k): k for k in NAMED_K}


if __name__ == "__main__":
    _measure(sys.argv[1], sys.argv[2], sys.argv[3:])
