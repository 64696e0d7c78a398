"""Answers that are more than a file: what they are, and the thread in which they are made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vista.atlas.json_text import json_bytes

if TYPE_CHECKING:
    from starlette.requests import Request

BAD_REQUEST, FOREIGN, CANNOT, BUSY = 400, 403, 501, 503
_THREAD_NAME = "answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: a status and, but for what `media_type` says, JSON."""

    status: int
    body: bytes
    media_type: str = "application/json"


def refusal(status: int, why: str) -> Answer:
    """Return the answer that there is none, and why, in one line."""
    return Answer(status, json_bytes({"error": " ".join(why.split())}))


def comes_from_elsewhere(request: Request) -> bool:
    """Return whether another site's page asks."""
    return request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def in_thread(work: Callable[[], Answer]) -> Future[Answer]:
    """Begin work in a thread that ends with the process, finished or not."""
    future: Future[Answer] = Future()

    def run() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name=_THREAD_NAME, daemon=True).start()
    return future


def is_answering() -> bool:
    """Return whether a thread is still in the midst of an answer."""
    return any(thread.name == _THREAD_NAME for thread in threading.enumerate())
