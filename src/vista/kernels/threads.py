"""Sharing the rows of an array among threads.

Kernels and NumPy's sorts release Python's lock, so plain threads use all cores. Each row is worked on by one thread
alone, so the number of threads never shows in a result.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, TypeVar

Result = TypeVar("Result")


def n_threads() -> int:
    """Return how many threads to use: the cores that this process may use, or `$NUMBA_NUM_THREADS`."""
    if given := os.environ.get("NUMBA_NUM_THREADS", ""):
        return max(1, int(given))
    allowed = getattr(os, "sched_getaffinity", None)  # not every system tells
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def over_rows(n_rows: int, work: Callable[[int, int], None]) -> None:
    """Call `work(start, stop)` for slices that cover rows 0 … `n_rows` − 1, one slice a thread."""
    n_slices = min(n_threads(), n_rows)
    if n_slices <= 1:
        work(0, n_rows)
        return
    bounds = [n_rows * i // n_slices for i in range(n_slices + 1)]
    with ThreadPoolExecutor(n_slices) as pool:
        list(pool.map(work, bounds[:-1], bounds[1:]))


def over_chunks(
    n_rows: int, chunk_rows: int, work: Callable[[int, int], Result], advance: Callable[[int], None] | None = None
) -> list[Result]:
    """Return what `work(start, stop)` gives for chunks that cover rows 0 … `n_rows` − 1, in order.

    The chunks do not depend on the number of threads, so what is summed or multiplied chunk by chunk does not either.

    Args:
        n_rows: Number of rows.
        chunk_rows: Rows a chunk; the last may have fewer.
        work: Called in any thread.
        advance: Told, in the calling thread, the number of rows done.
    """
    starts = range(0, n_rows, chunk_rows)
    stops = [min(start + chunk_rows, n_rows) for start in starts]
    results = []
    with ThreadPoolExecutor(n_threads()) as pool:
        for start, stop, result in zip(starts, stops, pool.map(work, starts, stops), strict=True):
            results.append(result)
            if advance is not None:
                advance(stop - start)
    return results


def one_blas_thread() -> AbstractContextManager[Any]:
    """Keep matrix products to the thread that asks for them, so that threads of ours can each ask for their own."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return limits
