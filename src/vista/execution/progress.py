"""Progress of long work, told through one small object that the surfaces draw as they like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Advance = Callable[[int], None]


class Progress(Protocol):
    """What a stage needs to tell how far it is."""

    def stage(self, title: str, total: int | None = None) -> AbstractContextManager[Advance]:
        """Open a stage of `total` steps (None: unknown); calling the result with n tells that n steps more are done."""
        ...

    def say(self, sentence: str) -> None:
        """Tell the user one fact, such as a guess that was made."""
        ...


class _Silent:
    def __repr__(self) -> str:
        return "silent"

    @contextmanager
    def stage(self, title: str, total: int | None = None) -> Iterator[Advance]:
        yield lambda n: None

    def say(self, sentence: str) -> None:
        return None


silent: Progress = _Silent()
