"""What people do with the regions of a map: open their cards, walk through their tree, select what they hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from vista.atlas import reader

from .conftest import HEIGHT_PX, N_ITEMS, WIDTH_PX, Visit
from .test_accessibility import AXE, violations

pytestmark = pytest.mark.browser

SLOT_SIDE_PX = 372  # what an open card covers at the right


@pytest.fixture(scope="module")
def regions(site_folder: Path) -> list[list[dict[str, Any]]]:
    entry = reader.open(site_folder).maps["main"].entry
    levels: list[list[dict[str, Any]]] = json.loads((site_folder / entry["regions"]).read_text())["levels"]
    return levels


def test_a_name_on_the_map_opens_the_card_of_its_region(visit: Visit, regions: list[list[dict[str, Any]]]) -> None:
    label = visit.page.locator(".map-label").first
    name = label.inner_text()
    number, region = next((at, one) for at, one in enumerate(regions[0]) if one["name"] == name)
    before = visit.zoom
    label.click()
    card = visit.page.locator(f"aside[data-region='0.{number}']")
    expect(card.get_by_role("heading", level=2)).to_have_text(name)
    expect(card).to_contain_text(f"{region['n_items']} items")
    expect(card).to_contain_text(f"{100 * region['trust_false']:.0f} %")
    assert float(card.locator(".stands b").inner_text()) == pytest.approx(region["spread"], rel=0.05)
    expect(card.locator(f".stands [data-go='{region['representative']}']")).to_be_visible()
    assert card.locator(".terms li").all_inner_texts() == [term for term, _ in region["terms"]]
    parts = [one for one in regions[1] if one["parent"] == number]
    expect(card.locator("[data-parts] button")).to_have_count(len(parts))
    visit.wait()
    assert visit.zoom > before + 0.5
    assert visit.hash_parts()["region"] == f"0.{number}"


def test_a_region_selects_exactly_its_items(visitor: Visit, site_folder: Path, regions: list[list[dict[str, Any]]]) -> None:
    visitor.open("#region=1.2")
    visitor.page.locator("[data-select-region]").click()
    expect(visitor.page.locator("[data-picked]")).to_have_text(f"{regions[1][2]['n_items']} selected of {N_ITEMS}")
    names = reader.open(site_folder).maps["main"].items().column("region_1").to_pylist()
    assert names.count(regions[1][2]["name"]) == regions[1][2]["n_items"]
    assert visitor.hash_parts()["sel"] == "region_1_2"


def test_from_an_item_up_through_its_regions_and_down_to_a_part(visitor: Visit, regions: list[list[dict[str, Any]]]) -> None:
    part = next(at for at, one in enumerate(regions[2]) if one["parent"] == 3)
    item = regions[2][part]["representative"]
    visitor.open(f"#item={item}")
    way = visitor.page.locator("[data-regions-of-item] button")
    outer = regions[0][regions[1][3]["parent"]]
    expect(way).to_have_text([outer["name"], regions[1][3]["name"], regions[2][part]["name"]])
    way.nth(1).click()
    card = visitor.page.locator("aside[data-region='1.3']")
    expect(card).to_be_visible()
    expect(visitor.page.locator("aside[data-item]")).to_have_count(0)
    before = visitor.zoom
    card.locator("[data-parts] button").first.click()
    visitor.wait()
    expect(visitor.page.locator("aside[data-region^='2.']")).to_be_visible()
    assert visitor.zoom > before + 1
    visitor.page.get_by_role("navigation", name="Around it").get_by_role("button").first.click()
    expect(visitor.page.locator("aside[data-region^='0.']")).to_be_visible()


def test_the_tree_of_regions_is_walked_by_keys_and_leads_there(visit: Visit, regions: list[list[dict[str, Any]]]) -> None:
    visit.press("n")
    order = sorted(range(len(regions[0])), key=lambda at: (-regions[0][at]["n_items"], at))
    focused = visit.page.locator("[role=treeitem]:focus")
    expect(focused).to_have_attribute("aria-label", f"{regions[0][order[0]]['name']}, {regions[0][order[0]]['n_items']} items")
    expect(focused).to_have_attribute("aria-setsize", str(len(regions[0])))
    visit.press("ArrowDown")
    expect(focused).to_have_attribute("data-line", f"0.{order[1]}")
    expect(focused).to_have_attribute("aria-expanded", "false")
    visit.press("ArrowRight")
    expect(focused).to_have_attribute("aria-expanded", "true")
    visit.press("ArrowRight")
    parts = [at for at, one in enumerate(regions[1]) if one["parent"] == order[1]]
    part = min(parts, key=lambda at: (-regions[1][at]["n_items"], at))
    expect(focused).to_have_attribute("data-line", f"1.{part}")
    expect(focused).to_have_attribute("aria-level", "2")
    before = visit.zoom
    expect(visit.page.locator("[data-outlined]")).to_have_attribute("data-outlined", f"1.{part}")
    visit.press("Enter")
    expect(visit.page.get_by_role("tab", name="Region", exact=True)).to_be_visible()
    assert visit.zoom > before
    expect(visit.page.locator("[role=treeitem][aria-selected=true]")).to_have_attribute("data-line", f"1.{part}")
    expect(focused).to_have_attribute("data-line", f"1.{part}")
    visit.press("ArrowLeft")
    visit.press("ArrowLeft")
    expect(focused).to_have_attribute("aria-expanded", "false")
    visit.press("End")
    expect(focused).to_have_attribute("data-line", f"0.{order[-1]}")
    visit.press("Home")
    expect(focused).to_have_attribute("data-line", f"0.{order[0]}")
    visit.page.get_by_role("tab", name="Region", exact=True).click()
    expect(visit.page.locator(f"aside[data-region='1.{part}']")).to_be_visible()


def test_the_chosen_region_stays_outlined_when_the_tree_moves_beneath_a_resting_pointer(visit: Visit) -> None:
    visit.press("n")
    line = visit.page.locator("[role=treeitem]").nth(2)
    chosen = line.get_attribute("data-line")
    before = line.bounding_box()
    line.click()
    visit.wait()
    after = line.bounding_box()
    assert before
    assert after
    assert after["y"] > before["y"] + before["height"], "the tabs have moved another line beneath the pointer"
    outlined = visit.page.locator("[data-outlined]")
    expect(outlined).to_have_attribute("data-outlined", str(chosen))
    beneath = visit.page.locator("[role=treeitem]:hover")
    assert beneath.get_attribute("data-line") != chosen
    visit.page.mouse.move(before["x"] + before["width"] / 2 + 3, before["y"] + before["height"] / 2)
    expect(outlined).to_have_attribute("data-outlined", str(beneath.get_attribute("data-line")))


def test_where_one_looks_is_said_once_the_map_is_at_rest(visit: Visit, regions: list[list[dict[str, Any]]], site_folder: Path) -> None:
    said = visit.page.locator("[data-announced]")
    expect(said).to_have_attribute("aria-live", "polite")
    region = regions[1][0]
    visit.open(f"#c={region['x']},{region['y']},3")
    shown = reader.open(site_folder).maps["main"].items()
    nearest = int(np.hypot(shown["x"].to_numpy() - region["x"], shown["y"].to_numpy() - region["y"]).argmin())
    expect(said).to_have_text(
        f"{shown['region_1'][nearest]}, {shown['region_1'].to_pylist().count(shown['region_1'][nearest].as_py())} items, "
        f"in {shown['region_0'][nearest]}"
    )


def test_what_is_said_lies_in_the_middle_of_what_panels_leave_to_see(visit: Visit, site_folder: Path) -> None:
    shown = reader.open(site_folder).maps["main"]
    items = shown.items()
    names = items["region_0"].to_pylist()
    places = np.stack([items["x"].to_numpy(), items["y"].to_numpy()], axis=1)
    panel = SLOT_SIDE_PX * shown.entry["extent"]["size"] / (512 * 2**2.2)

    def region_at(place: np.ndarray) -> str:
        return names[int(np.hypot(*(places - place).T).argmin())]

    # The middle of the screen lies in one region, and that of what the card leaves free in another.
    middle, seen = next((one, one - [panel / 2, 0]) for one in places if region_at(one) != region_at(one - [panel / 2, 0]))
    visit.open(f"#c={middle[0]:.4f},{middle[1]:.4f},2.2&region=0.0")
    said = visit.page.locator("[data-announced]")
    expect(said).to_contain_text(region_at(seen))
    expect(said).not_to_contain_text(region_at(middle))


@pytest.mark.parametrize(
    ("address", "zoom_in"), [("", False), ("", True), ("&layers=points,labels", False), ("&layers=points,labels", True)]
)
def test_the_line_around_a_region_goes_around_its_items(visitor: Visit, site_folder: Path, address: str, zoom_in: bool) -> None:
    """Around the cells that are drawn, by tiles or one by one, or around points."""
    visitor.open(f"#region=0.1{address}")
    if zoom_in:
        visitor.page.locator("[data-fly]").click()
        visitor.wait()
    shown = reader.open(site_folder).maps["main"].items()
    names = shown["region_0"].to_pylist()
    card = visitor.page.locator("aside[data-region] h2").inner_text()
    inside = _in_outline(visitor, site_folder, np.stack([shown["x"].to_numpy(), shown["y"].to_numpy()], axis=1))
    own = np.array([name == card for name in names])
    assert np.nanmean(inside[own]) > 0.8
    assert np.nanmean(inside[~own]) < 0.1


def _in_outline(visit: Visit, site_folder: Path, places: np.ndarray) -> np.ndarray:
    """For each place of the layout, whether the line around the region goes around it; what the screen does not show is left out."""
    x, y, zoom = visit.camera
    scale = 512 * 2**zoom / reader.open(site_folder).maps["main"].entry["extent"]["size"]
    on_screen = (places - [x, y]) * scale + [WIDTH_PX / 2, HEIGHT_PX / 2]
    found = visit.page.locator("[data-outlined] .outline-ground").evaluate(
        "(path, places) => places.map(([x, y]) => path.isPointInFill(new DOMPoint(x, y)))", on_screen.tolist()
    )
    is_seen = ((on_screen > 0) & (on_screen < [WIDTH_PX, HEIGHT_PX])).all(axis=1)
    return np.where(is_seen, np.array(found, float), np.nan)


def test_names_hide_no_large_picture_and_none_another(visitor: Visit, regions: list[list[dict[str, Any]]]) -> None:
    region = max(regions[2], key=lambda one: int(one["n_items"]))
    visitor.open(f"#c={region['x']},{region['y']},5.2&layers=collage,labels")
    boxes = [one.bounding_box() for one in visitor.page.locator(".map-label").all()]
    seen = [box for box in boxes if box]
    assert seen
    for at, one in enumerate(seen):
        for other in seen[at + 1 :]:
            is_beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
            assert is_beside or one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
    under = visitor.page.locator(".stage canvas").first.evaluate(
        """(canvas, boxes) => boxes.map(({ x, y, width, height }) => {
            const ratio = canvas.width / canvas.clientWidth;
            const { data } = canvas.getContext("2d").getImageData(x * ratio, y * ratio, width * ratio, height * ratio);
            return data.filter((value, at) => at % 4 === 3 && value > 250).length / (data.length / 4);
        })""",
        seen,
    )
    assert max(under) < 0.12


def test_names_fade_where_the_filters_keep_nothing(visitor: Visit) -> None:
    labels = visitor.page.locator(".map-label.level-0")
    visitor.open("#where=group%3A!0,1,2,3,4")
    visitor.page.wait_for_timeout(100)
    visitor.wait()
    gone = visitor.page.locator(".map-label.level-0.is-gone")
    assert gone.count() == labels.count() - 1


def test_a_region_that_is_not_there_says_so(visitor: Visit) -> None:
    visitor.open("#region=1.9999")
    expect(visitor.page.locator("aside[data-region]")).to_contain_text("no such region")
    visitor.press("Escape")
    expect(visitor.page.locator("aside[data-region]")).to_have_count(0)


def test_an_early_atlas_without_the_columns_of_regions_still_shows_their_cards(
    visiting: Callable[..., Visit], browser: Browser, site: str, site_folder: Path
) -> None:
    manifest = json.loads((site_folder / "atlas.json").read_text())
    for entry in manifest["maps"].values():
        del entry["points"]["region"]
    visit = visiting(browser, site)
    visit.page.route("**/atlas.json", lambda route: route.fulfill(json=manifest))
    visit.open("#region=0.1")
    expect(visit.page.locator("aside[data-region='0.1']").get_by_role("heading", level=2)).to_be_visible()
    expect(visit.page.locator("[data-select-region]")).to_have_count(0)
    visit.open("#sel=region_0_1")
    expect(visit.page.locator("[data-notice]")).to_contain_text("build it again")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_grave_among_regions(visiting: Callable[..., Visit], browser: Browser, site: str, theme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in viewer/")
    visit = visiting(browser, site, bypass_csp=True, reduced_motion="reduce")
    visit.open(f"#region=1.1&theme={theme}&where=group%3A!0,1,2")
    visit.page.add_script_tag(path=AXE)
    assert violations(visit.page) == [], "a region's card, and names that a filter leaves nothing of"
    visit.press("n")
    visit.press("ArrowRight")
    assert violations(visit.page) == [], "the tree"
