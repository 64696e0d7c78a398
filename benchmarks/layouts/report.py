"""What the runs say: one dictionary for the results file, tables for people, and the bars that VISTA sets itself."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from layouts.judge import judged
from layouts.latent import latent_results
from layouts.programs import FIRST_RUN, REFERENCE, ROOT
from layouts.runs import Run, Shelf, cpu

PAGE = ROOT / "docs" / "layout.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
SIZES = ("10", "30", "100", "1%", "5%")
APART_S = 3 * 3600  # runs that lie further apart may have met another machine load
SPARE_LOAD = 1.0  # beyond one process a core, which the run before leaves behind; above, somebody else was at work
OTHER_REAL_SETS = ("picture-places", "token-states", "diamonds")
MEASURED = ("src", "benchmarks/*.py", "benchmarks/layouts", "benchmarks/peers")  # what the figures depend on, and not what holds them
GRID = "vista-grid"
MARK = {True: "yes", False: "NO", None: "not measured"}


@dataclass(frozen=True)
class Bar:
    """One demand: what it is, what was measured, and whether it is met (None where nothing was measured)."""

    work: str
    demand: str
    measured: str
    met: bool | None


def collect(shelves: list[Shelf]) -> dict[str, Any]:
    """Return everything that is known, as it goes to the results file."""
    sets: dict[str, Any] = {}
    for one in shelves:
        if runs := one.runs():
            chosen = sets.setdefault(one.chosen.name, _set_facts(one))
            chosen["programs"][one.program.name] = _program_facts(one, runs)
    for chosen in sets.values():
        _add_shares(chosen["programs"])
    results = {"machine": _machine(), "sets": sets, "latent": latent_results()}
    return results | {"bars": [vars(bar) for bar in bars(results)]}


def table_text(results: dict[str, Any]) -> str:
    """Return one Markdown table for each set, which is also what the terminal shows."""
    return "\n".join(_set_table(chosen) for chosen in results["sets"].values() if not chosen["scaling"]) + _scaling_table(results)


def bars_text(results: dict[str, Any]) -> str:
    """Return the bars and whether each is met."""
    rows = [["work", "bar", "measured", "met"]]
    rows += [[bar["work"], bar["demand"], bar["measured"], MARK[bar["met"]]] for bar in results["bars"]]
    return "\n" + _aligned(rows, "lllr")


def update_page(results: dict[str, Any]) -> None:
    """Write the tables into the page about the layout, between its marks."""
    if not PAGE.is_file():
        return
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    facts = results["machine"]
    # A page that says on which day it was measured would differ after every run; the commit says it exactly.
    changed = ", with changes that no commit holds yet" if facts["changed"] else ""
    where = f"Measured on {facts['cores']} cores of {facts['cpu']}, at commit {facts['commit'][:12]}{changed}."
    PAGE.write_text(f"{before}{BEGIN}\n{where}\n{table_text(results)}\n{bars_text(results)}{END}{after}")


def bars(results: dict[str, Any]) -> list[Bar]:
    """Return every bar, those that wait for a measurement included."""
    sets = results["sets"]
    return [
        *_bars_117659(sets.get("wordnet-117659", {}).get("programs", {})),
        *_bars_20000(sets.get("wordnet-20000", {}).get("programs", {})),
        *_bars_digits(sets.get("digits", {}).get("programs", {})),
        *(bar for name in OTHER_REAL_SETS for bar in _bars_real(name, sets.get(name, {}).get("programs", {}))),
        _bar_recall(sets),
        *_bars_latent(results["latent"]),
        *_bars_scaling(sets),
    ]


def _set_facts(one: Shelf) -> dict[str, Any]:
    n_items, dim = _shape(one)
    chosen = one.chosen
    facts = {"title": chosen.title, "source": chosen.source, "metric": chosen.metric, "n_items": n_items, "dim": dim}
    return facts | {"scaling": chosen.scaling, "programs": {}}


def _shape(one: Shelf) -> tuple[int, int]:
    import numpy as np

    n_items, dim = np.load(one.chosen.path, mmap_mode="r").shape
    return int(n_items), int(dim)


def _program_facts(one: Shelf, runs: list[Run]) -> dict[str, Any]:
    seconds = [run.seconds for run in runs]
    measured = {name: value for name, value in judged(one).items() if name != "of"}
    return {
        "title": one.program.title,
        "family": one.program.family,
        "version": runs[0].said["version"],
        "seconds": [round(value, 3) for value in seconds],
        "median_s": round(statistics.median(seconds), 3),
        "peak_gb": round(max(run.peak_gb for run in runs), 3),
        "started_at": [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(run.started_at)) for run in runs],
        "first_start": runs[0].started_at,
        "busy": any(run.load > (os.cpu_count() or 1) + SPARE_LOAD for run in runs),
        "same_bytes": len({run.coordinates for run in runs}) == 1 if len(runs) > 1 else None,
        "parts": {name: _median_part(runs, name) for name in ("start", "neighbors", "layout") if name in runs[0].said},
        "recall": runs[0].said.get("recall"),
        "fidelity": measured,
    }


def _median_part(runs: list[Run], name: str) -> float:
    return round(statistics.median(run.said[name] for run in runs), 3)


def _add_shares(programs: dict[str, Any]) -> None:
    reference = programs.get(REFERENCE)
    for facts in programs.values():
        started = facts.pop("first_start") if facts is not reference else facts["first_start"]
        facts["share_of_reference"] = round(facts["median_s"] / reference["median_s"], 4) if reference else None
        facts["apart_from_reference"] = bool(reference and abs(started - reference["first_start"]) > APART_S)
    if reference:
        del reference["first_start"]


def _set_table(chosen: dict[str, Any]) -> str:
    header = ["layout", "wall s", "× manifolds-rs UMAP", "peak GB", *(f"G({_named(k)})" for k in SIZES), "area"]
    rows = [header] + [_program_row(facts) for name, facts in chosen["programs"].items() if name != FIRST_RUN.name]
    null = next((facts["fidelity"]["null_area"] for facts in chosen["programs"].values() if facts["fidelity"]), None)
    chance = f" Chance alone gives an area within ±{max(-null[0], null[2]):.4f}." if null else ""
    facts = f"{chosen['n_items']:,} × {chosen['dim']}, {chosen['metric']}.{chance}{_grid_text(chosen['programs'])}"
    heading = f"\n**{chosen['title']}**: {chosen['source']}; {facts}\n\n"
    return heading + _aligned(rows, "l" + "r" * (len(header) - 1))


def _grid_text(programs: dict[str, Any]) -> str:
    """Return what a grid of cells costs the layout that it was made from; nothing where it was not measured."""
    whole, grid = _area(programs.get("vista")), _area(programs.get(GRID))
    return "" if whole is None or grid is None else f" A grid of cells costs VISTA {whole - grid:.3f} of the area."


def _program_row(facts: dict[str, Any]) -> list[str]:
    share = "" if facts["share_of_reference"] is None else f"{facts['share_of_reference']:.2f}"
    about = "≈ " if facts["apart_from_reference"] else ""
    gain, area = facts["fidelity"].get("gain", {}), facts["fidelity"].get("area")
    gains = [f"{gain[k]:.3f}" if k in gain else "" for k in SIZES]
    wall = f"{facts['median_s']:.2f}{' †' if facts['busy'] else ''}"
    name = facts["title"] if facts["family"] == "vista" else f"{facts['title']} {facts['version'].split()[-1]}"
    return [name, wall, about + share, f"{facts['peak_gb']:.2f}", *gains, f"{area:.3f}" if area is not None else ""]


def _scaling_table(results: dict[str, Any]) -> str:
    grown = [chosen for chosen in results["sets"].values() if chosen["scaling"]]
    if not grown:
        return ""
    rows = [["items", "layout", "wall s", "µs an item", "peak GB", "recall at 15"]]
    for chosen in sorted(grown, key=lambda one: one["n_items"]):
        for facts in chosen["programs"].values():
            recall = "" if facts["recall"] is None else f"{facts['recall']:.3f}"
            each = f"{1e6 * facts['median_s'] / chosen['n_items']:.0f}"
            rows.append([f"{chosen['n_items']:,}", facts["title"], f"{facts['median_s']:.1f}", each, f"{facts['peak_gb']:.2f}", recall])
    return "\n**Growth**: WordNet rows up to 100,000; beyond, synthetic: WordNet and noisy copies of it.\n\n" + _aligned(rows, "rlrrrr")


def _bars_117659(programs: dict[str, Any]) -> Iterator[Bar]:
    work = "WordNet, 117,659"
    vista = programs.get("vista")
    yield _at_most(work, "time / manifolds-rs UMAP", _share(vista, programs.get(REFERENCE)), 0.33)
    yield _at_most(work, "time / manifolds-rs t-SNE", _share(vista, programs.get("manifolds-tsne")), 0.0625)
    for size, least in zip(SIZES, (0.41, 0.37, 0.29, 0.225, 0.22), strict=True):
        yield _at_least(work, f"G({_named(size)})", _gain(vista, size), least)
    yield _at_least(work, "area under R_NX", _area(vista), 0.29)
    yield _at_most(work, "peak, GB", vista and vista["peak_gb"], 1.0)
    yield _bar_dial(work, programs)


def _bar_dial(work: str, programs: dict[str, Any]) -> Bar:
    """One point of the dial keeps at least what umap-learn keeps, at every size at once, in a tenth of its time."""
    demand, theirs = "a point of the dial ≥ umap-learn at every k, ≥ 10 × faster", programs.get("umap-learn")
    ours = [facts for facts in programs.values() if facts["family"] == "vista"]
    if not (theirs and ours):
        return Bar(work, demand, "", None)
    for facts in ours:
        if all(_gain(facts, size) >= _gain(theirs, size) for size in SIZES) and 10 * facts["median_s"] <= theirs["median_s"]:
            return Bar(work, demand, f"{facts['title']}, {theirs['median_s'] / facts['median_s']:.0f} × faster", True)
    return Bar(work, demand, f"none of {', '.join(facts['title'] for facts in ours)}", False)


def _bars_20000(programs: dict[str, Any]) -> Iterator[Bar]:
    work, vista = "WordNet, 20,000", programs.get("vista")
    yield _at_most(work, "neighbors and layout, s", vista and vista["parts"]["neighbors"] + vista["parts"]["layout"], 1.7)
    yield _at_most(work, "whole process, s", vista and vista["median_s"], 3.0)
    for size, least in (("10", 0.39), ("1%", 0.255), ("5%", 0.245)):
        yield _at_least(work, f"G({_named(size)})", _gain(vista, size), least)
    first = programs.get(FIRST_RUN.name)
    yield _at_most("first run on a machine", "compilation, s", first and vista and first["median_s"] - vista["median_s"], 15.0)


def _bars_digits(programs: dict[str, Any]) -> Iterator[Bar]:
    work, vista, theirs = "digits", programs.get("vista"), programs.get("opentsne")
    yield _at_least(work, "G(10), at least openTSNE's", _gain(vista, "10"), _gain(theirs, "10"))
    yield _at_least(work, "area, at least openTSNE's", _area(vista), _area(theirs))
    yield _at_most(work, "time / openTSNE", _share(vista, theirs), 0.125)


def _bars_real(name: str, programs: dict[str, Any]) -> Iterator[Bar]:
    vista = programs.get("vista")
    peers = [facts for facts in programs.values() if facts["family"] != "vista"]
    areas = [area for facts in peers if (area := _area(facts)) is not None]
    yield _at_least(name, "area, at least every peer's", _area(vista), max(areas, default=None))
    yield _at_most(name, "wall s, less than every peer's", vista and vista["median_s"], min((p["median_s"] for p in peers), default=None))


def _bar_recall(sets: dict[str, Any]) -> Bar:
    recalls = [facts["recall"] for chosen in sets.values() for facts in chosen["programs"].values() if facts["recall"] is not None]
    return _at_least("neighbors", "recall in every run", min(recalls, default=None), 0.95)


def _bars_latent(latent: dict[str, Any]) -> Iterator[Bar]:
    work = "latent metric, 20,000 × 16,384, 500 nonzeros a row"
    yield _at_most(work, "15 neighbors, whole process, s", latent.get("median_s"), 20.0)
    yield _at_most(work, "peak, GB", latent.get("peak_gb"), 1.0)
    yield _at_least(work, "share of true neighbors", latent.get("recall"), 1.0)


def _bars_scaling(sets: dict[str, Any]) -> Iterator[Bar]:
    work = "1,000,000 × 384"
    most, some = (sets.get(f"scaling-{n}", {}).get("programs", {}).get("vista") for n in (1_000_000, 100_000))
    yield _at_most(work, "wall s", most and most["median_s"], 120.0)
    yield _at_most(work, "peak, GB", most and most["peak_gb"], 6.0)
    yield _at_most(work, "time an item / that of 100,000", most and some and most["median_s"] / some["median_s"] / 10, 1.5)


def _at_most(work: str, what: str, value: float | None, limit: float | None) -> Bar:
    known = value is not None and limit is not None
    return Bar(work, _demand(what, "≤", limit), "" if value is None else f"{value:.4g}", value <= limit if known else None)


def _at_least(work: str, what: str, value: float | None, limit: float | None) -> Bar:
    known = value is not None and limit is not None
    return Bar(work, _demand(what, "≥", limit), "" if value is None else f"{value:.4g}", value >= limit if known else None)


def _demand(what: str, sign: str, limit: float | None) -> str:
    return what if limit is None else f"{what} {sign} {limit:.3g}"


def _share(ours: dict[str, Any] | None, theirs: dict[str, Any] | None) -> float | None:
    return ours["median_s"] / theirs["median_s"] if ours and theirs else None


def _gain(facts: dict[str, Any] | None, size: str) -> float | None:
    return facts["fidelity"].get("gain", {}).get(size) if facts else None


def _area(facts: dict[str, Any] | None) -> float | None:
    return facts["fidelity"].get("area") if facts else None


def _named(size: str) -> str:
    return size.replace("%", " %")


def _aligned(rows: list[list[str]], sides: str) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(sides))]
    lines = [
        "| " + " | ".join(_padded(cell, width, side) for cell, width, side in zip(row, widths, sides, strict=True)) + " |" for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 1) + (":" if side == "r" else "-") for width, side in zip(widths, sides, strict=True)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def _padded(cell: str, width: int, side: str) -> str:
    return cell.rjust(width) if side == "r" else cell.ljust(width)


def _machine() -> dict[str, Any]:
    from importlib.metadata import version

    tree = {"commit": _git("rev-parse", "HEAD"), "changed": bool(_git("status", "--porcelain", "--", *MEASURED))}
    packages = {name: version(name) for name in ("numpy", "scipy", "numba")}
    return {"cpu": cpu(), "cores": os.cpu_count(), "python": platform.python_version()} | tree | packages


def _git(*command: str) -> str:
    return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
