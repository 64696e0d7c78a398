"""Try the widget in a real JupyterLab, in headless Chromium, and say what was seen.

    python -m venv lab && lab/bin/pip install jupyterlab anywidget . && python tools/try_in_jupyterlab.py lab ATLAS PICTURES

JupyterLab runs on 127.0.0.1 with settings of its own. A cell displays the atlas; many items are selected on the map by a box, and the next
cell has them as a table; a cell selects one, and the map shows it; keys that are JupyterLab's too stay on the map that has the focus; the
page is loaded again. Pictures of each step are written into the folder PICTURES. The first step that fails ends it with a traceback.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, TimeoutError, expect, sync_playwright

ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking"]
WIDGET = ".vista-widget[data-vista=ready]"


def main() -> None:
    """Start JupyterLab and go through the steps."""
    asked = _options()
    expect.set_options(timeout=60_000)
    asked.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        cells = [f"import vista\nwidget = vista.open({str(asked.atlas.resolve())!r}).show()\nwidget", "widget.selected().num_rows"]
        _write_notebook(Path(folder) / "work" / "atlas.ipynb", [*cells, "widget.selection = [5]"])
        with _jupyterlab(asked.lab, Path(folder)) as url:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            page.set_default_timeout(60_000)
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
            _try(page, url, asked.pictures)
            browser.close()
            print(f"errors on the page: {errors or 'none'}")


def _try(page: Page, url: str, pictures: Path) -> None:
    page.goto(url)
    page.wait_for_function("() => document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'")
    widget = page.locator(WIDGET)
    _run(page, 0)
    widget.wait_for(state="attached")
    _tell(page, pictures, "drawn", str(widget.get_by_role("heading", level=1).text_content()))

    _select_by_box(page, widget)
    told = widget.locator("[data-picked]").text_content()
    selected = _run(page, 1)
    assert int(selected) > 1, selected
    _tell(page, pictures, "selected", f"{selected} items are a table in the next cell; the map says '{' '.join((told or '').split())}'")

    _run(page, 2)
    expect(widget.locator("aside[data-item='5']")).to_be_visible()
    _tell(page, pictures, "told", "the item that a cell selects is open on the map")

    n_cells = page.locator(".jp-Cell").count()
    widget.locator(".stage").focus()
    for key in ("Escape", "d", "d", "m", "a", "?"):
        page.keyboard.press(key)
    expect(widget.locator("#help")).to_be_visible()
    assert page.locator(".jp-Cell").count() == page.locator(".jp-CodeCell").count() == n_cells
    _tell(page, pictures, "keys", "keys that mean something to JupyterLab too reach the map alone")

    page.locator(".jp-CodeCell").last.locator(".cm-content").click()
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1_000)
    page.reload()
    _tell(page, pictures, "reloaded", "the page is loaded again: the map is " + ("drawn again" if _comes_back(page) else "not drawn again"))


def _select_by_box(page: Page, widget: Locator) -> None:
    box = widget.locator(".stage").bounding_box()
    assert box is not None
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    for share in (0.5, 0.6):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"], steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    widget.locator("[data-picked]").wait_for()
    page.wait_for_timeout(500)


def _comes_back(page: Page) -> bool:
    try:
        page.locator(WIDGET).wait_for(state="attached", timeout=20_000)
    except TimeoutError:
        return False
    return True


def _run(page: Page, number: int) -> str:
    """Run a cell and return what it gives, as text."""
    cell = page.locator(".jp-CodeCell").nth(number)
    prompt = cell.locator(".jp-InputArea-prompt")
    while prompt.text_content() == "[ ]:":  # a page that is still being put together hears no keys
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(500)
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"))
    page.wait_for_timeout(300)
    output = cell.locator(".jp-OutputArea-output")
    assert cell.locator("[data-mime-type$=stderr]").count() == 0, output.first.text_content()
    return "" if output.count() == 0 else str(output.first.text_content()).strip()


def _tell(page: Page, pictures: Path, name: str, sentence: str) -> None:
    page.wait_for_timeout(500)
    page.screenshot(path=str(pictures / f"{name}.png"))
    print(f"{name}: {sentence}", flush=True)


@contextmanager
def _jupyterlab(lab: Path, folder: Path) -> Iterator[str]:
    """Run JupyterLab; give the address of the notebook."""
    rooms = {name: str(folder / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    rooms |= {name: str(folder / name.lower()) for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")}
    token = uuid4().hex
    options = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root", f"--IdentityProvider.token={token}"]
    command = [str(lab / "bin" / "jupyter"), "lab", *options]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder / "work", env=os.environ | rooms, stdout=log, stderr=log)
    try:
        while not (found := re.search(r"http://127\.0\.0\.1:\d+/", (folder / "log").read_text())):
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield f"{found[0]}lab/tree/atlas.ipynb?token={token}"
    finally:
        process.terminate()
        process.wait()


def _write_notebook(path: Path, sources: list[str]) -> None:
    path.parent.mkdir()
    empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [empty | {"id": f"cell-{number}", "source": source} for number, source in enumerate(sources)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}))


def _options() -> Any:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("lab", type=Path, help="virtual environment with jupyterlab, anywidget and vista")
    parser.add_argument("atlas", type=Path)
    parser.add_argument("pictures", type=Path, help="folder for pictures of what was seen")
    return parser.parse_args()


if __name__ == "__main__":
    main()
