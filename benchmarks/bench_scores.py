"""How well keywords label the latents of a store, and whether the regions of their maps mean something, beside the baselines.

    python benchmarks/bench_scores.py STORE [--n 120] [--untrained STORE]

Latents are drawn by the seed from those that fire on 100 to 1 000 items: by chance, not by how well they look. Each is mapped as
`vista latents` does it by default, labeled by its keywords from one half of the texts, and scored on the other
(`docs/scores.md`). Of every score the mean over latents stands beside the mean of each baseline, with the share of latents that
lie above it, and 95 % intervals of the mean and of the mean difference (bootstrap over latents; the rivals are held fixed).
Results go to `benchmarks/results/scores.json`, with the recall in every region of every latent.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from machine import machine
from vista.execution import default_cache_folder
from vista.layout import lay_out, pca_start
from vista.metrics import LatentMetric
from vista.neighbors import find_neighbors
from vista.regions import find_regions
from vista.representations import encode, encoder_for, given
from vista.sae.body import LatentBody, body_of
from vista.sae.explanations import keywords_of, split_documents
from vista.sae.scores import LatentScores, score_latents
from vista.sae.store import Store, open_store

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "scores.json"
ITEMS = (100, 1_000)
WEIGHT = 0.25
NEIGHBORS = 40
N_BOOTSTRAP = 2_000
LABEL_KEYWORDS = 3
N_RIVALS = 10


def main() -> None:
    """Draw, map, label and score latents, and write what comes out."""
    options = _options()
    store = open_store(options.store)
    seconds: dict[str, float] = {}
    chosen = _drawn(store, options)
    bodies = _timed(seconds, "bodies", lambda: [body_of(store, latent, max_items=ITEMS[1], seed=options.seed) for latent in chosen])
    memberships = _timed(seconds, "maps", lambda: {body.latent: _regions(store, body, options.seed) for body in bodies})
    split = split_documents(store, seed=options.seed)
    words = _timed(seconds, "keywords", lambda: keywords_of(store, bodies, split=split, seed=options.seed))
    labels = {latent: ", ".join(found[:LABEL_KEYWORDS]) for latent, found in words.items()}
    texts = store.read_items().texts
    vectors = _timed(seconds, "vectors", lambda: encode(encoder_for("text"), texts or [], cache_folder=default_cache_folder()).vectors)
    untrained = open_store(options.untrained) if options.untrained else None
    scores = _timed(
        seconds,
        "scores",
        lambda: score_latents(
            store,
            bodies,
            memberships,
            labels,
            text_vectors=np.asarray(vectors),
            split=split,
            untrained=untrained,
            n_rivals=N_RIVALS,
            seed=options.seed,
        ),
    )
    results = {
        "machine": machine("numpy", "scipy", "torch", "transformers"),
        "store": _told(store),
        "untrained": None if untrained is None else _told(untrained),
        "n_latents": len(scores),
        "items_a_latent": list(ITEMS),
        "seed": options.seed,
        "seconds": {name: round(took, 2) for name, took in seconds.items()},
        "scores": _summary(scores, options.seed),
        "missed": _missed(scores),
        "latents": [_of_latent(found, labels[latent], memberships[latent]) for latent, found in scores.items()],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps({name: results[name] for name in ("n_latents", "seconds", "scores", "missed")}, indent=1))


def _told(store: Store) -> dict[str, object]:
    meta = store.meta
    return {
        "model": meta.model,
        "sae": meta.sae,
        "hook_name": meta.hook_name,
        "n_items": len(store),
        "n_active_latents": int((store.statistics.n_active > 0).sum()),
        "content_sha256": store.content_sha256,
    }


def _drawn(store: Store, options: argparse.Namespace) -> list[int]:
    n_active = store.statistics.n_active
    fit = np.flatnonzero((n_active >= ITEMS[0]) & (n_active <= ITEMS[1]))
    return np.sort(np.random.default_rng(options.seed).permutation(fit)[: options.n]).tolist()


def _regions(store: Store, body: LatentBody, seed: int) -> NDArray[np.int32]:
    representation = given(store.codes(body.rows))
    graph = find_neighbors(representation, n_neighbors=NEIGHBORS, metric=LatentMetric(body.values, weight=WEIGHT), seed=seed)
    return find_regions(lay_out(graph, start=pca_start(representation, seed=seed), seed=seed)).membership


def _summary(scores: dict[int, LatentScores], seed: int) -> dict[str, object]:
    """Return each score's mean beside each baseline's."""
    told: dict[str, dict[str, object]] = {}
    for name in dict.fromkeys(score.name for found in scores.values() for score in found.scores):
        here = [score for found in scores.values() if (score := found.score(name))]
        baselines = {}
        for baseline in dict.fromkeys(kind for score in here for kind, _ in score.baselines):
            pairs = np.array([(score.value, dict(score.baselines)[baseline]) for score in here if baseline in dict(score.baselines)])
            differences = pairs[:, 0] - pairs[:, 1]
            baselines[baseline] = {
                "mean": round(float(pairs[:, 1].mean()), 4),
                "difference": round(float(differences.mean()), 4),
                "interval": _interval(differences, seed),
                "share_above": round(float((differences > 0).mean()), 4),
                "n": len(pairs),
            }
        values = np.array([score.value for score in here])
        quartiles = [round(float(value), 4) for value in np.quantile(values, [0.25, 0.5, 0.75])]
        told[name] = {"mean": round(float(values.mean()), 4), "interval": _interval(values, seed)}
        told[name] |= {"quartiles": quartiles, "n_latents": len(here), "baselines": baselines}
    return told


def _interval(differences: NDArray[np.float64], seed: int) -> list[float]:
    draws = np.random.default_rng(seed).integers(0, len(differences), (N_BOOTSTRAP, len(differences)))
    return [round(float(value), 4) for value in np.quantile(differences[draws].mean(axis=1), [0.025, 0.975])]


def _missed(scores: dict[int, LatentScores]) -> dict[str, object]:
    recalls = [found.recalls[0] for found in scores.values() if found.recalls]
    told = np.concatenate(recalls) if recalls else np.empty(0)
    told = told[np.isfinite(told)]
    return {
        "latents_with_a_missed_region": sum(bool(found.missed) for found in scores.values()),
        "missed_regions": sum(len(found.missed) for found in scores.values()),
        "regions_of_level_0": len(told),
        "recall_of_level_0_quartiles": [round(float(value), 4) for value in np.quantile(told, [0.25, 0.5, 0.75])] if len(told) else [],
        "single_token_latents": sum(found.single_token is not None for found in scores.values()),
    }


def _of_latent(found: LatentScores, label: str, membership: NDArray[np.int32]) -> dict[str, object]:
    return {
        "latent": found.latent,
        "label": label,
        "n_regions": (membership.max(axis=0) + 1).tolist(),
        "scores": {score.name: {"value": score.value, "n": score.n, "baselines": dict(score.baselines)} for score in found.scores},
        "recalls": [[None if np.isnan(recall) else round(float(recall), 4) for recall in level] for level in found.recalls],
        "missed": [[one.level, one.region, round(one.recall, 4), one.n, round(one.others_recall, 4), one.p_value] for one in found.missed],
        "single_token": found.single_token,
    }


def _timed(seconds: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    done = work()
    seconds[name] = time.perf_counter() - started
    return done


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, help="folder of a store, as `vista encode` writes it")
    parser.add_argument("--n", type=int, default=120, help="how many latents")
    parser.add_argument("--untrained", type=Path, help="store of the same items by an untrained model")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS, help="where the results go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
