"""A fake of the channel between kernel and page: it keeps what the widget says, and hands it what a page would."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

_numbers = itertools.count()


class FakeComm:
    """Takes the place of a comm where no kernel runs."""

    def __init__(self) -> None:
        self.comm_id = f"fake-{next(_numbers)}"
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        self._hear: Callable[[dict[str, Any]], None] = lambda message: None

    def on_msg(self, hear: Callable[[dict[str, Any]], None]) -> None:
        self._hear = hear

    def send(self, data: dict[str, Any], metadata: object = None, buffers: list[bytes] | None = None) -> None:
        self.sent.append((data, list(buffers or [])))

    def close(self, *_: object, **__: object) -> None:
        return

    def receive(self, data: dict[str, Any]) -> list[tuple[dict[str, Any], list[bytes]]]:
        """Let the widget hear a message as the page sends it; return what it says to that."""
        self.sent.clear()
        self._hear({"content": {"data": data}, "buffers": [], "metadata": {}})
        return list(self.sent)
