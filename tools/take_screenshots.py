"""Take the pictures of the docs, with a built viewer and Debian's Chromium.

    python tools/take_screenshots.py ATLAS [STUDY] [--wordnet ATLAS] [--large ATLAS]

Whole map, middle and single item of the demonstration, light and dark; of its study of latents the gallery, the dictionary, and one
latent's map with its strongest texts marked and with its relief; the whole of WordNet and a part of it; ten million points, all and some
of them near by (`benchmarks/bench_large.py --output ATLAS` makes them); at 1440 × 900, into `docs/images`.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

import vista

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking"]


LATENT = 3147


def main() -> None:
    """Serve the atlases and take all pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        asked = _options()
        if asked.atlas:
            _take_demo(browser, asked.atlas)
        if asked.study:
            _take_study(browser, asked.study)
        if asked.wordnet:
            _take_near_and_far(browser, asked.wordnet, "wordnet", "light", n_steps=7)
        if asked.large:
            _take_near_and_far(browser, asked.large, "large", "dark", n_steps=12)
        browser.close()


def _take_demo(browser: Browser, atlas: Path) -> None:
    with _served(atlas) as url:
        for theme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=theme)
            _open(page, url)
            _save(page, f"demo-{theme}")
            _find(page, "lion")
            _save(page, f"item-{theme}")
            _leave(page)
            _turn_wheel(page, 5, 130)
            _save(page, f"middle-{theme}")
            page.close()


def _take_study(browser: Browser, atlas: Path) -> None:
    with _served(atlas) as url:
        for name, address, theme in (
            ("study-gallery", "", "light"),
            ("study-dictionary", "#map=dictionary", "dark"),
            ("study-latent", f"#map=latent-{LATENT}", "light"),
        ):
            page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=theme)
            page.goto(url + address)
            page.wait_for_timeout(3_000)
            if name == "study-latent":
                page.keyboard.press("x")  # marks the ten strongest
                page.wait_for_timeout(1_000)
            _save(page, name)
            page.close()


def _take_near_and_far(browser: Browser, atlas: Path, name: str, theme: str, *, n_steps: int) -> None:
    with _served(atlas) as url:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=theme)
        _open(page, url)
        _save(page, name)
        _turn_wheel(page, n_steps, -130)
        _save(page, f"{name}-near")
        page.close()


def _turn_wheel(page: Page, n_steps: int, way: int) -> None:
    page.mouse.move(760, 430)
    for _ in range(n_steps):
        page.mouse.wheel(0, way)
        page.wait_for_timeout(60)
    page.wait_for_timeout(2_500)
    _settle(page)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("atlas", "study"):
        parser.add_argument(name, nargs="?", type=Path)
    for name in ("wordnet", "large"):
        parser.add_argument(f"--{name}", type=Path)
    return parser.parse_args()


def _open(page: Page, url: str) -> None:
    page.goto(url)
    _settle(page)


def _find(page: Page, name: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(name)
    page.wait_for_timeout(600)
    page.keyboard.press("Enter")
    page.wait_for_timeout(1500)
    _settle(page)


def _leave(page: Page) -> None:
    """Close what is open, and show the middle of the map."""
    for key in ("Escape", "Escape", "0", "+", "+", "+"):
        page.keyboard.press(key)
        page.wait_for_timeout(500)
    page.mouse.move(720, 880)
    _settle(page)


def _settle(page: Page) -> None:
    page.wait_for_selector("html[data-vista=ready]", state="attached")
    page.wait_for_timeout(700)


def _save(page: Page, name: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(page.screenshot()))
    image.save(IMAGES / f"{name}.webp", quality=86, method=6)


@contextmanager
def _served(atlas: Path) -> Iterator[str]:
    """Export the atlas and serve it by a plain server with Range requests."""
    sys.path.insert(0, str(ROOT / "tests"))
    from static_server import static_server

    with tempfile.TemporaryDirectory() as folder:
        site = vista.export(atlas, Path(folder) / "site")
        with static_server(site) as url:
            yield url


if __name__ == "__main__":
    main()
