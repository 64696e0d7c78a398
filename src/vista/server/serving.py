"""Run the server until it is interrupted."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from pathlib import Path

from vista.atlas.reader import Atlas
from vista.errors import InputError
from vista.execution import Progress, silent

DEFAULT_PORT = 8765
_LAST_ANSWERS_S = 2


def serve(
    atlas: Atlas | str | Path,
    *,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    open: bool = False,
    sae: str | None = None,
    model: str | None = None,
    on_ready: Callable[[str], None] | None = None,
    progress: Progress = silent,
) -> None:
    """Serve an atlas with the viewer until the process is interrupted.

    Args:
        atlas: The atlas: its folder, or an open one.
        host: The address to listen on; only this machine can reach the default.
        port: The port; 0 takes any that is free.
        open: Open the map in the user's browser.
        sae: The autoencoder of a study of latents, so that texts can be tried on it, where its name in the atlas does not lead
            to it from here: a folder, or a name as for `vista latents`.
        model: Likewise the study's model: a folder, a GGUF file, a hub id or `smollm2`.
        on_ready: Called with the URL as soon as it can be reached.
        progress: Told whether texts can be tried.

    Raises:
        AtlasFormatError: There is no atlas that this version can read.
        InputError: The port is taken or not allowed, the host is not an address of this machine, or `sae` or `model` is given
            and texts cannot be tried with it.
        InputFileError: The viewer is not built.
    """
    import uvicorn

    from vista.server.app import make_app

    with _listening(host, port) as listener:
        bound = int(listener.getsockname()[1])
        folder = atlas.path if isinstance(atlas, Atlas) else atlas
        app = make_app(folder, host=host, port=bound, sae=sae, model=model, progress=progress)
        server = uvicorn.Server(
            uvicorn.Config(
                app, log_level="error", access_log=False, server_header=False, lifespan="off", timeout_graceful_shutdown=_LAST_ANSWERS_S
            )
        )
        url = _url(host, bound)
        if on_ready is not None:
            on_ready(url)
        if open:
            _open_in_browser(url)
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections already, so that nobody who is told the URL comes too early."""
    if not 0 <= port <= 65535:
        raise InputError(f"--port {port} is no port: use 1 to 65535, or 0 for any that is free.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError):
        raise InputError(f"--host {host!r} is not an address of this machine: use 127.0.0.1, or 0.0.0.0 for all of them.") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise InputError(_why_not_bound(error, host, port)) from None
    return listener


def _why_not_bound(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken: choose another with --port, or --port 0 for any that is free."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port {port} is not allowed to you: choose one above 1023 with --port, or --port 0 for any that is free."
    return f"--host {host!r} is not an address of this machine: use 127.0.0.1, or 0.0.0.0 for all of them."


def _url(host: str, port: int) -> str:
    reached = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{reached}]:{port}/" if ":" in reached else f"http://{reached}:{port}/"


def _open_in_browser(url: str) -> None:
    import webbrowser

    webbrowser.open(url)
