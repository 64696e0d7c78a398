"""Layouts beside their peers: time, memory and what they keep of the true neighbors, on several sets of vectors.

    make bench-layout                                        everything, which takes hours
    make bench-layout BENCH="--sets digits --repeats 1"      a part
    make bench-layout BENCH="--scaling --programs vista"     20 000 to 1 000 000 items

A run is a whole process: vectors on disk, neighbors, layout, coordinates on disk. Runs of the programs are interleaved.
Before the timed runs of a set each program runs once untimed, so that compiled code and files are in their caches: VISTA on the set
itself, because small sets take other paths, its peers on the first 2 000 vectors. Finished runs are kept in the cache, and a
run that was broken off goes on where it stood; `--fresh` forgets the runs of the sets and programs that are asked for.
Times are also told as shares of manifolds-rs UMAP on the same set. Results go to `benchmarks/results/layout.json`, the
table to `docs/layout.md` and the figure to `docs/images/layout-rnx.svg`, each holding all finished runs of the present code.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from layouts.figure import draw_figure
from layouts.judge import judge
from layouts.latent import measure_latent
from layouts.programs import FIRST_RUN, PROGRAMS, ROOT, Program, program_named
from layouts.report import bars_text, collect, table_text, update_page
from layouts.runs import Shelf, file_hash, shelf, time_program
from layouts.sets import SETS, VectorSet, ready, set_named

RESULTS = ROOT / "benchmarks" / "results" / "layout.json"
WARM_UP_ROWS = 2_000
FIRST_RUN_SET = "wordnet-20000"


def main() -> None:
    """Run what is asked for and not finished yet, judge it, and tell everything that is known."""
    options = _options()
    programs = [program_named(name) for name in options.programs]
    for name in options.sets:
        _compare(set_named(name), programs, options.repeats, fresh=options.fresh)
    if options.latent:
        measure_latent(options.repeats, fresh=options.fresh)
    known = _known_shelves(programs)
    _judge_all(known)
    results = collect(known)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(table_text(results))
    print(bars_text(results))
    update_page(results)
    draw_figure(results)
    print(f"written: {RESULTS.relative_to(ROOT)}, docs/layout.md, docs/images/layout-rnx.svg")


def _compare(chosen: VectorSet, programs: list[Program], repeats: int, *, fresh: bool) -> None:
    vectors = ready(chosen)
    set_hash = file_hash(vectors)
    first_run = [FIRST_RUN] if chosen.name == FIRST_RUN_SET and any(program.is_vista for program in programs) else []
    shelves = [shelf(chosen, program, set_hash) for program in [*programs, *first_run]]
    if fresh:
        for one in shelves:
            one.forget()
    with tempfile.TemporaryDirectory(prefix="vista-bench-") as folder:
        coordinates = Path(folder) / "coordinates.npy"
        _warm_up([one.program for one in shelves if len(one.runs()) < repeats], vectors, chosen.metric, coordinates)
        for repeat in range(repeats):
            for one in shelves:
                if len(one.runs()) <= repeat:
                    _time(one, vectors, coordinates)


def _warm_up(programs: list[Program], vectors: Path, metric: str, coordinates: Path) -> None:
    """Run every program once untimed; for the peers, the first rows are cut off by a process of their own."""
    few = coordinates.with_name("few.npy")
    cut = f"import numpy as np; np.save({str(few)!r}, np.load({str(vectors)!r}, mmap_mode='r')[:{WARM_UP_ROWS}])"
    subprocess.run([sys.executable, "-c", cut], check=True)
    warmed: set[Path] = set()
    for program in programs:
        if program.script not in warmed and not program.compiles:
            print(f"warming up {program.name}", flush=True)
            time_program(program, vectors if program.is_vista else few, metric, coordinates)
            warmed.add(program.script)


def _time(one: Shelf, vectors: Path, coordinates: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="vista-bench-first-") as empty:
        environment = {"VISTA_CACHE": empty} if one.program.compiles else {}
        run = time_program(one.program, vectors, one.chosen.metric, coordinates, **environment)
    one.add(run, coordinates)
    at = time.strftime("%H:%M:%S")
    print(f"{at}  {one.chosen.name:<16} {one.program.name:<20} {run.seconds:8.2f} s  peak {run.peak_gb:.2f} GB", flush=True)


def _judge_all(known: list[Shelf]) -> None:
    """Judge what was not judged yet by the present formulas, set by set."""
    for name in {one.chosen.name: None for one in known if not one.chosen.scaling}:
        judge([one for one in known if one.chosen.name == name and not one.program.compiles and one.runs()])


def _known_shelves(programs: list[Program]) -> list[Shelf]:
    """Return a shelf for every set that was ever made and every program, those of the command line included."""
    every = {one.name: one for one in [*PROGRAMS.values(), FIRST_RUN, *programs]}
    made = [one for one in SETS.values() if one.path.is_file()]
    return [shelf(one, program, file_hash(one.path)) for one in made for program in every.values()]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="*", default=None, metavar="SET", help=f"of {', '.join(SETS)}; by default all but scaling")
    parser.add_argument("--scaling", action="store_true", help="the sets that show how time and memory grow")
    parser.add_argument("--latent", action="store_true", help="also the exact neighbors by the latent metric; on when --sets is not given")
    parser.add_argument("--programs", nargs="+", default=list(PROGRAMS), metavar="PROGRAM", help=f"of {', '.join(PROGRAMS)}, vista@DETAIL")
    parser.add_argument("--repeats", type=int, default=3, help="timed runs of each program on each set (0: only report)")
    parser.add_argument("--fresh", action="store_true", help="forget the finished runs of these sets and programs")
    options = parser.parse_args()
    if options.sets is None:
        options.latent = options.latent or not options.scaling
        options.sets = [name for name, one in SETS.items() if one.scaling == options.scaling]
    return options


if __name__ == "__main__":
    main()
