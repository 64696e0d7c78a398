"""The bars of the store of codes: bytes on disk, writing, any latent's items, and what it takes to open.

    python benchmarks/bench_store.py [--n 1000000]

Synthetic codes with a realistic law: latent densities fall as a power of their rank, 500 codes an item on average over 16 384
latents, items of 16 to 128 tokens, values log-normal with a scale of each latent's own. The codes of tokens are left
out, as the bars are for the codes of items. Each part runs in a process of its own: the peak of writing and the memory
after opening are the kernel's (`VmHWM`, `VmRSS`). Look-ups are timed twice: with what the kernel holds of the files dropped before each
(`posix_fadvise`, which needs no rights; the disk's own cache stays), and again at once. Results go to
`benchmarks/results/store.json`, under the number of items and of those in a shard.
Texts are short here, so that shards are full; texts of 360 characters make shards of some 5 800 items (`--shard-items`).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from machine import machine
from vista.artifacts import Items
from vista.sae.store import StoreMeta, TokenCodes, open_store, write_store
from vista.sae.store.writer import SHARD_ITEMS

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "store.json"
D_SAE = 16_384
CODES_AN_ITEM = 500
POWER = 0.6  # densities fall as rank^-0.6: the first latents fire on nearly all items, the median on some 2 %
BATCH_ITEMS = 512
N_LOOKUPS = 200


def main() -> None:
    """Write a store, look into it, and write the results."""
    options = _options()
    if options.part:
        print(json.dumps({"write": _write, "open": _open, "look": _look}[options.part](options)))
        return
    if options.folder:
        options.folder.mkdir(exist_ok=True)
        parts = _parts(options)
    else:
        with tempfile.TemporaryDirectory(prefix="vista-store-") as folder:
            options.folder = Path(folder)
            parts = _parts(options)
    results = {
        "machine": machine("numpy", "scipy", "numba", "pyarrow", "safetensors"),
        "n_items": options.n,
        "shard_items": options.shard_items,
        "d_sae": D_SAE,
        **parts,
    }
    _report(results)
    known = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(known | {f"{options.n} items in shards of {options.shard_items}": results}, indent=1) + "\n")
    print(f"written: {RESULTS.relative_to(ROOT)}")


def _parts(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Run the parts, each in a process; a store that was written into the folder before is not written again."""
    written = options.folder / "written.json"
    if not written.is_file():
        written.write_text(json.dumps(_in_own_process("write", options)))
    return {"write": json.loads(written.read_text()), "open": _in_own_process("open", options), "look": _in_own_process("look", options)}


class SyntheticCodes:
    """A producer of codes; a range of items gives the same codes each time."""

    def __init__(self) -> None:
        rates = np.minimum(np.arange(1, D_SAE + 1) ** -POWER * self._scale(), 0.98)
        rng = np.random.default_rng(0)
        self.rates = rates[rng.permutation(D_SAE)]
        counts = -np.log1p(-self.rates)  # expected draws of a latent that fires with this probability
        self.draws = counts.sum()
        self.table = np.repeat(np.arange(D_SAE, dtype=np.uint16), np.maximum(np.round(counts / counts.sum() * (1 << 22)), 1).astype(int))
        self.sizes = np.exp(rng.normal(1, 1, D_SAE)).astype(np.float32)
        self.seconds = 0.0

    @staticmethod
    def _scale() -> float:
        """Return the factor that brings the sum of the densities to `CODES_AN_ITEM`."""
        power = np.arange(1, D_SAE + 1) ** -POWER
        low, high = 0.0, 1000.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if np.minimum(power * middle, 0.98).sum() < CODES_AN_ITEM else (low, middle)
        return low

    def __call__(self, start: int, stop: int) -> Iterator[TokenCodes]:
        for first in range(start, stop, BATCH_ITEMS):
            began = time.perf_counter()
            codes = self._batch(first, min(first + BATCH_ITEMS, stop))
            self.seconds += time.perf_counter() - began
            yield codes

    def _batch(self, start: int, stop: int) -> TokenCodes:
        rng = np.random.default_rng([1, start])
        lengths = rng.integers(16, 129, stop - start)
        token_starts = np.concatenate(([0], np.cumsum(lengths)))
        drawn = rng.poisson(self.draws, stop - start)
        items = np.repeat(np.arange(stop - start), drawn)
        latents = self.table[rng.integers(0, len(self.table), len(items), dtype=np.uint32)]
        tokens = token_starts[items] + (rng.random(len(items), np.float32) * lengths[items]).astype(np.int64)
        keys = np.unique(tokens * D_SAE + latents)  # a latent fires once or more in an item, once at a token
        tokens, latents = np.divmod(keys, D_SAE)
        places = np.arange(token_starts[-1]) - np.repeat(token_starts[:-1], lengths)
        return TokenCodes(
            rows=np.arange(start, stop),
            token_starts=token_starts,
            token_ids=rng.integers(0, 49_152, token_starts[-1]),
            char_starts=5 * places,
            char_ends=5 * places + 5,
            code_starts=np.searchsorted(tokens, np.arange(token_starts[-1] + 1)),
            latents=latents,
            values=self.sizes[latents] * rng.lognormal(0, 0.7, len(latents)).astype(np.float32),
        )


