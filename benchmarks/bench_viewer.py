"""The viewer's speed beside its peers, on one static server with Range requests, in one Chromium with software GL.

    make bench-viewer                                   everything: some 15 minutes, and several GB of disk
    python benchmarks/bench_viewer.py --wander 20       a part, with 20 seconds of wandering

Every visit starts with an empty cache. A picture counts as there once a seventh of the pixels where the map is differ from
its ground. Frames are those that the page is given while the mouse drags and the wheel turns, as fast as the browser takes the moves; what
scripts take of a frame comes from the browser's long-animation-frame entries. Memory is the private memory of the page's process. A peer
that draws nothing within a minute *did not draw* and gets no ratio. Results go to `benchmarks/results/viewer.json`; pictures are kept
in the cache.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from machine import machine
from viewing.atlases import SHOTS, Subject, peers, vista_site
from viewing.browser import Visit, chromium, renderer_mb, renderers, visiting
from viewing.static import static_server

RESULTS = Path(__file__).parent / "results" / "viewer.json"
N_LARGE, N_SMALL = 10_000_000, 1_000_000
DRAW_LIMIT_S = 60
GESTURE_S = 6
HOVERS = 25
Point = tuple[float, float]
FRAMES = """() => {
  const seen = (window.__seen = { frames: [], scripts: [] });
  const tick = (ms) => { seen.frames.push(ms); requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.scripts.push(entry.scripts.reduce((sum, one) => sum + one.duration, 0));
  }).observe({ type: "long-animation-frame" });
}"""
HOVER = """() => {
  const told = (window.__hover = { movedMs: 0, shownMs: null, text: "" });
  addEventListener("pointermove", () => { told.movedMs = performance.now(); told.shownMs = null; }, { capture: true });
  new MutationObserver(() => {
    const card = document.querySelector("[role=tooltip]");
    const text = card ? card.textContent : "";
    if (card && text && text !== told.text) { told.text = text; told.shownMs = performance.now(); }
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def main() -> None:
    """Measure, print and keep the figures."""
    options = _options()
    SHOTS.mkdir(parents=True, exist_ok=True)
    large, small = vista_site(N_LARGE), vista_site(N_SMALL)
    rivals = [] if options.alone else peers(N_SMALL)
    results: dict[str, Any] = {"machine": machine("pyarrow", "numpy"), "bundle_kb": _bundle_kb(small.folder)}
    with chromium() as browser:
        results["browser"] = browser.version
        results["first_picture"] = {one.name: _first_pictures(browser, one, options.repeats) for one in (large, small, *rivals)}
        results["frames"] = {one.name: _frames(browser, one, options.repeats) for one in (small, *rivals) if _draws(results, one)}
        results["hover"] = _hover(browser, large)
        results["memory"] = _wander(browser, large, options.wander)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    for line in _table(results, large.name, small.name):
        print(line)
    print(f"written: {RESULTS.name}; pictures in {SHOTS}")


def _first_pictures(browser: Any, subject: Subject, repeats: int) -> dict[str, Any] | None:
    """Return the median of several first visits, or None where nothing was drawn."""
    found = []
    for turn in range(repeats):
        with static_server(subject.folder) as url, visiting(browser, url + subject.address) as visit:
            shot = SHOTS / f"{subject.name}.png"
            took = visit.first_picture(subject.clip, DRAW_LIMIT_S, shot)
            print(f"{subject.name}: {took or 'did not draw'}", *visit.errors[:2], flush=True)
            if took is None:
                return None
            if turn == 0:
                _settle(visit)
                took |= {"requests_at_rest": visit.n_requests, "bytes_at_rest": visit.n_bytes}
                visit.page.screenshot(path=shot)
            found.append(took)
    middle = sorted(found, key=lambda one: one["seconds"])[len(found) // 2]
    return found[0] | middle | {"runs_s": [one["seconds"] for one in found]}


def _frames(browser: Any, subject: Subject, repeats: int) -> dict[str, Any]:
    """Return frames a second over drags and over turns of the wheel, and the longest that scripts took in one frame."""
    rates: list[float] = []
    worst, longest = 0.0, 0.0
    for _ in range(repeats):
        with static_server(subject.folder) as url, visiting(browser, url + subject.address) as visit:
            visit.first_picture(subject.clip, DRAW_LIMIT_S)
            _settle(visit)
            visit.page.evaluate(FRAMES)
            visit.page.wait_for_timeout(200)
            visit.page.evaluate("() => { __seen.frames.length = 0; __seen.scripts.length = 0; }")
            _drag(visit, subject.middle, GESTURE_S)
            _wheel(visit, subject.middle, GESTURE_S)
            seen = visit.page.evaluate("() => __seen")
            frames = seen["frames"]
            rates.append((len(frames) - 1) / (frames[-1] - frames[0]) * 1000)
            longest = max(longest, *(after - before for before, after in pairwise(frames)))
            worst = max(worst, *seen["scripts"], 0.0)
            told = visit.page.evaluate("() => document.querySelector('[data-drawn]')?.textContent ?? null")
    print(f"{subject.name}: {statistics.median(rates):.1f} frames a second, scripts at most {worst:.0f} ms a frame", flush=True)
    return {"per_second": statistics.median(rates), "runs": rates, "longest_frame_ms": longest, "longest_script_ms": worst, "drawn": told}


def _hover(browser: Any, subject: Subject) -> dict[str, Any]:
    """Return how long a card takes after the mouse came to rest over a point, in memory and not, with its requests."""
    with static_server(subject.folder) as url, visiting(browser, url + subject.address) as visit:
        visit.first_picture(subject.clip, DRAW_LIMIT_S)
        _settle(visit)
        visit.page.evaluate(HOVER)
        first = [took for took in (_hover_once(visit, subject.middle, at) for at in range(HOVERS)) if took]
        again = [took for took in (_hover_once(visit, subject.middle, at) for at in range(HOVERS)) if took]
    return {
        "first_ms": statistics.median(ms for ms, _ in first),
        "first_requests": max(n for _, n in first[1:]),  # the first of all brings the blocks' index, too
        "again_ms": statistics.median(ms for ms, _ in again),
        "again_requests": max(n for _, n in again),
        "n": [len(first), len(again)],
    }


def _hover_once(visit: Visit, middle: Point, at: int) -> tuple[float, int] | None:
    before = visit.n_requests
    visit.page.mouse.move(5, 5)
    visit.page.wait_for_timeout(120)
    visit.page.evaluate("() => { __hover.text = ''; }")
    visit.page.mouse.move(middle[0] + 9 * (at % 5) - 18, middle[1] + 9 * (at // 5) - 18)
    try:
        visit.page.wait_for_function("() => __hover.shownMs !== null", timeout=2_000)
    except Exception:  # there is no point under the mouse
        return None
    told = visit.page.evaluate("() => __hover")
    return told["shownMs"] - told["movedMs"], visit.n_requests - before


def _wander(browser: Any, subject: Subject, seconds: float) -> dict[str, Any]:
    """Go about the map, in and out; return the memory of the page's process over time in MB."""
    known = renderers()
    memory: list[tuple[float, float, float]] = []
    with static_server(subject.folder) as url, visiting(browser, url + subject.address) as visit:
        visit.first_picture(subject.clip, DRAW_LIMIT_S)
        _settle(visit)
        started = time.perf_counter()
        turn = 0
        while (elapsed := time.perf_counter() - started) < seconds:
            x, y = (150 + 37 * turn % 980, 120 + 53 * turn % 560)
            visit.page.mouse.move(x, y)
            for _ in range(12):
                visit.page.mouse.wheel(0, -120 if turn % 4 < 2 else 120)
                visit.page.wait_for_timeout(30)
            _drag(visit, subject.middle, 0.6)
            turn += 1
            heap = visit.page.evaluate("() => performance.memory.usedJSHeapSize") / 2**20
            memory.append((elapsed, renderer_mb(known), heap))
        _settle(visit)
        memory.append((time.perf_counter() - started, renderer_mb(known), heap))
        visit.page.screenshot(path=SHOTS / "wandered.png")
    half = [mb for at, mb, _ in memory if at > seconds / 2]
    return {
        "peak_mb": max(mb for _, mb, _ in memory),
        "heap_peak_mb": max(heap for _, _, heap in memory),
        "growth_in_second_half_mb": half[-1] - half[0],
        "over_time": memory[:: max(1, len(memory) // 20)],
    }


def _drag(visit: Visit, middle: Point, seconds: float) -> None:
    mouse, started, step = visit.page.mouse, time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        mouse.move(*middle)
        mouse.down()
        for offset in range(0, 240, 8):
            if time.perf_counter() - started >= seconds:
                break
            sign = 1 if step % 2 else -1
            mouse.move(middle[0] + sign * offset, middle[1] + sign * offset / 2)
        mouse.up()
        step += 1


def _wheel(visit: Visit, middle: Point, seconds: float) -> None:
    visit.page.mouse.move(*middle)
    started, step = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        visit.page.mouse.wheel(0, -40 if step % 40 < 20 else 40)
        step += 1


def _settle(visit: Visit) -> None:
    """Wait until nothing is asked for any more."""
    quiet, last = time.perf_counter(), visit.n_requests
    while time.perf_counter() - quiet < 1.0:
        visit.page.wait_for_timeout(100)
        if visit.n_requests != last:
            quiet, last = time.perf_counter(), visit.n_requests


def _draws(results: dict[str, Any], subject: Subject) -> bool:
    return results["first_picture"][subject.name] is not None


def _bundle_kb(site: Path) -> float:
    page = [site / "index.html", *(path for path in (site / "assets").rglob("*") if path.suffix in (".js", ".css", ".html"))]
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in page) / 1024


def _table(results: dict[str, Any], large: str, small: str) -> list[str]:
    first, frames, hover, memory = (results[name] for name in ("first_picture", "frames", "hover", "memory"))
    ours = first[large]
    lines = [
        f"Chromium {results['browser']}, SwiftShader (software GL), {results['machine']['cpu']}, {results['machine']['cores']} cores",
        "",
    ]

    def row(work: str, bar: str, figure: str, met: bool | None) -> None:
        lines.append(f"| {work} | {bar} | {figure} | {'did not draw' if met is None else 'yes' if met else 'NO'} |")

    lines += ["| work | bar | measured | met |", "|---|---|---|---|"]
    row("first picture, 10 M items", "≤ 1 MB", f"{ours['bytes'] / 1e6:.2f} MB", ours["bytes"] <= 1e6)
    row("first picture, 10 M items", "≤ 15 requests", str(ours["requests"]), ours["requests"] <= 15)
    for name in first.keys() - {large, small}:
        theirs = first[name]
        share = None if theirs is None else ours["seconds"] / theirs["seconds"]
        told = f"{ours['seconds']:.2f} s" if theirs is None else f"{share:.2f} ({ours['seconds']:.2f} s / {theirs['seconds']:.2f} s)"
        row(f"first picture, 10 M items / 1 M of {name}", "≤ 0.2", told, None if share is None else share <= 0.2)
        if name in frames:
            faster = frames[small]["per_second"] / frames[name]["per_second"]
            told = f"{faster:.2f} ({frames[small]['per_second']:.1f} / {frames[name]['per_second']:.1f} a second)"
            row(f"frames, 1 M items in view / {name}", "≥ 1.5", told, faster >= 1.5)
    row(
        "a frame of our own JavaScript",
        "≤ 100 ms",
        f"{frames[small]['longest_script_ms']:.0f} ms",
        frames[small]["longest_script_ms"] <= 100,
    )
    row("tab memory, 10 M items", "≤ 600 MB", f"{memory['peak_mb']:.0f} MB", memory["peak_mb"] <= 600)
    row("its growth in the second half", "none", f"{memory['growth_in_second_half_mb']:.0f} MB", memory["growth_in_second_half_mb"] <= 30)
    row("hover to card, in memory", "≤ 50 ms", f"{hover['again_ms']:.0f} ms", hover["again_ms"] <= 50)
    row("hover to card, else", "1 request", f"{hover['first_requests']} ({hover['first_ms']:.0f} ms)", hover["first_requests"] <= 1)
    row("viewer bundle, gzip", "≤ 450 KB", f"{results['bundle_kb']:.0f} KB", results["bundle_kb"] <= 450)
    return lines


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--wander", type=float, default=120, help="seconds of wandering over which memory is watched")
    parser.add_argument("--alone", action="store_true", help="without the peers")
    return parser.parse_args()


if __name__ == "__main__":
    main()
