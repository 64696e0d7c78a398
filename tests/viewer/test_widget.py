"""The viewer in a notebook: one module whose bytes come through the channel of a real widget; the page around it is a stand-in."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import vista
from fake_comm import FakeComm
from sample_atlas import build_sample
from static_server import static_server

pytest.importorskip("anywidget")
pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
N_ITEMS = 300


@dataclass
class Notebook:
    """A page with two cells, and the widgets that they show."""

    page: Page
    comms: dict[str, FakeComm] = field(default_factory=dict)
    widgets: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def show(self, cell: str, widget: Any) -> Locator:
        """Display a widget in a cell, and wait until its map is drawn."""
        comm = FakeComm()
        widget.comm = comm
        self.comms[cell], self.widgets[cell] = comm, widget
        self.page.evaluate("([cell, state]) => show(cell, state)", [cell, _plain(widget.get_state())])
        self.wait(cell)
        return self.page.locator(f"#{cell} .vista-widget")

    def wait(self, cell: str = "first") -> None:
        self.page.wait_for_timeout(60)
        self.page.wait_for_selector(f"#{cell} .vista-widget[data-vista=ready]", state="attached")

    def answer(self, cell: str, message: dict[str, Any]) -> list[dict[str, Any]]:
        """What the real widget says to a message of the page."""
        return [_wired(data, buffers) for data, buffers in self.comms[cell].receive(message)]

    def deliver(self, cell: str) -> None:
        """Bring to the page what the widget said by itself."""
        messages = [_wired(data, buffers) for data, buffers in self.comms[cell].sent]
        self.comms[cell].sent.clear()
        self.page.evaluate("([cell, messages]) => hear(cell, messages)", [cell, messages])


def _wired(data: dict[str, Any], buffers: list[bytes]) -> dict[str, Any]:
    return {"data": data, "buffers": [base64.b64encode(one).decode() for one in buffers]}


def _plain(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if isinstance(value, (str, int, list))}


@pytest.fixture(scope="module")
def folder(built_viewer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (built_viewer / "widget.js").is_file():
        pytest.skip("the viewer is not built: make viewer")
    atlas = build_sample(tmp_path_factory.mktemp("notebook") / "discs", N_ITEMS)
    return build_sample(atlas, N_ITEMS, map_id="second", seed=1)


@pytest.fixture(scope="module")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("page")
    for name in ("notebook_page.html", "notebook_page.js"):
        shutil.copy(HERE / name, root / name)
    with static_server(root) as url:
        yield f"{url}notebook_page.html"


@pytest.fixture
def notebook(browser: Browser, page_url: str) -> Iterator[Notebook]:
    page = browser.new_page(viewport={"width": 1000, "height": 1500})
    page.set_default_timeout(15_000)
    made = Notebook(page)
    page.on("console", lambda message: made.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: made.errors.append(str(error)))
    page.on("request", lambda request: made.requests.append(request.url))
    page.expose_function("toKernel", made.answer)
    page.goto(page_url)
    page.wait_for_function("() => window.show")
    yield made
    page.close()
    assert made.errors == []
    origin = "/".join(page_url.split("/")[:3])
    assert [url for url in made.requests if not url.startswith((f"{origin}/notebook_page", "blob:", "data:"))] == []


Showing = Callable[..., Any]


def test_a_map_is_drawn_from_bytes_that_the_kernel_sends(notebook: Notebook, folder: Path) -> None:
    cell = notebook.show("first", vista.show(folder, height=500))

    expect(cell.get_by_role("heading", level=1)).to_have_text("main")
    assert cell.locator(".map-label").count() >= 3
    box = cell.bounding_box()
    assert box is not None
    assert box["height"] == 500
    colors = cell.locator("canvas").first.evaluate(
        "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size"
    )
    assert colors > 100


def test_its_typeface_comes_with_it_and_its_styles_stay_inside(notebook: Notebook, folder: Path) -> None:
    before = notebook.page.locator("#top").evaluate("one => JSON.stringify(Object.entries(getComputedStyle(one)))")
    cell = notebook.show("first", vista.show(folder))

    assert notebook.page.evaluate("() => document.fonts.check('16px \"Inter Variable\"')")
    assert cell.get_by_role("heading", level=1).evaluate("one => getComputedStyle(one).fontSize") == "19px"
    assert notebook.page.locator("#top").evaluate("one => JSON.stringify(Object.entries(getComputedStyle(one)))") == before
    assert notebook.page.evaluate("() => document.querySelectorAll('style, link[rel=stylesheet]').length") == 0
    assert notebook.page.evaluate("() => Object.keys(document.documentElement.dataset)") == []
    assert "#" not in notebook.page.url


def test_what_is_chosen_on_the_map_comes_back_as_a_table_and_the_other_way_round(notebook: Notebook, folder: Path) -> None:
    widget = vista.show(folder)
    cell = notebook.show("first", widget)
    cell.locator(".stage").click(position={"x": 10, "y": 600})
    notebook.page.keyboard.press("/")
    cell.get_by_role("combobox").fill("number 17")
    notebook.page.wait_for_timeout(300)
    notebook.page.keyboard.press("Enter")
    notebook.wait()

    assert widget.selected()["item_id"].to_pylist() == ["disc-00017"]

    widget.selection = [42]
    notebook.deliver("first")
    notebook.wait()
    expect(cell.locator("aside[data-item='42']")).to_be_visible()

    widget.selection = []
    notebook.deliver("first")
    expect(cell.locator("aside[data-item]")).to_have_count(0)


def test_many_items_are_selected_from_either_side(notebook: Notebook, folder: Path) -> None:
    widget = vista.show(folder, selection=[3, 8, 21])
    cell = notebook.show("first", widget)
    expect(cell.locator("[data-picked]")).to_contain_text("3")
    notebook.page.wait_for_timeout(300)
    assert sorted(widget.selection) == [3, 8, 21]

    box = cell.locator(".stage").bounding_box()
    assert box is not None
    notebook.page.keyboard.down("Shift")
    notebook.page.mouse.move(box["x"] + 380, box["y"] + 60)
    notebook.page.mouse.down()
    notebook.page.mouse.move(box["x"] + 600, box["y"] + 300, steps=4)
    notebook.page.mouse.move(box["x"] + 900, box["y"] + 620, steps=4)
    notebook.page.mouse.up()
    notebook.page.keyboard.up("Shift")
    notebook.wait()
    notebook.page.wait_for_timeout(300)
    drawn = widget.selection
    assert len(drawn) > 5
    assert widget.selected().num_rows == len(drawn)

    widget.selection = [1, 2]
    notebook.deliver("first")
    notebook.page.wait_for_timeout(300)
    assert widget.selection == [1, 2]


def test_another_map_is_known_to_python_and_the_view_comes_back(notebook: Notebook, folder: Path) -> None:
    widget = vista.show(folder, selection=[5])
    cell = notebook.show("first", widget)
    expect(cell.locator("aside[data-item='5']")).to_be_visible()
    cell.get_by_role("link", name="Next map: second").click()
    notebook.wait()
    notebook.page.wait_for_timeout(400)

    assert widget.map_id == "second"
    assert "map=second" in widget.address
    camera = cell.get_attribute("data-camera")
    notebook.page.evaluate("() => end('first')")
    expect(notebook.page.locator("#first .vista-widget")).to_have_count(0)
    again = notebook.show("first", widget)
    expect(again.get_by_role("heading", level=1)).to_have_text("second")
    assert again.get_attribute("data-camera") == camera


def test_two_maps_on_one_page_keep_to_themselves(notebook: Notebook, folder: Path) -> None:
    first = notebook.show("first", vista.show(folder, theme="light"))
    second = notebook.show("second", vista.show(folder, map="second", theme="dark"))

    assert (first.get_attribute("data-theme"), second.get_attribute("data-theme")) == ("light", "dark")
    camera = first.get_attribute("data-camera")
    second.locator(".stage").click(position={"x": 10, "y": 600})
    notebook.page.wait_for_timeout(300)
    notebook.page.keyboard.press("+")
    notebook.page.keyboard.press("?")
    notebook.wait("second")
    expect(second.locator("#help")).to_be_visible()
    expect(first.locator("#help")).to_have_count(0)
    assert first.get_attribute("data-camera") == camera


def test_keys_are_the_maps_own_only_while_it_has_the_focus(notebook: Notebook, folder: Path) -> None:
    cell = notebook.show("first", vista.show(folder))
    notebook.page.keyboard.press("?")
    expect(cell.locator("#help")).to_have_count(0)
    assert notebook.page.evaluate("() => keysHeard") == ["?"]

    cell.locator(".stage").focus()
    notebook.page.keyboard.press("?")
    expect(cell.locator("#help")).to_be_visible()
    assert notebook.page.evaluate("() => keysHeard") == ["?"]
    assert cell.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_a_wheel_scrolls_the_notebook_until_the_map_has_the_focus(notebook: Notebook, folder: Path) -> None:
    cell = notebook.show("first", vista.show(folder))
    notebook.page.set_viewport_size({"width": 1000, "height": 500})
    notebook.wait()
    camera = cell.get_attribute("data-camera")
    notebook.page.mouse.move(500, 300)
    notebook.page.mouse.wheel(0, 60)
    notebook.page.wait_for_timeout(200)
    assert notebook.page.evaluate("() => scrollY") > 0
    assert cell.get_attribute("data-camera") == camera
    expect(cell.locator("[data-shared-hint]")).to_be_visible()

    cell.locator(".stage").focus()
    top = notebook.page.evaluate("() => scrollY")
    notebook.page.mouse.wheel(0, -60)
    notebook.wait()
    assert notebook.page.evaluate("() => scrollY") == top
    assert cell.get_attribute("data-camera") != camera


def test_a_file_that_the_kernel_cannot_read_is_said_in_the_cell(notebook: Notebook, folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    widget = vista.show(copy)
    (copy / "maps" / "main" / "collage.pmtiles").unlink()
    cell = notebook.show("first", widget)

    expect(cell.locator("[data-notice]")).to_contain_text("collage.pmtiles cannot be read")
