"""What the page says when an atlas is small, broken, new, or on a poor host."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, FloatRect, expect

from sample_atlas import build_sample
from static_server import static_server
from vista.atlas import export

from .conftest import Visit

pytestmark = pytest.mark.browser

Visiting = Callable[..., Visit]


@pytest.fixture
def copied(site_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(site_folder, tmp_path / "site"))


def test_a_page_without_an_atlas_says_what_to_do(visiting: Visiting, browser: Browser, copied: Path) -> None:
    (copied / "atlas.json").unlink()
    with static_server(copied) as url:
        visit = visiting(browser, url, is_broken=True)
        visit.page.goto(url)
        expect(visit.page.get_by_role("alert")).to_contain_text("There is no atlas.json")
        expect(visit.page.get_by_role("alert")).to_contain_text("vista serve")


def test_a_newer_format_says_how_to_update(visiting: Visiting, browser: Browser, copied: Path) -> None:
    manifest = json.loads((copied / "atlas.json").read_text())
    (copied / "atlas.json").write_text(json.dumps({**manifest, "format_version": 99}))
    with static_server(copied) as url:
        visit = visiting(browser, url)
        visit.page.goto(url)
        expect(visit.page.get_by_role("alert")).to_contain_text("format 99")
        expect(visit.page.get_by_role("alert")).to_contain_text("pip install -U vista-atlas")


def test_missing_tiles_are_said_and_the_preview_stays(visiting: Visiting, browser: Browser, copied: Path) -> None:
    (copied / "maps" / "main" / "collage.pmtiles").unlink()
    with static_server(copied) as url:
        visit = visiting(browser, url, is_broken=True)
        visit.open()
        expect(visit.page.locator("[data-notice]")).to_contain_text("collage.pmtiles is missing")
        with_preview = visit.pixels()
        visit.press("c")
        assert visit.pixels() != with_preview


def test_a_host_without_range_requests_works_and_is_named(visiting: Visiting, browser: Browser, site_folder: Path) -> None:
    with _host_without_ranges(site_folder) as url:
        visit = visiting(browser, url)
        visit.open()
        expect(visit.page.locator("[data-notice]")).to_contain_text("ignores Range requests")
        assert visit.page.locator(".map-label").count() >= 3


@pytest.mark.parametrize("n_items", [1, 3])
def test_a_tiny_map_is_still_a_map(visiting: Visiting, browser: Browser, built_viewer: Path, tmp_path: Path, n_items: int) -> None:
    site = export(build_sample(tmp_path / "atlas", n_items), tmp_path / "site", to="site")
    with static_server(site) as url:
        visit = visiting(browser, url)
        visit.open("#item=0")
        expect(visit.page.locator("aside[data-item='0']")).to_be_visible()
        if visit.page.locator("[data-fidelity-chip]").count():
            visit.page.locator("[data-fidelity-chip]").click()
            expect(visit.page.locator("section[data-fidelity]")).to_be_visible()


def test_without_a_collage_the_points_are_the_map(visiting: Visiting, browser: Browser, built_viewer: Path, tmp_path: Path) -> None:
    atlas = build_sample(tmp_path / "atlas", 200, collage=False, pictures=False)
    with static_server(export(atlas, tmp_path / "site", to="site")) as url:
        visit = visiting(browser, url)
        visit.open()
        assert visit.page.locator(".points canvas").count() == 1
        shown = visit.pixels()
        visit.press("p")
        assert visit.pixels() != shown
        visit.press("p")
        visit.search("lantern")
        visit.press("Enter")
        expect(visit.page.locator("[data-item-text]")).to_contain_text("lantern")


def test_two_maps_can_be_switched_by_steps_by_going_back_and_in_the_gallery(
    visiting: Visiting, browser: Browser, built_viewer: Path, tmp_path: Path
) -> None:
    build_sample(tmp_path / "atlas", 30)
    build_sample(tmp_path / "atlas", 30, map_id="second", seed=1)
    with static_server(export(tmp_path / "atlas", tmp_path / "site", to="site")) as url:
        visit = visiting(browser, url)
        visit.open()
        first, camera = visit.pixels(), visit.camera
        visit.page.get_by_role("link", name="Next map: second").click()
        visit.wait()
        assert visit.pixels() != first
        assert visit.hash_parts()["map"] == "second"
        expect(visit.page.get_by_role("heading", level=1)).to_have_text("second")
        visit.page.go_back()
        visit.wait()
        expect(visit.page.get_by_role("heading", level=1)).to_have_text("main")
        assert visit.camera == pytest.approx(camera, abs=2e-3)
        visit.press("g")
        expect(visit.page.locator("[data-gallery] a[data-map]")).to_have_count(2)
        visit.page.locator("[data-gallery] a[data-map=second]").click()
        visit.wait()
        expect(visit.page.locator("[data-gallery]")).to_have_count(0)
        assert visit.hash_parts()["map"] == "second"


@contextmanager
def _host_without_ranges(folder: Path) -> Iterator[str]:
    """`python -m http.server` as it is: it answers every Range request with the whole file."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 780), (900, 1100)])
def test_the_first_view_shows_every_corner_and_name_beside_the_panels(
    visiting: Visiting, browser: Browser, built_viewer: Path, tmp_path: Path, width: int, height: int
) -> None:
    site = export(build_sample(tmp_path / "atlas", has_corners=True), tmp_path / "site", to="site")
    entry = json.loads((site / "atlas.json").read_text())["maps"]["main"]
    with static_server(site) as url:
        visit = visiting(browser, url)
        visit.page.set_viewport_size({"width": width, "height": height})
        visit.open()
        panels = [one.bounding_box() for one in visit.page.locator("[data-over-map]").all()]
        names = [one.bounding_box() for one in visit.page.locator(".map-label").all()]
        x, y, zoom = visit.camera
        scale = 512 * 2**zoom / entry["extent"]["size"]
        corners = [
            ((entry["bounds"][f"x{i}"] - x) * scale + width / 2, (entry["bounds"][f"y{j}"] - y) * scale + height / 2)
            for i in (0, 1)
            for j in (0, 1)
        ]
    assert len(panels) == 3
    assert len(names) >= 2
    for box in [*names, *({"x": left - 8, "y": top - 8, "width": 16, "height": 16} for left, top in corners)]:
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
        assert not [panel for panel in panels if panel and _overlap(box, panel)]


def _overlap(a: FloatRect, b: FloatRect) -> bool:
    across = a["x"] < b["x"] + b["width"] and b["x"] < a["x"] + a["width"]
    return across and a["y"] < b["y"] + b["height"] and b["y"] < a["y"] + a["height"]
