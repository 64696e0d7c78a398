"""The one place at the right of the map: what stands in it, what waits behind, and what of the map is left to see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, expect

from .conftest import Visit
from .test_accessibility import AXE, violations

pytestmark = pytest.mark.browser


def box_of(found: Locator) -> FloatRect:
    box = found.bounding_box()
    assert box is not None
    return box


def tab(visit: Visit, name: str) -> Locator:
    return visit.page.get_by_role("tab", name=name, exact=True)


def test_what_was_opened_last_is_shown_and_tabs_lead_to_what_is_behind(visitor: Visit) -> None:
    visitor.open("#sel=region_0_0")
    visitor.page.locator("[data-selection-button]").click()
    expect(visitor.page.locator("[data-selection]")).to_be_visible()
    expect(visitor.page.get_by_role("tab")).to_have_count(0)
    left_edge = box_of(visitor.page.locator("[data-slot]"))["x"]
    visitor.page.locator(".map-label").first.click()
    visitor.wait()
    card = visitor.page.locator("aside[data-region]")
    expect(card).to_be_visible()
    expect(visitor.page.locator("[data-selection]")).to_be_hidden()
    assert box_of(visitor.page.locator("[data-slot]"))["x"] == left_edge, "one place for both"
    expect(tab(visitor, "Region")).to_have_attribute("aria-selected", "true")
    tab(visitor, "Selection").click()
    expect(card).to_be_hidden()
    expect(visitor.page.locator("[data-selection]")).to_be_visible()
    visitor.press("f")
    expect(visitor.page.locator("[data-filters]")).to_be_visible()
    expect(visitor.page.get_by_role("tab")).to_have_text(["Selection", "Filters", "Region"])
    visitor.press("Escape")
    expect(visitor.page.locator("[data-filters]")).to_have_count(0)
    expect(card).to_be_visible()
    visitor.press("Escape")
    expect(visitor.page.locator("[data-selection]")).to_be_visible()
    visitor.press("Escape")
    expect(visitor.page.locator("[data-slot]")).to_have_count(0)


def test_the_bar_stands_over_the_middle_of_the_map_that_is_seen(visitor: Visit) -> None:
    for address in ("&sel=all_", "&sel=all_&panel=selection", "&sel=all_&panel=selection,card&region=0.0"):
        visitor.open(f"#layers=points,labels&color=group{address}")
        bar, rail = box_of(visitor.page.locator("[data-select-bar]")), box_of(visitor.page.locator("nav.rail.bottom"))
        middle = bar["x"] + bar["width"] / 2
        assert middle == pytest.approx((16 + rail["x"]) / 2, abs=12), address
        for other in ("[data-legend]", "nav.rail.bottom", *(["[data-slot]"] if "panel=" in address else [])):
            found = visitor.page.locator(other).all()
            assert found, other
            for one in found:
                box = box_of(one)
                is_beside = box["x"] + box["width"] <= bar["x"] or bar["x"] + bar["width"] <= box["x"]
                assert is_beside or box["y"] + box["height"] <= bar["y"], other


def test_the_whole_map_is_shown_beside_whatever_covers_it(visit: Visit) -> None:
    whole = visit.camera
    visit.open("#region=0.1")
    visit.press("0")
    visit.wait()
    slot = box_of(visit.page.locator("[data-slot]"))
    assert visit.zoom <= whole[2]
    names = visit.page.locator(".map-label").all()
    assert names
    for name in names:
        box = box_of(name)
        assert box["x"] + box["width"] <= slot["x"]
    visit.press("Escape")
    assert visit.camera == pytest.approx(whole, abs=2e-3), "and takes the room again"
    visit.page.get_by_role("button", name="Layers and colors").click()
    visit.press("0")
    popover = box_of(visit.page.locator("#layers"))
    names = visit.page.locator(".map-label").all()
    assert names
    for name in names:
        box = box_of(name)
        assert box["x"] + box["width"] <= popover["x"] or box["y"] >= popover["y"] + popover["height"]


def test_a_link_holds_what_is_open(visitor: Visit) -> None:
    visitor.open("#sel=region_0_0&region=0.1")
    visitor.page.locator("[data-selection-button]").click()
    visitor.page.locator("[data-fidelity-chip]").click()
    visitor.wait()
    parts = visitor.hash_parts()
    assert (parts["panel"], parts["left"]) == ("selection", "fidelity")
    tab(visitor, "Region").click()
    parts = visitor.hash_parts()
    assert parts["panel"] == "selection,card"
    visitor.open("#" + "&".join(f"{key}={value}" for key, value in parts.items()))
    expect(visitor.page.locator("aside[data-region='0.1']")).to_be_visible()
    expect(tab(visitor, "Selection")).to_be_visible()
    expect(visitor.page.locator("section[data-fidelity]")).to_be_visible()
    visitor.open("#panel=moon,,filters,probe,filters&left=up")
    expect(visitor.page.locator("[data-filters]")).to_be_visible()
    expect(visitor.page.get_by_role("tab")).to_have_count(0)
    assert visitor.hash_parts()["panel"] == "filters"


def test_on_a_narrow_screen_the_place_is_at_the_lower_edge(visiting: Callable[..., Visit], browser: Browser, site: str) -> None:
    visit = visiting(browser, site)
    visit.page.set_viewport_size({"width": 390, "height": 780})
    visit.open("#panel=filters,card&region=0.1")
    slot = box_of(visit.page.locator("[data-slot]"))
    assert slot["y"] > 780 * 0.4
    assert slot["x"] < 20
    expect(tab(visit, "Filters")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_grave_in_tabs(visiting: Callable[..., Visit], browser: Browser, site: str, theme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in viewer/")
    visit = visiting(browser, site, bypass_csp=True, reduced_motion="reduce")
    visit.open(f"#theme={theme}&panel=regions,filters,selection,card&region=0.0&sel=region_0_0")
    visit.page.add_script_tag(path=AXE)
    assert violations(visit.page) == []