def _write(options: argparse.Namespace) -> dict[str, float]:
    folder, n = options.folder, options.n
    producer = SyntheticCodes()
    meta = StoreMeta("synthetic", "0" * 64, "synthetic", "0" * 64, "none", D_SAE)
    items = Items([str(i) for i in range(n)], np.arange(n), ["a text"] * n, None, pa.table({}), "text")
    before_mb = _status_mb("VmHWM")
    started = time.perf_counter()
    store = write_store(folder / "store", producer, meta, items, tokens=False, shard_items=options.shard_items)
    seconds = time.perf_counter() - started
    sizes = {room: sum(path.stat().st_size for path in (folder / "store" / room).iterdir()) for room in ("items", "shards", "statistics")}
    n_codes = int(store.statistics.n_active.sum())
    return {
        "n_codes": n_codes,
        "codes_an_item": n_codes / n,
        "n_shards": len(store.manifest.shards),
        "shards_gb": sizes["shards"] / 1e9,
        "bytes_a_code": sizes["shards"] / n_codes,
        "statistics_gb": sizes["statistics"] / 1e9,
        "items_gb": sizes["items"] / 1e9,
        "seconds": seconds,
        "seconds_without_making_codes": seconds - producer.seconds,
        "peak_gb": _status_mb("VmHWM") / 1e3,
        "peak_before_writing_gb": before_mb / 1e3,
    }


def _open(options: argparse.Namespace) -> dict[str, float]:
    folder, n = options.folder, options.n
    before_mb = _status_mb("VmRSS")
    started = time.perf_counter()
    store = open_store(folder / "store")
    opened = time.perf_counter() - started
    assert len(store) == n == store.items.num_rows
    assert len(store.statistics.density) == D_SAE
    return {"seconds": opened, "resident_mb": _status_mb("VmRSS"), "resident_before_mb": before_mb}


def _look(options: argparse.Namespace) -> dict[str, object]:
    folder, n = options.folder, options.n
    store = open_store(folder / "store")
    n_active = store.statistics.n_active
    latents = [int(n_active.argmax()), *np.random.default_rng(2).choice(D_SAE, N_LOOKUPS, replace=False).tolist()]
    least = int(n_active.argmin())
    whole, cold, warm = [], [], []
    for latent in latents:
        del store  # pages that are mapped cannot be dropped
        _drop(folder / "store")
        whole.append(_timed(lambda: open_store(folder / "store").latent(latent)))  # noqa: B023 - it is called at once
        _drop(folder / "store")
        store = open_store(folder / "store")
        store.latent(least)  # maps the shards
        cold.append(_timed(lambda: store.latent(latent)))  # noqa: B023
        warm.append(_timed(lambda: store.latent(latent)))  # noqa: B023
    rows = np.random.default_rng(3).integers(0, n, 100).tolist()
    of_items = [_timed(lambda: store.tokens(row)) for row in rows]  # noqa: B023
    return {
        "n_latents": len(latents),
        "items_of_the_densest": int(n_active.max()),
        "items_of_the_median": int(np.median(n_active)),
        "cold_with_opening_ms": _spread(whole),
        "cold_ms": _spread(cold),
        "warm_ms": _spread(warm),
        "densest_cold_ms": cold[0],
        "densest_warm_ms": warm[0],
        "tokens_of_an_item_ms": _spread(of_items),
        "resident_after_mb": _status_mb("VmRSS"),
    }


def _drop(store: Path) -> None:
    """Let the kernel forget what it holds of the shards."""
    for path in (store / "shards").iterdir():
        handle = os.open(path, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - started)


def _spread(times_ms: list[float]) -> dict[str, float]:
    return {"median": statistics.median(times_ms), "worst": max(times_ms)}


def _status_mb(name: str) -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024 / 1e6


def _in_own_process(part: str, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--part", part, "--folder", str(options.folder), "--n", str(options.n)]
    command += ["--shard-items", str(options.shard_items)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{part} failed:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _report(results: dict[str, object]) -> None:
    write, opened, look = results["write"], results["open"], results["look"]
    print(f"{results['n_items']:,} items, {write['codes_an_item']:.0f} codes each, {D_SAE:,} latents, {write['n_shards']} shards")
    print(f"shards {write['shards_gb']:.3f} GB ({write['bytes_a_code']:.2f} bytes a code), statistics {write['statistics_gb']:.3f} GB")
    print(f"written in {write['seconds']:.0f} s, {write['seconds_without_making_codes']:.0f} s without making the codes,", end=" ")
    print(f"peak {write['peak_gb']:.2f} GB ({write['peak_before_writing_gb']:.2f} GB before)")
    print(f"opened in {1e3 * opened['seconds']:.1f} ms; resident with items and statistics {opened['resident_mb']:.0f} MB", end=" ")
    print(f"({opened['resident_before_mb']:.0f} MB before)")
    for name in ("cold_with_opening_ms", "cold_ms", "warm_ms", "tokens_of_an_item_ms"):
        print(f"{name:24} median {look[name]['median']:7.2f}   worst {look[name]['worst']:7.2f}")
    print(
        f"densest latent ({look['items_of_the_densest']:,} items): {look['densest_cold_ms']:.1f} ms cold, {look['densest_warm_ms']:.1f} ms",
        end=" ",
    )
    print(f"warm; resident after all {look['resident_after_mb']:.0f} MB")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1_000_000, help="items")
    parser.add_argument("--shard-items", type=int, default=SHARD_ITEMS, help="most items in a shard; long texts make smaller shards")
    parser.add_argument("--folder", type=Path, help="where the store is written and left; default: a temporary folder")
    parser.add_argument("--part", choices=("write", "open", "look"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
