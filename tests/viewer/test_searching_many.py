"""Searching more texts than a page should load: only what a query needs is read."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from playwright.sync_api import Browser, expect

import vista
from static_server import static_server

from .conftest import Visit

pytestmark = pytest.mark.browser

N_ITEMS = 50_001
HOSTILE = "<img src=x onerror=alert(1)> Überraschung"


@pytest.fixture(scope="module")
def many(built_viewer: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("many")
    texts = [f"{'red' if row % 3 else 'blue'} lantern of street {row}" for row in range(N_ITEMS)]
    texts[777] = HOSTILE
    places = np.random.default_rng(0).normal(size=(N_ITEMS, 2))
    table = pa.table({"text": texts, "x": places[:, 0], "y": places[:, 1]})
    vista.map(table, folder / "atlas", x="x", y="y", encoder="none", cache_folder=folder / "cache")
    vista.export(folder / "atlas", folder / "site", to="site")
    with static_server(folder / "site") as url:
        yield url


def test_words_are_found_in_an_index_of_which_little_is_read(visiting: Callable[..., Visit], browser: Browser, many: str) -> None:
    visit = visiting(browser, many)
    visit.open()
    n_before = len(visit.requests)
    visit.search("lantern 4999")
    listed = visit.page.locator("#found li")
    expect(listed).to_have_count(11)  # 4999 and 49990 to 49999
    expect(listed.first).to_contain_text("lantern of street")
    sizes = [one.sizes()["responseBodySize"] for one in visit.requests[n_before:] if one.response()]
    assert sum(sizes) < 400_000

    visit.search("LANTERN blue 12")
    n_blue = sum(row % 3 == 0 and str(row).startswith("12") for row in range(N_ITEMS))
    expect(visit.page.locator("[data-found]")).to_have_text(f"{n_blue} of {N_ITEMS:,}")
    visit.search("no such thing")
    expect(visit.page.get_by_text("Nothing has all of these words.")).to_be_visible()


def test_a_hostile_text_is_found_as_text(visiting: Callable[..., Visit], browser: Browser, many: str) -> None:
    visit = visiting(browser, many)
    visit.open()
    visit.search("uberra")
    expect(visit.page.locator("#found li")).to_have_text([HOSTILE])
    visit.press("Enter")
    expect(visit.page.locator("aside[data-item='777'] [data-item-text]")).to_have_text(HOSTILE)


def test_what_is_found_beyond_what_the_map_rings_is_told(visiting: Callable[..., Visit], browser: Browser, many: str) -> None:
    visit = visiting(browser, many)
    visit.open()
    visit.search("lantern")
    expect(visit.page.locator("[data-found]")).to_have_text(f"{N_ITEMS - 1:,} of {N_ITEMS:,}")
    expect(visit.page.locator("[data-found-ringed]")).to_have_text(f"40 of {N_ITEMS - 1:,} shown here, 4,000 ringed on the map")
    visit.search("lantern 49")
    expect(visit.page.locator("[data-found-ringed]")).to_contain_text("more, ringed on the map")
