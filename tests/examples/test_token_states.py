"""From documents to states: windows, batches, chunks and what a language model says of them."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

BOS = 1


class Letters:
    """A tokenizer whose tokens are the letters a, b, c, …"""

    bos_token_id = BOS

    def __call__(self, text: str, add_special_tokens: bool) -> dict[str, list[int]]:
        assert not add_special_tokens
        return {"input_ids": [2 + ord(letter) - ord("a") for letter in text]}


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    from transformers import LlamaConfig, LlamaForCausalLM

    module = importlib.import_module("token_states")
    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=32, hidden_size=16, intermediate_size=32, num_hidden_layers=4, num_attention_heads=2)
    model = LlamaForCausalLM(config).eval()
    monkeypatch.setattr(module, "language_model", lambda folder=None: (Letters(), model))
    monkeypatch.setattr(module, "LAYER", 1)
    monkeypatch.setattr(module, "CONTEXT", 9)
    monkeypatch.setattr(module, "CHUNK_ROWS", 60)
    rng = np.random.default_rng(0)
    texts = ["".join(chr(97 + letter) for letter in rng.integers(0, 26, length)) for length in rng.integers(2, 40, 30)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "documents.parquet")
    return module


def test_windows_hold_one_document_each_behind_a_bos(work: ModuleType, tmp_path: Path):
    work.write_tokens(tmp_path, 10_000, Letters())
    flat, starts, lengths, rows, _ = work.read_tokens(tmp_path)
    texts = pq.read_table(tmp_path / "documents.parquet")["text"].to_pylist()
    pieces = [
        "".join(chr(95 + token) for token in flat[start + 1 : start + 1 + length]) for start, length in zip(starts, lengths, strict=True)
    ]
    assert all(flat[starts] == BOS)
    assert pieces == [text[i : i + 8] for text in texts for i in range(0, len(text), 8) if len(text[i : i + 8]) >= 4]
    assert rows.tolist() == [0, *np.cumsum(lengths)[:-1]]


def test_chunks_never_cut_a_document(work: ModuleType, tmp_path: Path):
    work.write_tokens(tmp_path, 10_000, Letters())
    *_, chunks = work.read_tokens(tmp_path)
    documents = np.load(tmp_path / "tokens.npz")["documents"]
    assert chunks.max() > 3
    assert all(len(set(chunks[documents == number])) == 1 for number in set(documents))


def test_every_window_comes_once_within_the_budget(work: ModuleType, tmp_path: Path):
    work.write_tokens(tmp_path, 10_000, Letters())
    flat, starts, lengths, _, _ = work.read_tokens(tmp_path)
    batches = list(work.batches_of(np.arange(len(lengths)), starts, lengths, flat, budget=40))
    assert sorted(window for batch, _ in batches for window in batch) == list(range(len(lengths)))
    assert all(ids.numel() <= 40 for _, ids in batches)
    for batch, ids in batches:
        for window, line in zip(batch, ids, strict=True):
            assert line[: lengths[window] + 1].tolist() == flat[starts[window] : starts[window] + lengths[window] + 1].tolist()


def test_states_are_the_model_s_own_for_each_window_alone(work: ModuleType, tmp_path: Path):
    model = work.language_model()[1]
    work.write_tokens(tmp_path, 10_000, Letters())
    flat, starts, lengths, _, _ = work.read_tokens(tmp_path)
    expected = []
    for window in range(len(lengths)):
        ids = torch.from_numpy(flat[starts[window] : starts[window] + lengths[window] + 1].astype(np.int64))[None]
        with torch.inference_mode():
            expected.append(model(ids, output_hidden_states=True).hidden_states[work.LAYER + 1][0, 1:].numpy())
    work.write_states(tmp_path, 0, 1, work.language_model()[1])
    np.testing.assert_allclose(np.load(tmp_path / "states.npy"), np.concatenate(expected), rtol=2e-3, atol=2e-3)


def test_work_that_was_stopped_goes_on_with_the_missing_chunks(work: ModuleType, tmp_path: Path):
    work.write_tokens(tmp_path, 10_000, Letters())
    work.write_states(tmp_path, 0, 2, work.language_model()[1])
    half = np.load(tmp_path / "states.npy")
    assert (half == 0).all(axis=1).any()
    first = next((tmp_path / "chunks").iterdir()).stat().st_mtime_ns
    work.write_states(tmp_path, 0, 1, work.language_model()[1])
    whole = np.load(tmp_path / "states.npy")
    assert not (whole == 0).all(axis=1).any()
    done = (half != 0).any(axis=1)
    assert np.array_equal(whole[done], half[done])
    assert first in {path.stat().st_mtime_ns for path in (tmp_path / "chunks").iterdir()}
