"""Six views by which one knows the viewer: they look as they did.

`VISTA_RENEW_VIEWS=1 pytest tests/viewer/test_views.py` keeps what is seen now, to be looked at before it is committed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from static_server import static_server
from vista.atlas import export

from .conftest import Visit
from .picture_comparison import compare, keep, read_kept, reduced, tell_apart
from .study_atlas import build_study

pytestmark = pytest.mark.browser

VIEWS_FOLDER = Path(__file__).parent / "views"
MOST_BYTES, MOST_BYTES_OF_ALL = 40_000, 250_000
IS_RENEWING = os.environ.get("VISTA_RENEW_VIEWS") == "1"
N_LOOKS, BETWEEN_LOOKS_MS = 40, 120

Look = Callable[[str], Visit]


@dataclass(frozen=True, slots=True)
class View:
    """What is opened to be looked at: an address of the sample, or of the study."""

    address: str
    is_of_study: bool = False
    shows: str = "html[data-vista=ready]"


VIEWS = {
    "whole-light": View("#theme=light", shows=".map-label"),
    "whole-dark": View("#theme=dark", shows=".map-label"),
    "half-way-by-group": View("#c={x},{y},1.6&layers=points,labels,ground&color=group&theme=light", shows="[data-legend]"),
    "item": View("#item=123&theme=light", shows="[data-neighbors] [data-go]"),
    "gallery": View("#gallery&theme=light", is_of_study=True, shows="[data-gallery] a[data-map=items]"),
    "latent": View("#map=latent-3&theme=light", is_of_study=True, shows="[data-latent] [data-top] [data-go]"),
}


@pytest.fixture(scope="module")
def study_site(built_viewer: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("views")
    with static_server(export(build_study(root / "atlas"), root / "site", to="site")) as url:
        yield url


@pytest.fixture
def look(visiting: Callable[..., Visit], browser: Browser, site: str, study_site: str, site_folder: Path) -> Look:
    """Opens a view by its name; nothing on it moves."""
    extent = json.loads((site_folder / "atlas.json").read_text())["maps"]["main"]["extent"]
    middle = {axis: extent[f"{axis}0"] + extent["size"] / 2 for axis in "xy"}

    def open_view(name: str) -> Visit:
        view = VIEWS[name]
        visit = visiting(browser, study_site if view.is_of_study else site, reduced_motion="reduce", color_scheme="light")
        visit.open(view.address.format(**middle))
        visit.page.wait_for_selector(view.shows, state="attached")
        visit.wait()
        return visit

    return open_view


def picture_of(page: Page) -> Image.Image:
    """The page once two looks at it are the same."""
    before, now = b"", page.screenshot(animations="disabled", caret="hide")
    for _ in range(N_LOOKS):
        if now == before:
            return reduced(now)
        page.wait_for_timeout(BETWEEN_LOOKS_MS)
        before, now = now, page.screenshot(animations="disabled", caret="hide")
    raise AssertionError("the page does not come to rest")


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_looks_as_it_did(look: Look, name: str, tmp_path: Path) -> None:
    seen, path = picture_of(look(name).page), VIEWS_FOLDER / f"{name}.webp"
    if IS_RENEWING:
        keep(seen, path)
    kept = read_kept(path)
    difference = compare(seen, kept)
    assert difference.is_small, f"{name} differs by {difference}: {tell_apart(seen, kept, tmp_path, name)}"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("whole-light", "l"),
        ("whole-light", "#layers=collage,labels"),
        ("whole-dark", "c"),
        ("whole-light", "[data-fidelity-chip]"),
        ("half-way-by-group", "[data-legend]"),
        ("half-way-by-group", "#color=year"),
        ("half-way-by-group", ".points canvas"),
        ("item", "aside[data-item]"),
        ("item", "svg path.line"),
        ("latent", "[data-latent] .plot"),
        ("gallery", "a[data-map=latent-7] .picture"),
    ],
)
def test_what_is_missing_or_colored_otherwise_is_seen(look: Look, name: str, change: str) -> None:
    """A change is a key, a part of the address, or the selector of what is taken off the page."""
    visit, kept = look(name), read_kept(VIEWS_FOLDER / f"{name}.webp")
    if len(change) == 1:
        visit.press(change)
    elif change.startswith("#"):
        key = change[1:].partition("=")[0]
        others = [part for part in visit.page.url.partition("#")[2].split("&") if not part.startswith(f"{key}=")]
        visit.follow("#" + "&".join([*others, change[1:]]))
    else:
        visit.page.locator(change).evaluate_all("all => all.forEach(one => (one.style.visibility = 'hidden'))")
    difference = compare(picture_of(visit.page), kept)
    assert not difference.is_small, str(difference)


def test_the_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in VIEWS_FOLDER.iterdir()}
    assert sizes.keys() == {f"{name}.webp" for name in VIEWS}
    assert max(sizes.values()) <= MOST_BYTES
    assert sum(sizes.values()) <= MOST_BYTES_OF_ALL


def test_a_failure_names_the_pictures_that_it_leaves(tmp_path: Path) -> None:
    kept = read_kept(VIEWS_FOLDER / "item.webp")
    told = tell_apart(Image.new("RGB", kept.size), kept, tmp_path, "item")
    paths = sorted(tmp_path.iterdir())
    assert [path.name for path in paths] == ["item-difference.png", "item-seen.png"]
    assert all(str(path) in told for path in paths)
