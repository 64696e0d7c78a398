"""What the page says when an atlas is small, broken, new, or on a poor host."""

from __future__ import annotations

import gzip
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


HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> \u202eabc\u202c & \"quotes\""

ABSURD = (
    "#c=1e999,NaN,-1e308",
    "#c=1e300,-1e300,1e300",
    "#c=,,&layers=,nothing,collage&fidelity=maybe&color=%00&item=99999999999999&map=../../etc",
    "#item=399999&q=%F0%9F%98%80%00&where=~~~&where=year:9..1&where=group:-1&theme=purple&mark=top",
    "#%%%&&&===&sort=<b>&find=" + "x" * 5_000,
    "#beside=main&moves=never&c=0,0,0",
    "#panel=card,card,../x,selection,probe&left=up&region=9.9",
    "?raster=&embed=maybe#c=0,0,99",
)


@pytest.mark.parametrize("address", ABSURD)
def test_an_absurd_address_shows_what_of_it_makes_sense(visiting: Visiting, browser: Browser, site: str, address: str) -> None:
    visit = visiting(browser, site)
    visit.open(address)
    expect(visit.page.get_by_role("alert")).to_have_count(0)
    assert all(abs(one) < 1e4 for one in visit.camera)


def test_hostile_names_are_shown_as_text_wherever_they_stand(visiting: Visiting, browser: Browser, copied: Path) -> None:
    manifest = json.loads((copied / "atlas.json").read_text())
    entry = manifest["maps"]["main"]
    manifest["title"] = HOSTILE
    entry["title"] = HOSTILE
    entry["representation"]["encoder"] = entry["layout"]["method"] = HOSTILE
    entry["collage"]["rule_text"] = entry["collage"]["picture_text"] = HOSTILE
    for color in entry["colors"]:
        color["name"] = f"{color['name']} {HOSTILE}"
        color["categories"] = [HOSTILE, *color["categories"][1:]] if "categories" in color else None
    manifest["maps"]["second"] = {**entry, "title": f"2 {HOSTILE}"}
    (copied / "atlas.json").write_text(json.dumps(manifest))
    for name in ("labels", "regions"):
        path = copied / "maps" / "main" / f"{name}.json"
        raw = path.read_bytes()
        told = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
        for one in told["labels"] if name == "labels" else [region for level in told["levels"] for region in level]:
            one["text" if name == "labels" else "name"] = HOSTILE
        path.write_text(json.dumps(told))
    with static_server(copied) as url:
        visit = visiting(browser, url)
        visit.open("#item=0")
        for key in ("f", "e", "?", "m", "b", "g"):
            visit.page.keyboard.press(key)
            visit.page.wait_for_timeout(120)
        visit.page.get_by_role("button", name="Layers and colors").dispatch_event("click")
        visit.wait()
        assert visit.page.locator(".vista img, .vista script, .vista b > b").count() == 0
        assert "owned" not in visit.page.title().replace(HOSTILE, "")
        assert HOSTILE.split("\u202e")[0].strip() in (visit.page.locator("h1").first.text_content() or "")


def test_a_truncated_file_is_named_and_the_map_stays(visiting: Visiting, browser: Browser, copied: Path) -> None:
    for name in ("collage.pmtiles", "cells.pmtiles"):
        path = copied / "maps" / "main" / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with static_server(copied) as url:
        visit = visiting(browser, url, is_broken=True)
        visit.open("#c=0,0,3")
        notice = visit.page.locator("[data-notice]")
        expect(notice).to_contain_text(".pmtiles")
        expect(visit.page.get_by_role("heading", level=1)).to_have_text("Sample of discs")
        visit.press("0")
        assert visit.page.locator(".map-label").count() >= 3


def test_a_manifest_that_is_cut_short_says_what_to_do(visiting: Visiting, browser: Browser, copied: Path) -> None:
    path = copied / "atlas.json"
    path.write_bytes(path.read_bytes()[:500])
    with static_server(copied) as url:
        visit = visiting(browser, url)
        visit.page.goto(url)
        expect(visit.page.get_by_role("alert")).to_contain_text("copy or build it again")


