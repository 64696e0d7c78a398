"""What people do with many items at once: select them in several ways, read what sets them apart, take them away."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, expect

from sample_atlas import HOSTILE
from vista.atlas import reader

from .conftest import HEIGHT_PX, N_ITEMS, WIDTH_PX, Visit
from .test_accessibility import AXE, violations

pytestmark = pytest.mark.browser

LEFT, TOP, RIGHT, BOTTOM = 440, 120, 760, 520
"""A box on the screen, in pixels, that no panel lies over."""
BESIDE_PX = 372  # what the panel of the selection takes of the screen


class Truth:
    """Where the items lie on the screen, and what the atlas says of them."""

    def __init__(self, folder: Path) -> None:
        shown = reader.open(folder).maps["main"]
        self.table = shown.items().sort_by("source_row")
        self.extent = shown.entry["extent"]
        self.places = np.column_stack([self.table["x"].to_numpy(), self.table["y"].to_numpy()])

    def on_screen(self, camera: tuple[float, float, float]) -> NDArray[np.float64]:
        x, y, zoom = camera
        scale = 512 * 2**zoom / self.extent["size"]
        return np.array([WIDTH_PX, HEIGHT_PX]) / 2 + (self.places - [x, y]) * scale

    def inside(self, camera: tuple[float, float, float], left: float, top: float, right: float, bottom: float) -> set[int]:
        at = self.on_screen(camera)
        within = (at[:, 0] > left) & (at[:, 0] < right) & (at[:, 1] > top) & (at[:, 1] < bottom)
        return set(np.flatnonzero(within).tolist())


@pytest.fixture(scope="module")
def truth(site_folder: Path) -> Truth:
    return Truth(site_folder)


def drag(visit: Visit, *path: tuple[float, float], keys: tuple[str, ...] = ()) -> None:
    """Draw along some places of the screen with keys held."""
    for key in keys:
        visit.page.keyboard.down(key)
    visit.page.mouse.move(*path[0])
    visit.page.mouse.down()
    for place in path[1:]:
        visit.page.mouse.move(*place, steps=4)
    visit.page.mouse.up()
    for key in reversed(keys):
        visit.page.keyboard.up(key)
    visit.wait()


def draw_box(visit: Visit, *keys: str, box: tuple[float, float, float, float] = (LEFT, TOP, RIGHT, BOTTOM)) -> None:
    left, top, right, bottom = box
    drag(visit, (left, top), (right, bottom), keys=keys)


def picked(visit: Visit) -> Locator:
    return visit.page.locator("[data-picked]")


def selected_ids(visit: Visit) -> set[int]:
    """The selected items, as the file says that one can take away."""
    if visit.page.locator("[data-selection]").count() == 0:
        visit.page.locator("[data-selection-button]").click()
    visit.page.locator("[data-take] label", has_text="Ids").click()
    text = saved(visit)
    return {int(line.removeprefix("disc-")) for line in text.split()}


def saved(visit: Visit) -> str:
    return saved_bytes(visit).decode()


def saved_bytes(visit: Visit) -> bytes:
    with visit.page.expect_download() as download:
        visit.page.locator("[data-save]").click()
    return Path(download.value.path()).read_bytes()


def test_a_box_selects_exactly_the_items_that_lie_in_it_and_its_address_does_so_again(visit: Visit, truth: Truth) -> None:
    expected = truth.inside(visit.camera, LEFT, TOP, RIGHT, BOTTOM)
    assert 20 < len(expected) < N_ITEMS - 20
    before = visit.pixels()
    draw_box(visit, "Shift")
    expect(picked(visit)).to_have_text(f"{len(expected)} selected of {N_ITEMS}")
    assert visit.pixels() != before
    assert selected_ids(visit) == expected
    part = visit.hash_parts()["sel"]
    assert part.startswith("shape_")
    visit.open(f"#sel={part}")
    expect(picked(visit)).to_have_text(f"{len(expected)} selected of {N_ITEMS}")


def test_a_lasso_selects_what_lies_in_it_and_has_few_corners_in_the_address(visit: Visit, truth: Truth) -> None:
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    middle, radius = np.array([600.0, 330.0]), 170
    drag(visit, *[tuple(middle + radius * np.array([np.cos(a), np.sin(a)])) for a in angles], keys=("Shift", "Control"))
    corners = np.array(visit.hash_parts()["sel"].removeprefix("shape_").split("_"), float).reshape(-1, 2)
    assert 3 <= len(corners) <= 24
    away = np.hypot(*(truth.on_screen(visit.camera) - middle).T)
    selected = selected_ids(visit)
    assert set(np.flatnonzero(away < 0.94 * radius).tolist()) <= selected <= set(np.flatnonzero(away < 1.04 * radius).tolist())


def test_shapes_join_and_leave_the_selection_and_it_is_turned_inside_out_and_cleared(visit: Visit, truth: Truth) -> None:
    one = truth.inside(visit.camera, LEFT, TOP, RIGHT, BOTTOM)
    other = truth.inside(visit.camera, 640, 300, 900, 700)
    third = truth.inside(visit.camera, 500, 200, 700, 400)
    assert other - one
    assert third & one
    visit.press("v")
    draw_box(visit)
    draw_box(visit, "Shift", box=(640, 300, 900, 700))
    expect(picked(visit)).to_contain_text(f"{len(one | other)} selected")
    draw_box(visit, "Alt", box=(500, 200, 700, 400))
    left = (one | other) - third
    expect(picked(visit)).to_contain_text(f"{len(left)} selected")
    visit.page.get_by_role("button", name="Invert the selection").click()
    expect(picked(visit)).to_contain_text(f"{N_ITEMS - len(left)} selected")
    parts = [part for part in visit.page.url.partition("#")[2].split("&") if part.startswith("sel=")]
    visit.page.wait_for_timeout(350)
    parts = [part for part in visit.page.url.partition("#")[2].split("&") if part.startswith("sel=")]
    assert len(parts) == 4
    visit.open("#" + "&".join(parts))
    expect(picked(visit)).to_contain_text(f"{N_ITEMS - len(left)} selected")
    visit.press("Escape")
    expect(picked(visit)).to_have_count(0)


def test_while_space_is_held_a_drag_draws_and_afterwards_it_moves_the_map_again(visit: Visit, truth: Truth) -> None:
    expected = truth.inside(visit.camera, LEFT, TOP, RIGHT, BOTTOM)
    camera = visit.camera
    draw_box(visit, "Space")
    expect(picked(visit)).to_contain_text(f"{len(expected)} selected")
    assert visit.camera == camera
    drag(visit, (600, 400), (500, 400))
    assert visit.camera != camera


def test_the_tools_of_the_bar_need_no_keys(visit: Visit, truth: Truth) -> None:
    one = truth.inside(visit.camera, LEFT, TOP, RIGHT, BOTTOM)
    other = truth.inside(visit.camera, 640, 300, 900, 700)
    visit.page.locator("[data-select-button]").click()
    draw_box(visit)
    visit.page.locator("[data-select-bar] label", has_text="Add").click()
    draw_box(visit, box=(640, 300, 900, 700))
    expect(picked(visit)).to_contain_text(f"{len(one | other)} selected")
    visit.page.locator("[data-select-bar] label", has_text="Take").click()
    draw_box(visit)
    expect(picked(visit)).to_contain_text(f"{len(other - one)} selected")


def test_a_click_with_control_selects_a_picture_with_all_for_which_it_stands_and_another_takes_it_back(visit: Visit, truth: Truth) -> None:
    visit.press("l")
    level = int(visit.zoom + 1.5)
    n_across = 8 * 2**level
    cells = np.floor((truth.places - [truth.extent["x0"], truth.extent["y0"]]) / truth.extent["size"] * n_across).astype(int)
    keys = cells[:, 0] + n_across * cells[:, 1]
    fullest = np.bincount(keys).argmax()
    members = set(np.flatnonzero(keys == fullest).tolist())
    assert len(members) > 1
    middle = np.array([fullest % n_across + 0.5, fullest // n_across + 0.5]) / n_across * truth.extent["size"]

    def click() -> None:
        x, y, zoom = visit.camera
        corner = np.array([truth.extent["x0"] - x, truth.extent["y0"] - y])
        at = np.array([WIDTH_PX, HEIGHT_PX]) / 2 + (middle + corner) * 512 * 2**zoom / truth.extent["size"]
        visit.page.keyboard.down("Control")
        visit.page.mouse.click(*at)
        visit.page.keyboard.up("Control")

    click()
    expect(picked(visit)).to_contain_text(f"{len(members)} selected")
    assert selected_ids(visit) == members
    visit.press("Escape")
    click()
    expect(picked(visit)).to_have_count(0)


def test_a_double_click_beside_all_items_clears_the_selection(visitor: Visit) -> None:
    visitor.open("#sel=all_")
    expect(picked(visitor)).to_contain_text(f"{N_ITEMS} selected")
    x, y, zoom = visitor.camera
    visitor.follow(f"#sel=all_&c={x + 30},{y + 30},{zoom + 2}")
    visitor.page.mouse.dblclick(700, 300)
    expect(picked(visitor)).to_have_count(0)


def test_steps_of_selecting_and_filtering_are_taken_back_and_again_in_their_order(visit: Visit, truth: Truth) -> None:
    n_box = len(truth.inside(visit.camera, LEFT, TOP, RIGHT, BOTTOM))
    draw_box(visit, "Shift")
    visit.press("f")
    first = visit.page.locator("#filters .toggle").first
    first.click()
    expect(visit.page.locator("[data-chips]")).to_be_visible()
    visit.page.get_by_role("button", name="Invert the selection").click()
    expect(picked(visit)).to_contain_text(f"{N_ITEMS - n_box} selected")
    visit.press("Control+z")
    expect(picked(visit)).to_contain_text(f"{n_box} selected")
    visit.press("Control+z")
    expect(visit.page.locator("[data-chips]")).to_have_count(0)
    visit.press("Control+z")
    expect(picked(visit)).to_have_count(0)
    visit.press("Control+Shift+z")
    visit.press("Control+Shift+z")
    expect(picked(visit)).to_contain_text(f"{n_box} selected")
    expect(visit.page.locator("[data-chips]")).to_be_visible()
    visit.press("Control+Shift+z")
    expect(picked(visit)).to_contain_text(f"{N_ITEMS - n_box} selected")


def test_what_was_found_and_what_filters_keep_is_selected_at_once(visit: Visit, truth: Truth) -> None:
    texts = truth.table["text"].to_pylist()
    visit.search("lantern")
    visit.page.locator("[data-select-found]").click()
    expected = {row for row, text in enumerate(texts) if "lantern" in text.lower()}
    expect(picked(visit)).to_contain_text(f"{len(expected)} selected")
    assert selected_ids(visit) == expected
    assert visit.hash_parts()["sel"] == "found_lantern"
    years = truth.table["year"].to_numpy()
    visit.open("#where=year%3A1950..1960")
    visit.page.locator("[data-select-kept]").click()
    assert selected_ids(visit) == set(np.flatnonzero((years >= 1950) & (years <= 1960)).tolist())


def test_the_list_holds_all_that_is_selected_however_few_rows_are_there_and_leads_to_each(visitor: Visit, truth: Truth) -> None:
    visitor.open("#sel=region_0_0")
    expected = [row for row, name in enumerate(truth.table["region_0"].to_pylist()) if name == truth.table["region_0"][0].as_py()]
    visitor.page.locator("[data-selection-button]").click()
    rows = visitor.page.locator("[data-selection] [role=listitem]")
    expect(rows.first).to_have_attribute("aria-setsize", str(len(expected)))
    assert rows.count() < 16 < len(expected)
    listed = visitor.page.get_by_role("list", name="Selected items")
    listed.evaluate("list => (list.scrollTop = list.scrollHeight)")
    last = visitor.page.locator(f"[data-selection] [data-go='{expected[-1]}']")
    expect(last).to_be_visible()
    before = visitor.zoom
    last.click()
    visitor.wait()
    assert visitor.zoom > before
    expect(visitor.page.locator(f"aside[data-item='{expected[-1]}']")).to_be_visible()
    expect(visitor.page.locator("[data-selection]")).to_be_hidden()
    visitor.page.get_by_role("tab", name="Selection").click()
    expect(last).to_be_visible()
    expect(last).to_have_attribute("aria-current", "true")


def test_the_words_and_values_that_set_a_selection_apart_are_told_with_their_counts(visitor: Visit, truth: Truth) -> None:
    groups = truth.table["group"].to_pylist()
    texts = truth.table["text"].to_pylist()
    kingdom = "forest"
    members = [row for row, group in enumerate(groups) if group == kingdom][:40]
    visitor.open(f"#sel=items_{'_'.join(map(str, members))}")
    visitor.page.locator("[data-selection-button]").click()
    words = visitor.page.locator("[data-apart] li[data-kind='word']")
    expect(words.first).to_contain_text(kingdom)
    n_word = sum(kingdom in texts[row] for row in members)
    expect(words.first.locator(".numbers")).to_have_text(_said(n_word, len(members), texts, kingdom))
    expect(visitor.page.locator("[data-apart] li[data-kind='value']").first).to_contain_text(kingdom)
    words.first.get_by_role("button").click()
    expect(visitor.page.locator("[data-found]")).to_contain_text(f"of {N_ITEMS}")


def _said(n_word: int, n_selected: int, texts: list[str], word: str) -> str:
    n_all = sum(word in text for text in texts)
    return f"in {n_word} of {n_selected}, elsewhere {n_all - n_word} of {len(texts) - n_selected}"


def test_a_selection_is_taken_away_as_the_table_that_python_shows_and_texts_cannot_become_formulas(visitor: Visit, truth: Truth) -> None:
    visitor.open("#sel=items_0_1_2_3_200")
    visitor.page.locator("[data-selection-button]").click()
    rows = list(csv.DictReader(io.StringIO(saved(visitor).removeprefix("\ufeff"), newline="")))
    expected = truth.table.take([0, 1, 2, 3, 200])
    assert list(rows[0]) == expected.column_names
    assert [row["item_id"] for row in rows] == expected["item_id"].to_pylist()
    assert [row["text"] for row in rows] == expected["text"].to_pylist()
    assert rows[0]["text"] == HOSTILE[0]
    assert [float(row["x"]) for row in rows] == pytest.approx(expected["x"].to_pylist(), rel=1e-6)
    assert [row["region_1"] for row in rows] == expected["region_1"].to_pylist()
    assert [float(row["trust_false"]) for row in rows] == pytest.approx(expected["trust_false"].to_pylist(), abs=2e-3)
    visitor.page.locator("[data-take] label", has_text="Parquet").click()
    table = pq.read_table(pa.BufferReader(saved_bytes(visitor)))
    assert table.column_names == expected.column_names
    for name in ("item_id", "source_row", "x", "text", "region_0", "year", "checked", "serial", "weight"):
        assert table[name].to_pylist() == expected[name].to_pylist(), name
    visitor.page.locator("[data-take] label", has_text="JSON").click()
    told = json.loads(saved(visitor))
    assert [row["text"] for row in told] == expected["text"].to_pylist()
    assert [row["year"] for row in told] == expected["year"].to_pylist()
    assert [row["checked"] for row in told] == expected["checked"].to_pylist()


def test_a_selection_is_made_read_and_cleared_by_keys_alone(visit: Visit, truth: Truth) -> None:
    visit.page.locator(".stage").focus()
    for key in ("+", "+", "+", "+"):
        visit.press(key)
    visit.press("v")
    _tab_to(visit, "[data-selection-button]")
    visit.press("Enter")
    _tab_to(visit, ".sets button")
    visit.press("Enter")
    expected = truth.inside(visit.camera, 0, 0, WIDTH_PX - BESIDE_PX, HEIGHT_PX)
    assert 1 < len(expected) < N_ITEMS
    expect(picked(visit)).to_have_text(f"{len(expected)} selected of {N_ITEMS}")
    _tab_to(visit, "[data-selection] [data-go]")
    visit.press("ArrowDown")
    second = sorted(expected)[1]
    expect(visit.page.locator(f"[data-selection] [data-go='{second}']")).to_be_focused()
    visit.press("Enter")
    expect(visit.page.locator(f"aside[data-item='{second}']")).to_be_visible()
    for _ in range(4):
        visit.press("Escape")
    expect(picked(visit)).to_have_count(0)


def _tab_to(visit: Visit, selector: str) -> None:
    """Press Tab until the focus is on what a selector names."""
    for _ in range(60):
        if visit.page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
        visit.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def test_an_items_card_puts_it_into_the_selection(visitor: Visit) -> None:
    visitor.open("#item=123")
    pick = visitor.page.locator("[data-pick]")
    expect(pick).to_have_attribute("aria-pressed", "false")
    pick.click()
    expect(pick).to_have_attribute("aria-pressed", "true")
    expect(picked(visitor)).to_contain_text("1 selected")
    assert visitor.hash_parts()["sel"] == "items_123"


def test_points_that_are_not_selected_step_back(visitor: Visit) -> None:
    visitor.open("#layers=points&color=group")
    before = visitor.pixels()
    draw_box(visitor, "Shift")
    assert visitor.pixels() != before
    visitor.press("Escape")
    assert visitor.pixels() == before


def test_absurd_selections_in_the_address_select_nothing(visiting: Callable[..., Visit], browser: Browser, site: str) -> None:
    visit = visiting(browser, site)
    for address in ("sel=region_7_1", "sel=region_0_9999", "sel=items_99999999", "sel=shape_1_2", "sel=found_%00", "sel=less_all_"):
        visit.open(f"#{address}")
        expect(picked(visit)).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_grave_while_selecting(visiting: Callable[..., Visit], browser: Browser, site: str, theme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in viewer/")
    visit = visiting(browser, site, bypass_csp=True, reduced_motion="reduce")
    visit.open(f"#theme={theme}")
    visit.page.add_script_tag(path=AXE)
    visit.press("v")
    draw_box(visit)
    assert violations(visit.page) == [], "the bar"
    visit.page.locator("[data-selection-button]").click()
    expect(visit.page.locator("[data-apart]")).to_be_visible()
    visit.wait()
    assert violations(visit.page) == [], "the selection"


def test_a_finger_draws_while_selecting_and_two_fingers_still_zoom(
    visiting: Callable[..., Visit], browser: Browser, site: str, truth: Truth
) -> None:
    visit = visiting(browser, site, has_touch=True)
    visit.open()
    expected = truth.inside(visit.camera, LEFT, TOP, RIGHT, BOTTOM)
    camera = visit.camera
    visit.page.locator("[data-select-button]").click()
    touch = visit.page.context.new_cdp_session(visit.page)

    def fingers(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", (LEFT, TOP))
    fingers("touchMove", ((LEFT + RIGHT) / 2, BOTTOM))
    fingers("touchMove", (RIGHT, BOTTOM))
    fingers("touchEnd")
    expect(picked(visit)).to_have_text(f"{len(expected)} selected of {N_ITEMS}")
    assert visit.camera == camera
    fingers("touchStart", (600, 400))
    fingers("touchStart", (600, 400), (680, 400))
    for away in (40, 90, 140):
        fingers("touchMove", (600 - away, 400), (680 + away, 400))
    fingers("touchEnd")
    visit.wait()
    assert visit.zoom > camera[2] + 0.5
    expect(picked(visit)).to_have_text(f"{len(expected)} selected of {N_ITEMS}")
