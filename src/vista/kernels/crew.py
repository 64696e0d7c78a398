"""Threads that are kept for many short rounds of work.

A round of `threads.over_rows` makes its own threads; a layout has thousands of rounds of a millisecond, so here the
threads stay. Work is cut by row or by fixed chunk, and each piece is done by one thread alone: the number of threads
never shows in a result.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import TracebackType

from vista.kernels.threads import n_threads

LEAST_ROWS_A_THREAD = 256  # below this, waking a thread costs more than it brings


class Crew:
    """Threads for the length of a `with` block; the caller works along with them."""

    def __init__(self) -> None:
        self.size = n_threads()
        self._others = ThreadPoolExecutor(self.size - 1) if self.size > 1 else None

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._others is not None:
            self._others.shutdown()

    def over_rows(self, n_rows: int, work: Callable[[int, int], None]) -> None:
        """Call `work(start, stop)` for slices that cover rows 0 … `n_rows` − 1, one slice a thread."""
        self._share(n_rows, max(1, min(self.size, n_rows // LEAST_ROWS_A_THREAD)), work)

    def over_chunks(self, n_chunks: int, work: Callable[[int], None]) -> None:
        """Call `work(chunk)` for every chunk 0 … `n_chunks` − 1."""

        def work_on(start: int, stop: int) -> None:
            for chunk in range(start, stop):
                work(chunk)

        self._share(n_chunks, max(1, min(self.size, n_chunks)), work_on)

    def _share(self, n: int, n_slices: int, work: Callable[[int, int], None]) -> None:
        bounds = [n * i // n_slices for i in range(n_slices + 1)]
        waiting = [self._others.submit(work, *slice_) for slice_ in list(pairwise(bounds))[1:]] if self._others else []
        work(bounds[0], bounds[1])
        for future in waiting:
            future.result()
