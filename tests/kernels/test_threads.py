import pytest

from vista.kernels.threads import over_rows


@pytest.mark.parametrize("n_rows", [0, 1, 2, 7, 100])
def test_every_row_is_worked_on_once(n_rows):
    seen = [0] * n_rows

    def work(start, stop):
        for row in range(start, stop):
            seen[row] += 1

    over_rows(n_rows, work)
    assert seen == [1] * n_rows


def test_an_error_in_a_thread_reaches_the_caller():
    def work(start, stop):
        raise ValueError("broken row")

    with pytest.raises(ValueError, match="broken row"):
        over_rows(10, work)
