"""Which names a server answers to, so that a foreign site cannot reach it through a name of its own (DNS rebinding)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ANYWHERE = frozenset({"0.0.0.0", "::", ""})


def host_check(host: str, port: int | None) -> Callable[[str], bool]:
    """Return a test for Host headers: the served host and the loopback names, with the served port.

    A server that listens on every address also answers to plain addresses and to the machine's own name.

    Args:
        host: The address that the server listens on.
        port: Its port; None leaves the port open.
    """
    names = _LOOPBACK | {host.lower().strip("[]")}
    if host in _ANYWHERE:
        names |= {socket.gethostname().lower()}

    def is_ours(header: str) -> bool:
        name, given = _split(header)
        if port is not None and given != port:
            return False
        return name in names or (host in _ANYWHERE and _is_address(name))

    return is_ours


def _split(header: str) -> tuple[str, int | None]:
    """Return name and port of a Host header; without a port it means 80."""
    header = header.strip().lower()
    name, colon, digits = header.rpartition(":")
    if not colon or header.endswith("]"):
        return header.strip("[]"), 80
    return name.strip("[]"), int(digits) if digits.isascii() and digits.isdigit() else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
