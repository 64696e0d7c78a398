"""`vista encode`: texts through a model and an autoencoder into a store."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

import vista
from representations.tiny_language_models import DIM, N_LAYERS, save
from sae.small_autoencoders import small_autoencoder, write_perfect
from vista.cli.main import exit_code
from vista.errors import InputError, InputFileError
from vista.sae.encoding import told_of_store
from vista.sae.formats import write_saelens
from vista.sae.store import open_store

TEXTS = ["a cat sits on the mat", "the red dog runs over the river", "", "one sun two dog", "blue cat"]
PLACE = "gemma-scope-2b-pt-res/layer_1/width_16k/average_l0_16"
EXACT_TO = 2.0**-10  # of a value, as stores keep it


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save(tmp_path_factory.mktemp("models") / "gemma2", "gemma2")


@pytest.fixture(scope="module")
def sae(tmp_path_factory):
    return write_perfect(tmp_path_factory.mktemp("saes") / PLACE)


@pytest.fixture
def table(tmp_path):
    return written(tmp_path / "texts.csv", TEXTS)


def written(path, texts, first_id=0):
    path.write_text("id,text\n" + "".join(f"{first_id + number},{text}\n" for number, text in enumerate(texts)))
    return path


def states_of(model, text):
    """Return the states after layer 1 of all tokens but `<s>`, from the library's own list of them."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    inputs = AutoTokenizer.from_pretrained(model)(text, return_tensors="pt")
    with torch.no_grad():
        return AutoModelForCausalLM.from_pretrained(model)(**inputs, output_hidden_states=True).hidden_states[2][0, 1:].numpy()


def test_the_codes_are_those_of_the_model_s_own_states(model, sae, table, tmp_path, capsys):
    arguments = ["--data", str(table), "--text", "text", "--model", str(model), "--sae", str(sae), "-o", str(tmp_path / "store"), "--json"]
    assert exit_code(["encode", *arguments]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["n_items"] == len(TEXTS)
    assert told["d_sae"] == 2 * DIM
    store = open_store(tmp_path / "store")
    codes = store.codes(slice(None)).toarray()
    assert not codes[2].any()  # a text without a token
    for row in (0, 1, 3, 4):
        states = states_of(model, TEXTS[row])
        by_token = np.hstack([np.maximum(states, 0), np.maximum(-states, 0)])
        np.testing.assert_allclose(codes[row], by_token.max(axis=0), rtol=EXACT_TO, atol=1e-6)
        tokens = store.tokens(row)
        assert tokens.strings(TEXTS[row]) == TEXTS[row].split()
        latent = int(codes[row].argmax())
        np.testing.assert_allclose(tokens.values_of(latent), by_token[:, latent], rtol=EXACT_TO, atol=1e-6)
        active = store.latent(latent)
        assert active.positions[list(active.rows).index(row)] == by_token[:, latent].argmax()


def test_a_store_can_be_added_to_by_the_same_autoencoder_only_which_is_not_tried_again(model, sae, table, tmp_path, monkeypatch):
    begun = vista.encode(table, tmp_path / "store", model=str(model), sae=str(sae))
    monkeypatch.setattr("vista.sae.sanity.sanity_on_texts", lambda *_: pytest.fail("tried again"))
    more = written(tmp_path / "more.csv", ["the blue river", "two red cat"], first_id=len(TEXTS))

    store = vista.encode(more, tmp_path / "store", model=str(model), sae=str(sae), append=True)

    assert len(store) == len(TEXTS) + 2
    assert store.meta.sanity == begun.meta.sanity is not None
    other = write_perfect(tmp_path / "other" / PLACE, scale=2.0)
    with pytest.raises(InputFileError, match=r"[0-9a-f]{8}.*[0-9a-f]{8}"):
        vista.encode(table, tmp_path / "store", model=str(model), sae=str(other))


def test_tokens_can_be_left_out_and_long_texts_are_cut_and_counted(model, sae, table, tmp_path, capsys):
    arguments = [
        "encode",
        str(table),
        "--model",
        str(model),
        "--sae",
        str(sae),
        "-o",
        str(tmp_path / "store"),
        "--no-tokens",
        "--max-tokens",
        "4",
    ]
    assert exit_code(arguments) == 0

    said = capsys.readouterr()
    assert "3 of 5 texts are longer than is read" in said.err
    assert "1 of 5 texts have no token that counts" in said.err
    assert "5 items" in said.out
    assert not open_store(tmp_path / "store").has_tokens


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hook": str(N_LAYERS)}, f"layer {N_LAYERS}"),
        ({"sae": "narrow"}, r"\b8\b.*\b16\b|\b16\b.*\b8\b"),
        ({"text": "texts"}, "Did you mean 'text'"),
        ({"pool": "median"}, "no pooling 'median'"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_store(model, sae, table, tmp_path, changes, message):
    write_saelens(small_autoencoder(hook_name="blocks.1.hook_resid_post"), tmp_path / "narrow")
    options = {"sae": str(sae), "model": str(model)} | changes
    if options["sae"] == "narrow":
        options["sae"] = str(tmp_path / "narrow")

    with pytest.raises(InputError, match=message):
        vista.encode(table, tmp_path / "store", **options)

    assert not (tmp_path / "store").exists()


def test_what_a_store_tells_of_its_texts_is_what_was_counted_when_they_were_encoded(model, sae, table, tmp_path):
    store = vista.encode(table, tmp_path / "store", model=str(model), sae=str(sae), max_tokens=4)
    whole = vista.encode(written(tmp_path / "whole.csv", ["red cat ", "blue dog"]), tmp_path / "whole", model=str(model), sae=str(sae))

    assert list(told_of_store(store)) == [
        "3 of 5 texts are longer than is read: only their beginning is encoded",
        "1 of 5 texts have no token that counts: no latent is active on them",
    ]
    assert list(told_of_store(whole)) == []


def test_an_autoencoder_is_tried_on_the_first_tokens_and_told_of_where_it_does_not_fit(model, sae, table, tmp_path, capsys):
    fits = vista.encode(table, tmp_path / "fits", model=str(model), sae=str(sae))
    other = write_perfect(tmp_path / PLACE.replace("l0_16", "l0_71"))
    assert exit_code(["encode", "--data", str(table), "--model", str(model), "--sae", str(other), "-o", str(tmp_path / "other")]) == 0

    n_tokens = sum(len(states_of(model, text)) for text in TEXTS if text)
    assert fits.meta.sanity == {"fvu": pytest.approx(0.0, abs=1e-6), "l0": DIM, "expected_l0": 16, "n_tokens": n_tokens}
    assert "mean L0 is 16.0 where 71 is expected" in capsys.readouterr().err
    assert not any("L0" in sentence for sentence in told_of_store(fits))
    assert next(iter(told_of_store(open_store(tmp_path / "other")))).startswith("mean L0 is 16.0")
    more = str(written(tmp_path / "more.csv", ["the blue river"], first_id=len(TEXTS)))
    assert exit_code(["encode", more, "--model", str(model), "--sae", str(other), "-o", str(tmp_path / "other"), "--append"]) == 0
    assert "mean L0 is 16.0 where 71 is expected" in capsys.readouterr().err
