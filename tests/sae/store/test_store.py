"""What goes into a store comes out of it."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sae.store.small_codes import META, WORD, SmallCodes, pooled, small_codes, write
from vista.artifacts import Items
from vista.errors import InputError
from vista.sae.store import TokenCodes, open_store, write_store

POOLINGS = ["max", "mean", "last"]


def within_rounding(stored, true):
    """The bound that `rounding` states; the largest value over all items is at least the largest of any shard."""
    return np.abs(stored - true) <= np.maximum(true * 2.0**-11, true.max(axis=0, initial=0) * 2.0**-38)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooled_codes_come_back_within_the_stated_rounding(tmp_path, pooling):
    codes = small_codes()
    store = write(tmp_path / "store", codes, pooling)
    expected = pooled(codes.dense, pooling)

    assert store.codes().shape == (23, 40)
    assert within_rounding(store.codes().toarray(), expected).all()
    assert store.codes().has_sorted_indices
    np.testing.assert_array_equal(store.codes().toarray() > 0, expected > 0)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_the_transposed_index_agrees_with_the_codes_of_items(tmp_path, pooling):
    store = write(tmp_path / "store", small_codes(), pooling)
    columns = store.codes().tocsc()

    for latent in range(store.d_sae):
        found = store.latent(latent)
        np.testing.assert_array_equal(found.rows, columns[:, latent].indices)
        np.testing.assert_array_equal(found.values, columns[:, latent].data)


def test_positions_are_those_of_the_first_maximum_or_of_the_last_token(tmp_path):
    codes = small_codes()
    for pooling in POOLINGS:
        store = write(tmp_path / pooling, codes, pooling)
        for latent in range(store.d_sae):
            found = store.latent(latent)
            columns = [codes.dense[row][:, latent] for row in found.rows]
            expected = [len(column) - 1 if pooling == "last" else column.argmax() for column in columns]
            np.testing.assert_array_equal(found.positions, expected)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_tokens_come_back_with_their_characters_and_their_codes(tmp_path, pooling):
    codes = small_codes()
    store = write(tmp_path / "store", codes, pooling)

    for row, dense in enumerate(codes.dense):
        tokens = store.tokens(row)
        text = store.items["text"][row].as_py()
        assert tokens.strings(text) == [WORD] * len(dense)
        np.testing.assert_array_equal(tokens.token_ids, np.arange(len(dense)) + 1000)
        assert within_rounding(tokens.codes.toarray(), dense).all()
        np.testing.assert_array_equal(tokens.values_of(8), dense[:, 8])


def test_without_codes_of_tokens_their_characters_remain(tmp_path):
    codes = small_codes()
    store = write(tmp_path / "store", codes, tokens=False)
    row = max(range(len(codes.dense)), key=lambda row: len(codes.dense[row]))

    tokens = store.tokens(row)

    assert tokens.strings(store.items["text"][row].as_py()) == [WORD] * len(codes.dense[row])
    assert not store.has_tokens
    with pytest.raises(InputError, match="without the codes of tokens"):
        tokens.values_of(8)


def test_statistics_are_those_of_the_stored_codes(tmp_path):
    store = write(tmp_path / "store", small_codes())
    dense = store.codes().toarray().astype(np.float64)
    statistics = store.statistics

    np.testing.assert_array_equal(statistics.density, (dense > 0).mean(axis=0))
    np.testing.assert_array_equal(statistics.maximum, dense.max(axis=0))
    np.testing.assert_allclose(statistics.mean, dense.sum(axis=0) / np.maximum((dense > 0).sum(axis=0), 1), rtol=1e-6)
    for latent in np.flatnonzero(statistics.maximum):
        values = dense[:, latent][dense[:, latent] > 0]
        expected, _ = np.histogram(values / statistics.maximum[latent], bins=64, range=(0, 1))
        np.testing.assert_array_equal(statistics.histogram[latent], expected)


def test_a_latent_that_never_fires_has_no_items_and_zero_statistics(tmp_path):
    store = write(tmp_path / "store", small_codes())

    assert len(store.latent(7).rows) == len(store.latent(7).values) == len(store.latent(7).positions) == 0
    assert store.statistics.density[7] == store.statistics.maximum[7] == store.statistics.mean[7] == 0
    assert not store.statistics.histogram[7].any()


def test_rows_come_in_the_order_in_which_they_are_asked_for(tmp_path):
    store = write(tmp_path / "store", small_codes())
    whole = store.codes().toarray()

    for rows in ([22, 0, 7, 7, 13], [], range(3, 18), slice(4, 19, 3), slice(-3, None), np.array([6])):
        chosen = (
            whole[rows if isinstance(rows, slice) else list(rows)]
            if len(range(23)[rows] if isinstance(rows, slice) else rows)
            else whole[:0]
        )
        np.testing.assert_array_equal(store.codes(rows).toarray(), chosen)


def test_items_come_back(tmp_path):
    codes = small_codes()
    store = write(tmp_path / "store", codes)
    given_items, items = codes.items(), store.read_items()

    assert store.items.column_names == ["item_id", "source_row", "text", "length"]
    assert (items.ids, items.texts, items.text_column, items.color_columns) == (given_items.ids, given_items.texts, "words", ("length",))
    assert items.columns.equals(given_items.columns)
    assert store.read_items([4, 2]).ids == ["4", "2"]
    assert store.manifest.parts[0].inputs == given_items.inputs


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda store: store.latent(40), "there is no latent 40: the SAE has latents 0 to 39"),
        (lambda store: store.latent(-1), "there is no latent -1"),
        (lambda store: store.tokens(23), "there is no item 23: the store has items 0 to 22"),
        (lambda store: store.codes([3, 23]), "there is no item 23"),
        (lambda store: store.codes([-1]), "there is no item -1"),
        (lambda store: store.tokens(5).values_of(40), "there is no latent 40"),
    ],
)
def test_ids_out_of_range_are_refused_in_one_line(tmp_path, ask, sentence):
    store = write(tmp_path / "store", small_codes())

    with pytest.raises(InputError, match=sentence) as caught:
        ask(store)
    assert "\n" not in str(caught.value)


def test_more_latents_than_sixteen_bits_and_more_tokens_than_eight(tmp_path):
    dense = np.zeros((300, 70_000), np.float32)
    dense[299, 69_999], dense[3, 65_536], dense[:, 5] = 2, 3, np.arange(1, 301)
    store = write(tmp_path / "store", SmallCodes([dense, dense[:2]]))

    assert store.latent(69_999).positions.tolist() == [299]
    assert store.latent(65_536).values.tolist() == [3]
    np.testing.assert_array_equal(store.tokens(0).values_of(5), dense[:, 5])


def test_more_items_than_sixteen_bits(tmp_path):
    n = 70_000
    items = Items([str(i) for i in range(n)], np.arange(n), None, None, pa.table({"half": np.arange(n) // 2}))

    def produce(start, stop):
        rows = np.arange(start, stop)
        places = np.arange(len(rows) + 1)
        nowhere = np.zeros(len(rows), np.int64)
        yield TokenCodes(rows, places, nowhere, nowhere, nowhere, places, rows % 2, np.float32(1) + rows % 7)

    store = write_store(tmp_path / "store", produce, replace(META, d_sae=2), items)

    np.testing.assert_array_equal(store.latent(1).rows, np.arange(1, n, 2))
    np.testing.assert_array_equal(store.latent(1).values, 1 + np.arange(1, n, 2) % 7)
    np.testing.assert_array_equal(store.codes([69_999, 65_536]).toarray(), [[0, 1 + 69_999 % 7], [1 + 65_536 % 7, 0]])
    assert store.read_items([65_537]).ids == ["65537"]


def test_columns_of_any_type_and_missing_texts_are_kept(tmp_path):
    codes = small_codes(4)
    columns = pa.table({"kind": pa.array(["a", "b", None, "a"]).dictionary_encode(), "tags": [["x"], [], None, ["y", "z"]]})
    items = replace(codes.items(), texts=None, columns=columns, color_columns=())
    store = write_store(tmp_path / "store", codes, META, items)

    assert store.read_items().texts is None
    assert store.items["tags"].to_pylist() == columns["tags"].to_pylist()
    assert store.items["kind"].to_pylist() == ["a", "b", None, "a"]


@st.composite
def any_codes(draw):
    d_sae = draw(st.integers(1, 6))
    values = st.one_of(st.just(0.0), st.floats(2.0**-90, 2.0**40, width=32))
    tokens = st.lists(values, min_size=d_sae, max_size=d_sae)
    items = draw(st.lists(st.lists(tokens, max_size=4), min_size=1, max_size=7))
    return SmallCodes(
        [np.array(item, np.float32).reshape(-1, d_sae) for item in items], draw(st.integers(1, 8)), reverse=draw(st.booleans())
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(codes=any_codes(), pooling=st.sampled_from(POOLINGS))
def test_any_codes_come_back_both_ways_within_the_stated_rounding(tmp_path_factory, codes, pooling):
    store = write(tmp_path_factory.mktemp("any") / "store", codes, pooling)
    expected, matrix = pooled([tokens.astype(np.float64) for tokens in codes.dense], pooling), store.codes()

    tops = np.max([tokens.max(axis=0, initial=0) for tokens in codes.dense], axis=0)
    bound = np.maximum(expected * (2.0**-11 + 2.0**-23), tops * 2.0**-38)
    assert (np.abs(matrix.toarray() - expected) <= bound).all()
    np.testing.assert_array_equal(matrix.toarray() > 0, expected > 0)
    for latent in range(store.d_sae):
        found = store.latent(latent)
        np.testing.assert_array_equal(found.values, matrix.toarray()[found.rows, latent])
        assert len(found.rows) == (expected[:, latent] > 0).sum()
    assert open_store(store.folder).content_sha256 == store.content_sha256


def test_the_tokens_of_one_latent_are_those_that_all_codes_have(tmp_path):
    for pooling in ("max", "last"):
        store = write(tmp_path / pooling, small_codes(), pooling)
        for latent in (0, 7, 8):
            rows = np.arange(len(store))
            for row, fires in zip(rows.tolist(), store.latent_tokens(latent, rows), strict=True):
                tokens = store.tokens(row)
                values = tokens.values_of(latent)
                np.testing.assert_array_equal(fires.positions, np.flatnonzero(values))
                np.testing.assert_array_equal(fires.values, values[values > 0])
                np.testing.assert_array_equal(fires.char_starts, tokens.char_starts[fires.positions])
                np.testing.assert_array_equal(fires.char_ends, tokens.char_ends[fires.positions])


def test_the_token_at_a_position_is_the_one_that_all_tokens_have(tmp_path):
    store = write(tmp_path / "store", small_codes())
    rows, positions = np.arange(len(store)), np.full(len(store), 2)
    ids, (starts, ends) = store.token_ids_at(rows, positions), store.token_characters(rows, positions)

    for row in rows.tolist():
        tokens = store.tokens(row)
        there = len(tokens.token_ids) > 2
        assert ids[row] == (tokens.token_ids[2] if there else -1)
        assert (starts[row], ends[row]) == ((tokens.char_starts[2], tokens.char_ends[2]) if there else (0, 0))
