"""Threads that are kept for many short rounds of work.

A round of `threads.over_rows` makes its own threads; a layout has thousands of rounds of a millisecond, so here the
threads stay, and are told of work through the plainest of queues, since a future costs more than some rounds. Work is cut by row or
by fixed chunk, and each piece is done by one thread alone: the number of threads never shows in a result.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import TypeAlias

from vista.kernels.threads import n_threads

LEAST_ROWS_A_THREAD = 256  # below this, waking a thread costs more than it brings

Task: TypeAlias = Callable[[], None]


class Crew:
    """Threads for the length of a `with` block; the caller works along with them."""

    def __init__(self) -> None:
        self.size = n_threads()
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._outcomes: SimpleQueue[BaseException | None] = SimpleQueue()
        self._others = [Thread(target=self._serve, daemon=True) for _ in range(self.size - 1)]
        for other in self._others:
            other.start()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for _ in self._others:
            self._tasks.put(None)
        for other in self._others:
            other.join()

    def over_rows(self, n_rows: int, work: Callable[[int, int], None]) -> None:
        """Call `work(start, stop)` for slices that cover rows 0 … `n_rows` − 1, one slice a thread."""
        n_slices = max(1, min(self.size, n_rows // LEAST_ROWS_A_THREAD))
        bounds = [n_rows * i // n_slices for i in range(n_slices + 1)]
        self._do([lambda a=a, b=b: work(a, b) for a, b in pairwise(bounds)])  # type: ignore[misc]

    def over_chunks(self, n_chunks: int, work: Callable[[int], None]) -> None:
        """Call `work(chunk)` for every chunk 0 … `n_chunks` − 1; each thread takes the next one when it has done the last."""
        waiting = iter(range(n_chunks))

        def work_on() -> None:
            for chunk in waiting:
                work(chunk)

        self._do([work_on] * max(1, min(self.size, n_chunks)))

    def _do(self, tasks: list[Task]) -> None:
        """Do the first task here and the others in the threads, and raise what went wrong in any of them once all are done."""
        for task in tasks[1:]:
            self._tasks.put(task)
        outcomes = [_outcome(tasks[0]), *(self._outcomes.get() for _ in tasks[1:])]
        for error in outcomes:
            if error is not None:
                raise error

    def _serve(self) -> None:
        while (task := self._tasks.get()) is not None:
            self._outcomes.put(_outcome(task))


def _outcome(task: Task) -> BaseException | None:
    try:
        task()
    except BaseException as error:
        return error
    return None
