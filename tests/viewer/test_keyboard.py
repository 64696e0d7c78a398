"""A tour without a mouse: every feature is reached by keys, and the focus can always be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from static_server import static_server
from vista.atlas import export, reader

from .conftest import N_ITEMS, Visit
from .study_atlas import build_study

pytestmark = pytest.mark.browser

NAMED = 123
MOST_TABS = 160
LOOK_AT_FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "nothing has the focus";
  const name = one.getAttribute("aria-label") ?? one.outerHTML.slice(0, 100);
  const rings = [one, one.closest("label"), one.closest(".field"), one.closest(".track")].filter(Boolean);
  const isRinged = ({ outlineStyle, outlineWidth, boxShadow }) =>
    (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
  const isSlider = one.type === "range"; // its ring is around its thumb, whose style cannot be asked
  if (!isSlider && !rings.some(ring => isRinged(getComputedStyle(ring)))) return `no ring around ${name}`;
  const shown = one.matches(".visually-hidden") ? one.closest("label") : one;
  const { left, top, right, bottom } = shown.getBoundingClientRect();
  if (right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight) return `${name} is off the screen`;
  if (right - left < 1 || bottom - top < 1) return `${name} has no size`;
  const slid = [...document.querySelectorAll(".stage, .stage *")].some(part => part.scrollLeft !== 0 || part.scrollTop !== 0);
  return slid ? `${name} has moved the layers of the map against each other` : null;
}"""

LOOK_WHERE_FOCUS_IS = f"""selector => {{
  const one = document.activeElement;
  const where = one === document.body ? "nowhere" : one?.matches(selector) ? "there" : "elsewhere";
  return [where, ({LOOK_AT_FOCUS})()];
}}"""


class Tour:
    """A page that is driven by keys alone; after each, what has the focus is seen."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.page = visit.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.visit.press(key)
        self.see_focus()

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.page.wait_for_timeout(200)
        self.visit.wait()
        self.see_focus()

    def see_focus(self) -> None:
        assert self.page.evaluate(LOOK_AT_FOCUS) is None

    def tab_to(self, selector: str) -> None:
        """Go on by Tab until an element has the focus, and see it at each stop."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            where, complaint = self.page.evaluate(LOOK_WHERE_FOCUS_IS, selector)
            if where == "nowhere":
                continue  # past the last element, Tab begins anew
            assert complaint is None
            if where == "there":
                return
        raise AssertionError(f"Tab does not reach {selector}")

    def use(self, selector: str, key: str = "Enter") -> None:
        self.tab_to(selector)
        self.press(key)


@pytest.fixture
def tour(visit: Visit) -> Tour:
    made = Tour(visit)
    made.tab_to("[role=application]")
    return made


