"""The viewer in Firefox: it draws, moves, finds, chooses and colors there as in Chromium."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vista.atlas import reader

from .conftest import HEIGHT_PX, N_ITEMS, WIDTH_PX

pytest.importorskip("websockets", reason="Firefox is driven through the package websockets")

from .firefox import Firefox, running_firefox

pytestmark = pytest.mark.browser

NAMED = 123
MIDDLE = WIDTH_PX / 2, HEIGHT_PX / 2
CHOOSE_GROUP = "list => { list.value = 'group'; list.dispatchEvent(new Event('change', { bubbles: true })); }"
Picture = NDArray[np.int16]


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    path = os.environ.get("VISTA_FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
    if path is None:
        pytest.skip("no Firefox found; install it or set VISTA_FIREFOX")
    with running_firefox(path, tmp_path_factory.mktemp("firefox") / "profile") as running:
        running.resize(WIDTH_PX, HEIGHT_PX)
        yield running


@pytest.fixture
def visit(firefox: Firefox, site: str) -> Iterator[Firefox]:
    """The sample's whole map; afterwards no error was told, and no other host asked."""
    firefox.errors.clear()
    firefox.requests.clear()
    firefox.open(site)
    yield firefox
    assert firefox.errors == []
    assert firefox.requests
    assert [url for url in firefox.requests if not url.startswith((site, "blob:", "data:", "about:"))] == []


def seen(firefox: Firefox) -> Picture:
    """What the map shows, without the panels at its edges."""
    with Image.open(io.BytesIO(firefox.screenshot())) as picture:
        assert picture.size == (WIDTH_PX, HEIGHT_PX)
        return np.asarray(picture.convert("RGB"), np.int16)[60:740, 400:880]


def share_changed(before: Picture, after: Picture) -> float:
    return float((np.abs(after - before).max(-1) > 16).mean())


def camera(firefox: Firefox) -> tuple[float, float, float]:
    x, y, zoom = (float(one) for one in firefox.run("document.documentElement.dataset.camera").split(","))
    return x, y, zoom


def text(firefox: Firefox, selector: str) -> str:
    """What an element says, once it is there."""
    return str(firefox.wait_for(f"document.querySelector({selector!r})?.innerText"))


def count(firefox: Firefox, selector: str) -> int:
    return int(firefox.run(f"document.querySelectorAll({selector!r}).length"))


def test_the_whole_map_is_drawn_with_its_names(visit: Firefox) -> None:
    picture = seen(visit)
    ground = np.median(picture.reshape(-1, 3), axis=0)
    assert (np.abs(picture - ground).max(-1) > 40).mean() > 0.03
    assert count(visit, ".map-label") >= 3
    assert text(visit, "h1") == "Sample of discs"
    assert "nearest" in text(visit, "[data-fidelity-chip]")


def test_the_bundled_fonts_are_used(visit: Firefox) -> None:
    loaded = visit.run("document.fonts.ready.then(fonts => [...fonts].filter(one => one.status === 'loaded').map(one => one.family))")
    assert loaded


def test_the_wheel_keys_and_a_drag_move_the_camera(visit: Firefox) -> None:
    start, whole = camera(visit), seen(visit)
    visit.wheel(*MIDDLE, -300)
    x, y, zoom = camera(visit)
    assert zoom > start[2] + 0.5
    assert (x, y) == pytest.approx(start[:2], abs=2e-3)
    assert share_changed(whole, seen(visit)) > 0.05
    visit.drag(MIDDLE, (MIDDLE[0] + 50, MIDDLE[1] + 10), (MIDDLE[0] + 120, MIDDLE[1] + 40))
    assert camera(visit)[0] < x
    assert camera(visit)[1] < y
    visit.press("0")
    assert camera(visit) == pytest.approx(start, abs=2e-3)
    visit.press("+", "+", "ArrowRight", "s")
    x, y, zoom = camera(visit)
    assert zoom > start[2] + 0.9
    assert x > start[0]
    assert y > start[1]


def test_a_search_leads_to_a_named_item(visit: Firefox, site_folder: Path) -> None:
    card, before = reader.open(site_folder).card(NAMED), camera(visit)[2]
    visit.press("/")
    visit.type(card["text"])
    assert text(visit, "[data-found]") == f"1 of {N_ITEMS}"
    visit.press("Enter")
    assert text(visit, f"aside[data-item='{NAMED}'] [data-item-text]") == card["text"]
    assert camera(visit)[2] > before + 1
    visit.wait_for(f"document.querySelectorAll('[data-neighbors] [data-go]').length === {len(card['neighbors'])}")
    assert count(visit, "path.line") >= 1
    first = visit.run("document.querySelector('[data-neighbors] [data-go]').dataset.go")
    visit.click_on("[data-neighbors] [data-go]")
    visit.wait_for(f"document.querySelector('aside[data-item]')?.dataset.item === {first!r}")


def test_a_click_chooses_the_item_under_it(visit: Firefox, site: str, site_folder: Path) -> None:
    visit.open(f"{site}#item={NAMED}")
    zoom, shown = camera(visit)[2], reader.open(site_folder).maps["main"].items()
    row = shown["source_row"].to_pylist().index(NAMED)
    visit.open(f"{site}#c={shown['x'][row].as_py()},{shown['y'][row].as_py()},{zoom}")
    visit.press("l")
    assert count(visit, "aside[data-item]") == 0
    visit.click(*MIDDLE)
    assert visit.wait_for("document.querySelector('aside[data-item]')?.dataset.item") == str(NAMED)


def test_points_are_drawn_and_colored(visit: Firefox) -> None:
    whole = seen(visit)
    visit.press("c")
    bare = seen(visit)
    visit.press("p")
    points = seen(visit)
    assert share_changed(whole, bare) > 0.02
    assert share_changed(bare, points) > 0.003
    visit.click_on("[aria-controls=layers]")
    if not visit.run("document.createElement('canvas').getContext('webgl2') !== null"):
        assert "WebGL 2" in text(visit, "#layers")
    visit.run(f"({CHOOSE_GROUP})(document.querySelector('[data-color-by]'))")
    visit.wait()
    assert "group" in text(visit, "[data-legend]")
    assert share_changed(points, seen(visit)) > 0.003


def test_the_themes_differ(visit: Firefox) -> None:
    light = seen(visit)
    visit.press("t")
    visit.press("t")
    assert visit.run("document.documentElement.dataset.theme") == "dark"
    assert seen(visit).mean() < light.mean() - 80


def test_panels_open_by_keys_and_close_by_escape(visit: Firefox) -> None:
    for key, selector in (("?", "#help"), ("f", "#filters"), ("n", "#regions")):
        visit.press(key)
        box = visit.run(f"document.querySelector({selector!r})?.getBoundingClientRect()")
        assert box["width"] > 100, selector
        assert box["x"] >= 0, selector
        assert box["x"] + box["width"] <= WIDTH_PX, selector
        visit.press("Escape")
        assert count(visit, selector) == 0, selector
