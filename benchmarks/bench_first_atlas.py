"""The speed bars of a first atlas, with embedding-atlas beside VISTA in the same run.

    make bench

Whole processes, wall time and peak memory, median of `--repeats` runs, runs of the peers interleaved. Compiled kernels
are cached, as after any first run; results are not: each run of either program gets an empty cache. Both read the
same Parquet file and end with a site for a static host. Results go to `benchmarks/results/first_atlas.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from datasets import wordnet_parquet
from machine import machine

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "first_atlas.json"
VISTA = [str(Path(sys.executable).with_name("vista"))]
PEER = [str(ROOT / ".make" / "peers" / "bin" / "embedding-atlas")]


@dataclass(frozen=True)
class Measured:
    """One whole process: wall seconds and peak resident memory in GB."""

    seconds: float
    peak_gb: float


@dataclass(frozen=True)
class Summary:
    """Several runs of one command."""

    command: str
    median_s: float
    low_s: float
    high_s: float
    peak_gb: float


@dataclass(frozen=True)
class Held:
    """What an atlas holds: gain over the 10 nearest, area under R_NX, and what the collage is made of."""

    gain_10: float
    rnx_area: float
    n_levels: int
    n_tiles: int
    n_sheets: int
    megabytes: float


def main() -> None:
    """Run everything and write the results."""
    options = _options()
    demo_held: list[Held] = []
    data = wordnet_parquet(options.n)
    with tempfile.TemporaryDirectory(prefix="vista-bench-") as folder:
        results = {
            "machine": machine("numpy", "scipy", "numba", "pyarrow", "pillow"),
            "help": _summary("vista --help", [_run([*VISTA, "--help"]) for _ in range(5)]),
            "manifest": _manifest_read(Path(folder)),
            "demo": _summary("vista demo --no-serve", [_demo(Path(folder), i, demo_held) for i in range(options.repeats)]),
            "demo_holds": demo_held[-1],
            **_site_beside_peer(data, Path(folder), options.repeats),
        }
    _report(results, options.n)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1, default=asdict) + "\n")
    print(f"written: {RESULTS.relative_to(ROOT)}")


def _site_beside_peer(data: Path, folder: Path, repeats: int) -> dict[str, Summary | Held]:
    ours: list[Measured] = []
    theirs: list[Measured] = []
    held: list[Held] = []
    for i in range(repeats):
        ours.append(_our_site(data, folder, i, held))
        if Path(PEER[0]).is_file():
            theirs.append(_peer_site(data, folder, i))
    found: dict[str, Summary | Held] = {"vista_site": _summary("vista map, then vista export --to site", ours), "wordnet_holds": held[-1]}
    return found | ({"embedding_atlas_site": _summary("embedding-atlas --vector --export-application", theirs)} if theirs else {})


def _our_site(data: Path, folder: Path, i: int, held: list[Held]) -> Measured:
    atlas, site = folder / f"atlas-{i}", folder / f"site-{i}"
    built = _run(
        [*VISTA, "map", str(data), "-o", str(atlas), "--vectors", "vector", "--vectors-encoder", "text", "--quiet"],
        cache=folder / f"cache-{i}",
    )
    exported = _run([*VISTA, "export", str(atlas), "--to", "site", "-o", str(site), "--quiet"])
    held.append(_held(atlas))
    _forget(atlas, site, folder / f"cache-{i}")
    return Measured(built.seconds + exported.seconds, max(built.peak_gb, exported.peak_gb))


def _peer_site(data: Path, folder: Path, i: int) -> Measured:
    site = folder / f"peer-{i}.zip"
    command = [*PEER, str(data), "--text", "text", "--vector", "vector", "--export-application", str(site)]
    measured = _run(command, cache=folder / f"peer-cache-{i}")
    _forget(site, folder / f"peer-cache-{i}")
    return measured


def _held(atlas: Path) -> Held:
    manifest = json.loads((atlas / "atlas.json").read_text())
    entry = next(iter(manifest["maps"].values()))
    figures, collage = entry["fidelity"], entry["collage"]
    archive = (atlas / collage["tiles"]).read_bytes()[:127]  # the header of PMTiles v3, which counts the tiles at byte 72
    n_tiles = int.from_bytes(archive[72:80], "little")
    n_sheets = collage["sheets"]["n"] if collage["sheets"] else 0
    n_bytes = sum(file["n_bytes"] for file in manifest["files"].values())
    return Held(figures["gain"][figures["k"].index(10)], figures["rnx_area"], collage["n_levels"], n_tiles, n_sheets, n_bytes / 1e6)


def _demo(folder: Path, i: int, held: list[Held]) -> Measured:
    output = folder / f"demo-{i}"
    measured = _run([*VISTA, "demo", "--no-serve", "--quiet", "-o", str(output)], cache=folder / f"demo-cache-{i}")
    held.append(_held(output))
    _forget(output, folder / f"demo-cache-{i}")
    return measured


def _manifest_read(folder: Path) -> Summary:
    atlas = folder / "manifest-atlas"
    _run([*VISTA, "demo", "--no-serve", "--quiet", "-o", str(atlas)], cache=folder / "manifest-cache")
    read = [sys.executable, "-c", f"import vista; vista.open({str(atlas)!r}).maps"]
    return _summary("python -c 'import vista; vista.open(ATLAS).maps'", [_run(read) for _ in range(5)])


def _run(command: list[str], cache: Path | None = None) -> Measured:
    caches = {"VISTA_CACHE": str(_warm_cache(cache)), "XDG_CACHE_HOME": str(cache)} if cache else {}
    environment = os.environ | caches
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{output.decode(errors='replace')[-2000:]}")
    return Measured(seconds, _peak_gb(usage))


def _warm_cache(cache: Path) -> Path:
    """Make an empty result cache that holds only the compiled kernels of this checkout."""
    from vista.execution import default_cache_folder

    kernels = default_cache_folder() / "kernels"
    if kernels.is_dir() and not cache.exists():
        shutil.copytree(kernels, cache / "kernels")
    return cache


def _peak_gb(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss * (1 if platform.system() == "Darwin" else 1024) / 1e9


def _summary(command: str, runs: list[Measured]) -> Summary:
    seconds = [run.seconds for run in runs]
    return Summary(command, statistics.median(seconds), min(seconds), max(seconds), max(run.peak_gb for run in runs))


def _report(results: dict[str, object], n_items: int) -> None:
    for name, value in results.items():
        if isinstance(value, Held):
            print(
                f"{name}: gain at 10 {value.gain_10:.3f}, area {value.rnx_area:.3f}, {value.n_levels} levels, {value.n_tiles:,} tiles,",
                end=" ",
            )
            print(f"{value.n_sheets} sheets, {value.megabytes:.0f} MB")
        if isinstance(value, Summary):
            print(f"{value.command:<52} {value.median_s:7.2f} s  ({value.low_s:.2f} to {value.high_s:.2f})  peak {value.peak_gb:.2f} GB")
    ours, theirs = results["vista_site"], results.get("embedding_atlas_site")
    if isinstance(ours, Summary) and isinstance(theirs, Summary):
        time_ratio, memory_ratio = ours.median_s / theirs.median_s, ours.peak_gb / theirs.peak_gb
        print(f"{n_items} texts, Parquet to site: {time_ratio:.2f} of embedding-atlas's time, {memory_ratio:.2f} of its memory")


def _forget(*paths: Path) -> None:
    for path in paths:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=20_000, help="texts")
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
