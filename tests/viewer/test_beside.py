"""Two maps of the same items: beside each other, linked, and one turning into the other."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

import vista
from sample_atlas import build_sample
from static_server import static_server
from vista.atlas import export

from .conftest import Visit

pytestmark = pytest.mark.browser

N_ITEMS = 300


@pytest.fixture(scope="module")
def pair_folder(built_viewer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two layouts of the same items, and a map of other items."""
    root = tmp_path_factory.mktemp("pair")
    build_sample(root / "atlas", N_ITEMS)
    build_sample(root / "atlas", N_ITEMS, map_id="turned", is_turned=True)
    build_sample(root / "atlas", 40, map_id="foreign", seed=5)
    return export(root / "atlas", root / "site", to="site")


@pytest.fixture(scope="module")
def pair_site(pair_folder: Path) -> Iterator[str]:
    with static_server(pair_folder) as url:
        yield url


@pytest.fixture
def pair(visiting: Callable[..., Visit], browser: Browser, pair_site: str) -> Visit:
    return visiting(browser, pair_site)


def pane(visit: Visit) -> Locator:
    return visit.page.locator("[data-beside]")


def wait_beside(visit: Visit) -> None:
    visit.wait()
    visit.page.wait_for_selector("[data-beside][data-vista=ready]", state="attached")


def camera_beside(visit: Visit) -> tuple[float, float, float]:
    x, y, zoom = (pane(visit).get_attribute("data-camera") or "").split(",")
    return float(x), float(y), float(zoom)


def test_the_samples_are_two_layouts_of_the_same_items(pair_folder: Path) -> None:
    maps = vista.open(pair_folder).maps
    assert maps["main"].entry["set"] == maps["turned"].entry["set"] != maps["foreign"].entry["set"]


def test_a_map_of_the_same_items_is_laid_beside_by_button_and_key_and_stays_in_the_address(pair: Visit) -> None:
    pair.open()
    pair.page.locator("[data-beside-button]").click()
    wait_beside(pair)

    expect(pane(pair)).to_have_attribute("data-beside", "turned")
    assert pair.hash_parts()["beside"] == "turned"
    whole, half = pair.page.locator(".explorer > .stage").bounding_box(), pane(pair).bounding_box()
    assert whole is not None
    assert half is not None
    assert half["x"] >= whole["x"] + whole["width"] - 1
    assert pane(pair).locator(".map-label").count() >= 3
    offered = pane(pair).locator("[data-beside-map] option")
    assert offered.evaluate_all("all => all.map(one => one.value)") == ["turned"]

    pair.press("b")
    expect(pane(pair)).to_have_count(0)
    assert "beside" not in pair.hash_parts()
    pair.press("b")
    expect(pane(pair)).to_have_count(1)


def test_an_address_with_two_maps_opens_both_and_one_with_a_foreign_map_opens_one(pair: Visit) -> None:
    pair.open("#map=turned&beside=main&item=9")
    wait_beside(pair)
    expect(pane(pair)).to_have_attribute("data-beside", "main")
    pair.follow("#map=main&beside=foreign")
    expect(pane(pair)).to_have_count(0)
    pair.follow("#map=main&beside=nowhere")
    expect(pane(pair)).to_have_count(0)


def test_what_is_pointed_at_on_one_map_is_marked_on_the_other(pair: Visit) -> None:
    pair.open("#beside=turned&layers=collage,lines")
    wait_beside(pair)
    marks = pane(pair).locator(".stage > canvas").nth(1)
    before = _drawn(marks)
    pair.page.locator(".explorer > .stage").focus()
    for _ in range(40):
        x, y = 400 + 9 * _, 260 + 6 * _
        pair.page.mouse.move(x, y)
        pair.page.wait_for_timeout(30)
        if pair.page.get_by_role("tooltip").count():
            break
    expect(pair.page.get_by_role("tooltip")).to_have_count(1)
    pair.page.wait_for_timeout(300)
    assert _drawn(marks) != before
    assert pane(pair).locator("svg .line").count() > 0


def test_an_item_that_is_chosen_shows_its_neighbors_on_both_maps(pair: Visit) -> None:
    pair.open("#beside=turned")
    wait_beside(pair)
    pair.page.keyboard.press("/")
    pair.page.locator("input[role=combobox]").fill("number 33")
    pair.page.wait_for_timeout(250)
    pair.press("Enter")
    wait_beside(pair)
    expect(pair.page.locator("aside[data-item='33']")).to_be_visible()
    assert pane(pair).locator("svg .line").count() > 0


