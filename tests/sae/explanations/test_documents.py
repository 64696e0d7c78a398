"""Labels are made from one half of the documents and judged on the other."""

import numpy as np
import pytest

from sae.scores.planted import PlantedCodes
from vista.artifacts import Items
from vista.errors import InputError
from vista.sae.explanations import split_documents
from vista.sae.store import StoreMeta, write_store


def store_of(folder, texts):
    import pyarrow as pa

    n = len(texts)
    items = Items([str(i) for i in range(n)], np.arange(n), texts, None, pa.table({"n": list(range(n))}), "text")
    meta = StoreMeta("model", "a" * 64, "SAE", "b" * 64, "blocks.1.hook_resid_post", 64)
    return write_store(folder, PlantedCodes(texts, ["river"] * n), meta, items)


def test_the_halves_share_no_document_and_no_text(tmp_path):
    texts = [f"text {i % 40}" for i in range(100)]
    split = split_documents(store_of(tmp_path, texts))

    shown = {text for text, is_shown in zip(texts, split.shown, strict=True) if is_shown}
    held_out = {text for text, is_shown in zip(texts, split.shown, strict=True) if not is_shown}
    assert not shown & held_out
    assert len(shown) == len(held_out) == 20
    assert len(np.unique(split.documents)) == 40


def test_documents_that_share_a_text_are_one(tmp_path):
    store = store_of(tmp_path, ["a", "b", "b", "c", "d", "e", "e", "f"])
    documents = split_documents(store, ["one", "one", "two", "two", "three", "four", "five", "six"]).documents

    assert len(set(documents[:4])) == 1
    assert documents[5] == documents[6]
    assert len(np.unique(documents)) == 4


def test_items_without_a_text_are_documents_of_their_own(tmp_path):
    assert len(np.unique(split_documents(store_of(tmp_path, ["", "a", "", "a", ""])).documents)) == 4


def test_the_seed_decides_the_halves(tmp_path):
    store = store_of(tmp_path, [f"text {i}" for i in range(60)])
    first, again, other = (split_documents(store, seed=seed).shown for seed in (3, 3, 4))

    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_wrong_number_of_documents_is_refused(tmp_path):
    with pytest.raises(InputError, match="2 documents do not fit the 3 items"):
        split_documents(store_of(tmp_path, ["a", "b", "c"]), ["x", "y"])
