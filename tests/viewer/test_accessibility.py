"""What an automatic examination of the page finds: nothing that would keep people out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Visit

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "viewer" / "node_modules" / "axe-core" / "axe.min.js"
TORN = 102  # an item with neighbors that its map tears apart
GRAVE = ("serious", "critical")


def violations(page: Page) -> list[str]:
    """What axe-core holds to be serious or worse, one line a place."""
    found = page.evaluate("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations")
    return [f"{one['id']}: {node['html']}" for one in found if one["impact"] in GRAVE for node in one["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_grave(visiting: Callable[..., Visit], browser: Browser, site: str, theme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in viewer/")
    visit = visiting(browser, site, bypass_csp=True, reduced_motion="reduce")
    visit.open(f"#theme={theme}")
    visit.page.add_script_tag(path=AXE)
    assert violations(visit.page) == [], "the whole map"
    visit.page.locator("[data-fidelity-chip]").click()
    visit.press("m")
    assert violations(visit.page) == [], "the fidelity panel and layer"
    visit.page.get_by_role("button", name="Layers and colors").click()
    visit.page.locator("[data-color-by]").select_option("group")
    visit.wait()
    assert violations(visit.page) == [], "the layers and a legend"
    visit.press("?")
    assert violations(visit.page) == [], "the help"
    visit.search("lantern")
    assert violations(visit.page) == [], "the found items"
    visit.follow(f"#item={TORN}&theme={theme}")
    visit.page.locator("[data-unlike] summary").click()
    visit.wait()
    assert violations(visit.page) == [], "an item"
    x, y, zoom = visit.camera
    visit.follow(f"#c={x + 100},{y + 100},{zoom + 2}&theme={theme}")
    expect(visit.page.locator("[data-empty]")).to_be_visible()
    assert violations(visit.page) == [], "empty ground"
