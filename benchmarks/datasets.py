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
