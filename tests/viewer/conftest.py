"""The exported sample behind a plain Range server, and headless Chromium to look at it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, Request

from sample_atlas import build_sample
from static_server import static_server
from vista.atlas import export
from vista.atlas.viewer import VIEWER_FOLDER

N_ITEMS = 400
WIDTH_PX, HEIGHT_PX = 1280, 800
SOFTWARE_GL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
NO_GL = ("--disable-3d-apis", "--disable-webgl", "--disable-software-rasterizer")
AS_ON_SCREEN = ("--font-render-hinting=slight",)  # without a user interface Chromium would hint type more strongly
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run")


@dataclass
class Visit:
    """One page that shows an atlas, and what went wrong on it."""

    page: Page
    url: str
    console_errors: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def open(self, address: str = "") -> None:
        self.page.goto("about:blank")
        self.page.goto(self.url + address)
        self.wait()

    def follow(self, address: str) -> None:
        """Go to another view of the same page, as a link on it would."""
        self.page.goto(self.url + address)
        self.wait()

    def wait(self) -> None:
        """Wait until all is drawn and nothing is loading any more."""
        self.page.wait_for_timeout(60)
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.page.wait_for_selector("html[data-vista=ready]", state="attached")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.wait()

    def search(self, text: str) -> None:
        self.page.keyboard.press("/")
        self.page.get_by_role("combobox").fill(text)
        self.page.wait_for_timeout(200)
        self.wait()

    @property
    def camera(self) -> tuple[float, float, float]:
        x, y, zoom = (self.page.locator("html").get_attribute("data-camera") or "").split(",")
        return float(x), float(y), float(zoom)

    @property
    def zoom(self) -> float:
        return self.camera[2]

    def pixels(self) -> str:
        """A fingerprint of what the map shows, without the panels at its edges."""
        clip = {"x": 400, "y": 60, "width": 480, "height": 680}
        return hashlib.sha256(self.page.screenshot(clip=clip)).hexdigest()

    def hash_parts(self) -> dict[str, str]:
        self.page.wait_for_timeout(350)
        return dict(part.split("=", 1) for part in self.page.url.partition("#")[2].split("&"))

    def hash_parts_of_gallery(self) -> dict[str, str]:
        """What the address says of the gallery, which it must name."""
        self.page.wait_for_timeout(350)
        name, *parts = self.page.url.partition("#")[2].split("&")
        assert name == "gallery"
        return dict(part.split("=", 1) for part in parts)


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *AS_ON_SCREEN, *SOFTWARE_GL])
    yield running
    running.close()


@pytest.fixture(scope="session")
def browser_without_gl(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *AS_ON_SCREEN, *NO_GL])
    yield running
    running.close()


@pytest.fixture(scope="session")
def built_viewer() -> Path:
    if not (VIEWER_FOLDER / "index.html").is_file():
        pytest.skip("the viewer is not built: make viewer")
    return VIEWER_FOLDER


@pytest.fixture(scope="session")
def site_folder(built_viewer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exported site two folders below the root of its host."""
    root = tmp_path_factory.mktemp("host")
    atlas = build_sample(tmp_path_factory.mktemp("sample") / "discs", N_ITEMS)
    return export(atlas, root / "some" / "where", to="site")


@pytest.fixture(scope="session")
def site(site_folder: Path) -> Iterator[str]:
    with static_server(site_folder.parents[1]) as url:
        yield f"{url}some/where/"


@pytest.fixture
def visiting(request: pytest.FixtureRequest) -> Iterator[Callable[..., Visit]]:
    """Opens pages, and afterwards expects no error on any and no request that left its host."""
    visits: list[tuple[Visit, bool]] = []

    def visit(browser: Browser, url: str, *, is_broken: bool = False, **context: object) -> Visit:
        page = browser.new_page(viewport={"width": WIDTH_PX, "height": HEIGHT_PX}, **context)  # type: ignore[arg-type]
        page.set_default_timeout(15_000)
        made = Visit(page, url)
        page.on("console", lambda message: made.console_errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: made.console_errors.append(str(error)))
        page.on("request", lambda request: made.requests.append(request))
        visits.append((made, is_broken))
        return made

    yield visit
    for made, is_broken in visits:
        made.page.close()
        if not is_broken:
            assert made.console_errors == []
        origin = "/".join(made.url.split("/")[:3])
        assert [one.url for one in made.requests if not one.url.startswith((origin, "blob:", "data:", "about:"))] == []


@pytest.fixture
def visitor(visiting: Callable[..., Visit], browser: Browser, site: str) -> Visit:
    """A page that has opened nothing yet, for tests that begin with an address of their own."""
    return visiting(browser, site)


@pytest.fixture
def visit(visitor: Visit) -> Visit:
    visitor.open()
    return visitor
