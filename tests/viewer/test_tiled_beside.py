"""Two maps of the same items whose points come in tiles, beside each other: an item has another row on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from playwright.sync_api import Browser, Locator, expect

import vista
from static_server import static_server
from vista.atlas import Atlas, export
from vista.execution import Cache, silent
from vista.pipeline.limits import Limits
from vista.pipeline.mapping import build, options_of_map
from vista.pipeline.run import Run

from .conftest import Visit
from .test_beside import camera_beside, pane, wait_beside

pytestmark = pytest.mark.browser

N_POINTS = 60_000


def points() -> pa.Table:
    """Return points in clusters, and the same turned by a right angle and stretched."""
    rng = np.random.default_rng(3)
    group = rng.integers(0, 6, N_POINTS)
    places = (rng.normal(size=(6, 2))[group] * 8 + rng.normal(size=(N_POINTS, 2))).astype(np.float32)
    turned = {"u": -places[:, 1], "v": 2 * places[:, 0]}
    return pa.table({"x": places[:, 0], "y": places[:, 1], **turned, "group": [f"group {one}" for one in group]})


@pytest.fixture(scope="module")
def both(built_viewer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("both")
    for name, x, y in (("main", "x", "y"), ("turned", "u", "v")):
        limits = Limits(tiled_above_items=100, tile_items=2_000)
        run = Run(command="map", options=options_of_map(x=x, y=y, color=("group",)), cache=Cache(None), progress=silent, limits=limits)
        build(points(), folder / "atlas", run, name=name, overwrite=False)
    return export(folder / "atlas", folder / "site", to="site")


@pytest.fixture(scope="module")
def atlas(both: Path) -> Atlas:
    return vista.open(both)


@pytest.fixture(scope="module")
def both_site(both: Path) -> Iterator[str]:
    with static_server(both) as url:
        yield url


@pytest.fixture
def pair(visiting: Callable[..., Visit], browser: Browser, both_site: str) -> Visit:
    return visiting(browser, both_site, reduced_motion="reduce")


def off_middle(atlas: Atlas, map_id: str, item_id: str, camera: tuple[float, float, float]) -> np.ndarray:
    """Return how many pixels off the middle of its screen an item stands."""
    shown = atlas.maps[map_id]
    table = shown.items()
    row = table["item_id"].to_pylist().index(item_id)
    place = np.array([table["x"][row].as_py(), table["y"][row].as_py()])
    return np.asarray((place - camera[:2]) * 512 * 2 ** camera[2] / shown.entry["extent"]["size"])


def drawn(canvas: Locator) -> str:
    return str(canvas.evaluate("one => one.toDataURL()"))


def point_at_an_item(visit: Visit, stage: str) -> tuple[float, float]:
    """Move over a map until an item is under the pointer."""
    box = visit.page.locator(stage).bounding_box()
    assert box is not None
    for down in range(230, 640, 40):
        for across in range(60, 540, 30):
            at = (box["x"] + across, box["y"] + down)
            visit.page.mouse.move(*at)
            visit.page.wait_for_timeout(40)
            if visit.page.get_by_role("tooltip").count():
                return at
    raise AssertionError("no item is under the pointer")


def test_the_key_lays_the_other_map_beside_and_the_address_keeps_it(pair: Visit) -> None:
    pair.open("#map=main")
    pair.press("b")
    wait_beside(pair)
    expect(pane(pair)).to_have_attribute("data-beside", "turned")
    assert pair.hash_parts()["beside"] == "turned"
    expect(pair.page.locator("[data-not-carried]")).to_have_count(0)


def test_the_maps_move_together_around_the_item_that_is_chosen(pair: Visit, atlas: Atlas) -> None:
    pair.open(f"#map=main&beside=turned&item={N_POINTS // 3}")
    wait_beside(pair)
    item_id = atlas.maps["main"].items()["item_id"][N_POINTS // 3].as_py()
    pair.page.locator(".explorer > .stage").focus()
    for key in ("+", "+", "ArrowLeft", "ArrowUp"):
        pair.press(key)
    wait_beside(pair)
    pair.page.wait_for_timeout(300)
    wait_beside(pair)
    card = pair.page.locator("[data-slot]").bounding_box()
    assert card is not None
    here = off_middle(atlas, "main", item_id, pair.camera) - ((card["x"] + card["width"] + 10) / 2, 0)  # of what the card leaves to see
    there = off_middle(atlas, "turned", item_id, camera_beside(pair))
    assert np.abs(here).max() > 50
    assert there == pytest.approx(here, abs=3)


def test_the_maps_move_together_around_an_item_in_the_middle(pair: Visit, atlas: Atlas) -> None:
    pair.open("#map=main&beside=turned")
    wait_beside(pair)
    pair.page.locator(".explorer > .stage").focus()
    for key in ("+", "+", "+", "+", "ArrowLeft"):
        pair.press(key)
        pair.page.wait_for_timeout(250)
        wait_beside(pair)
    near = {}
    for map_id, camera in (("main", pair.camera), ("turned", camera_beside(pair))):
        table = atlas.maps[map_id].items()
        places = np.column_stack([table["x"].to_numpy(), table["y"].to_numpy()])
        side = atlas.maps[map_id].entry["extent"]["size"] * 300 / (512 * 2 ** camera[2])
        near[map_id] = set(table["item_id"].filter(pa.array((np.abs(places - camera[:2]) < side).all(1))).to_pylist())
    assert near["main"] & near["turned"]
    assert camera_beside(pair)[2] > 1


def test_what_is_pointed_at_on_either_map_is_marked_on_the_other(pair: Visit) -> None:
    pair.open("#map=main&beside=turned")
    wait_beside(pair)
    for hovered, marked in ((".explorer > .stage", "[data-beside] .stage"), ("[data-beside] .stage", ".explorer > .stage")):
        marks = pair.page.locator(f"{marked} > canvas").nth(1)
        before = drawn(marks)
        point_at_an_item(pair, hovered)
        pair.page.wait_for_timeout(400)
        assert drawn(marks) != before
    asked = [one.headers.get("range") for one in pair.requests if "/rows/" in one.url]
    assert asked
    assert all(one is not None for one in asked), "an item is looked up by a range"


def test_an_item_that_is_chosen_beside_opens_its_card(pair: Visit, atlas: Atlas) -> None:
    pair.open("#map=main&beside=turned")
    wait_beside(pair)
    box = pane(pair).locator(".stage").bounding_box()
    assert box is not None
    at = point_at_an_item(pair, "[data-beside] .stage")
    pair.page.mouse.click(*at)
    card = pair.page.locator("aside[data-item]")
    expect(card).to_be_visible()
    row = int(card.get_attribute("data-item") or "-1")
    item_id = atlas.maps["main"].items()["item_id"][row].as_py()
    there = off_middle(atlas, "turned", item_id, camera_beside(pair))
    place = np.array([at[0] - box["x"] - box["width"] / 2, at[1] - box["y"] - box["height"] / 2])
    assert np.abs(there - place).max() < 16


def test_an_item_that_cannot_be_looked_up_on_the_next_map_is_told(visiting: Callable[..., Visit], browser: Browser, both_site: str) -> None:
    visit = visiting(browser, both_site, is_broken=True)
    visit.open("#map=main&item=77")
    visit.page.route("**/rows/**", lambda route: route.abort())
    visit.page.locator(".explorer > .stage").focus()
    visit.page.keyboard.press("]")
    expect(visit.page.locator("[data-notice]")).to_be_visible()
    assert visit.hash_parts()["map"] == "main"


def test_filters_and_selections_count_for_both(pair: Visit, atlas: Atlas) -> None:
    pair.open("#map=main&beside=turned")
    wait_beside(pair)
    picture = pane(pair).locator(".points canvas")
    before = picture.screenshot()
    pair.press("f")
    pair.page.locator("#filters").get_by_text("group", exact=True).click()
    pair.page.locator("#filters").get_by_role("button", name="group 0").first.click()
    wait_beside(pair)
    pair.page.wait_for_timeout(300)
    assert picture.screenshot() != before
    pair.press("Escape")
    box = pane(pair).locator(".stage").bounding_box()
    assert box is not None
    corners = [(200, 300), (420, 520)]
    pair.page.keyboard.down("Shift")
    pair.page.mouse.move(box["x"] + corners[0][0], box["y"] + corners[0][1])
    pair.page.mouse.down()
    pair.page.mouse.move(box["x"] + corners[1][0], box["y"] + corners[1][1], steps=3)
    pair.page.mouse.up()
    pair.page.keyboard.up("Shift")
    x, y, zoom = camera_beside(pair)
    shown = atlas.maps["turned"]
    table = shown.items()
    scale = 512 * 2**zoom / shown.entry["extent"]["size"]
    screen = (np.column_stack([table["x"].to_numpy(), table["y"].to_numpy()]) - [x, y]) * scale + [box["width"] / 2, box["height"] / 2]
    n_inside = int(((screen > corners[0]) & (screen < corners[1])).all(1).sum())
    assert n_inside > 0
    expect(pair.page.locator("[data-picked] b")).not_to_have_text("0")
    assert int(pair.page.locator("[data-picked] b").inner_text().replace(",", "")) == pytest.approx(n_inside, rel=0.01, abs=3)


def test_swapped_maps_keep_the_chosen_item(pair: Visit, atlas: Atlas) -> None:
    pair.open("#map=main&beside=turned&item=77")
    wait_beside(pair)
    pane(pair).get_by_role("button", name="Swap the two maps").click()
    wait_beside(pair)
    expect(pane(pair)).to_have_attribute("data-beside", "main")
    row = int(pair.page.locator("aside[data-item]").get_attribute("data-item") or "-1")
    ids = [atlas.maps[name].items()["item_id"][item].as_py() for name, item in (("turned", row), ("main", 77))]
    assert ids[0] == ids[1]
