import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from vista.errors import AtlasFormatError, InputError
from vista.server import serving

PROGRAM = (
    "import sys; from pathlib import Path; import vista.atlas.viewer as viewer; viewer.VIEWER_FOLDER = Path(sys.argv[2])\n"
    "from vista.server import serve\n"
    "serve(sys.argv[1], port=0, on_ready=lambda url: print(url, flush=True))\n"
    "print('done')"
)


def test_it_serves_until_it_is_interrupted(sample_folder: Path, viewer: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(sample_folder), str(viewer)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}atlas.json").json()["format"] == "vista-atlas"
        assert httpx.get(f"{url}atlas.json", headers={"Host": "localhost:1"}).status_code == 403
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate()
    assert (out, err, process.returncode) == ("done\n", "", 0)


def test_a_taken_port_is_one_line_that_names_the_option(sample_folder: Path, viewer: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} is taken.*--port") as caught:
            serving.serve(sample_folder, port=port)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_number_that_is_no_port_is_refused(sample_folder: Path, viewer: Path, port: int) -> None:
    with pytest.raises(InputError, match="is no port"):
        serving.serve(sample_folder, port=port)


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host", "x" * 300])
def test_a_foreign_address_is_refused(sample_folder: Path, viewer: Path, host: str) -> None:
    with pytest.raises(InputError, match="--host"):
        serving.serve(sample_folder, host=host, port=0)


def test_what_is_not_an_atlas_frees_the_port(tmp_path: Path, viewer: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with pytest.raises(AtlasFormatError):
        serving.serve(tmp_path, port=port)
    with socket.create_server(("127.0.0.1", port)):
        pass
