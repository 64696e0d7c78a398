"""The page on the format, `docs/store.md`: its code reads a store, and it names every tensor and every key."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from sae.store.small_codes import WORD, small_codes, write
from vista.sae.store import append_store

PAGE = (Path(__file__).parents[3] / "docs/store.md").read_text(encoding="utf-8")
OPEN = {"options", "versions", "files"}  # whose keys are not the format's


@pytest.mark.parametrize("pooling", ["max", "mean", "last"])
def test_the_code_on_the_page_reads_what_the_store_reads(tmp_path, pooling):
    store = write(tmp_path / "store", small_codes(), pooling)
    more = small_codes(7, seed=1)
    store = append_store(store.folder, more, store.meta, more.items(first_id=100), shard_items=5)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)

    names = {"STORE": str(store.folder)}
    exec(compile(code, "docs/store.md", "exec"), names)

    expected = store.latent(8)
    assert len(expected.rows) > 20
    rows, values, words = zip(*names["found"], strict=True)
    assert list(rows) == expected.rows.tolist()
    np.testing.assert_array_equal(np.float32(values), expected.values)
    assert set(words) == {WORD}


@pytest.mark.parametrize(("pooling", "tokens"), [("max", True), ("last", True), ("max", False)])
def test_the_page_names_every_tensor_and_every_key(tmp_path, pooling, tokens):
    store = write(tmp_path / "store", small_codes(), pooling, tokens=tokens)

    files = [*(shard.path for shard in store.manifest.shards), store.manifest.statistics]
    tensors = {name for path in files for name in load_file(store.folder / path)}
    assert tensors <= set(re.findall(r"`(\w+)`", PAGE))
    keys = set(keys_of(json.loads((store.folder / "store.json").read_bytes())))
    assert {"content_sha256", "hook_name", "text_column"} <= keys <= set(re.findall(r'"(\w+)":', PAGE))


def keys_of(value):
    """Yield the keys of the format in a JSON value."""
    if isinstance(value, list):
        for part in value:
            yield from keys_of(part)
    elif isinstance(value, dict):
        yield from value
        for key in value.keys() - OPEN:
            yield from keys_of(value[key])
