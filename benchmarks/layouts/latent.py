"""Exact neighbors by the latent metric, on synthetic codes: 20 000 items by 16 384 latents, 500 of them active in each item.

    python -m layouts.latent make | time | check        (in benchmarks/; the three steps are processes of their own)

How often a latent is active falls as 1 / rank, as it does in sparse autoencoders; how much it is active is exponential.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from layouts.sets import BENCHMARKS, CACHE

if TYPE_CHECKING:
    import numpy as np
    import scipy.sparse as sp
    from numpy.typing import NDArray

FOLDER = CACHE / "latent"
N_ITEMS, D_SAE, N_ACTIVE, N_NEIGHBORS = 20_000, 16_384, 500, 15
LATENT = 1_000  # the latent whose map is asked for, by its rank in how often it is active
WEIGHT = 1.0
QUERIES = 200


def measure_latent(repeats: int, *, fresh: bool) -> None:
    """Time the search `repeats` times, then compare its neighbors with those of plain NumPy on sampled items."""
    if fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    if not (FOLDER / "codes.npz").is_file():
        print("making the codes of the latent metric", flush=True)
        _step("make")
    runs = _runs()
    if len(runs) < repeats:
        _step("time")  # compiled code and files into their caches
    while len(runs) < repeats:
        runs.append(_step("time"))
        print(f"{time.strftime('%H:%M:%S')}  latent metric {runs[-1]['seconds']:.2f} s  peak {runs[-1]['peak_gb']:.2f} GB", flush=True)
        (FOLDER / "runs.json").write_text(json.dumps(runs))
    if repeats and not (FOLDER / "check.json").is_file():
        _step("check")


def latent_results() -> dict[str, Any]:
    """Return what was measured; empty where nothing was."""
    runs, check = _runs(), FOLDER / "check.json"
    if not (runs and check.is_file()):
        return {}
    seconds = [run["seconds"] for run in runs]
    found = {"seconds": seconds, "median_s": statistics.median(seconds), "peak_gb": max(run["peak_gb"] for run in runs)}
    return found | json.loads(check.read_text())


def _runs() -> list[dict[str, float]]:
    file = FOLDER / "runs.json"
    return json.loads(file.read_text()) if file.is_file() else []


def _step(name: str) -> dict[str, float]:
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "layouts.latent", name], cwd=BENCHMARKS)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the latent metric failed at: {name}")
    peak = usage.ru_maxrss * (1 if platform.system() == "Darwin" else 1024) / 1e9
    return {"seconds": time.perf_counter() - started, "peak_gb": peak}


def _make() -> None:
    import numpy as np
    import scipy.sparse as sp

    rng = np.random.default_rng(0)
    log_rate = -np.log(np.arange(1, D_SAE + 1)).astype(np.float32)
    # The N_ACTIVE largest of log rate + Gumbel noise are a draw without replacement by those rates.
    columns = [
        np.sort(np.argpartition(-(log_rate + rng.gumbel(size=(100, D_SAE)).astype(np.float32)), N_ACTIVE, axis=1)[:, :N_ACTIVE], axis=1)
        for _ in range(N_ITEMS // 100)
    ]
    values = rng.exponential(size=N_ITEMS * N_ACTIVE).astype(np.float32)
    starts = np.arange(0, N_ITEMS * N_ACTIVE + 1, N_ACTIVE)
    FOLDER.mkdir(parents=True, exist_ok=True)
    sp.save_npz(FOLDER / "codes.npz", sp.csr_matrix((values, np.concatenate(columns).ravel(), starts), (N_ITEMS, D_SAE)), compressed=False)


def _time() -> None:
    import numpy as np

    from vista.artifacts import Representation
    from vista.metrics import LatentMetric
    from vista.neighbors import find_neighbors

    codes, activations = _codes()
    metric = LatentMetric(activations, weight=WEIGHT)
    graph = find_neighbors(Representation(codes, encoder="given", fingerprint=""), n_neighbors=N_NEIGHBORS, metric=metric, exact=True)
    np.save(FOLDER / "neighbors.npy", graph.indices)


def _check() -> None:
    import numpy as np

    codes, activations = _codes()
    found = np.load(FOLDER / "neighbors.npy")
    scaled = activations / activations.max()
    lengths = np.sqrt(np.asarray(codes.multiply(codes).sum(axis=1)).ravel())
    hits = 0
    for query in np.random.default_rng(0).choice(N_ITEMS, QUERIES, replace=False):
        products = (codes @ codes[query].toarray().ravel()).astype(np.float64)
        distances = 1 - products / (lengths * lengths[query]) + WEIGHT * np.abs(scaled - scaled[query])
        distances[query] = np.inf
        hits += len(np.intersect1d(np.argsort(distances, kind="stable")[:N_NEIGHBORS], found[query]))
    (FOLDER / "check.json").write_text(json.dumps({"recall": hits / (QUERIES * N_NEIGHBORS), "queries": QUERIES}))


def _codes() -> tuple[sp.csr_matrix, NDArray[np.float32]]:
    """Return the codes, and how much the latent of the map is active in every item."""
    import scipy.sparse as sp

    codes = sp.load_npz(FOLDER / "codes.npz")
    return codes, codes[:, [LATENT]].toarray().ravel()


if __name__ == "__main__":
    {"make": _make, "time": _time, "check": _check}[sys.argv[1]]()