def test_an_item_beside_opens_at_once_after_a_click_beside_it_has_closed_a_card(pair: Visit) -> None:
    pair.open("#beside=turned&item=33&layers=collage")
    wait_beside(pair)
    at, empty = _item_and_ground(pair)
    pair.page.mouse.click(*empty)
    pair.page.mouse.click(*at)
    opened = pair.page.locator("aside[data-item]")
    expect(opened).to_be_visible()
    pair.page.wait_for_timeout(400)
    expect(opened).not_to_have_attribute("data-item", "33")
    assert "item" in pair.hash_parts()


def test_a_card_leaves_both_maps_the_same_room_and_none_of_them_moves(pair: Visit) -> None:
    pair.page.set_viewport_size({"width": 1440, "height": 900})
    pair.open("#beside=turned")
    wait_beside(pair)
    before = pair.camera, camera_beside(pair)
    item, _ = _item_and_ground(pair)
    pair.page.mouse.click(*item)
    card = pair.page.locator("[data-slot]").bounding_box()
    plate = pair.page.locator(".left header").bounding_box()
    beside = pane(pair).bounding_box()
    rail = pair.page.get_by_role("navigation", name="Zoom").bounding_box()
    assert card
    assert plate
    assert beside
    assert rail
    assert card["y"] >= plate["y"] + plate["height"]
    assert card["x"] + card["width"] < 370
    rooms = beside["x"] - card["x"] - card["width"], rail["x"] - beside["x"]
    assert rooms[0] == pytest.approx(rooms[1], abs=24)
    assert min(rooms) > 450
    wait_beside(pair)
    assert (pair.camera, camera_beside(pair)) == before


def test_two_clicks_on_one_place_zoom_in(pair: Visit) -> None:
    pair.open()
    before = pair.zoom
    pair.page.mouse.dblclick(640, 400)
    pair.page.wait_for_timeout(500)
    pair.wait()
    assert pair.zoom == pytest.approx(before + 1, abs=0.05)


def _item_and_ground(visit: Visit) -> tuple[tuple[float, float], tuple[float, float]]:
    """A place on the map beside with an item, left of any card, and one without."""
    box = pane(visit).locator(".stage").bounding_box()
    assert box is not None
    hits: dict[bool, tuple[float, float]] = {}
    for dy in range(100, 760, 30):
        for dx in range(20, 200, 30):
            at = (box["x"] + dx, box["y"] + dy)
            visit.page.mouse.move(*at)
            visit.page.wait_for_timeout(40)
            hits[visit.page.get_by_role("tooltip").count() > 0] = at
            if len(hits) == 2:
                return hits[True], hits[False]
    raise AssertionError("no item, or nothing else, is there")


def test_the_maps_move_together_so_that_the_same_items_stay_in_the_middle(pair: Visit) -> None:
    pair.open("#beside=turned&item=33")
    wait_beside(pair)
    pair.press("Escape")
    pair.page.locator(".explorer > .stage").focus()
    for key in ("+", "+", "ArrowLeft"):
        pair.press(key)
    wait_beside(pair)
    middles = _items_in_the_middle(pair)
    assert middles["main"] & middles["turned"]
    whole = 0.2
    assert abs((pair.zoom - whole) - (camera_beside(pair)[2] - whole)) < 1.2

    pane(pair).locator("[data-link]").click()
    free = camera_beside(pair)
    pair.page.locator(".explorer > .stage").focus()
    pair.press("+")
    wait_beside(pair)
    assert camera_beside(pair) == free
    assert pair.hash_parts()["moves"] == "alone"


def test_the_map_beside_leads_when_it_is_moved(pair: Visit) -> None:
    pair.open("#beside=turned")
    wait_beside(pair)
    pane(pair).locator(".stage").focus()
    before = pair.camera
    for key in ("+", "+", "+", "ArrowLeft"):
        pair.press(key)
    wait_beside(pair)
    assert pair.camera != before
    assert pair.zoom > before[2]
    pair.press("0")
    wait_beside(pair)
    assert pair.camera == pytest.approx(before, abs=1e-3)


