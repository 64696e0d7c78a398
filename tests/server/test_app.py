import gzip
import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from sample_atlas import build_sample
from vista.atlas import read_manifest
from vista.errors import AtlasFormatError, InputFileError
from vista.server import make_app

TILES = "maps/main/collage.pmtiles"


def raw(url: str, request: str) -> bytes:
    """Send a request as it stands, for clients tidy paths up."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port)) as connection:
        connection.sendall(f"{request}\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n".encode("latin-1"))
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_every_file_of_the_atlas_is_served_as_it_is(url: str, sample_folder: Path) -> None:
    with httpx.Client(headers={"Accept-Encoding": "identity"}) as client:
        for name, entry in read_manifest(sample_folder)["files"].items():
            answer = client.get(url + name)
            assert answer.status_code == 200
            assert answer.content == (sample_folder / name).read_bytes()
            assert int(answer.headers["content-length"]) == entry["n_bytes"]
            assert answer.headers["accept-ranges"] == "bytes"
            assert "content-encoding" not in answer.headers


def test_the_page_is_the_viewer(url: str) -> None:
    page = httpx.get(url)
    assert "viewer" in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"


def test_assets_are_kept_for_good_and_the_atlas_is_asked_for_again(url: str) -> None:
    asset = httpx.get(f"{url}assets/index-1234.js")
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["content-type"].startswith("text/javascript")
    assert httpx.get(f"{url}atlas.json").headers["cache-control"] == "no-cache"


def test_a_viewer_that_was_built_anew_is_served_with_its_new_files(url: str, viewer: Path) -> None:
    page, new = viewer / "index.html", viewer / "assets" / "index-5678.js"
    before = page.read_text()
    assert httpx.get(f"{url}assets/index-5678.js").status_code == 404
    new.write_text("export {};")
    page.write_text("<!doctype html><title>viewer</title><script src=assets/index-5678.js></script>")
    try:
        assert "index-5678" in httpx.get(url).text
        assert httpx.get(f"{url}assets/index-5678.js").status_code == 200
    finally:
        page.write_text(before)
        new.unlink()


def test_the_code_for_notebooks_is_not_served(url: str, viewer: Path) -> None:
    (viewer / "widget.js").write_text("export default {};")
    httpx.get(url)
    assert httpx.get(f"{url}widget.js").status_code == 404


@pytest.mark.parametrize(
    ("header", "part"), [("bytes=0-6", slice(0, 7)), ("bytes=100-", slice(100, None)), ("bytes=-50", slice(-50, None))]
)
def test_a_range_is_a_part_of_the_file(url: str, sample_folder: Path, header: str, part: slice) -> None:
    data = (sample_folder / TILES).read_bytes()
    answer = httpx.get(url + TILES, headers={"Range": header})
    start, stop, _ = part.indices(len(data))
    assert answer.status_code == 206
    assert answer.content == data[part]
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(data)}"
    assert int(answer.headers["content-length"]) == stop - start


def test_a_range_behind_the_end_is_416(url: str, sample_folder: Path) -> None:
    n_bytes = (sample_folder / TILES).stat().st_size
    answer = httpx.get(url + TILES, headers={"Range": f"bytes={n_bytes}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{n_bytes}"


def test_several_ranges_are_answered_with_the_whole_file(url: str, sample_folder: Path) -> None:
    answer = httpx.get(url + TILES, headers={"Range": "bytes=0-1,4-5"})
    assert answer.status_code == 200
    assert answer.content == (sample_folder / TILES).read_bytes()


def test_a_range_of_json_is_never_compressed(url: str, sample_folder: Path) -> None:
    answer = httpx.get(f"{url}atlas.json", headers={"Range": "bytes=0-9", "Accept-Encoding": "gzip"})
    assert answer.status_code == 206
    assert answer.content == (sample_folder / "atlas.json").read_bytes()[:10]


def test_a_range_holds_only_while_the_file_is_the_same(url: str) -> None:
    etag = httpx.head(url + TILES).headers["etag"]
    assert not etag.startswith("W/")
    assert httpx.get(url + TILES, headers={"Range": "bytes=0-6", "If-Range": etag}).status_code == 206
    assert httpx.get(url + TILES, headers={"Range": "bytes=0-6", "If-Range": '"older"'}).status_code == 200


@pytest.mark.parametrize("name", [TILES, "atlas.json", "", "assets/index-1234.js"])
def test_what_a_browser_has_is_not_sent_again(url: str, name: str) -> None:
    etag = httpx.get(url + name).headers["etag"]
    again = httpx.get(url + name, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert httpx.get(url + name, headers={"If-None-Match": '"older"'}).status_code == 200


@pytest.mark.parametrize("name", [TILES, "atlas.json", ""])
def test_head_is_get_without_the_body(url: str, name: str) -> None:
    head, get = httpx.head(url + name), httpx.get(url + name)
    assert (head.status_code, head.content) == (200, b"")
    for header in ("content-length", "content-type", "etag"):
        assert head.headers[header] == get.headers[header]


def test_text_is_compressed_and_archives_are_not(url: str, sample_folder: Path) -> None:
    with httpx.Client() as client, client.stream("GET", f"{url}atlas.json", headers={"Accept-Encoding": "gzip"}) as answer:
        body = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(body) == (sample_folder / "atlas.json").read_bytes()
    plain = httpx.get(f"{url}atlas.json", headers={"Accept-Encoding": "identity"})
    assert plain.headers["etag"] != answer.headers["etag"]
    assert "content-encoding" not in httpx.get(url + TILES, headers={"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize(
    "target",
    [
        "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/items/../../discs/atlas.json", "//etc/passwd",
        "/items/main/..%5c..%5catlas.json", "/items/main/items.parquet%00.json", "/.hidden", "/README.md", "/items", "/items/main/",
        "/notes.txt", "/%252e%252e/etc/passwd", "/ATLAS.JSON", "/assets/../README.md", "/etc/passwd", "/atlas.json/",
    ],
)  # fmt: skip
def test_nothing_else_is_served(url: str, sample_folder: Path, target: str) -> None:
    (sample_folder / "notes.txt").write_text("not named by the manifest")
    status, _, rest = raw(url, f"GET {target} HTTP/1.1").partition(b"\r\n")
    assert status.split()[1] in (b"404", b"400")
    assert b"root:" not in rest


def test_a_link_out_of_the_atlas_is_not_followed(tmp_path: Path, viewer: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    (tmp_path / "secret").write_text("secret")
    (folder / "maps/main/labels.json").unlink()
    (folder / "maps/main/labels.json").symlink_to(tmp_path / "secret")
    client = TestClient(make_app(folder), base_url="http://localhost")
    assert client.get("/maps/main/labels.json").status_code == 404
    assert client.get("/maps/main/regions.json").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_only_reading_is_allowed(url: str, method: str) -> None:
    answer = httpx.request(method, f"{url}atlas.json")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.evil.example", "192.168.0.7"])
def test_a_foreign_host_name_is_refused(url: str, host: str) -> None:
    answer = httpx.get(f"{url}atlas.json", headers={"Host": host})
    assert answer.status_code == 403
    assert "sets" not in answer.text


@pytest.mark.parametrize("name", ["", "atlas.json", TILES, "nowhere"])
def test_every_answer_carries_the_security_headers(url: str, name: str) -> None:
    headers = httpx.get(url + name).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


def test_an_atlas_that_is_built_again_is_served_anew(tmp_path: Path, viewer: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    client = TestClient(make_app(folder), base_url="http://localhost")
    build_sample(folder, 11, map_id="other")
    assert client.get("/maps/other/items.parquet").status_code == 200
    assert client.get("/atlas.json").json()["maps"].keys() == {"main", "other"}


def test_an_atlas_that_is_gone_answers_404(tmp_path: Path, viewer: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    client = TestClient(make_app(folder), base_url="http://localhost")
    shutil.rmtree(folder)
    assert client.get("/atlas.json").status_code == 404
    assert client.get("/").status_code == 200


def test_what_is_not_an_atlas_is_not_served(tmp_path: Path, viewer: Path) -> None:
    with pytest.raises(AtlasFormatError):
        make_app(tmp_path)


def test_without_a_viewer_nothing_is_served(sample_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vista.atlas.viewer.VIEWER_FOLDER", tmp_path)
    with pytest.raises(InputFileError, match="make viewer"):
        make_app(sample_folder)