class _Host(SimpleHTTPRequestHandler):
    """A host with Range requests and a whim of its own."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        return

    def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def span(self) -> tuple[bytes, str] | None:
        """The bytes of a Range request with their Content-Range, or None where all is asked for."""
        asked = self.headers.get("Range", "").removeprefix("bytes=")
        if not asked:
            return None
        data = Path(self.translate_path(self.path)).read_bytes()
        start, end = (int(one) for one in asked.split("-"))
        end = min(end, len(data) - 1)
        return data[start : end + 1], f"bytes {start}-{end}/{len(data)}"


class _GzippingHost(_Host):
    """Compresses every part that it sends, as some hosts do with files that they take for text."""

    def do_GET(self) -> None:
        if (span := self.span()) is None:
            super().do_GET()
        else:
            part, where = span
            self.send(206, gzip.compress(part), {"Content-Range": where, "Content-Encoding": "gzip"})


class _WholeGzippingHost(_Host):
    """Answers a Range request with the whole file, compressed."""

    def do_GET(self) -> None:
        if self.span() is None:
            super().do_GET()
        else:
            data = Path(self.translate_path(self.path)).read_bytes()
            self.send(200, gzip.compress(data), {"Content-Encoding": "gzip"})


class _ElsewhereHost(_Host):
    """Sends pictures from another site, which does not let this one read them."""

    elsewhere = ""

    def do_GET(self) -> None:
        if self.path.endswith("collage.pmtiles"):
            self.send(302, b"", {"Location": f"{self.elsewhere}{self.path}"})
        else:
            super().do_GET()


@contextmanager
def _host(handler: type[SimpleHTTPRequestHandler], folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _picture(visit: Visit) -> str:
    """What is on the canvas of the collage."""
    return str(visit.page.locator("canvas").first.evaluate("canvas => canvas.toDataURL()"))


@pytest.mark.parametrize("handler", [_GzippingHost, _WholeGzippingHost])
def test_a_host_that_compresses_what_it_sends_is_understood(
    visiting: Visiting, browser: Browser, site_folder: Path, site: str, handler: type[SimpleHTTPRequestHandler]
) -> None:
    plain = visiting(browser, site)
    plain.open("#c=0,0,3")
    with _host(handler, site_folder) as url:
        visit = visiting(browser, url, is_broken=True)  # Chromium refuses such parts, says so, and takes the whole file
        visit.open("#c=0,0,3")
        assert _picture(visit) == _picture(plain)


def test_files_that_come_from_another_site_without_leave_are_named(visiting: Visiting, browser: Browser, site_folder: Path) -> None:
    with _host(_Host, site_folder) as elsewhere:
        handler = type("_Elsewhere", (_ElsewhereHost,), {"elsewhere": elsewhere.rstrip("/")})
        with _host(handler, site_folder) as url:
            visit = visiting(browser, url, is_broken=True)
            visit.open()
            expect(visit.page.locator("[data-notice]")).to_contain_text("collage.pmtiles could not be fetched")
            expect(visit.page.locator("[data-notice]")).to_contain_text("not from another site")
            visit.requests[:] = [one for one in visit.requests if one.url.startswith(url)]  # that it was sent there is the point


def test_the_graphics_card_is_left_alone_where_the_address_asks(visiting: Visiting, browser: Browser, site: str) -> None:
    visit = visiting(browser, site)
    visit.open("?raster#layers=collage")
    pictures = visit.pixels()
    visit.press("p")
    assert visit.pixels() != pictures
    assert not [one for one in visit.requests if "webgl" in one.url]
    visit.page.get_by_role("button", name="Layers and colors").click()
    expect(visit.page.locator("#layers")).to_contain_text("The address asks to leave the graphics card alone")
