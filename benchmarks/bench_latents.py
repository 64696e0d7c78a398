"""The bars of a study: one latent's map of 5 000 items from a store, and the demonstration's study, first and cached.

    python benchmarks/bench_latents.py [--repeats 3] [--demos 3]        ► benchmarks/results/latents.json

The store holds the codes of 12 000 WordNet texts by the shipped autoencoder; it is made once (some ten minutes on two cores). The map is
of the latent that fires on the most items, of which 5 000 are drawn, and everything is counted that is done for one latent: reading its
items and tokens, neighbors, layout, both gains, regions, names, the collage, the items' cards and the files. Which picture each text has is
found once for all maps of a study, before. Maps are written into an empty folder, with nothing cached. The demonstration runs as a process
of its own, with an empty cache and again with the same.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import vista
from datasets import CACHE, wordnet_texts
from machine import machine
from vista.atlas import StudyContent, building, write_item_set
from vista.execution import Cache, silent
from vista.pipeline.illustration import Illustration
from vista.rendering.terrain import render_terrain
from vista.sae.latents import options_of_latents
from vista.sae.study.choice import Chosen
from vista.sae.study.illustration import illustrate_texts, meanings_of, part_of
from vista.sae.study.latent_map import map_latent
from vista.sae.study.options import StudyRun
from vista.sae.study.writing import Sheet, write_sheet

N_TEXTS, SEED, MAP_ITEMS = 12_000, 1, 5_000
RESULT = Path(__file__).parent / "results" / "latents.json"


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3, help="maps of one latent")
    parser.add_argument("--demos", type=int, default=3, help="runs of the demonstration, each first and cached")
    asked = parser.parse_args()
    store = _store()
    pictures = _pictures(store)
    maps = [_one_map(store, pictures) for _ in range(asked.repeats + 1)][1:]  # the first warms up
    print(f"a latent's map of {MAP_ITEMS:,} items: {_told([one['seconds'] for one in maps])} (bar 10 s)", flush=True)
    first, again = zip(*[_demo() for _ in range(asked.demos)], strict=True)
    for name, runs in (("empty cache", first), ("again", again)):
        print(f"vista demo --latents, {name}: {_told([one['seconds'] for one in runs])} (bar 240 s)", flush=True)
    told = {"map": maps, "demo_first": first, "demo_again": again, "machine": machine("numpy", "scipy", "numba", "torch")}
    RESULT.write_text(json.dumps(told, indent=1) + "\n")


def _store():
    path = CACHE / f"wordnet-texts-{N_TEXTS}-{SEED}.parquet"
    if not path.is_file():
        texts = wordnet_texts()
        rows = np.sort(np.random.default_rng(SEED).choice(len(texts), N_TEXTS, replace=False))
        CACHE.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"text": [texts[row] for row in rows]}), path)
    return vista.encode(path, CACHE / f"codes-{N_TEXTS}-{SEED}", sae="smollm2", text="text")


def _pictures(store) -> Illustration:
    run = StudyRun(command="bench", options=options_of_latents(), cache=Cache(CACHE), progress=silent, source=store.content_sha256)
    items = store.read_items()
    return illustrate_texts(items, meanings_of(items.texts, run), run)


def _one_map(store, pictures: Illustration) -> dict:
    latent = int(store.statistics.n_active.argmax())
    run = StudyRun(
        command="bench", options=options_of_latents(max_items=MAP_ITEMS), cache=Cache(None), progress=silent, source=store.content_sha256
    )
    with tempfile.TemporaryDirectory() as folder, building(Path(folder) / "atlas", f"latent-{latent}") as place:
        started = time.perf_counter()
        made = map_latent(store, Chosen(latent, "asked for"), run)
        texts = store.read_items(made.body.rows)
        set_name, _ = write_item_set(place, texts)
        study = StudyContent(
            kind="latent",
            graph=made.plane.graph,
            activations=made.body.values,
            spans=made.body.spans,
            terrain=render_terrain(made.plane.named.extent, made.plane.layout.coordinates, made.body.values),
        )
        sheet = Sheet(
            map_id=made.map_id,
            title=made.map_id,
            items=texts,
            members=np.arange(len(texts)),
            set_name=set_name,
            plane=made.plane,
            illustration=part_of(pictures, made.body.rows),
            content=study,
        )
        write_sheet(place, sheet, run)
        seconds = time.perf_counter() - started
        (place.folder / "atlas.json").write_text("{}")  # the atlas is thrown away
    return {"seconds": seconds, "latent": latent, "n_items": len(made.body), "stages": run.seconds}


def _demo() -> tuple[dict, dict]:
    with tempfile.TemporaryDirectory() as folder:
        return _process(Path(folder)), _process(Path(folder))


def _process(folder: Path) -> dict:
    command = [str(Path(sys.executable).with_name("vista")), "demo", "--latents", "--no-serve", "--quiet", "-o", str(folder / "atlas")]
    started = time.perf_counter()
    subprocess.run(command, check=True, env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "VISTA_CACHE": str(folder / "cache")})
    peak_gb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
    return {"seconds": time.perf_counter() - started, "peak_gb": peak_gb}


def _told(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})"


if __name__ == "__main__":
    main()
