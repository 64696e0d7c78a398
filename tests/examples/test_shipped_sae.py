"""The sparse autoencoder that ships: small, whole, with its card, and good for what the card says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from vista.cli.main import exit_code
from vista.sae.formats import Known, read_folder
from vista.sae.store import open_store

SHIPPED = Path(__file__).parents[2] / "src/vista/sae/smollm2"
TEXTS = SHIPPED.parent / "demo/texts.parquet"


def test_the_shipped_autoencoder_is_small_and_whole():
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 10_000_000
    weights = load_file(SHIPPED / "sae_weights.safetensors")
    assert weights["W_enc"].shape == (576, 4_096)
    assert weights["W_dec"].shape == (4_096, 576)
    assert weights["W_enc"].dtype == weights["W_dec"].dtype == torch.float16
    assert all(bool(values.isfinite().all()) for values in weights.values())
    torch.testing.assert_close(weights["W_dec"].float().norm(dim=1), torch.ones(4_096), rtol=1e-3, atol=0)


def test_the_shipped_autoencoder_names_its_hook_and_reads_back():
    config = json.loads((SHIPPED / "cfg.json").read_text(encoding="utf-8"))
    read = read_folder(SHIPPED, Known())
    assert (read.d_in, read.d_sae, read.architecture) == (576, 4_096, "jumprelu")
    assert read.hook_name == "blocks.10.hook_resid_post"
    assert config["metadata"]["hf_hook_name"] == "model.layers.10"
    assert config["metadata"]["prepend_bos"] is True


def test_the_card_says_what_it_was_trained_on_and_how_good_it_is():
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for word in ("dequantised Q4_1", "FVU", "L0", "dead", "dense", "loss recovered", "wordnet-base", "Apache-2.0"):
        assert word in card, word
    assert int(re.search(r"\| trained on \| ([\d,]+) tokens", card)[1].replace(",", "")) > 2_000_000


@pytest.mark.model
def test_on_texts_it_explains_what_the_card_says(capsys):
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    told = float(re.search(r"FVU[^|]*\| ([\d.]+)", card)[1])

    assert exit_code(["sae", "inspect", "smollm2", "--data", str(TEXTS), "--text", "text", "--tokens", "3000", "--quiet", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["model_name"], found["hook_name"], found["warnings"]) == ("smollm2", "blocks.10.hook_resid_post", [])
    assert found["sanity"]["fvu"] == pytest.approx(told, abs=0.05)
    assert found["sanity"]["mean_l0"] == pytest.approx(found["expected_l0"], rel=0.25)


@pytest.mark.model
def test_texts_are_encoded_with_it_by_its_name_alone(tmp_path):
    table = tmp_path / "texts.csv"
    table.write_text("text\nThe cat sleeps on the warm roof.\nThe dog sleeps under the table.\nInterest rates rose again in March.\n")

    assert exit_code(["encode", str(table), "--sae", "smollm2", "-o", str(tmp_path / "store"), "--quiet"]) == 0

    store = open_store(tmp_path / "store")
    assert (store.meta.sae, store.meta.model, store.d_sae) == ("smollm2", "SmolLM2-135M-Instruct (Q4_1)", 4_096)
    codes = store.codes().toarray()
    cats_and_dogs, cats_and_rates = codes[0] @ codes[1], codes[0] @ codes[2]
    norms = (codes**2).sum(axis=1) ** 0.5
    assert cats_and_dogs / norms[1] > cats_and_rates / norms[2]
