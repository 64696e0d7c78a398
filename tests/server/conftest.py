import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette

from sample_atlas import build_sample
from vista.server import make_app


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sample(tmp_path_factory.mktemp("served") / "discs", 60)


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A stand-in for the built viewer, for one module: other tests need the real one."""
    folder = tmp_path_factory.mktemp("viewer")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>viewer</title>")
    (folder / "README.md").write_text("not public")
    (folder / ".hidden").write_text("not public")
    (folder / "assets" / "index-1234.js").write_text("export {};\n" * 1000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vista.atlas.viewer.VIEWER_FOLDER", folder)
        yield folder


@pytest.fixture(scope="module")
def url(sample_folder: Path, viewer: Path) -> Iterator[str]:
    """The URL of a running server, with its trailing slash."""
    with running(make_app(sample_folder)) as url:
        yield url


@contextmanager
def running(app: Starlette) -> Iterator[str]:
    """Serve an application on a free port and give its URL, with its trailing slash."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()
