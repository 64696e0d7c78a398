"""Work shared among threads, its results in order: for libraries that let go of Python's lock while they work."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

MOST_THREADS = 8
AHEAD = 2 * MOST_THREADS  # tasks whose results may wait in memory

Task = TypeVar("Task")
Result = TypeVar("Result")


def thread_pool() -> ThreadPoolExecutor:
    """Return a pool with a thread a core, 8 at most."""
    return ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_THREADS))


def in_order(pool: ThreadPoolExecutor, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """Run tasks in threads and yield their results in the tasks' order, never more than `AHEAD` ahead."""
    waiting: deque[Future[Result]] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
