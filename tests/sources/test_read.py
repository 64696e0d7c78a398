"""Samples: which items are taken, and what follows them."""

import numpy as np
import pyarrow as pa
import pytest

from vista.errors import InputError
from vista.sources import read_source

N = 50
TABLE = pa.table({"text": [f"text {n}" for n in range(N)], "n": list(range(N)), "v": [[float(n), 1.0] for n in range(N)]})


def test_a_sample_keeps_source_order_and_every_part_of_an_item_together() -> None:
    source = read_source(TABLE, vectors="v", x="n", y="n", sample=20, seed=3)
    rows = source.items.source_rows
    assert len(source.items) == 20
    assert np.all(np.diff(rows) > 0)
    assert source.items.ids == [str(row) for row in rows]
    assert source.items.texts == [f"text {row}" for row in rows]
    assert source.items.columns.column("n").to_pylist() == rows.tolist()
    assert source.vectors is not None
    assert source.coordinates is not None
    assert source.vectors[:, 0].tolist() == source.coordinates[:, 0].tolist() == rows.tolist()
    assert "a random sample of 20 of 50 items (seed 3)" in source.items.notes


def test_the_seed_alone_decides_the_sample() -> None:
    def sampled(seed: int) -> list[str]:
        return read_source(TABLE, sample=20, seed=seed).items.ids

    assert sampled(1) == sampled(1)
    assert sampled(1) != sampled(2)


def test_a_sample_of_an_array_beside_the_table_takes_the_same_rows() -> None:
    source = read_source(TABLE, vectors=np.arange(N, dtype=np.float64)[:, None], sample=7)
    assert source.vectors is not None
    assert source.vectors[:, 0].tolist() == source.items.source_rows.tolist()


def test_a_sample_larger_than_the_source_is_all_of_it() -> None:
    items = read_source(TABLE, sample=1000).items
    assert items.source_rows.tolist() == list(range(N))
    assert not any("sample" in note for note in items.notes)


@pytest.mark.parametrize("sample", [0, -1])
def test_a_sample_of_nothing_is_refused(sample: int) -> None:
    with pytest.raises(InputError, match=f"--sample {sample} leaves nothing"):
        read_source(TABLE, sample=sample)


def test_bad_vectors_outside_the_sample_do_no_harm() -> None:
    rows = np.ones((N, 2))
    taken = read_source(TABLE, sample=5).items.source_rows
    rows[np.setdiff1d(np.arange(N), taken)[0]] = np.nan
    source = read_source(TABLE, vectors=rows, sample=5)
    assert source.items.source_rows.tolist() == taken.tolist()


def test_bad_vectors_in_a_sample_are_named_by_their_row_in_the_source() -> None:
    taken = read_source(TABLE, sample=5).items.source_rows
    rows = np.ones((N, 2))
    rows[taken[2]] = np.nan
    with pytest.raises(InputError, match=f"in 1 of 5 rows: row {taken[2]}\\."):
        read_source(TABLE, vectors=rows, sample=5)


def test_one_item_is_enough() -> None:
    items = read_source(pa.table({"text": ["alone"]})).items
    assert (items.ids, items.texts) == (["0"], ["alone"])
