"""Taking a view away: as a picture, as a link, and inside another page."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape, unescape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, FrameLocator, Page, expect

from sample_atlas import build_sample
from static_server import static_server
from vista.atlas import export

from .conftest import HEIGHT_PX, WIDTH_PX, Visit

pytestmark = pytest.mark.browser

CAPTION_PX = 64


def saved(visit: Visit, scale: int = 2, *, caption: bool = True) -> tuple[str, Image.Image]:
    """Save the view as a PNG; return its name and the picture."""
    if not visit.page.locator("[data-share]").count():
        visit.page.keyboard.press("e")
    panel = visit.page.locator("[data-share]")
    panel.locator(f"input[name=scale][value='{scale}']").check(force=True)
    panel.locator("[data-caption]").set_checked(caption)
    with visit.page.expect_download() as download:
        panel.locator("[data-save]").click()
    name = download.value.suggested_filename
    picture = Image.open(io.BytesIO(Path(download.value.path()).read_bytes())).convert("RGB")
    visit.wait()
    return name, picture


def sharpness(picture: Image.Image) -> float:
    """How steep its edges are."""
    gray = np.asarray(picture.convert("L"), np.float64)
    return float(np.square(np.diff(gray, axis=1)).mean() + np.square(np.diff(gray, axis=0)).mean())


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_picture_shows_what_the_screen_shows_at_every_size(visitor: Visit, scale: int) -> None:
    visitor.open("#item=12")
    name, picture = saved(visitor, scale, caption=False)

    assert name == ("sample-of-discs.png" if scale == 1 else f"sample-of-discs@{scale}x.png")
    assert picture.size == (WIDTH_PX * scale, HEIGHT_PX * scale)
    visitor.page.keyboard.press("Escape")
    visitor.wait()
    middle = (420, 200, 880, 640)  # where no panel lies
    shown = Image.open(io.BytesIO(visitor.page.screenshot())).convert("RGB").crop(middle)
    taken = picture.resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BOX).crop(middle)
    difference = np.abs(np.asarray(shown, np.int16) - np.asarray(taken, np.int16)).mean()
    assert difference < 4


def test_a_larger_picture_is_drawn_anew_and_not_enlarged(visit: Visit) -> None:
    area = (500, 300, 780, 500)
    _, plain = saved(visit, 1, caption=False)
    _, large = saved(visit, 4, caption=False)
    enlarged = plain.crop(area).resize((1120, 800), Image.Resampling.BICUBIC)

    assert sharpness(large.crop(tuple(4 * one for one in area))) > 1.5 * sharpness(enlarged)  # type: ignore[arg-type]


def test_points_names_and_neighbor_lines_are_in_the_picture(visitor: Visit) -> None:
    visitor.open("#item=12&layers=points,labels,lines&color=group")
    _, picture = saved(visitor, 2, caption=False)
    visitor.follow("#item=12&layers=labels&color=group")
    _, without = saved(visitor, 2, caption=False)

    colors = {color for _, color in (picture.getcolors(1 << 24) or [])}
    assert len(colors) > 500
    assert np.abs(np.asarray(picture, np.int16) - np.asarray(without, np.int16)).mean() > 0.2


def test_the_view_is_as_it_was_after_a_picture_was_taken(visitor: Visit) -> None:
    visitor.open("#c=0,0,2")
    before, camera = visitor.pixels(), visitor.camera
    saved(visitor, 4)
    visitor.page.keyboard.press("Escape")
    visitor.wait()

    assert visitor.camera == camera
    assert visitor.pixels() == before


def test_a_caption_stands_below_the_map(visit: Visit) -> None:
    _, bare = saved(visit, 1, caption=False)
    _, captioned = saved(visit, 1, caption=True)

    assert captioned.size == (WIDTH_PX, HEIGHT_PX + CAPTION_PX)
    below = np.asarray(captioned)[HEIGHT_PX:]
    assert len(np.unique(below.reshape(-1, 3), axis=0)) > 10
    assert np.abs(np.asarray(captioned, np.int16)[:HEIGHT_PX] - np.asarray(bare, np.int16)).mean() < 0.5


def test_a_picture_too_large_for_browsers_is_not_offered(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 3840, "height": 2160})
    visit.wait()
    visit.page.keyboard.press("e")

    expect(visit.page.locator("input[name=scale][value='4']")).to_be_disabled()
    expect(visit.page.locator("input[name=scale][value='2']")).to_be_enabled()


def test_link_code_and_picture_can_be_copied(visiting: Callable[..., Visit], browser: Browser, site: str) -> None:
    visit = visiting(browser, site, permissions=["clipboard-read", "clipboard-write"])
    visit.open("#item=7&fidelity=false")
    visit.page.keyboard.press("e")
    panel = visit.page.locator("[data-share]")
    panel.locator("[data-copy-link]").click()
    expect(panel.locator("[data-copy-link]")).to_have_text("Copied")
    link = visit.page.evaluate("() => navigator.clipboard.readText()")
    assert link == visit.page.url
    assert "item=7" in link
    assert "fidelity=false" in link
    expect(panel).to_contain_text("vista export --to site")  # this address leads to this machine

    panel.locator("[data-copy-code]").click()
    expect(panel.locator("[data-copy-code]")).to_have_text("Copied")
    code = visit.page.evaluate("() => navigator.clipboard.readText()")
    assert code.startswith("<iframe ")
    assert "?embed#" in unescape(code)

    panel.locator("[data-copy-picture]").click()
    expect(panel.locator("[data-copy-picture]")).to_have_text("Copied", timeout=20_000)
    kinds = visit.page.evaluate("async () => (await navigator.clipboard.read()).flatMap(item => item.types)")
    assert kinds == ["image/png"]


def test_a_page_that_may_not_copy_leaves_the_text_selected(visiting: Callable[..., Visit], browser: Browser, site: str) -> None:
    visit = visiting(browser, site)
    visit.open()
    visit.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    visit.page.keyboard.press("e")
    visit.page.locator("[data-copy-link]").click()

    expect(visit.page.locator("[data-share]")).to_contain_text("copy it by hand")
    assert visit.page.evaluate("() => getSelection().toString() || document.activeElement.value").startswith("http")


@contextmanager
def page_around(site: Path, code: str) -> Iterator[str]:
    """Another page that holds a map, high enough to be scrolled."""
    head = "<!doctype html><meta charset=utf-8><link rel=icon href=data:,><title>around</title><h1>An article</h1>"
    (site / "around.html").write_text(f"{head}{code}<p style='height: 3000px'>more</p>")
    with static_server(site) as url:
        yield url


@pytest.fixture
def article(visiting: Callable[..., Visit], browser: Browser, built_viewer: Path, tmp_path: Path) -> Iterator[Page]:
    site = export(build_sample(tmp_path / "atlas", 200), tmp_path / "site", to="site")
    code = '<iframe src="index.html?embed#item=3" title="a map" width="900" height="500"></iframe>'
    with page_around(site, code) as url:
        visit = visiting(browser, f"{url}around.html", has_touch=True)
        visit.page.goto(visit.url)
        visit.page.frame_locator("iframe").locator("html[data-vista=ready]").wait_for(state="attached")
        yield visit.page


def inside(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def test_inside_another_page_there_is_the_map_and_a_way_out(article: Page) -> None:
    frame = inside(article)
    expect(frame.locator("[data-embed-bar]")).to_contain_text("Sample of discs")
    expect(frame.locator("header h1")).to_be_hidden()
    expect(frame.get_by_role("button", name="Zoom in", exact=True)).to_be_hidden()
    assert frame.locator(".map-label").count() >= 3
    link = frame.get_by_role("link", name="Open")
    link.hover()
    href = link.get_attribute("href") or ""
    assert "embed" not in href
    assert "#" in href
    assert "c=" in href
    assert link.get_attribute("target") == "_blank"


def test_inside_another_page_the_wheel_scrolls_it_and_with_ctrl_zooms_the_map(article: Page) -> None:
    frame = inside(article)
    camera = frame.locator("html").get_attribute("data-camera")
    article.mouse.move(450, 350)
    article.mouse.wheel(0, 120)
    article.wait_for_timeout(300)
    assert article.evaluate("() => scrollY") > 0
    assert frame.locator("html").get_attribute("data-camera") == camera
    expect(frame.locator("[data-shared-hint]")).to_have_text(re.compile("Ctrl|⌘"))
    expect(frame.locator("[data-shared-hint]")).to_have_count(0, timeout=4_000)

    article.evaluate("() => scrollTo(0, 0)")
    article.keyboard.down("Control")
    article.mouse.wheel(0, -120)
    article.keyboard.up("Control")
    article.wait_for_timeout(500)
    assert article.evaluate("() => scrollY") == 0
    zooms = [float((one or ",,0").split(",")[2]) for one in (camera, frame.locator("html").get_attribute("data-camera"))]
    assert zooms[1] > zooms[0]


def test_inside_another_page_one_finger_is_left_to_it_and_two_move_the_map(article: Page) -> None:
    frame = inside(article)
    assert frame.locator(".stage").first.evaluate("one => getComputedStyle(one).touchAction") == "pan-x pan-y"
    before = frame.locator("html").get_attribute("data-camera")
    session = article.context.new_cdp_session(article)

    def touch(kind: str, *points: tuple[int, int]) -> None:
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]}
        )

    touch("touchStart", (450, 450))
    for step in range(1, 9):
        touch("touchMove", (450, 450 - 20 * step))
    touch("touchEnd")
    article.wait_for_timeout(400)
    assert frame.locator("html").get_attribute("data-camera") == before
    article.evaluate("() => scrollTo(0, 0)")
    article.wait_for_timeout(100)

    touch("touchStart", (400, 350), (500, 350))
    for step in range(1, 9):
        touch("touchMove", (400 - 10 * step, 350), (500 + 10 * step, 350))
    touch("touchEnd")
    article.wait_for_timeout(400)
    zooms = [float((one or ",,0").split(",")[2]) for one in (before, frame.locator("html").get_attribute("data-camera"))]
    assert zooms[1] > zooms[0] + 0.5


def test_the_code_to_embed_works_as_it_is_copied(
    visiting: Callable[..., Visit], browser: Browser, built_viewer: Path, tmp_path: Path
) -> None:
    site = export(build_sample(tmp_path / "atlas", 60), tmp_path / "site", to="site")
    manifest = json.loads((site / "atlas.json").read_text())
    (site / "atlas.json").write_text(json.dumps({**manifest, "title": 'A "title" <b>& more</b>'}))
    with page_around(site, "") as url:
        visit = visiting(browser, url)
        visit.open("#c=0,0,1.5")
        visit.page.keyboard.press("e")
        code = visit.page.locator("[data-embed-code]").input_value()
        assert escape('A "title" <b>', quote=True).replace("&quot;", "&#34;").replace("&lt;", "&#60;").replace("&gt;", "&#62;") in code
        (site / "around.html").write_text(f"<!doctype html><meta charset=utf-8><link rel=icon href=data:,>{code}")
        visit.page.goto(f"{url}around.html")
        visit.page.frame_locator("iframe").locator("html[data-vista=ready]").wait_for(state="attached")
        assert visit.page.locator("b").count() == 0
        zoom = (visit.page.frame_locator("iframe").locator("html").get_attribute("data-camera") or "").split(",")[2]
        assert float(zoom) == pytest.approx(1.5)
