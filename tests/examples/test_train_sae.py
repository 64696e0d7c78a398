"""Training a sparse autoencoder: its gradients, going on after a stop, and what it writes."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from vista.sae.formats import Known, read_folder

D_IN, D_SAE, N_TRUE = 16, 48, 32


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    states = importlib.import_module("token_states")
    monkeypatch.setattr(states, "CHUNK_ROWS", 500)
    monkeypatch.setattr(states, "HELD_OUT_CHUNKS", 1)
    module = importlib.import_module("train_sae")
    monkeypatch.setattr(module, "BATCH", 256)
    monkeypatch.setattr(module, "SPARSITY", 3)
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """4 000 states of 400 documents, each a sparse sum of directions, around a mean, with a few sinks."""
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((N_TRUE, D_IN))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    codes = np.where(rng.random((4_000, N_TRUE)) < 3 / N_TRUE, 5 + 5 * rng.random((4_000, N_TRUE)), 0)
    states = codes @ directions + 3
    states[::500] *= 1_000
    np.save(tmp_path / "states.npy", states.astype(np.float16))
    lengths, documents = np.full(400, 10, np.int32), np.arange(400, dtype=np.int32)
    np.savez(tmp_path / "tokens.npz", flat=np.zeros(4_400, np.int32), lengths=lengths, documents=documents)
    (tmp_path / "chunks").mkdir()
    for chunk in range(8):
        (tmp_path / "chunks" / f"{chunk:04}").touch()
    return tmp_path


def fvu(weights: dict[str, torch.Tensor], states: np.ndarray) -> float:
    x = torch.from_numpy(states.astype(np.float32))
    pre = x @ weights["W_enc"].float() + weights["b_enc"]
    decoded = pre * (pre > weights["threshold"]) @ weights["W_dec"].float() + weights["b_dec"]
    return float((x - decoded).square().sum() / (x - x.mean(0)).square().sum())


@pytest.mark.parametrize("n_dead", [0, 7])
def test_gradients_are_those_of_the_stated_loss(training: ModuleType, n_dead: int):
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(20, D_IN, generator=generator)
    weights = {"encoder": torch.randn(D_SAE, D_IN, generator=generator), "decoder": torch.randn(D_SAE, D_IN, generator=generator)}
    weights |= {"b_enc": torch.randn(D_SAE, generator=generator), "b_dec": torch.randn(D_IN, generator=generator)}
    dead = torch.arange(n_dead)

    twins = {name: values.clone().requires_grad_() for name, values in weights.items()}
    pre = x @ twins["encoder"].T + twins["b_enc"]
    kept = pre >= pre.flatten().topk(training.SPARSITY * len(x)).values.min()
    residual = x - (pre * kept) @ twins["decoder"] - twins["b_dec"]
    loss = residual.square().mean()
    dead_codes = pre[:, dead].relu()  # fewer dead latents than the auxiliary loss takes: all of them
    wanted = (residual.detach() - dead_codes @ twins["decoder"][dead]).square().mean() if n_dead else torch.zeros(())
    (loss + training.AUXILIARY_SHARE * wanted).backward()

    found, threshold, fired = training.gradients(x, weights, 0.0, dead)
    assert found == pytest.approx(loss.item(), rel=1e-5)
    assert threshold == pytest.approx(pre[kept].min().item(), rel=1e-5)
    assert fired.tolist() == kept.any(0).nonzero()[:, 0].tolist()
    for name, twin in twins.items():
        torch.testing.assert_close(weights[name].grad, twin.grad, rtol=1e-4, atol=1e-6)


def test_the_last_threshold_only_narrows_the_search(training: ModuleType):
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(20, D_IN, generator=generator)
    weights = {"encoder": torch.randn(D_SAE, D_IN, generator=generator), "decoder": torch.randn(D_SAE, D_IN, generator=generator)}
    weights |= {"b_enc": torch.zeros(D_SAE), "b_dec": torch.zeros(D_IN)}
    found = [training.gradients(x, weights, last, torch.arange(0))[:2] for last in (0.0, 1.0, 1e9)]
    assert found[1] == found[0]
    assert found[2] == found[0]


def test_training_explains_held_out_states(training: ModuleType, folder: Path):
    training.train(folder, D_SAE, n_steps=600, learning_rate=1e-2)
    training.write(folder, folder / "sae")
    states = np.load(folder / "states.npy")[:500]
    states = states[np.linalg.norm(states.astype(np.float32), axis=1) < 200]
    assert fvu(load_file(folder / "sae" / "sae_weights.safetensors"), states) < 0.2


def test_training_that_was_stopped_ends_in_the_same_weights(training: ModuleType, folder: Path):
    training.train(folder, D_SAE, n_steps=60)
    whole = torch.load(folder / "checkpoint.pt", weights_only=True)
    (folder / "checkpoint.pt").unlink()
    training.train(folder, D_SAE, n_steps=60, stop_at=17)
    assert torch.load(folder / "checkpoint.pt", weights_only=True)["step"] == 17
    training.train(folder, D_SAE, n_steps=60)
    resumed = torch.load(folder / "checkpoint.pt", weights_only=True)
    for name, values in whole["weights"].items():
        assert torch.equal(values, resumed["weights"][name]), name


def test_held_out_documents_are_never_trained_on(training: ModuleType, folder: Path):
    training.train(folder, D_SAE, n_steps=1)
    trained = torch.load(folder / "checkpoint.pt", weights_only=True)["rows"].numpy()
    assert trained.min() == 500
    assert len(trained) == 3_500


def test_what_is_written_reads_back_for_states_as_they_are(training: ModuleType, folder: Path):
    training.train(folder, D_SAE, n_steps=300)
    training.write(folder, folder / "sae")
    weights = load_file(folder / "sae" / "sae_weights.safetensors")
    assert {name: tuple(values.shape) for name, values in weights.items()} == {
        "W_enc": (D_IN, D_SAE),
        "W_dec": (D_SAE, D_IN),
        "b_enc": (D_SAE,),
        "b_dec": (D_IN,),
        "threshold": (D_SAE,),
    }
    torch.testing.assert_close(weights["W_dec"].float().norm(dim=1), torch.ones(D_SAE), rtol=1e-3, atol=0)
    read = read_folder(folder / "sae", Known())
    assert (read.architecture, read.hook_name, read.expected_l0) == ("jumprelu", "blocks.10.hook_resid_post", 3)
    assert not read.apply_b_dec_to_input
    assert torch.equal(read.W_enc, weights["W_enc"].float())
    states = torch.from_numpy(np.load(folder / "states.npy").astype(np.float32))
    states = states[states.norm(dim=1) < 200]
    active = (states @ read.W_enc + read.b_enc > read.threshold).float().sum(1).mean()
    assert float(active) == pytest.approx(3, rel=0.02)
