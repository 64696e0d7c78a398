import numpy as np
import pytest
import scipy.sparse as sp

from vista.representations.distinct import count_distinct


@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix])
def test_rows_that_repeat_are_counted_once(form):
    rows = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float32) * (np.arange(7) % 2)
    assert count_distinct(form(np.concatenate([rows, rows[:20], -0.0 * rows[:2]]).astype(np.float32))) == 51


def test_rows_that_differ_in_one_bit_or_in_the_order_of_their_numbers_are_different():
    row = np.arange(1, 6, dtype=np.float32)
    near = row.copy()
    near[2] = np.nextafter(near[2], np.float32(9))
    assert count_distinct(np.stack([row, near, row[::-1]])) == 3
