"""What the page says when all that is kept lies beside the screen, and how it leads there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from vista.atlas import reader

from .conftest import Visit

pytestmark = pytest.mark.browser

NEAR = 3.0  # levels beyond the whole map
YEARS = (1950, 1953)


def seen_from_afar(visit: Visit, site_folder: Path, is_kept: NDArray[np.bool_]) -> str:
    """The address from which one item is seen near by: the one that is farthest from all that are kept."""
    places = places_of(site_folder)
    distances = np.linalg.norm(places[:, None] - places[is_kept][None], axis=2).min(axis=1)
    x, y = places[int(distances.argmax())]
    return f"#c={x:.5f},{y:.5f},{visit.zoom + NEAR:.3f}"


def places_of(site_folder: Path) -> NDArray[np.float64]:
    items = reader.open(site_folder).maps["main"].items()
    return np.stack([items["x"].to_numpy(), items["y"].to_numpy()], axis=1)


def column(site_folder: Path, name: str) -> list[object]:
    return reader.open(site_folder).maps["main"].items()[name].to_pylist()  # type: ignore[no-any-return]


def is_on_screen(visit: Visit, places: NDArray[np.float64], extent: float) -> NDArray[np.bool_]:
    x, y, zoom = visit.camera
    px = (places - (x, y)) * 512 * 2**zoom / extent
    size = visit.page.viewport_size
    assert size is not None
    return np.asarray((np.abs(px) <= (size["width"] / 2, size["height"] / 2)).all(axis=1))


def test_filters_whose_items_lie_beside_the_screen_say_so_and_lead_to_all_of_them(visitor: Visit, site_folder: Path) -> None:
    years = np.array(column(site_folder, "year"))
    is_kept = (years >= YEARS[0]) & (years <= YEARS[1])
    unseen = visitor.page.locator("[data-chips] [data-unseen]")
    visitor.open(f"#where=year:{YEARS[0]}..{YEARS[1]}")
    expect(visitor.page.locator("[data-kept]")).to_contain_text(f"{is_kept.sum()} of {len(years)} items")
    expect(unseen).to_have_count(0)
    visitor.open(f"{seen_from_afar(visitor, site_folder, is_kept)}&where=year:{YEARS[0]}..{YEARS[1]}")
    expect(unseen).to_contain_text("none in view")
    unseen.get_by_role("button", name="Show them").click()
    expect(unseen).to_have_count(0)
    visitor.wait()
    extent = float(reader.open(site_folder).maps["main"].entry["extent"]["size"])
    assert is_on_screen(visitor, places_of(site_folder)[is_kept], extent).all()
    visitor.press("0")  # the keys belong to the map again
    expect(visitor.page.locator("main .stage").first).to_be_focused()


def test_what_was_found_or_selected_beside_the_screen_is_one_press_away(visit: Visit, site_folder: Path) -> None:
    texts = column(site_folder, "text")
    is_lit = np.array(["lantern" in str(text) for text in texts])
    away = seen_from_afar(visit, site_folder, is_lit)
    visit.open(f"{away}&q=lantern&sel=found_lantern")
    in_search = visit.page.locator("search [data-unseen]")
    in_bar = visit.page.locator("[data-select-bar] [data-unseen]")
    expect(in_search).to_contain_text("none in view")
    expect(in_bar).to_contain_text("none in view")
    visit.page.keyboard.press("Escape")  # a search is left behind first
    expect(in_search).to_have_count(0)
    visit.page.keyboard.press("Tab")
    in_bar.get_by_role("button", name="Show them").focus()
    visit.press("Enter")
    expect(in_bar).to_have_count(0)
    assert visit.zoom < float(away.rsplit(",", 1)[1])


def test_a_single_item_is_shown_from_near_without_its_card(visit: Visit, site_folder: Path) -> None:
    places = places_of(site_folder)
    is_left = np.arange(len(places)) == places[:, 0].argmin()
    item = reader.open(site_folder).maps["main"].items()["source_row"].to_pylist()[int(places[:, 0].argmin())]
    away = seen_from_afar(visit, site_folder, is_left)
    visit.open(f"{away}&sel=items_{item}")
    hint = visit.page.locator("[data-select-bar] [data-unseen]")
    expect(hint).to_contain_text("not in view")
    hint.get_by_role("button", name="Show it").click()
    expect(hint).to_have_count(0)
    visit.wait()
    assert visit.zoom >= float(away.rsplit(",", 1)[1]) - 1
    expect(visit.page.locator("aside[data-item]")).to_have_count(0)
