"""Maps whose points come in tiles: how many are drawn, what is read for it, and what can be done with them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from playwright.sync_api import Browser, expect

import vista
from static_server import static_server
from viewer.conftest import Visit
from vista.atlas import export
from vista.execution import Cache, silent
from vista.pipeline.limits import Limits
from vista.pipeline.mapping import build, options_of_map
from vista.pipeline.run import Run

N_POINTS, N_GROUPS, TILE_ITEMS = 60_000, 5, 1_000
N_YEARLESS = 6_000
DRAWN = "[data-points-drawn]"


def points() -> pa.Table:
    """Return points in clusters, one of them far away from the others."""
    rng = np.random.default_rng(7)
    group = rng.permutation(np.repeat(np.arange(N_GROUPS), [30_000, 15_000, 9_000, 5_000, 1_000]))
    middles = np.array([(-6, -6), (6, -4), (-3, 7), (5, 6), (22, 0)])
    places = (middles[group] + rng.normal(size=(N_POINTS, 2))).astype(np.float32)
    year = rng.integers(1900, 2000, N_POINTS).astype(np.float64)
    year[:N_YEARLESS] = np.nan
    return pa.table({"x": places[:, 0], "y": places[:, 1], "group": [f"group {one}" for one in group], "year": year})


@pytest.fixture(scope="module")
def tiled_folder(built_viewer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiled")
    limits = Limits(tiled_above_items=100, tile_items=TILE_ITEMS)
    options = options_of_map(x="x", y="y", color=("group", "year"))
    run = Run(command="map", options=options, cache=Cache(None), progress=silent, limits=limits)
    atlas = build(points(), folder / "atlas", run, name="main", overwrite=False)
    return export(atlas.path, folder / "site", to="site")


@pytest.fixture(scope="module")
def tiled_site(tiled_folder: Path) -> Iterator[str]:
    with static_server(tiled_folder) as url:
        yield url


@pytest.fixture
def tiled(visiting: Callable[..., Visit], browser: Browser, tiled_site: str) -> Visit:
    made = visiting(browser, tiled_site)
    made.open()
    return made


def ranges(visit: Visit, name: str) -> list[tuple[int, int]]:
    """First and last byte of what was asked for of a file."""
    asked = [one.headers.get("range") for one in visit.requests if one.url.endswith(name)]
    found = [re.fullmatch(r"bytes=(\d+)-(\d+)", one or "") for one in asked]
    return [(int(one[1]), int(one[2])) for one in found if one]


def _asked(visit: Visit, name: str) -> bool:
    return any(one.url.endswith(f"/{name}") for one in visit.requests)


def test_a_large_map_is_drawn_from_tiles_and_says_how_many_points_it_draws(tiled: Visit) -> None:
    expect(tiled.page.locator(DRAWN)).to_contain_text(f" of {N_POINTS:,} points drawn; each stands for about")
    tiled.press("Shift")  # who turns to the map gets more than a first look
    expect(tiled.page.locator(DRAWN)).to_have_text(f"All {N_POINTS:,} points drawn")
    read = ranges(tiled, "xy.bin")
    assert len(read) >= 2
    assert read[0] == (0, 4 * TILE_ITEMS - 1)


def test_a_region_of_a_map_in_tiles_has_a_line_around_it(tiled: Visit) -> None:
    tiled.follow("#region=0.0")
    line = tiled.page.locator("[data-outlined='0.0'] .outline-rim")
    expect(line).to_have_attribute("d", re.compile("^M.*Z$"))
    assert _asked(tiled, "region.bin")


def test_near_by_only_the_tiles_in_view_are_read(visiting: Callable[..., Visit], browser: Browser, tiled_site: str) -> None:
    near = visiting(browser, tiled_site)
    near.open("#c=22,0,5")
    assert sum(last + 1 - first for first, last in ranges(near, "xy.bin")) < 4 * N_POINTS / 3
    expect(near.page.locator(DRAWN)).to_contain_text(re.compile(r"^About [\d,]+ points here, all drawn$"))


def test_colors_of_a_column_are_read_by_tile_when_they_are_wanted(tiled: Visit) -> None:
    plain = tiled.pixels()
    assert ranges(tiled, "_shades.bin") == []
    tiled.page.get_by_role("button", name="Layers").click()
    tiled.page.locator("[data-color-by]").select_option("year")
    tiled.wait()
    assert tiled.pixels() != plain
    assert _asked(tiled, "color_1_shades.bin")
    assert not _asked(tiled, "color_1.bin")
    expect(tiled.page.locator("[data-legend]")).to_contain_text("1,900")


def test_a_point_under_the_pointer_shows_its_card_and_a_click_chooses_it(tiled: Visit) -> None:
    tiled.follow("#c=22,0,5")
    _click_a_point(tiled)
    chosen = tiled.page.get_by_role("complementary", name="Item")
    expect(chosen).to_contain_text("group 4")
    assert tiled.hash_parts()["item"] == chosen.get_attribute("data-item")
    expect(tiled.page.locator("[data-notice]")).to_have_count(0)


def _click_a_point(visit: Visit) -> None:
    """Move around the middle of the screen until a point is hit, and click it."""
    for radius in range(0, 300, 12):
        for dx, dy in ((radius, 0), (0, radius), (-radius, 0), (0, -radius)):
            visit.page.mouse.move(640 + dx, 400 + dy)
            visit.page.wait_for_timeout(60)
            if visit.page.get_by_role("tooltip").count():
                expect(visit.page.get_by_role("tooltip")).to_be_visible()
                visit.page.mouse.click(640 + dx, 400 + dy)
                return
    raise AssertionError("no point is near the middle of the screen")


def test_an_address_that_names_an_item_flies_to_its_point(visiting: Callable[..., Visit], browser: Browser, tiled_site: str) -> None:
    far = visiting(browser, tiled_site)
    far.open(f"#item={N_POINTS - 1}")
    expect(far.page.get_by_role("complementary", name="Item")).to_be_visible()
    far.page.wait_for_timeout(1_600)
    far.wait()
    assert far.zoom > 3
    assert sum(last + 1 - first for first, last in ranges(far, "xy.bin")) < 4 * N_POINTS


def test_filters_count_over_all_rows_and_read_a_column_when_it_is_opened(tiled: Visit) -> None:
    whole = tiled.pixels()
    tiled.press("f")
    filters = tiled.page.locator("[data-filters]")
    expect(filters).to_contain_text(f"all {N_POINTS:,}")
    assert not _asked(tiled, "color_1.bin")
    filters.get_by_text("group", exact=True).click()
    filters.get_by_role("button", name="group 0").first.click()
    expect(filters).to_contain_text(f"30,000 of {N_POINTS:,}")
    tiled.wait()
    assert tiled.pixels() != whole
    filters.get_by_text("year", exact=True).click()
    expect(filters).to_contain_text(f"{N_YEARLESS:,} without a value")
    assert _asked(tiled, "color_1.bin")


def test_of_tiles_too_filters_say_that_all_they_keep_lies_beside_the_screen(tiled: Visit) -> None:
    tiled.open(f"#c=-6,-6,{tiled.zoom + 4:.3f}&where=group:!0,1,2,3")  # over the largest group, all but the smallest left out
    unseen = tiled.page.locator("[data-unseen]")
    expect(tiled.page.locator("[data-kept]")).to_contain_text("1,000 of 60,000 items")
    expect(unseen).to_contain_text("none in view")
    unseen.get_by_role("button").click()
    expect(unseen).to_have_count(0)
    tiled.wait()
    assert tiled.camera[0] == pytest.approx(22, abs=3)


def test_a_place_that_cannot_be_read_is_told_where_one_asks_to_be_shown_it(
    visiting: Callable[..., Visit], browser: Browser, tiled_site: str
) -> None:
    visit = visiting(browser, tiled_site, is_broken=True)
    visit.open()
    visit.open(f"#c=-6,-6,{visit.zoom + 4:.3f}&where=group:!0,1,2,3")
    button = visit.page.locator("[data-unseen]").get_by_role("button")
    expect(button).to_be_visible()
    thrown: list[str] = []
    visit.page.on("pageerror", lambda error: thrown.append(str(error)))
    visit.page.route("**/*.bin", lambda route: route.abort())
    button.click()
    expect(visit.page.locator("[data-notice]")).to_be_visible()
    assert thrown == []


def test_a_map_without_a_representation_says_that_nothing_can_judge_it(tiled: Visit) -> None:
    expect(tiled.page.locator("header [data-unjudged]")).to_contain_text("no representation")
    tiled.press("m")
    expect(tiled.page.locator("[data-legend]")).to_have_count(0)
    tiled.page.get_by_role("button", name="Layers").click()
    expect(tiled.page.locator("#fidelity-layer")).to_have_count(0)


def draw_box(visit: Visit, left: int, top: int, right: int, bottom: int) -> None:
    """Draw a box over the map."""
    visit.page.keyboard.down("Shift")
    visit.page.mouse.move(left, top)
    visit.page.mouse.down()
    visit.page.mouse.move(right, bottom, steps=3)
    visit.page.mouse.up()
    visit.page.keyboard.up("Shift")
    visit.wait()


def n_inside(folder: Path, corners: np.ndarray) -> int:
    """Count the items of the atlas that lie in a box."""
    table = vista.open(folder).maps["main"].items()
    places = np.column_stack([table["x"].to_numpy(), table["y"].to_numpy()])
    return int(((places > corners.min(0)) & (places < corners.max(0))).all(1).sum())


def test_a_box_reads_only_the_tiles_that_its_edge_runs_through(tiled: Visit, tiled_folder: Path) -> None:
    tiled.follow("#c=22,0,5")  # a small cluster: few tiles are here
    before = sum(last + 1 - first for first, last in ranges(tiled, "xy.bin"))
    draw_box(tiled, 500, 200, 800, 600)
    picked = tiled.page.locator("[data-picked] b")
    expect(picked).not_to_have_text("0")
    corners = np.array(tiled.hash_parts()["sel"].removeprefix("shape_").split("_"), float).reshape(-1, 2)
    assert int(picked.inner_text().replace(",", "")) == pytest.approx(n_inside(tiled_folder, corners), abs=2)  # places are kept to a step
    assert sum(last + 1 - first for first, last in ranges(tiled, "xy.bin")) == before, "what is on the screen is here"


def test_of_tiles_that_lie_in_a_box_no_place_is_read(
    visiting: Callable[..., Visit], browser: Browser, tiled_site: str, tiled_folder: Path
) -> None:
    visit = visiting(browser, tiled_site)
    box = np.array([[-9.0, -9.0], [9.0, 10.0]])
    (x0, y0), (x1, y1) = box
    visit.open(f"#layers=labels&sel=shape_{x0}_{y0}_{x1}_{y0}_{x1}_{y1}_{x0}_{y1}")
    picked = visit.page.locator("[data-picked] b")
    assert int(picked.inner_text().replace(",", "")) == pytest.approx(n_inside(tiled_folder, box), abs=4)
    assert 0 < sum(last + 1 - first for first, last in ranges(visit, "xy.bin")) < 4 * N_POINTS / 2


def test_what_is_taken_away_reads_little_more_than_its_rows(
    visiting: Callable[..., Visit], browser: Browser, tiled_site: str, tiled_folder: Path
) -> None:
    visit = visiting(browser, tiled_site)
    visit.open(f"#layers=labels&sel=items_{N_POINTS - 1}_{N_POINTS - 3}")
    visit.page.locator("[data-selection-button]").click()
    with visit.page.expect_download() as download:
        visit.page.locator("[data-save]").click()
    first, *lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    names = first.split(",")
    table = vista.open(tiled_folder).maps["main"].items().slice(N_POINTS - 3)
    expected = [table.slice(at, 1).to_pylist()[0] for at in (0, 2)]
    found = [dict(zip(names, line.split(","), strict=True)) for line in lines]
    for one, true in zip(found, expected, strict=True):
        assert one["item_id"] == true["item_id"]
        assert float(one["x"]) == pytest.approx(true["x"], abs=1e-3)
        assert one["region_0"] == true["region_0"]
    assert sum(last + 1 - first for first, last in ranges(visit, "xy.bin")) <= 4 * 10
    assert not any(one.url.endswith(("trust_false.bin", "trust_missing.bin")) for one in visit.requests)


LOSE = """() => {
  window.lose = document.querySelector(".points canvas").getContext("webgl2").getExtension("WEBGL_lose_context");
  window.lose.loseContext();
}"""


def test_points_come_back_when_the_graphics_card_does(tiled: Visit) -> None:
    before = tiled.pixels()
    tiled.page.evaluate(LOSE)
    tiled.page.wait_for_timeout(300)
    tiled.page.evaluate("() => window.lose.restoreContext()")
    tiled.page.wait_for_timeout(300)
    tiled.wait()
    assert tiled.pixels() == before


def test_a_canvas_takes_over_when_the_graphics_card_does_not_come_back(tiled: Visit) -> None:
    tiled.page.evaluate(LOSE)
    expect(tiled.page.locator(DRAWN)).to_contain_text("each stands for about", timeout=10_000)
    tiled.page.get_by_role("button", name="Layers").click()
    expect(tiled.page.locator("#layers")).to_contain_text("gave up")


def test_without_webgl_a_fair_sample_is_drawn_and_told(
    visiting: Callable[..., Visit], browser_without_gl: Browser, tiled_site: str
) -> None:
    plain = visiting(browser_without_gl, tiled_site)
    plain.open()
    told = plain.page.locator(DRAWN).text_content() or ""
    drawn = int(told.split(" of ")[0].replace(",", ""))
    assert 20_000 < drawn <= 50_000
    assert f" of {N_POINTS:,} points drawn; each stands for about" in told


def test_a_tile_that_is_missing_is_told_once_and_the_rest_is_drawn(
    visiting: Callable[..., Visit], browser: Browser, tiled_folder: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "site"
    shutil.copytree(tiled_folder, broken)
    (xy,) = broken.rglob("xy.bin")
    with xy.open("r+b") as file:
        file.truncate(4 * N_POINTS * 3 // 4)
    with static_server(broken) as url:
        visit = visiting(browser, url, is_broken=True)
        visit.open()
        visit.press("Shift")
        expect(visit.page.locator("[data-notice]")).to_contain_text("xy.bin")
        drawn = int((visit.page.locator(DRAWN).text_content() or "").split(" of ")[0].replace(",", ""))
        assert N_POINTS * 0.7 < drawn < N_POINTS * 0.76