def test_the_maps_can_be_swapped_and_compared_from_the_gallery(pair: Visit) -> None:
    pair.open("#beside=turned&layers=collage,labels")
    wait_beside(pair)
    pane(pair).get_by_role("button", name="Swap the two maps").click()
    wait_beside(pair)
    expect(pair.page.get_by_role("heading", level=1)).to_have_text("turned")
    expect(pane(pair)).to_have_attribute("data-beside", "main")

    pane(pair).get_by_role("button", name="Close the map beside").click()
    pair.press("g")
    pair.page.wait_for_selector("[data-gallery]")
    expect(pair.page.locator("[data-compare]")).to_have_count(1)  # the map of other items cannot be compared
    pair.page.locator("[data-compare=main]").focus()
    pair.page.keyboard.press("Enter")
    wait_beside(pair)
    expect(pane(pair)).to_have_attribute("data-beside", "main")


def test_filters_of_one_map_count_for_the_other(pair: Visit) -> None:
    pair.open("#beside=turned&layers=points")
    wait_beside(pair)
    picture = pane(pair).locator(".points canvas")
    before = _png(picture)
    pair.press("f")
    pair.page.locator("#filters .toggle").first.click()
    wait_beside(pair)
    assert _png(picture) != before


def test_a_picture_of_two_maps_holds_both(pair: Visit) -> None:
    pair.open("#beside=turned")
    wait_beside(pair)
    pair.page.keyboard.press("e")
    panel = pair.page.locator("[data-share]")
    panel.locator("input[name=scale][value='1']").check(force=True)
    panel.locator("[data-caption]").set_checked(False)
    with pair.page.expect_download() as download:
        panel.locator("[data-save]").click()
    picture = Image.open(io.BytesIO(Path(download.value.path()).read_bytes())).convert("RGB")
    assert abs(picture.width - 1280) <= 2
    halves = [picture.crop((0, 0, 640, 800)), picture.crop((640, 0, 1280, 800))]
    assert all(len(half.getcolors(1 << 24) or []) > 500 for half in halves)


def test_points_fly_from_one_layout_to_the_other(pair: Visit) -> None:
    pair.open()
    pair.page.evaluate(
        """() => {
            window.flown = [];
            new MutationObserver(() => {
                const canvas = document.querySelector('.morph');
                if (canvas && !window.watched) {
                    window.watched = true;
                    const look = () => {
                        if (!canvas.isConnected) return;
                        window.flown.push(canvas.toDataURL().length);
                        setTimeout(look, 60);
                    };
                    look();
                }
            }).observe(document.body, { childList: true, subtree: true });
        }"""
    )
    pair.page.keyboard.press("]")
    pair.page.wait_for_function("() => window.flown.length >= 2 && !document.querySelector('.morph')")
    pair.wait()
    assert len(set(pair.page.evaluate("() => window.flown"))) >= 2
    expect(pair.page.get_by_role("heading", level=1)).to_have_text("turned")


def test_without_motion_nothing_flies(visiting: Callable[..., Visit], browser: Browser, pair_site: str) -> None:
    calm = visiting(browser, pair_site, reduced_motion="reduce")
    calm.open()
    calm.page.evaluate(
        """() => new MutationObserver(() => { if (document.querySelector('.morph')) window.flew = true; })
            .observe(document.body, { childList: true, subtree: true })"""
    )
    calm.press("]")
    expect(calm.page.get_by_role("heading", level=1)).to_have_text("turned")
    assert calm.page.evaluate("() => window.flew") is None


def _drawn(canvas: Locator) -> str:
    """A fingerprint of what is on a canvas."""
    return str(canvas.evaluate("one => one.toDataURL()"))


def _png(locator: Locator) -> bytes:
    return locator.screenshot()


def _items_in_the_middle(visit: Visit) -> dict[str, set[str]]:
    """Ids of the nearest items to the middle of each screen, from the tables and the cameras."""
    folder = visit.page.evaluate("async () => (await (await fetch('atlas.json')).json()).maps")
    found: dict[str, set[str]] = {}
    for map_id, camera in (("main", visit.camera), ("turned", camera_beside(visit))):
        xy = np.array(visit.page.evaluate(READ_XY, folder[map_id]["points"]["xy"]), np.float32).reshape(-1, 2)
        item = np.array(visit.page.evaluate(READ_ITEMS, folder[map_id]["points"]["item"]))
        near = np.argsort(((xy - camera[:2]) ** 2).sum(1))[:12]
        found[map_id] = {str(one) for one in item[near]}
    return found


_INFLATED = """async path => {
    const stream = (await fetch(path)).body.pipeThrough(new DecompressionStream('gzip'));
    return Array.from(new %s(await new Response(stream).arrayBuffer()));
}"""
READ_XY = _INFLATED % "Float32Array"
READ_ITEMS = _INFLATED % "Uint32Array"
