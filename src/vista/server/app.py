"""Serve an atlas and the viewer on this machine.

A request names a file from the manifest or from the viewer, letter by letter, or it gets 404: no path is ever built
from what a request says.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from vista.atlas.blocks import gzipped
from vista.atlas.json_text import json_bytes
from vista.atlas.manifest import MANIFEST_NAME, read_manifest
from vista.atlas.viewer import VIEWER_PAGE, viewer_files
from vista.errors import AtlasFormatError, InputError, InputFileError
from vista.execution import Progress, silent
from vista.server.hosts import host_check
from vista.server.probing import PROBE_PATH, Prober, with_probe
from vista.server.ranges import ByteRange, UnsatisfiableRangeError, accepts_gzip, names_etag, requested_range
from vista.server.searching import SEARCH_PATH, Searcher, with_search

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

CHUNK_BYTES = 256 << 10
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; font-src 'self'; "
    "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".parquet": "application/vnd.apache.parquet",
}
_WORTH_GZIP = frozenset({".html", ".js", ".css", ".json", ".svg"})


def make_app(
    atlas_folder: str | Path,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    sae: str | None = None,
    model: str | None = None,
    progress: Progress = silent,
) -> Starlette:
    """Return an ASGI application that serves an atlas with the viewer at `/`.

    Args:
        atlas_folder: The atlas; if it is built again while being served, the new one is served.
        host: The address that the application is reached at; other Host headers are refused.
        port: Its port; None leaves the port open.
        sae: The autoencoder of the atlas's study, where the name in the atlas does not lead to it.
        model: Likewise the model.
        progress: Told whether texts can be tried, and when the models for that are loaded.

    Raises:
        AtlasFormatError: There is no atlas that this version can read.
        InputError: `sae` or `model` is given, and texts cannot be tried with it.
        InputFileError: The viewer is not built.
    """
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    prober, searcher = Prober(sae, model, progress), Searcher()
    folder = Folder(Path(os.path.realpath(atlas_folder)), prober)
    _tell_of_probing(folder, prober)
    is_ours = host_check(host, port)

    def refused(request: Request, allowed: tuple[str, ...]) -> Response | None:
        if not is_ours(request.headers.get("host", "")):
            return PlainTextResponse("This server does not answer to that host name.\n", 403, SECURITY_HEADERS)
        if request.method not in allowed:
            only = f"Only {' and '.join(allowed)}.\n"
            return PlainTextResponse(only, 405, {**SECURITY_HEADERS, "Allow": ", ".join(allowed)})
        return None

    def answer(request: Request) -> Response:
        if refusal := refused(request, ("GET", "HEAD")):
            return refusal
        if (file := folder.find(request.scope["path"])) is None:
            return PlainTextResponse("There is no such file in the atlas.\n", 404, SECURITY_HEADERS)
        return _answer_with(file, request)

    def answered_by(one: Prober | Searcher) -> Callable[[Request], Awaitable[Response]]:
        async def answer_in_words(request: Request) -> Response:
            if refusal := refused(request, ("GET",)):
                return refusal
            folder.refresh()
            told = await one.answer(request, folder.atlas, folder.manifest)
            return Response(told.body, told.status, {**SECURITY_HEADERS, "Cache-Control": "no-store"}, told.media_type)

        return answer_in_words

    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
    answers = {PROBE_PATH: answered_by(prober), SEARCH_PATH: answered_by(searcher), "{path:path}": answer}
    return Starlette(routes=[Route(f"/{path}", function, methods=methods) for path, function in answers.items()])


def _tell_of_probing(folder: Folder, prober: Prober) -> None:
    """Say whether texts can be tried on the study; where the user said with what, and they cannot, refuse."""
    why = prober.why_not(folder.manifest)
    if why and (prober.sae or prober.model):
        raise InputError(f"texts cannot be tried on this atlas: {why}")
    if "study" in folder.manifest:
        prober.progress.say(f"texts cannot be tried here: {why}" if why else "texts can be tried: the models load with the first one")


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file under the name that it is asked for by.

    Attributes:
        name: That name.
        path: Where it lies.
        immutable: Whether the name changes with the content.
        content: What is served in place of the file's own bytes, or None.
    """

    name: str
    path: Path
    immutable: bool
    content: bytes | None = None


