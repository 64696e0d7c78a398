"""A Neuronpedia id is all that is named of the autoencoder: model, repository, folder, hook and L0 follow from it.

The hub is a fake: a cache such as downloads leave behind, and no network. In it lies a Gemma Scope file of a small random
autoencoder, where Gemma Scope keeps the one of that id; the model is a random Gemma-2 of 22 narrow layers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vista
from representations.tiny_language_models import DIM, SIZES, TONGUE, WORDS, tokenizer
from vista.cli.main import exit_code

pytestmark = pytest.mark.model

IDENTITY = "gemma-2-2b/20-gemmascope-res-16k"
REPO, FOLDER = "google/gemma-scope-2b-pt-res", "layer_20/width_16k/average_l0_71"
D_SAE, LAYER, N_TEXTS = 128, 20, 300
SHARE = 0.03  # of tokens on which each latent fires


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import Gemma2Config, Gemma2ForCausalLM

    torch.manual_seed(0)
    sizes = {**SIZES, **TONGUE, "num_hidden_layers": LAYER + 2, "num_key_value_heads": 1, "head_dim": 8}
    folder = tmp_path_factory.mktemp("models") / "tiny-gemma-2"
    Gemma2ForCausalLM(Gemma2Config(**sizes)).save_pretrained(folder)
    tokenizer("gemma2").save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def texts() -> list[str]:
    random = np.random.default_rng(0)
    return [" ".join(random.choice(WORDS, random.integers(4, 10))) for _ in range(N_TEXTS)]


@pytest.fixture(scope="module")
def fake_hub(model: Path, texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the hub's client in which the repository of the id was downloaded before."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    rows = AutoTokenizer.from_pretrained(model)(texts, return_tensors="pt", padding=True)
    with torch.no_grad():
        states = AutoModelForCausalLM.from_pretrained(model)(**rows, output_hidden_states=True).hidden_states[LAYER + 1]
    read = states[rows["attention_mask"].bool()].numpy()
    random = np.random.default_rng(1)
    directions = random.standard_normal((DIM, D_SAE)).astype(np.float32)
    home = tmp_path_factory.mktemp("fake-hub")
    repository = home / f"models--{REPO.replace('/', '--')}"
    folder = repository / "snapshots" / "0123456789abcdef" / FOLDER
    folder.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0123456789abcdef")
    np.savez(
        folder / "params.npz",
        W_enc=directions,
        W_dec=np.ascontiguousarray(directions.T),
        b_enc=np.zeros(D_SAE, np.float32),
        b_dec=np.zeros(DIM, np.float32),
        threshold=np.quantile(read @ directions, 1 - SHARE, axis=0).astype(np.float32),
    )
    return home


@pytest.fixture
def run(fake_hub: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Run a command with the fake hub and without a network, and return what it prints."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(fake_hub))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    def told(*arguments: str | Path) -> dict[str, Any]:
        code = exit_code([*map(str, arguments), "--json"])
        shown = capsys.readouterr()
        assert code == 0, shown.err
        return json.loads(shown.out)

    return told


def test_a_study_by_its_neuronpedia_id(run: Callable[..., Any], model: Path, texts: list[str], tmp_path: Path) -> None:
    data, output = tmp_path / "texts.csv", tmp_path / "atlas"
    data.write_text("text\n" + "\n".join(texts) + "\n")
    chosen = ["--latents", "auto:2,random:1"]

    told = run("latents", "--sae", f"{IDENTITY}/7", "--model", model, "--data", data, "-o", output, *chosen)

    mapped = [int(entry["id"].removeprefix("latent-")) for entry in told["maps"] if entry["id"].startswith("latent-")]
    assert len(mapped) == 4
    assert mapped[0] == 7
    atlas = vista.open(output)
    atlas.verify()
    study = atlas.manifest["study"]
    assert (study["sae"], study["neuronpedia_id"]) == (IDENTITY, IDENTITY)
    assert (study["model"], study["hook_name"], study["d_sae"]) == ("tiny-gemma-2", f"blocks.{LAYER}.hook_resid_post", D_SAE)
    assert study["n_items"] == N_TEXTS
    assert study["sanity"]["l0"] == pytest.approx(SHARE * D_SAE, rel=0.3)
    assert study["sanity"]["expected_l0"] == 71
    assert any(warning.startswith("mean L0 is") for warning in atlas.manifest["warnings"])
    for latent in mapped:
        entry = atlas.manifest["maps"][f"latent-{latent}"]["latent"]
        assert entry["neuronpedia_url"] == f"https://www.neuronpedia.org/{IDENTITY}/{latent}"
        assert entry["n_active"] == atlas.manifest["maps"][f"latent-{latent}"]["n_items"] > 0
    assert all("asked for" not in atlas.manifest["maps"][f"latent-{latent}"]["latent"]["why"] for latent in mapped[1:])


def test_the_autoencoder_is_told_by_the_same_id(run: Callable[..., Any], model: Path, texts: list[str], tmp_path: Path) -> None:
    data = tmp_path / "texts.csv"
    data.write_text("text\n" + "\n".join(texts[:50]) + "\n")

    told = run("sae", "inspect", IDENTITY, "--model", model, "--data", data)

    assert (told["form"], told["architecture"], told["expected_l0"]) == ("Gemma Scope", "jumprelu", 71)
    assert (told["hook_name"], told["model_name"]) == (f"blocks.{LAYER}.hook_resid_post", "google/gemma-2-2b")
    assert told["neuronpedia_url"] == f"https://www.neuronpedia.org/{IDENTITY}"
    assert told["sanity"]["mean_l0"] == pytest.approx(SHARE * D_SAE, rel=0.3)
    assert any("L0" in warning for warning in told["warnings"])
