"""Moving over the map by mouse, by keys and by address, with and without a graphics card."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from .conftest import Visit

pytestmark = pytest.mark.browser


def test_the_wheel_zooms_at_the_pointer_and_a_drag_pans(visit: Visit) -> None:
    x, y, zoom = visit.camera
    before = visit.pixels()
    visit.page.mouse.move(640, 400)
    visit.page.mouse.wheel(0, -300)
    visit.wait()
    assert visit.zoom > zoom + 0.5
    assert visit.camera[:2] == pytest.approx((x, y), abs=1e-3)
    zoomed = visit.pixels()
    assert zoomed != before
    visit.page.mouse.down()
    visit.page.mouse.move(740, 430, steps=5)
    visit.page.wait_for_timeout(120)
    visit.page.mouse.up()
    visit.wait()
    assert visit.camera[0] < x
    assert visit.camera[1] < y
    assert visit.pixels() != zoomed


def test_keys_move_zoom_and_come_back_to_the_whole_map(visit: Visit) -> None:
    start = visit.camera
    visit.press("+")
    visit.press("+")
    visit.press("ArrowRight")
    visit.press("s")
    x, y, zoom = visit.camera
    assert zoom > start[2] + 0.9
    assert x > start[0]
    assert y > start[1]
    visit.press("0")
    assert visit.camera == pytest.approx(start, abs=2e-3)


def test_keys_switch_layers_and_theme_and_open_the_help(visit: Visit) -> None:
    shown = visit.pixels()
    visit.press("l")
    expect(visit.page.locator(".map-label")).to_have_count(0)
    visit.press("c")
    assert visit.pixels() != shown
    visit.press("t")
    visit.press("t")
    expect(visit.page.locator("html")).to_have_attribute("data-theme", "dark")
    visit.press("?")
    expect(visit.page.get_by_role("region", name="Help")).to_be_visible()
    visit.press("Escape")
    expect(visit.page.get_by_role("region", name="Help")).to_have_count(0)


def test_tab_reaches_the_map_its_names_and_every_control(visit: Visit) -> None:
    reached = set()
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        reached.add(visit.page.evaluate("() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.tagName"))
    for name in ("Search the items' texts", "Layers and colors", "Help", "Zoom in", "Show the whole map"):
        assert name in reached
    assert any(str(name).startswith("Map of 400 items") for name in reached)
    assert any(str(name).startswith("Region ") for name in reached)


def test_the_address_restores_the_view(visit: Visit) -> None:
    x, y, zoom = visit.camera
    address = f"#c={x + 1:.4f},{y - 1:.4f},{zoom + 2:.3f}&layers=collage,points&color=group&item=7&theme=dark"
    visit.open(address)
    assert visit.camera == pytest.approx((x + 1, y - 1, zoom + 2), abs=2e-3)
    expect(visit.page.locator("aside[data-item]")).to_have_attribute("data-item", "7")
    expect(visit.page.locator("[data-legend]")).to_contain_text("group")
    expect(visit.page.locator(".map-label")).to_have_count(0)
    expect(visit.page.locator("html")).to_have_attribute("data-theme", "dark")
    parts = visit.hash_parts()
    assert parts["layers"] == "collage,points"
    assert (parts["color"], parts["item"], parts["theme"]) == ("group", "7", "dark")
    restored = visit.pixels()
    visit.open("#" + "&".join(f"{key}={value}" for key, value in parts.items()))
    assert visit.pixels() == restored


def test_what_an_address_says_wrongly_is_ignored(visit: Visit) -> None:
    start = visit.camera
    visit.open("#c=1,x,3&layers=collage,labels,moon&color=nothing&item=99999999&fidelity=very&theme=pink")
    assert visit.camera == start
    expect(visit.page.locator("aside[data-item]")).to_have_count(0)
    assert visit.page.locator(".map-label").count() >= 3


def test_the_theme_follows_the_device(visiting: Callable[..., Visit], browser: Browser, site: str) -> None:
    dark = visiting(browser, site, color_scheme="dark")
    dark.open()
    expect(dark.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_without_motion_the_camera_jumps(visiting: Callable[..., Visit], browser: Browser, site: str) -> None:
    calm = visiting(browser, site, reduced_motion="reduce")
    calm.open()
    zoom = calm.zoom
    calm.page.keyboard.press("+")
    calm.page.wait_for_timeout(40)
    assert calm.zoom == pytest.approx(zoom + 0.5, abs=1e-3)


def test_without_webgl_the_collage_pans_and_zooms_and_points_say_why_they_are_few(
    visiting: Callable[..., Visit], browser_without_gl: Browser, site: str
) -> None:
    plain = visiting(browser_without_gl, site)
    plain.open()
    assert plain.page.locator("body").evaluate("() => document.createElement('canvas').getContext('webgl2') === null")
    whole = plain.pixels()
    plain.page.mouse.move(640, 400)
    plain.page.mouse.wheel(0, -300)
    plain.wait()
    zoomed = plain.pixels()
    plain.press("ArrowLeft")
    panned = plain.pixels()
    assert len({whole, zoomed, panned}) == 3
    plain.press("p")
    assert plain.pixels() != panned
    plain.page.get_by_role("button", name="Layers and colors").click()
    expect(plain.page.locator("#layers")).to_contain_text("WebGL 2")


def test_fingers_pan_and_tap(visiting: Callable[..., Visit], browser: Browser, site: str) -> None:
    touch = visiting(browser, site, has_touch=True)
    touch.open()
    label = touch.page.locator(".map-label").first
    before = touch.zoom
    label.tap()
    touch.page.wait_for_timeout(330)
    touch.wait()
    assert touch.zoom > before + 0.5