class Folder:
    """What is served: the files that the manifest names, and the viewer's.

    Args:
        atlas: A real path.
        prober: Says whether texts can be tried, which the served manifest then says too.
    """

    def __init__(self, atlas: Path, prober: Prober) -> None:
        self.atlas, self.prober = atlas, prober
        self.viewer = viewer_files()
        self.stamp = self._stamp()
        self._read()

    def find(self, url_path: str) -> ServedFile | None:
        """Return the file at a decoded URL path, or None."""
        name = url_path.removeprefix("/") or VIEWER_PAGE
        if name == VIEWER_PAGE:
            self._find_viewer()
        if name in self.viewer:
            return ServedFile(name, self.viewer[name], immutable=name.startswith("assets/"))
        self.refresh()
        if name not in self.names:
            return None
        path = self.atlas / name
        is_inside = Path(os.path.realpath(path)).is_relative_to(self.atlas)
        content = self.served_manifest if name == MANIFEST_NAME else None
        return ServedFile(name, path, immutable=False, content=content) if is_inside else None

    def _find_viewer(self) -> None:
        """Look for the viewer again: one that was built anew has a page that names other files."""
        with suppress(InputFileError):  # it is being built at this moment
            self.viewer = viewer_files()

    def refresh(self) -> None:
        """Read the manifest again if it changed."""
        if (stamp := self._stamp()) == self.stamp:
            return
        try:
            self._read()
            self.stamp = stamp
        except AtlasFormatError:
            return  # it is being replaced at this moment, or gone; what is missing answers 404

    def _read(self) -> None:
        self.manifest = read_manifest(self.atlas)
        self.names = frozenset(self.manifest["files"]) | {MANIFEST_NAME}
        served = with_search(self.manifest)
        served = served if self.prober.why_not(self.manifest) else with_probe(served)
        self.served_manifest = None if served is self.manifest else json_bytes(served)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = (self.atlas / MANIFEST_NAME).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size


def _answer_with(served: ServedFile, request: Request) -> Response:
    from starlette.responses import PlainTextResponse, Response

    try:
        file, n_bytes, etag = _opened(served)
    except OSError:
        return PlainTextResponse("There is no such file in the atlas.\n", 404, SECURITY_HEADERS)
    headers = _headers(served)
    asked = request.headers.get("range") if request.method == "GET" else None
    if _is_gzipped(served, asked, request):
        return _gzipped_answer(file, served, etag, headers, request)
    headers["ETag"] = etag
    if names_etag(request.headers.get("if-none-match"), etag):
        file.close()
        return Response(status_code=304, headers=headers)
    if request.headers.get("if-range", etag) != etag:
        asked = None
    try:
        part = requested_range(asked, n_bytes)
    except UnsatisfiableRangeError:
        file.close()
        return PlainTextResponse("", 416, {**headers, "Content-Range": f"bytes */{n_bytes}"})
    return _file_answer(file, served, part, n_bytes, headers, request)


def _opened(served: ServedFile) -> tuple[BinaryIO, int, str]:
    """Return what is served, its size, and its ETag."""
    file = served.path.open("rb")
    status = os.fstat(file.fileno())
    if served.content is None:
        return file, status.st_size, f'"{status.st_size:x}-{status.st_mtime_ns:x}"'
    file.close()
    n_bytes = len(served.content)
    return BytesIO(served.content), n_bytes, f'"{n_bytes:x}-{status.st_mtime_ns:x}"'


def _headers(served: ServedFile) -> dict[str, str]:
    cache = "public, max-age=31536000, immutable" if served.immutable else "no-cache"
    headers = {**SECURITY_HEADERS, "Accept-Ranges": "bytes", "Cache-Control": cache}
    return {**headers, "Vary": "Accept-Encoding"} if served.path.suffix in _WORTH_GZIP else headers


def _is_gzipped(served: ServedFile, asked: str | None, request: Request) -> bool:
    return asked is None and served.path.suffix in _WORTH_GZIP and accepts_gzip(request.headers.get("accept-encoding"))


def _gzipped_answer(file: BinaryIO, served: ServedFile, etag: str, headers: dict[str, str], request: Request) -> Response:
    from starlette.responses import Response

    with file:
        headers["ETag"] = etag = f'{etag[:-1]}-gz"'
        if names_etag(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        body = gzipped(file.read())
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    return Response(b"" if request.method == "HEAD" else body, headers=headers, media_type=_media_type(served))


def _file_answer(
    file: BinaryIO, served: ServedFile, part: ByteRange | None, n_bytes: int, headers: dict[str, str], request: Request
) -> Response:
    from starlette.responses import Response, StreamingResponse

    sent = part or ByteRange(0, n_bytes - 1)
    headers["Content-Length"] = str(sent.n_bytes)
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.end}/{n_bytes}"
    code = 200 if part is None else 206
    if request.method == "HEAD":
        file.close()
        return Response(b"", code, headers, _media_type(served))
    return StreamingResponse(_chunks(file, sent), code, headers, _media_type(served))


def _chunks(file: BinaryIO, part: ByteRange) -> Iterator[bytes]:
    with file:
        file.seek(part.start)
        left = part.n_bytes
        while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk


def _media_type(served: ServedFile) -> str:
    return _TYPES.get(served.path.suffix, "application/octet-stream")
