"""The data that benchmarks run on, each made by script from what can be installed.

WordNet: `apt-get install wordnet-base` (Debian). A text is the lemmas joined by ", ", ": ", and the gloss up to its first ";".
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vista.representations import encode, encoder_for

WORDNET = Path("/usr/share/wordnet")
CACHE = Path(os.environ.get("VISTA_CACHE", Path.home() / ".cache" / "vista")) / "benchmarks"


def wordnet_texts() -> list[str]:
    """Return the 117 659 texts of WordNet 3.0, in the order noun, verb, adjective, adverb."""
    if not (WORDNET / "data.noun").is_file():
        raise SystemExit("WordNet is missing: apt-get install wordnet-base")
    lines = (line for part in ("noun", "verb", "adj", "adv") for line in (WORDNET / f"data.{part}").read_text().splitlines())
    return [_text(line) for line in lines if not line.startswith("  ")]


def wordnet_parquet(n_items: int, seed: int = 0) -> Path:
    """Return a Parquet file with a seeded sample of the texts and their all-MiniLM-L6-v2 vectors (column `vector`)."""
    path = CACHE / f"wordnet-{n_items}-{seed}.parquet"
    if path.is_file():
        return path
    texts = wordnet_texts()
    chosen = np.sort(np.random.default_rng(seed).choice(len(texts), n_items, replace=False))
    sample = [texts[row] for row in chosen]
    vectors = encode(encoder_for("text"), sample, cache_folder=CACHE / "encode").vectors
    column = pa.FixedSizeListArray.from_arrays(pa.array(np.asarray(vectors).ravel()), vectors.shape[1])
    CACHE.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"text": sample, "vector": column}), path)
    return path


def _text(line: str) -> str:
    fields, _, gloss = line.partition("|")
    words = fields.split(" ")
    n_words = int(words[3], 16)
    lemmas = [words[4 + 2 * i].split("(")[0].replace("_", " ") for i in range(n_words)]
    return f"{', '.join(lemmas)}: {gloss.split(';')[0].strip()}"


def clusters_parquet(n_items: int, seed: int = 0) -> Path:
    """Return a Parquet file of points in many clusters of uneven size and density: x, y, and four columns.

    `kind` has 12 values and `topic` 200, the cluster's own for nine in ten; `score` is a number that grows across each cluster,
    missing for one in fifty; `year` is a whole number from 1900 to 2025.
    """
    path = CACHE / f"clusters-{n_items}-{seed}.parquet"
    if path.is_file():
        return path
    rng = np.random.default_rng(seed)
    n_clusters = 400
    middles = rng.normal(0, 40, (n_clusters, 2))
    spreads = rng.gamma(2.0, 1.2, (n_clusters, 2)) + 0.15
    shares = rng.dirichlet(np.full(n_clusters, 0.6))
    cluster = rng.choice(n_clusters, n_items, p=shares)
    around = rng.standard_normal((n_items, 2))
    places = (middles[cluster] + spreads[cluster] * around).astype(np.float32)
    topic = np.where(rng.random(n_items) < 0.9, cluster % 200, rng.integers(0, 200, n_items)).astype(np.int16)
    score = (around[:, 0] + 0.02 * middles[cluster, 1]).astype(np.float32)
    score[rng.random(n_items) < 0.02] = np.nan
    CACHE.mkdir(parents=True, exist_ok=True)
    columns = {
        "x": places[:, 0],
        "y": places[:, 1],
        "kind": pa.DictionaryArray.from_arrays(pa.array((topic % 12).astype(np.int8)), [f"kind {i}" for i in range(12)]),
        "topic": pa.DictionaryArray.from_arrays(pa.array(topic), [f"topic {i:03d}" for i in range(200)]),
        "score": score,
        "year": (1900 + rng.beta(5, 2, n_items) * 125).astype(np.int16),
    }
    part = path.with_suffix(".part")
    pq.write_table(pa.table(columns), part)
    part.rename(path)
    return path
