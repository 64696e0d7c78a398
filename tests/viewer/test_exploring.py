"""What people do on the map: look, search, choose, read."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from sample_atlas import HOSTILE
from vista.atlas import reader
from vista.cartography.extent import Extent, cells_at

from .conftest import HEIGHT_PX, N_ITEMS, WIDTH_PX, Visit

pytestmark = pytest.mark.browser

NAMED = 123
TORN = 102  # of the sample's items the one whose neighbors its map keeps worst


def test_the_first_look_is_the_whole_map_with_its_names_and_its_fidelity(visit: Visit) -> None:
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Sample of discs")
    expect(visit.page.locator("[data-fidelity-chip]")).to_contain_text("nearest")
    assert visit.page.locator(".map-label").count() >= 3
    assert visit.page.locator("canvas").first.evaluate("canvas => canvas.width") > 0


def test_the_first_look_is_light(visit: Visit) -> None:
    sizes = [one.sizes()["responseBodySize"] for one in visit.requests if one.response()]
    assert len(visit.requests) <= 25
    assert sum(sizes) <= 1_000_000
    assert not any("webgl" in one.url for one in visit.requests)


def test_a_search_leads_from_the_whole_map_to_one_named_item(visit: Visit, site_folder: Path) -> None:
    card = reader.open(site_folder).card(NAMED)
    before = visit.zoom
    visit.search(card["text"])
    expect(visit.page.locator("[data-found]")).to_have_text(f"1 of {N_ITEMS}")
    visit.press("Enter")
    assert visit.zoom > before + 1
    panel = visit.page.locator(f"aside[data-item='{NAMED}']")
    expect(panel.locator("[data-item-text]")).to_have_text(card["text"])
    expect(panel.locator(f"canvas[data-item-picture='{NAMED}']")).to_be_visible()
    expect(panel).to_contain_text(card["id"])
    for name, value in card["columns"].items():
        if isinstance(value, str):
            expect(panel.get_by_text(name, exact=True)).to_be_visible()
            expect(panel).to_contain_text(value)
    shown = panel.locator("[data-neighbors] [data-go]")
    assert [int(row.get_attribute("data-go") or -1) for row in shown.all()] == card["neighbors"]
    assert visit.page.locator("path.line").count() >= 1


def test_neighbors_that_the_map_tears_apart_are_marked_and_those_it_makes_up_are_listed(visit: Visit, site_folder: Path) -> None:
    near, neighbors = _near_on_map(site_folder, TORN, 40), reader.open(site_folder).card(TORN)["neighbors"]
    torn = [one for one in neighbors if one not in near]
    unlike = [one for one in near[:10] if one not in neighbors]
    assert torn
    assert unlike
    visit.follow(f"#item={TORN}")
    marked = visit.page.locator("[data-neighbors] [data-go]:has([data-far])")
    expect(marked).to_have_count(len(torn))
    assert [int(row.get_attribute("data-go") or -1) for row in marked.all()] == torn
    listed = visit.page.locator("[data-unlike] [data-go]")
    expect(listed.first).to_be_hidden()
    visit.page.locator("[data-unlike] summary").click()
    expect(listed.first).to_be_visible()
    assert [int(row.get_attribute("data-go") or -1) for row in listed.all()] == unlike


def _near_on_map(site_folder: Path, item: int, k: int) -> list[int]:
    """The k items nearest to an item on the map, near to far."""
    shown = reader.open(site_folder).maps["main"].items()
    places = np.column_stack([shown["x"].to_numpy(), shown["y"].to_numpy()])
    items = shown["source_row"].to_numpy()
    order = np.argsort(np.hypot(*(places - places[items == item]).T), kind="stable")
    return [int(one) for one in items[order] if one != item][:k]


def test_empty_ground_says_so_and_leads_back(visit: Visit, site_folder: Path) -> None:
    hint = visit.page.locator("[data-empty]")
    expect(hint).to_have_count(0)
    whole = visit.camera
    extent = reader.open(site_folder).maps["main"].entry["extent"]
    corner = f"#c={extent['x0']},{extent['y0']},{visit.zoom + 3:.3f}"
    visit.follow(corner)
    expect(hint).to_contain_text("Nothing here")
    zoom = visit.zoom
    hint.get_by_role("button", name="nearest items").click()
    visit.wait()
    expect(hint).to_have_count(0)
    assert visit.zoom == pytest.approx(zoom, abs=1e-3)
    visit.follow(corner)
    hint.get_by_role("button", name="whole map").click()
    visit.wait()
    expect(hint).to_have_count(0)
    assert visit.camera == pytest.approx(whole, abs=2e-3)


def test_a_neighbor_in_the_list_is_one_click_away(visit: Visit) -> None:
    visit.follow(f"#item={NAMED}")
    first = visit.page.locator("[data-neighbors] [data-go]").first
    neighbor = first.get_attribute("data-go")
    first.click()
    visit.wait()
    expect(visit.page.locator("aside[data-item]")).to_have_attribute("data-item", str(neighbor))


def test_words_are_found_in_any_order_and_case_and_the_best_comes_first(visit: Visit) -> None:
    visit.search("SEA lantern")
    rows = visit.page.get_by_role("option").all_inner_texts()
    assert rows
    assert all("sea" in row and "lantern" in row for row in rows)
    visit.search("no such thing at all")
    expect(visit.page.locator("[data-found]")).to_have_text(f"0 of {N_ITEMS}")


def test_arrow_keys_walk_through_what_was_found(visit: Visit) -> None:
    visit.search("lantern")
    visit.page.keyboard.press("ArrowDown")
    second = visit.page.get_by_role("option").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    text = second.inner_text().strip()
    visit.press("Enter")
    expect(visit.page.locator("[data-item-text]")).to_have_text(text)


def test_a_click_on_a_picture_shows_the_item_and_for_how_many_it_stands(visit: Visit, site_folder: Path) -> None:
    visit.press("l")
    x_px, y_px, n_sharing = _crowded_place(site_folder, visit.camera)
    visit.page.mouse.click(x_px, y_px)
    item = visit.page.locator("aside[data-item]")
    expect(item).to_contain_text(f"Stands for {n_sharing} items")
    visit.wait()
    item.get_by_role("button", name="List them").click()
    expect(item.locator(".stands [data-go]")).to_have_count(n_sharing)


def test_a_picture_under_the_pointer_says_what_it_is_and_shows_its_neighbors(visit: Visit, site_folder: Path) -> None:
    visit.press("l")
    x_px, y_px, n_sharing = _crowded_place(site_folder, visit.camera)
    visit.page.mouse.move(x_px, y_px)
    expect(visit.page.get_by_role("tooltip")).to_contain_text(f"stands for {n_sharing} items")
    visit.wait()
    assert visit.page.locator("rect.line-end").count() >= 1
    visit.page.mouse.move(WIDTH_PX - 120, HEIGHT_PX - 20)
    expect(visit.page.get_by_role("tooltip")).to_have_count(0)


def _crowded_place(site_folder: Path, camera: tuple[float, float, float]) -> tuple[float, float, int]:
    """Where the fullest cell of the whole map lies on the screen, and how many items are in it."""
    shown = reader.open(site_folder).maps["main"]
    extent = Extent(**shown.entry["extent"])
    zoom = camera[2]
    level = int(zoom + 1.5)
    items = shown.items()
    columns, rows = cells_at(extent, np.column_stack([items["x"].to_numpy(), items["y"].to_numpy()]), level)
    ((column, row), n_sharing), *_ = Counter(zip(columns.tolist(), rows.tolist(), strict=True)).most_common(1)
    side = extent.size / (8 * 2**level)
    scale = 512 * 2**zoom / extent.size
    x, y = extent.x0 + (column + 0.5) * side, extent.y0 + (row + 0.5) * side
    return WIDTH_PX / 2 + (x - camera[0]) * scale, HEIGHT_PX / 2 + (y - camera[1]) * scale, n_sharing


def test_hostile_texts_are_shown_as_text(visit: Visit) -> None:
    for item, text in enumerate(HOSTILE):
        visit.follow(f"#item={item}")
        expect(visit.page.locator("[data-item-text]")).to_have_text(text, use_inner_text=False)
    visit.search("onerror")
    expect(visit.page.get_by_role("option").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert visit.page.locator(".vista img, .vista script").count() == 0
    assert visit.page.title() == "Sample of discs · VISTA"


def test_the_fidelity_layer_colors_points_and_dims_the_collage(visit: Visit) -> None:
    before = visit.pixels()
    visit.press("m")
    legend = visit.page.locator("[data-legend]")
    expect(legend).to_contain_text("False neighbors")
    expect(legend).to_contain_text(f"{100 * (1 - 40 / (N_ITEMS - 1)):.0f} % at random")
    assert visit.page.locator(".points canvas").count() == 1
    false_pixels = visit.pixels()
    assert false_pixels != before
    visit.press("m")
    expect(legend).to_contain_text("Missing neighbors")
    assert visit.pixels() != false_pixels
    visit.press("m")
    expect(legend).to_have_count(0)


def test_the_fidelity_panel_says_what_the_figures_mean(visit: Visit, site_folder: Path) -> None:
    visit.page.locator("[data-fidelity-chip]").click()
    panel = visit.page.locator("section[data-fidelity]")
    fidelity = reader.open(site_folder).maps["main"].fidelity
    expect(panel).to_contain_text(f"{fidelity['rnx_area']:.3f}")
    expect(panel.get_by_role("row")).to_have_count(1 + len(fidelity["k"]))
    visit.press("Escape")
    expect(panel).to_have_count(0)


def test_a_column_colors_the_points_and_its_categories_can_be_switched_off(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Layers and colors").click()
    visit.page.locator("[data-color-by]").select_option("group")
    visit.wait()
    second = visit.page.locator("[data-legend] button").nth(1)
    expect(second).to_have_attribute("aria-pressed", "true")
    before = visit.pixels()
    second.click()
    visit.wait()
    expect(second).to_have_attribute("aria-pressed", "false")
    assert visit.pixels() != before
    visit.page.locator("[data-color-by]").select_option("year")
    visit.wait()
    expect(visit.page.locator("[data-legend]")).to_contain_text("year")


def test_a_name_on_the_map_leads_into_its_region(visit: Visit) -> None:
    before = visit.zoom
    visit.page.locator(".map-label").first.click()
    visit.page.wait_for_timeout(330)
    visit.wait()
    assert visit.zoom > before + 0.5


def test_the_help_lists_what_the_run_of_this_map_said_and_explains_frames(visit: Visit) -> None:
    visit.press("?")
    help_panel = visit.page.locator("#help")
    expect(help_panel.locator("[data-notes] li")).to_contain_text(["1 picture was skipped: see `skipped`.", "1 inputs were left out"])
    expect(help_panel.locator(".frame")).to_have_count(4)
