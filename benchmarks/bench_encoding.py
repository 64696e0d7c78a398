"""What reading hidden states costs beside the bare forward pass up to the same layer, in the same run.

    python benchmarks/bench_encoding.py [--texts 256] [--layer 15] [--dtypes float32 bfloat16]

The model is SmolLM2-135M (dequantised Q4_1 Instruct weights). *Bare* runs the first layers alone on token ids that are
batched and padded beforehand, in the very batches that VISTA makes, and keeps nothing. *VISTA* goes from texts to the float32
states of every token with its place in the text: tokenizing, batching, the hook, the choice of the tokens that count.
Runs of the two are interleaved after one of each for warming up; figures are medians. The bar: 1.15 times the bare pass.
Seconds are of the wall, beside those of the processor, which a machine shared with others disturbs less.
Tokens are those of the texts, BOS and padding left out. Results go to `benchmarks/results/encoding.json`, where the rows of
other number formats and batch sizes stay, so that the whole can be timed in pieces.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from datasets import wordnet_texts
from vista.representations.hooked_loading import load_hooked_model
from vista.representations.hooked_model import HookedModel
from vista.representations.token_batches import batches, padded, tokenize
from vista.representations.token_states import token_state_batches

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "encoding.json"
BAR = 1.15
DTYPES = ("float32", "bfloat16")
BATCH_TOKENS = (256, 512, 1024, 4096)


def main() -> None:
    """Time every number format and batch size, and write the results."""
    import torch

    options = _options()
    torch.set_num_threads(options.threads)
    words = wordnet_texts()
    short = [words[row] for row in np.sort(np.random.default_rng(0).choice(len(words), options.texts, replace=False))]
    sets = {"glosses": short, "passages": _passages(words, max(1, options.texts // 12))}
    rows = []
    for dtype in options.dtypes:
        hooked = load_hooked_model("smollm2", dtype=dtype)
        for name, texts in sets.items():
            for batch_tokens in options.batch_tokens:
                rows.append(_row(hooked, name, texts, options.layer, batch_tokens, options.repeats))
                _report(rows[-1])
    worst = max(row["ratio"] for row in rows)
    print(f"the dearest: {worst:.3f} of the bare pass (bar {BAR})")
    _keep(rows, {"machine": _machine(), "layer": options.layer, "threads": options.threads})
    print(f"written: {RESULTS.relative_to(ROOT)}")


def _row(hooked: HookedModel, name: str, texts: list[str], layer: int, batch_tokens: int, repeats: int) -> dict[str, Any]:
    bare = _bare(hooked, texts, layer, batch_tokens)
    counted: list[int] = []

    def ours() -> None:
        counted.append(sum(len(batch.states) for batch in token_state_batches(hooked, str(layer), texts, batch_tokens=batch_tokens)))

    bare(), ours()
    runs = np.array([(_seconds(bare), _seconds(ours)) for _ in range(repeats)])  # (repeats, bare or ours, wall or processor)
    (bare_s, bare_cpu_s), (ours_s, ours_cpu_s) = np.median(runs, axis=0).tolist()
    return {
        "dtype": hooked.dtype,
        "texts": name,
        "n_texts": len(texts),
        "n_tokens": counted[0],
        "batch_tokens": batch_tokens,
        "bare_s": bare_s,
        "vista_s": ours_s,
        "ratio": ours_s / bare_s,
        "bare_cpu_s": bare_cpu_s,
        "vista_cpu_s": ours_cpu_s,
        "cpu_ratio": ours_cpu_s / bare_cpu_s,
        "runs_s": runs.tolist(),
        "tokens_per_s": counted[0] / ours_s,
    }


def _bare(hooked: HookedModel, texts: list[str], layer: int, batch_tokens: int) -> Callable[[], None]:
    """Return the forward pass through the first layers alone, without the final norm, on batches made beforehand."""
    import torch

    trunk = copy.copy(hooked.model.model)
    trunk._modules = {**trunk._modules, "layers": trunk.layers[: layer + 1], "norm": torch.nn.Identity()}
    tokenized = tokenize(hooked.tokenizer, texts, max_tokens=hooked.max_tokens, prepend_bos=True)
    ready = [padded(batch, hooked.tokenizer.pad_token_id) for batch in batches(tokenized, batch_tokens=batch_tokens)]
    inputs = [(torch.from_numpy(ids), torch.from_numpy(mask.astype(np.int64))) for ids, mask in ready]

    def run() -> None:
        with torch.inference_mode():
            for ids, mask in inputs:
                trunk(input_ids=ids, attention_mask=mask)

    return run


def _passages(words: list[str], n: int) -> list[str]:
    """Return longer texts, of a dozen glosses each: some 250 tokens."""
    drawn = np.random.default_rng(1).choice(len(words), (n, 12), replace=False)
    return [" ".join(words[row] for row in rows) for rows in drawn]


def _seconds(work: Callable[[], None]) -> tuple[float, float]:
    started, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - worked


def _keep(rows: list[dict[str, Any]], made: dict[str, Any]) -> None:
    """Put the rows, with how they were made, in the place of those that timed the same."""

    def timed(row: dict[str, Any]) -> tuple[Any, ...]:
        return row["dtype"], row["texts"], row["batch_tokens"]

    earlier = json.loads(RESULTS.read_text())["rows"] if RESULTS.exists() else []
    kept = {timed(row): row for row in [*earlier, *({**row, **made} for row in rows)]}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"rows": [kept[key] for key in sorted(kept)]}, indent=1) + "\n")


def _report(row: dict[str, Any]) -> None:
    print(
        f"{row['dtype']:<9} {row['texts']:<9} {row['batch_tokens']:>5} tokens a batch: bare {row['bare_s']:6.2f} s,"
        f" VISTA {row['vista_s']:6.2f} s, {row['ratio']:.3f} of it ({row['cpu_ratio']:.3f} of its processor time),"
        f" {row['tokens_per_s']:,.0f} tokens/s",
        flush=True,
    )


def _machine() -> dict[str, object]:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
        platform.processor(),
    )
    found = {"cpu": model, "cores": os.cpu_count(), "python": platform.python_version(), "commit": commit}
    return found | {name: version(name) for name in ("numpy", "torch", "transformers")}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=256, help="glosses; there are a twelfth as many passages")
    parser.add_argument("--layer", type=int, default=15)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--dtypes", nargs="+", default=["float32"], choices=DTYPES)
    parser.add_argument("--batch-tokens", nargs="+", type=int, default=list(BATCH_TOKENS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
