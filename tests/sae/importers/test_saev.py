"""Shards of saev, in their exact format, become activations to encode or to pool."""

import json
import math

import numpy as np
import pyarrow as pa
import pytest

from vista.artifacts import Items
from vista.errors import InputError, InputFileError
from vista.sae.importers import read_saev
from vista.sae.store import StoreMeta, write_store

LAYERS, N_TOKENS, D_MODEL = [4, 11], 3, 5


def save_shards(folder, activations, has_cls=True, protocol="2.1", n_in_shard=4):
    """As saev's `Metadata.dump` and `ShardWriter` do; protocol 2.0 has the older names."""
    folder.mkdir()
    n = len(activations)
    patches, examples, listed = (
        ("content_tokens_per_example", "n_examples", "n_examples") if protocol == "2.1" else ("patches_per_ex", "n_ex", "n_ex")
    )
    told = {"family": "dinov2", "ckpt": "dinov2_vitb14", "layers": LAYERS, patches: N_TOKENS, "cls_token": has_cls, "d_model": D_MODEL}
    told |= {examples: n, "data": "gASVAAAA", "dtype": "float32", "protocol": protocol}
    (folder / "metadata.json").write_text(json.dumps(told))
    shards = [(f"acts{i:06d}.bin", activations[i * n_in_shard : (i + 1) * n_in_shard]) for i in range(math.ceil(n / n_in_shard))]
    for name, part in shards:
        part.astype("<f4").tofile(folder / name)
    (folder / "shards.json").write_text(json.dumps([{"name": name, listed: len(part)} for name, part in shards]))
    return folder


@pytest.fixture
def activations():
    return np.random.default_rng(3).normal(size=(10, 2, N_TOKENS + 1, D_MODEL)).astype(np.float32)


@pytest.mark.parametrize("protocol", ["2.1", "2.0"])
def test_activations_come_by_example_and_layer_without_cls(tmp_path, activations, protocol):
    found = read_saev(save_shards(tmp_path / "shards", activations, protocol=protocol))

    for start, stop in ((0, 10), (2, 3), (3, 9), (8, 10), (5, 5)):
        np.testing.assert_array_equal(found.activations(start, stop, 11), activations[start:stop, 1, 1:])
    np.testing.assert_allclose(found.vectors(4), activations[:, 0, 1:].mean(axis=1), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found.vectors(4, "max"), activations[:, 0, 1:].max(axis=1))
    assert (found.model, found.n_examples) == ("dinov2/dinov2_vitb14", 10)


def test_without_cls_every_token_is_a_patch(tmp_path, activations):
    found = read_saev(save_shards(tmp_path / "shards", activations[:, :, 1:], has_cls=False))

    np.testing.assert_array_equal(found.activations(0, 10, 4), activations[:, 0, 1:])


def test_an_sae_makes_a_store_of_them(tmp_path, activations):
    found = read_saev(save_shards(tmp_path / "shards", activations))
    weights = np.random.default_rng(8).normal(size=(D_MODEL, 12)).astype(np.float32)

    def encode(x):
        return np.maximum(x @ weights - 1, 0)

    items = Items([str(i) for i in range(10)], np.arange(10), None, None, pa.table({"row": range(10)}))
    meta = StoreMeta(found.model, "a", "an SAE", "b", "layer 11", 12)
    store = write_store(tmp_path / "store", found.producer(11, encode), meta, items, shard_items=4)

    codes = encode(activations[:, 1, 1:])
    np.testing.assert_allclose(store.codes().toarray(), codes.max(axis=1), rtol=2**-11)
    np.testing.assert_allclose(store.tokens(9).codes.toarray(), codes[9], rtol=2**-11)


def test_a_layer_that_was_not_recorded_is_refused(tmp_path, activations):
    found = read_saev(save_shards(tmp_path / "shards", activations))

    for ask in (lambda: found.activations(0, 1, 5), lambda: found.vectors(5), lambda: found.producer(5, lambda x: x)):
        with pytest.raises(InputError, match="layer 5 was not recorded; recorded: 4, 11"):
            ask()


def rewrite(name, change):
    def damage(folder):
        path = folder / name
        path.write_text(json.dumps(change(json.loads(path.read_text()))))

    return damage


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda folder: (folder / "metadata.json").unlink(), "holds no saev shards: there is no metadata.json"),
        (lambda folder: (folder / "shards.json").unlink(), "holds no saev shards: there is no shards.json"),
        (lambda folder: (folder / "metadata.json").write_text("{"), "metadata.json' cannot be read"),
        (rewrite("metadata.json", lambda told: {k: v for k, v in told.items() if k != "d_model"}), "the key 'd_model' is missing"),
        (rewrite("metadata.json", lambda told: {**told, "dtype": "float16"}), "hold float16; only float32"),
        (rewrite("metadata.json", lambda told: {**told, "n_examples": 11}), "the shards hold 10 examples, and metadata.json says 11"),
        (rewrite("shards.json", lambda told: [{"name": "acts000000.bin"}]), "the key 'n_examples' is missing"),
        (lambda folder: (folder / "acts000001.bin").unlink(), "acts000001.bin' cannot be read"),
        (lambda folder: (folder / "acts000001.bin").write_bytes(b"short"), "has 5 bytes, and 640 for 4 × 2 × 4 × 5 float32"),
    ],
)
def test_wrong_files_are_refused_in_one_line(tmp_path, activations, damage, sentence):
    folder = save_shards(tmp_path / "shards", activations)
    damage(folder)

    with pytest.raises(InputFileError, match=sentence) as caught:
        read_saev(folder)
    assert "\n" not in str(caught.value)
