"""What the weight λ of the latent metric does: activation's order on the map rises with it, what is kept of the cosine falls.

    python benchmarks/bench_weight.py STORE [--latents 24] [--scale max] [--transform linear]  ► benchmarks/results/weight.json

For each λ the mean over the latents that `auto:N` chooses, with the interval of the mean (1.96 standard errors): Moran's I of the
activation on the map's graph of 10 nearest, Spearman's correlation of the activation with the place along the map's main axis, the
gain at k = 10 under plain cosine and under the map's own metric.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from machine import machine
from vista.execution import Cache, silent
from vista.sae.latents import options_of_latents
from vista.sae.store import open_store
from vista.sae.study.choice import Chosen, choose_latents
from vista.sae.study.latent_map import map_latent
from vista.sae.study.options import StudyRun
from vista.sae.study.plane import finest_regions, plane_of

WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 16.0)
RESULT = Path(__file__).parent / "results" / "weight.json"
K = 10


def main() -> None:
    """Measure every weight and write the result."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("store", type=Path)
    arguments.add_argument("--latents", type=int, default=24)
    arguments.add_argument("--scale", default="max")
    arguments.add_argument("--transform", default="linear")
    arguments.add_argument("--output", type=Path, default=RESULT)
    asked = arguments.parse_args()
    store = open_store(asked.store)
    chosen = _latents_of(store, asked.latents)
    rows = [_figures(store, chosen, weight, asked.scale, asked.transform) for weight in WEIGHTS]
    told = {"store": store.content_sha256, "sae": store.meta.sae, "n_items": len(store), "latents": [one.latent for one in chosen]}
    asked.output.write_text(
        json.dumps(
            told | {"scale": asked.scale, "transform": asked.transform, "weights": rows, "machine": machine("numpy", "scipy", "numba")},
            indent=1,
        )
        + "\n"
    )


def _latents_of(store, n: int) -> tuple[Chosen, ...]:
    codes, rows = store.codes(), np.arange(len(store))
    base = plane_of(codes, "codes", "cosine", store.read_items().texts, _run_with(store, 0.0, "max", "linear"))
    return choose_latents(f"auto:{n}", store, rows, codes, finest_regions(base, 100), seed=0, say=print)


def _run_with(store, weight: float, scale: str, transform: str) -> StudyRun:
    options = options_of_latents(weight=weight, scale=scale, transform=transform)
    return StudyRun(command="bench", options=options, cache=Cache(None), progress=silent, source=store.content_sha256)


def _figures(store, chosen: tuple[Chosen, ...], weight: float, scale: str, transform: str) -> dict:
    columns: dict[str, list[float]] = {"moran_i": [], "spearman": [], "gain_cosine": [], "gain": []}
    for one in chosen:
        made = map_latent(store, one, _run_with(store, weight, scale, transform))
        at = int(np.flatnonzero(made.plane.fidelity.k == K)[0])
        columns["moran_i"].append(made.moran_i)
        columns["spearman"].append(_along_main_axis(made.plane.layout.coordinates, made.body.values))
        columns["gain_cosine"].append(float(made.plane.fidelity.gain_cosine[at]))
        columns["gain"].append(float(made.plane.fidelity.gain[at]))
    row = {"weight": weight} | {name: _mean_of(values) for name, values in columns.items()}
    print(
        f"λ {weight:5.2f}  " + "  ".join(f"{name} {row[name]['mean']:.3f} ± {row[name]['half_interval']:.3f}" for name in columns),
        flush=True,
    )
    return row


def _along_main_axis(coordinates, values) -> float:
    apart = coordinates - coordinates.mean(axis=0)
    axis = np.linalg.eigh(apart.T @ apart)[1][:, -1]
    return float(abs(spearmanr(apart @ axis, values).statistic))


def _mean_of(values: list[float]) -> dict[str, float]:
    return {"mean": float(np.mean(values)), "half_interval": float(1.96 * np.std(values, ddof=1) / np.sqrt(len(values)))}


if __name__ == "__main__":
    main()
