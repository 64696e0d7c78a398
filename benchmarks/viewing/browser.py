"""Chromium as the benchmark drives it: software GL, an empty cache a visit, and what a visit cost."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import Browser, Error, Page, sync_playwright

WIDTH_PX, HEIGHT_PX = 1280, 800
FLAGS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--enable-unsafe-webgpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--enable-precise-memory-info",
    "--js-flags=--expose-gc",
)
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
Clip = dict[str, float]  # a rectangle of the page in px: x, y, width, height
FEWEST_DRAWN = 0.15  # of the pixels where the map is differ from the ground once a picture is there
APART = 12  # by so much, of 255
POLL_S = 0.1


@dataclass
class Visit:
    """One page, opened with an empty cache.

    Attributes:
        page: The page.
        n_requests, n_bytes: What it has asked for so far, over the wire with headers.
        errors: What its console said went wrong.
        opened_s: When it was opened.
    """

    page: Page
    n_requests: int = 0
    n_bytes: int = 0
    errors: list[str] = field(default_factory=list)
    opened_s: float = 0.0

    def first_picture(self, clip: Clip, timeout_s: float, keep: Path | None = None) -> dict[str, Any] | None:
        """Wait until something is drawn where the map is; return what it took, or None where nothing came."""
        while time.perf_counter() - self.opened_s < timeout_s:
            shot = self.shot(clip)
            elapsed = time.perf_counter() - self.opened_s  # taking the picture included
            if shot and drawn_share(shot) >= FEWEST_DRAWN:
                if keep:
                    keep.write_bytes(self.shot() or shot)
                return {"seconds": elapsed, "requests": self.n_requests, "bytes": self.n_bytes}
            time.sleep(POLL_S)
        if keep and (shot := self.shot()):
            keep.write_bytes(shot)
        return None

    def shot(self, clip: Clip | None = None) -> bytes | None:
        """Return the page, or a part of it, as it looks now; None while the browser cannot tell."""
        try:
            return self.page.screenshot(clip=clip, timeout=20_000)  # type: ignore[arg-type]
        except Error:
            return None


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser of its own."""
    path = next((path for path in CHROMIUM if Path(path).is_file()), None)
    if path is None:
        raise SystemExit("no Chromium found: install the system's package `chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(browser: Browser, url: str, *, until: str = "commit") -> Iterator[Visit]:
    """Open a page in a context of its own and count what it asks for."""
    context = browser.new_context(viewport={"width": WIDTH_PX, "height": HEIGHT_PX}, device_scale_factor=1)
    page = context.new_page()
    visit = Visit(page)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.requestWillBeSent", lambda _: setattr(visit, "n_requests", visit.n_requests + 1))
    session.on("Network.loadingFinished", lambda told: setattr(visit, "n_bytes", visit.n_bytes + int(told["encodedDataLength"])))
    page.on("console", lambda said: visit.errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    visit.opened_s = time.perf_counter()
    page.goto(url, wait_until=until)  # type: ignore[arg-type]
    try:
        yield visit
    finally:
        context.close()


def drawn_share(png: bytes) -> float:
    """Return the share of pixels that differ from the most frequent color."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).reshape(-1, 3).astype(np.int32)
    colors, counts = np.unique(pixels, axis=0, return_counts=True)
    return float((np.abs(pixels - colors[counts.argmax()]).max(axis=1) > APART).mean())


def renderer_mb(known: set[int]) -> float:
    """Return the private memory of the page's process in MB: of the renderers of our browser that are not in `known`."""
    return max((_private_mb(pid) for pid in renderers() - known), default=0.0)


def renderers() -> set[int]:
    """Return the processes of our browser that show pages."""
    children = psutil.Process(os.getpid()).children(recursive=True)
    return {child.pid for child in children if any("--type=renderer" in part for part in _command(child))}


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _private_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024
