"""One exchange of JSON over HTTP, bounded in time and size."""

from __future__ import annotations

import http.client
import ipaddress
import json
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from vista.errors import InputError, InputFileError, reason_of

_LIMIT_BYTES = 64 << 20
_CHUNK_BYTES = 1 << 16
_SHOWN_CHARACTERS = 200


class RefusedError(Exception):
    """A server answered with an error.

    Attributes:
        status: HTTP's number for it.
        words: What the server says, in one line of limited length.
    """

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"HTTP {status}{': ' if words else ''}{words}")
        self.status, self.words = status, words


def exchange_json(url: str, *, body: object = None, key: str | None = None, timeout_s: float) -> Any:
    """Ask for a JSON document, or send one and read the answer.

    Args:
        url: Address, `http` or `https`.
        body: What to send, in JSON's types; None asks by GET.
        key: Sent as a bearer token, to this address alone: a redirect does not get it.
        timeout_s: Longest time for the whole exchange; a server that goes on sending a little at a time is left then.

    Raises:
        InputError: If the address is no web address.
        RefusedError: If the server answers with an error.
        InputFileError: If there is no answer in time, it is too large, or it is no JSON.
    """
    host = host_of(url)
    try:
        answer = _read(_request(url, body, key), timeout_s)
    except urllib.error.HTTPError as error:
        raise RefusedError(error.code, _words_of(error)) from error
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception) else error
        raise InputFileError(f"there is no answer from {host}; is there a network? ({reason_of(reason)})") from error
    try:
        return json.loads(answer)
    except ValueError as error:
        raise InputFileError(f"what {host} answers is no JSON ({reason_of(error)})") from error


def host_of(url: str) -> str:
    """Return the host of a web address, with its port.

    Raises:
        InputError: If it is none.
    """
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and parts.hostname is not None and parts.port != 0
    except ValueError:
        is_web = False
    if not is_web or not url.isascii() or " " in url:
        raise InputError(f"'{url}' is no web address; it begins with http:// or https://")
    return parts.netloc.rpartition("@")[2]


def _request(url: str, body: object, key: str | None) -> urllib.request.Request:
    data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    request = urllib.request.Request(url, data, {"Accept": "application/json", "User-Agent": "vista-atlas"})
    if data is not None:
        request.add_unredirected_header("Content-Type", "application/json")
    if key is not None:
        request.add_unredirected_header("Authorization", f"Bearer {key}")
    return request


def _read(request: urllib.request.Request, timeout_s: float) -> bytes:
    deadline = time.monotonic() + timeout_s
    chunks, n_bytes = [], 0
    with _opener(request.full_url).open(request, timeout=timeout_s) as response:
        while chunk := response.read1(_CHUNK_BYTES):
            chunks.append(chunk)
            n_bytes += len(chunk)
            if n_bytes > _LIMIT_BYTES:
                raise InputFileError(f"what {host_of(request.full_url)} answers is longer than {_LIMIT_BYTES >> 20} MB")
            if time.monotonic() > deadline:
                raise TimeoutError(f"not done within {timeout_s:g} s")
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
    return b"".join(chunks)


def _opener(url: str) -> urllib.request.OpenerDirector:
    """Return what opens an address: this machine's own servers are never asked by way of a proxy."""
    host = urlsplit(url).hostname or ""
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost"
    return urllib.request.build_opener(urllib.request.ProxyHandler({})) if is_here else urllib.request.build_opener()


def _words_of(error: urllib.error.HTTPError) -> str:
    try:
        said = error.read(_CHUNK_BYTES).decode("utf-8", "replace")
        told = json.loads(said)
        while isinstance(told, dict):
            told = told.get("error", told.get("message", told.get("detail", "")))
        said = str(told)
    except (OSError, ValueError, http.client.HTTPException):
        said = str(error.reason)
    return " ".join(said.split())[:_SHOWN_CHARACTERS]