@pytest.fixture(scope="module")
def study_site(built_viewer: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("keyboard")
    with static_server(export(build_study(root / "atlas"), root / "site", to="site")) as url:
        yield url


def test_the_map_is_moved_zoomed_and_seen_whole(tour: Tour) -> None:
    start = tour.visit.camera
    tour.press("+", "+", "+", "ArrowLeft", "ArrowUp")
    x, y, zoom = tour.visit.camera
    assert zoom > start[2] + 1.4
    assert x < start[0]
    assert y < start[1]
    tour.press("-")
    assert tour.visit.zoom < zoom
    tour.press("0")
    assert tour.visit.camera == pytest.approx(start, abs=2e-3)
    tour.use("[aria-label='Zoom in']")
    assert tour.visit.zoom > start[2] + 0.9
    tour.use("[aria-label='Show the whole map']")
    assert tour.visit.camera == pytest.approx(start, abs=2e-3)


def test_every_name_on_the_map_can_be_seen_when_it_is_reached(tour: Tour) -> None:
    tour.press("+", "+", "+")
    names = tour.page.locator(".map-label[tabindex='0']").count()
    assert names > 0
    for _ in range(names):
        tour.page.keyboard.press("Tab")
        tour.see_focus()
    assert tour.page.evaluate("() => document.activeElement.matches('.map-label')")
    tour.press("Enter")
    expect(tour.page.locator("aside[data-region]")).to_be_visible()
    tour.press("Escape")
    expect(tour.page.locator("aside[data-region]")).to_have_count(0)


def test_an_item_is_found_visited_and_left_for_a_neighbor(tour: Tour, site_folder: Path) -> None:
    card, before = reader.open(site_folder).card(NAMED), tour.visit.zoom
    tour.press("/")
    tour.type(card["text"])
    expect(tour.page.locator("[data-found]")).to_have_text(f"1 of {N_ITEMS}")
    tour.press("Enter")
    item = tour.page.locator("aside[data-item]")
    expect(item).to_have_attribute("data-item", str(NAMED))
    assert tour.visit.zoom > before + 1
    tour.tab_to("[data-neighbors] [data-go]")
    neighbor = tour.page.evaluate("() => document.activeElement.dataset.go")
    tour.press("Enter")
    expect(item).to_have_attribute("data-item", neighbor)
    assert tour.page.evaluate("() => document.activeElement.closest('aside[data-item]') !== null")
    tour.use("[aria-label='Close the item']")
    expect(item).to_have_count(0)


def test_each_layer_and_color_is_switched_in_its_panel(tour: Tour) -> None:
    tour.use("[aria-controls=layers]")
    layers = tour.page.locator("#layers [data-layer]").evaluate_all("all => all.map(one => one.dataset.layer)")
    assert {"collage", "points", "labels", "ground", "lines"} <= set(layers)
    for layer in layers:
        tour.tab_to(f"[data-layer={layer}]")
        switch = tour.page.locator(f"[data-layer={layer}]")
        was_on = switch.is_checked()
        tour.press(" ")
        assert switch.is_checked() != was_on
        tour.press(" ")
        assert switch.is_checked() == was_on
    tour.tab_to("[name=fidelity]")
    tour.press("ArrowRight")
    expect(tour.page.locator("[data-legend]")).to_contain_text("False neighbors")
    tour.press("ArrowRight")
    expect(tour.page.locator("[data-legend]")).to_contain_text("Missing neighbors")
    tour.press("ArrowLeft", "ArrowLeft")
    tour.tab_to("[data-color-by]")
    before = tour.visit.pixels()
    tour.type("group")
    expect(tour.page.locator("[data-color-by]")).to_have_value("group")
    assert tour.visit.pixels() != before
    tour.press("Escape")
    expect(tour.page.locator("#layers")).to_have_count(0)
    assert tour.page.evaluate("() => document.activeElement.getAttribute('aria-controls')") == "layers"
    first = tour.page.locator("[data-legend] button").first
    tour.use("[data-legend] button")
    expect(first).to_have_attribute("aria-pressed", "false")
    expect(tour.page.locator("[data-chips]")).to_be_visible()


def test_categories_and_numbers_filter_the_map(tour: Tour) -> None:
    tour.press("f")
    tour.use("#filters button.toggle")
    expect(tour.page.locator("#filters button.toggle").first).to_have_attribute("aria-pressed", "false")
    n_kept = int(tour.page.locator("[data-kept] b").inner_text())
    assert 0 < n_kept < N_ITEMS
    tour.tab_to("#filters [data-low]")
    track = tour.page.locator("#filters .track").first
    with_ring = track.screenshot()
    tour.page.keyboard.press("Tab")
    assert track.screenshot() != with_ring, "the ring goes with the focus"
    tour.page.keyboard.press("Shift+Tab")
    tour.press("PageUp", "PageUp", "PageUp")
    assert int(tour.page.locator("[data-kept] b").inner_text()) < n_kept
    expect(tour.page.locator("[data-chips] li")).to_have_count(2)
    tour.use("[aria-label='Close the filters']")
    expect(tour.page.locator("#filters")).to_have_count(0)
    tour.use("[data-chips] [aria-label^='Remove the filter']")
    expect(tour.page.locator("[data-chips] li")).to_have_count(1)
    tour.use("[data-chips] [aria-label^='Remove the filter']")
    expect(tour.page.locator("[data-chips]")).to_have_count(0)


def test_the_fidelity_panel_and_layer_open_and_close(tour: Tour) -> None:
    tour.use("[data-fidelity-chip]")
    panel = tour.page.locator("section[data-fidelity]")
    expect(panel).to_be_visible()
    tour.use("section[data-fidelity] button.close")
    expect(panel).to_have_count(0)
    assert tour.page.evaluate("() => document.activeElement.matches('[data-fidelity-chip]')")
    before = tour.visit.pixels()
    tour.press("m")
    expect(tour.page.locator("[data-legend]")).to_contain_text("False neighbors")
    assert tour.visit.pixels() != before


def test_the_tree_of_regions_leads_to_one(tour: Tour) -> None:
    before = tour.visit.zoom
    tour.press("n", "ArrowDown", "ArrowRight", "ArrowRight", "Enter")
    assert tour.visit.zoom > before
    tour.use("#tab-regions", "ArrowRight")
    expect(tour.page.locator("aside[data-region^='1.']")).to_be_visible()
    assert tour.page.evaluate("() => document.activeElement.id") == "tab-card"
    tour.press("Escape", "Escape")
    expect(tour.page.locator("#regions")).to_have_count(0)
    expect(tour.page.locator("aside[data-region]")).to_have_count(0)


def test_items_are_selected_inverted_and_released(tour: Tour) -> None:
    tour.press("+", "+", "+", "+", "v")
    expect(tour.page.locator("[data-select-bar]")).to_be_visible()
    tour.use("[data-selection-button]")
    expect(tour.page.locator("#selection")).to_be_visible()
    tour.tab_to("#selection .sets button")
    tour.press("Enter")
    n_seen = int(tour.page.locator("[data-picked] b").inner_text())
    assert 0 < n_seen < N_ITEMS
    tour.tab_to("[data-take] input")
    tour.press("ArrowRight")
    assert tour.page.locator("[data-take] input:checked").get_attribute("value") != "csv"
    tour.press("Escape")
    expect(tour.page.locator("#selection")).to_have_count(0)
    assert tour.page.evaluate("() => document.activeElement.matches('[data-selection-button]')")
    tour.use("[aria-label='Invert the selection']")
    expect(tour.page.locator("[data-picked]")).to_contain_text(f"{N_ITEMS - n_seen} selected")
    tour.use("[aria-label='Undo']")
    expect(tour.page.locator("[data-picked]")).to_contain_text(f"{n_seen} selected")
    for _ in range(4):
        tour.press("Escape")
    expect(tour.page.locator("[data-select-bar]")).to_have_count(0)


def test_theme_and_help_have_keys_and_escape_closes_all(tour: Tour) -> None:
    tour.press("?")
    expect(tour.page.locator("#help")).to_be_visible()
    tour.tab_to("#help")
    tour.press("Escape")
    expect(tour.page.locator("#help")).to_have_count(0)
    tour.press("t", "t")
    expect(tour.page.locator("html")).to_have_attribute("data-theme", "dark")
    tour.press("/")
    tour.type("lantern")
    tour.press("Escape")
    expect(tour.page.locator("[data-found]")).to_have_count(0)
    assert tour.page.evaluate("() => document.activeElement.getAttribute('role')") == "application"


def test_what_is_seen_is_shared_as_a_link_a_picture_and_a_frame(tour: Tour) -> None:
    tour.press("e")
    share = tour.page.locator("[data-share]")
    expect(share).to_be_visible()
    tour.tab_to("[data-share] input[name=scale]")
    tour.press("ArrowRight")
    assert share.locator("input[name=scale]:checked").get_attribute("value") != "1"
    tour.tab_to("[data-share] [data-caption]")
    was_on = share.locator("[data-caption]").is_checked()
    tour.press(" ")
    assert share.locator("[data-caption]").is_checked() != was_on
    tour.tab_to("[data-share] [data-save]")
    with tour.page.expect_download() as download:
        tour.page.keyboard.press("Enter")
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    tour.visit.wait()
    tour.see_focus()
    tour.press("Escape")
    expect(share).to_have_count(0)
    tour.see_focus()


def test_two_maps_stand_beside_each_other_by_keys_alone(visiting: Callable[..., Visit], browser: Browser, study_site: str) -> None:
    visit = visiting(browser, study_site, reduced_motion="reduce")
    visit.open("#map=latent-3")
    tour = Tour(visit)
    tour.tab_to("[role=application]")
    visit.press("b")
    beside = visit.page.locator("[data-beside]")
    expect(beside).to_have_count(1)
    visit.page.wait_for_selector("[data-beside][data-vista=ready]", state="attached")
    tour.tab_to("[data-beside] [role=application]")
    before = visit.page.locator("[data-beside]").get_attribute("data-camera")
    tour.press("+", "+")
    assert beside.get_attribute("data-camera") != before
    tour.tab_to("[data-beside-map]")
    first = beside.get_attribute("data-beside")
    visit.press("ArrowDown")
    expect(beside).not_to_have_attribute("data-beside", first or "")
    tour.tab_to("[data-beside] [data-link]")
    tour.press("Enter")
    expect(visit.page.locator("[data-link]")).to_have_attribute("aria-pressed", "false")
    tour.use("[aria-label='Swap the two maps']")
    expect(beside).to_have_attribute("data-beside", "latent-3")
    tour.use("[aria-label='Close the map beside']")
    expect(beside).to_have_count(0)
    tour.see_focus()


def test_from_the_gallery_into_a_map_to_the_next_and_back(visiting: Callable[..., Visit], browser: Browser, study_site: str) -> None:
    visit = visiting(browser, study_site, reduced_motion="reduce")
    visit.open()
    tour = Tour(visit)
    tour.tab_to("[data-sort]")
    tour.use("a[data-map=latent-3]")
    assert visit.hash_parts()["map"] == "latent-3"
    tour.use("#latent [data-low]", "PageUp")
    expect(visit.page.locator("[data-kept]")).to_be_visible()
    tour.use("[data-top] [data-go]")
    expect(visit.page.locator("aside[data-item] [data-item-text] mark").first).to_be_visible()
    tour.use("[aria-label^='Next map']")
    assert visit.hash_parts()["map"] == "latent-7"
    tour.press("[")
    assert visit.hash_parts()["map"] == "latent-3"
    visit.press("g")
    expect(visit.page.locator("[data-gallery]")).to_be_focused()
    tour.tab_to("a[data-map=dictionary]")
    tour.press("Escape")
    expect(visit.page.locator("[data-gallery]")).to_have_count(0)
    tour.see_focus()


def test_the_box_that_says_where_keys_go_leaves_when_the_pointer_is_used_and_comes_back_with_the_next_key(visit: Visit) -> None:
    stage = visit.page.locator(".explorer > .stage")
    width = "one => getComputedStyle(one).outlineStyle"
    visit.search("lantern")
    visit.press("Escape")
    expect(stage).to_be_focused()
    assert stage.evaluate(width) != "none"
    visit.page.mouse.click(640, 790)
    assert stage.evaluate(width) == "none"
    visit.press("ArrowLeft")
    assert stage.evaluate(width) != "none"


def test_a_map_that_the_wheel_moved_before_it_was_tabbed_into_shows_where_the_keys_go(visit: Visit) -> None:
    stage = visit.page.locator(".explorer > .stage")
    visit.page.mouse.move(640, 790)
    visit.page.mouse.wheel(0, -60)
    visit.wait()
    visit.press("Tab")
    expect(stage).to_be_focused()
    assert stage.evaluate("one => getComputedStyle(one).outlineStyle") != "none"
