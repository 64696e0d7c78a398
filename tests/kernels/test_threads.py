import pytest

from vista.kernels.threads import over_chunks, over_rows


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


@pytest.mark.parametrize("n_rows", [0, 1, 10, 11])
def test_chunks_are_the_same_for_any_number_of_threads_and_results_are_in_order(n_rows, monkeypatch):
    expected = [(start, min(start + 5, n_rows)) for start in range(0, n_rows, 5)]
    for n_threads in (1, 2, 4):
        monkeypatch.setattr("vista.kernels.threads.n_threads", lambda n_threads=n_threads: n_threads)
        done = []
        assert over_chunks(n_rows, 5, lambda start, stop: (start, stop), done.append) == expected
        assert sum(done) == n_rows
