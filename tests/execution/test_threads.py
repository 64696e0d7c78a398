"""Results in the order of their tasks."""

from __future__ import annotations

import time

import pytest

from vista.execution import in_order, thread_pool
from vista.execution.threads import AHEAD


def test_results_come_in_the_order_of_the_tasks_however_long_each_takes():
    with thread_pool() as pool:
        assert list(in_order(pool, lambda i: time.sleep(0.01 * (i % 3 == 0)) or i, range(40))) == list(range(40))


def test_only_a_few_tasks_are_taken_ahead():
    taken = []
    with thread_pool() as pool:
        results = in_order(pool, lambda i: i, (taken.append(i) or i for i in range(1000)))
        assert next(results) == 0
        assert len(taken) <= AHEAD + 1


def test_an_error_comes_out_where_its_result_would_have():
    def work(i):
        return 1 // (3 - i)

    with thread_pool() as pool:
        results = in_order(pool, work, range(6))
        assert [next(results), next(results), next(results)] == [0, 0, 1]
        with pytest.raises(ZeroDivisionError):
            next(results)
