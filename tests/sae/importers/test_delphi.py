"""A cache of delphi, in its exact format, becomes a store."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from vista.errors import InputFileError
from vista.sae.importers import read_delphi
from vista.sae.store import write_store

N_ROWS, CONTEXT, D_SAE = 7, 6, 10


@pytest.fixture
def dense():
    rng = np.random.default_rng(4)
    values = rng.random((N_ROWS, CONTEXT, D_SAE)).astype(np.float16).astype(np.float32)
    values[rng.random(values.shape) < 0.7] = 0
    values[3] = 0  # a context without codes
    return values


@pytest.fixture
def tokens():
    return np.random.default_rng(5).integers(0, 5, (N_ROWS, CONTEXT))


def save_cache(folder, dense, tokens, dtype=np.uint16, shuffled=False):
    """As `delphi.latents.cache.save_splits` and `save_config` do, with two splits."""
    folder.mkdir(parents=True)
    locations = np.argwhere(dense)
    values = dense[tuple(locations.T)]
    if shuffled:
        order = np.random.default_rng(6).permutation(len(values))
        locations, values = locations[order], values[order]
    for start, end in ((0, 4), (5, 9)):
        mask = (locations[:, 2] >= start) & (locations[:, 2] <= end)
        arrays = {"locations": (locations[mask] - [0, 0, start]).astype(dtype), "activations": values[mask].astype(np.float16)}
        save_file(arrays | ({} if tokens is None else {"tokens": tokens}), folder / f"{start}_{end}.safetensors")
    (folder / "config.json").write_text(json.dumps({"model_name": "org/model", "ctx_len": CONTEXT, "dataset_repo": "org/texts"}))
    return folder


@pytest.mark.parametrize(("dtype", "shuffled"), [(np.uint16, False), (np.uint32, False), (np.uint16, True)])
def test_all_codes_of_all_tokens_are_in_the_store(tmp_path, dense, tokens, dtype, shuffled):
    imported = read_delphi(save_cache(tmp_path / "layers.3", dense, tokens, dtype, shuffled), token_text=lambda token: "abcdé"[token] * 2)
    store = write_store(tmp_path / "store", imported.producer, imported.meta, imported.items, shard_items=3)

    np.testing.assert_array_equal(store.codes().toarray(), dense.max(axis=1))
    for row in range(N_ROWS):
        found, text = store.tokens(row), store.items["text"][row].as_py()
        np.testing.assert_array_equal(found.codes.toarray(), dense[row])
        np.testing.assert_array_equal(found.token_ids, tokens[row])
        assert found.strings(text) == ["abcdé"[token] * 2 for token in tokens[row]]
    assert (store.meta.model, store.meta.hook_name, store.meta.options) == ("org/model", "layers.3", {"imported_from": "delphi"})


def test_without_a_tokenizer_there_are_token_ids_and_no_texts(tmp_path, dense, tokens):
    imported = read_delphi(save_cache(tmp_path / "layers.3", dense, tokens))
    store = write_store(tmp_path / "store", imported.producer, imported.meta, imported.items)

    assert store.read_items().texts is None
    np.testing.assert_array_equal(store.tokens(2).token_ids, tokens[2])
    assert any("give the model's tokenizer" in note for note in imported.notes)


def test_tokens_can_be_given_to_a_cache_that_was_saved_without(tmp_path, dense, tokens):
    folder = save_cache(tmp_path / "layers.3", dense, None)

    with pytest.raises(InputFileError, match="saved without its tokens; give them as `tokens`"):
        read_delphi(folder)
    assert len(read_delphi(folder, tokens=tokens).items) == N_ROWS


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"activations": np.zeros(2, np.float16)}, "has no array 'locations'"),
        ({"locations": np.zeros((2, 3), np.uint16)}, "has no array 'activations'"),
        ({"locations": np.zeros((2, 2), np.uint16), "activations": np.zeros(2, np.float16)}, r"do not fit; \(n, 3\) and \(n,\) do"),
        ({"locations": np.zeros((3, 3), np.uint16), "activations": np.zeros(2, np.float16)}, "do not fit"),
        ({"locations": np.full((1, 3), 9, np.uint16), "activations": np.zeros(1, np.float16)}, r"speaks of \(9, 9, 9\), beyond 7 rows"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path, tokens, arrays, sentence):
    save_file({**arrays, "tokens": tokens}, tmp_path / "0_4.safetensors")

    with pytest.raises(InputFileError, match=sentence) as caught:
        read_delphi(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_cache_or_is_damaged_is_refused(tmp_path, dense, tokens):
    with pytest.raises(InputFileError, match=r"holds no file such as '0_4095\.safetensors'"):
        read_delphi(tmp_path)
    folder = save_cache(tmp_path / "layers.3", dense, tokens)
    path = folder / "5_9.safetensors"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(InputFileError, match=r"5_9\.safetensors' is damaged"):
        read_delphi(folder)
    (folder / "config.json").write_text("{")
    path.unlink()
    with pytest.raises(InputFileError, match=r"config\.json' cannot be read"):
        read_delphi(folder)
