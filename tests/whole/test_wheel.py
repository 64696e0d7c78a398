"""The wheel: built from this checkout, installed where there is neither Node nor a network, it maps and serves."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from vista.atlas.viewer import VIEWER_FOLDER

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not (VIEWER_FOLDER / "index.html").is_file(), reason="the viewer is not built: make viewer")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment that holds the wheel, and this one's packages but for VISTA itself."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    venv.create(folder / "env", with_pip=False)
    site = next((folder / "env").glob("lib/python*/site-packages"))
    (wheel,) = folder.glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel)], check=True
    )
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])
    return folder / "env"


def run_in(environment: Path, *arguments: str) -> str:
    """Run Python there, with no Node on the path and a proxy that refuses whatever wants to leave the machine."""
    command = [str(environment / "bin" / "python"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=bare_environment(environment), cwd=environment)
    return done.stdout


def bare_environment(environment: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("HOME", "VISTA_CACHE") if name in os.environ}
    nowhere = "http://127.0.0.1:9"
    return kept | {"PATH": str(environment / "bin"), "https_proxy": nowhere, "http_proxy": nowhere, "no_proxy": "127.0.0.1"}


def test_the_wheel_is_what_runs(installed: Path) -> None:
    assert str(installed) in run_in(installed, "-c", "import vista; print(vista.__file__)")


def test_the_wheel_brings_the_autoencoder_that_goes_by_its_name(installed: Path) -> None:
    assert run_in(installed, "-c", "from vista.sae.specs import load; print(load('smollm2').d_sae)") == "4096\n"


@pytest.mark.browser
def test_it_maps_a_csv_with_vectors_and_serves_a_working_viewer(
    installed: Path, tmp_path: Path, playwright: Playwright, chromium: str
) -> None:
    rows = "\n".join(f'thing {row},"[{row % 5}.0, {row % 3}.5, {row / 7:.3f}]"' for row in range(40))
    (tmp_path / "things.csv").write_text(f"text,vector\n{rows}\n")
    options = ["--vectors", "vector", "--pictures", "cards", "--quiet"]
    run_in(installed, "-m", "vista", "map", str(tmp_path / "things.csv"), "-o", str(tmp_path / "atlas"), *options)

    command = [str(installed / "bin" / "python"), "-m", "vista", "serve", str(tmp_path / "atlas"), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=bare_environment(installed), cwd=installed) as server:
        try:
            assert server.stderr is not None
            url = server.stderr.readline().split()[2]
            assert errors_on(url, playwright, chromium) == []
        finally:
            server.terminate()


def errors_on(url: str, playwright: Playwright, chromium: str) -> list[str]:
    """Open the map in Chromium until it is drawn, and return what the console complains of."""
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
    page = browser.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.wait_for_selector("html[data-vista=ready]", state="attached")
    browser.close()
    return errors
