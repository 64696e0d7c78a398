"""Ten million points: how long an atlas of coordinates and four columns takes to write, how much memory, and how many bytes.

    python benchmarks/bench_large.py [--n 10000000] [--output FOLDER]

One whole process of `vista map`, as a user starts it: wall time and peak memory. The table is made by script (`datasets.py`). The bars:
at most 4 minutes, 3 GB and, of what drawing needs, 12 bytes an item. Results go to `benchmarks/results/large.json`, by the number of items.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from datasets import clusters_parquet
from machine import machine

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "large.json"
COLUMNS = ("kind", "topic", "score", "year")
BARS = {"seconds": 240, "peak_gb": 3.0, "drawing_bytes_an_item": 12}


def main() -> None:
    """Write the atlas, measure, and keep the results beside those of other sizes."""
    options = _options()
    table = clusters_parquet(options.n)
    with tempfile.TemporaryDirectory(prefix="vista-bench-") as folder:
        output = options.output or Path(folder) / "atlas"
        found = {**_written(table, output, Path(folder) / "cache"), **_held(output)}
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    results[str(options.n)] = {"machine": machine("numpy", "scipy", "numba", "pyarrow"), "bars": BARS, **found}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    _report(options.n, found)


def _written(table: Path, output: Path, cache: Path) -> dict[str, Any]:
    """Run `vista map` in a process of its own; compiled kernels are there, results of earlier runs are not."""
    colors = [part for name in COLUMNS for part in ("--color", name)]
    command = [sys.executable, "-m", "vista", "map", str(table), "--x", "x", "--y", "y", "--labels", "topic", *colors]
    command += ["-o", str(output), "--overwrite", "--json", "--quiet"]
    from vista.execution import default_cache_folder

    cache.mkdir()
    (cache / "kernels").symlink_to(default_cache_folder() / "kernels")
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"VISTA_CACHE": str(cache)})
    told = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit("vista map failed")
    peak_gb = usage.ru_maxrss * (1 if platform.system() == "Darwin" else 1024) / 1e9
    warnings = json.loads(told)["warnings"]
    return {"command": " ".join(["vista", "map", table.name, *command[5:-5]]), "seconds": seconds, "peak_gb": peak_gb, "warnings": warnings}


def _held(atlas: Path) -> dict[str, Any]:
    """Return what the atlas holds: bytes an item for drawing (tiles, places, codes and shades) and in all, stages, tiles."""
    manifest = json.loads((atlas / "atlas.json").read_text())
    entry = next(iter(manifest["maps"].values()))
    sizes = {path: file["n_bytes"] for path, file in manifest["files"].items()}
    drawn = [entry["points"]["tiles"], entry["points"]["xy"], *(color.get("shades", color["path"]) for color in entry["colors"])]
    tiles = np.frombuffer(gzip.decompress((atlas / entry["points"]["tiles"]).read_bytes()), np.uint8).reshape(-1, 20)
    return {
        "drawing_bytes_an_item": sum(sizes[path] for path in drawn) / entry["n_items"],
        "bytes_an_item": sum(sizes.values()) / entry["n_items"],
        "megabytes": {path: round(n_bytes / 1e6, 2) for path, n_bytes in sizes.items() if n_bytes > 100_000},
        "preview_bytes": sizes[entry["preview"]],
        "n_tiles": len(tiles),
        "deepest_level": int(tiles[:, 0].max()),
        "stages_s": manifest["provenance"]["seconds"],
    }


def _report(n_items: int, found: dict[str, Any]) -> None:
    for name, bar in BARS.items():
        print(f"{n_items:,} items: {name} {found[name]:.2f} (bar {bar})")
    print(f"in all {found['bytes_an_item']:.0f} bytes an item, {found['n_tiles']:,} tiles down to level {found['deepest_level']}")
    print("stages: " + ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in found["stages_s"].items()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=10_000_000, help="items")
    parser.add_argument("--output", type=Path, help="where the atlas stays; by default it is thrown away")
    return parser.parse_args()


if __name__ == "__main__":
    main()
