"""`vista sae inspect`: the facts, and the sanity line on a model's states."""

from __future__ import annotations

import inspect as python_inspect
import json

import numpy as np
import pytest
import torch

from representations.tiny_language_models import DIM, N_LAYERS, save
from sae.small_autoencoders import small_autoencoder, weights, write_perfect
from vista.cli import sae_commands
from vista.cli.main import exit_code
from vista.cli.mirror import PYTHON_ONLY
from vista.errors import InputError
from vista.sae import inspection
from vista.sae.formats import write_saelens
from vista.sae.sanity import sanity

TEXTS = ["a cat sits on the mat", "the red dog runs over the river", "", "one sun two dog", "blue cat"] * 8
PLACE = "gemma-scope-2b-pt-res/layer_1/width_16k/average_l0_16"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save(tmp_path_factory.mktemp("models") / "gemma2", "gemma2")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text("text,number\n" + "".join(f"{text},{number}\n" for number, text in enumerate(TEXTS)))
    return path


@pytest.fixture
def gemma_scope(tmp_path):
    """A Gemma Scope file whose latents are the positive and the negative part of each dimension of the tiny model."""
    return write_perfect(tmp_path / PLACE)


def test_the_facts_are_told_line_by_line(tmp_path, capsys):
    sae = small_autoencoder(
        "topk", model_name="openai-community/gpt2", hook_name="blocks.5.hook_resid_post", expected_l0=5, neuronpedia_id="gpt2-small/5-x"
    )
    write_saelens(sae, tmp_path / "sae", dtype="float32")

    assert exit_code(["sae", "inspect", str(tmp_path / "sae")]) == 0

    assert capsys.readouterr().out.splitlines() == [
        f"{tmp_path / 'sae'}: SAELens",
        "architecture: topk, k = 5",
        "sizes: d_in 8, d_sae 24",
        "reads: blocks.5.hook_resid_post of openai-community/gpt2",
        "expected L0: 5",
        "Neuronpedia: gpt2-small/5-x, https://www.neuronpedia.org/gpt2-small/5-x",
        f"fingerprint: {sae.fingerprint[:16]}",
    ]


def test_what_is_unknown_is_said_to_be(tmp_path, capsys):
    write_saelens(small_autoencoder("gated", normalization="layer_norm", centered=True, apply_b_dec_to_input=True), tmp_path / "sae")

    assert exit_code(["sae", "inspect", str(tmp_path / "sae")]) == 0

    told = capsys.readouterr().out
    assert "reads: an unknown hook of an unknown model\nexpected L0: unknown\nNeuronpedia: unknown\n" in told
    assert (
        "architecture: gated, b_dec subtracted from the input, each state's mean over its dimensions taken out, input normalized by" in told
    )


def test_a_transcoder_is_said_to_reconstruct_another_hook(tmp_path, capsys):
    sae = small_autoencoder("standard", **weights(d_out=6), hook_name="a.norm", hook_name_out="a.mlp")
    write_saelens(sae, tmp_path / "sae")

    assert exit_code(["sae", "inspect", str(tmp_path / "sae")]) == 0

    told = capsys.readouterr().out
    assert "architecture: standard, transcoder\nsizes: d_in 8, d_sae 24, d_out 6\nreads: a.norm" in told
    assert "reconstructs: a.mlp, another hook than it reads" in told


def test_on_data_the_sanity_line_is_that_of_the_model_s_states(gemma_scope, model, table, capsys):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    assert exit_code(["sae", "inspect", str(gemma_scope), "--data", str(table), "--text", "text", "--model", str(model), "--quiet"]) == 0

    told = capsys.readouterr().out
    tokenizer, whole = AutoTokenizer.from_pretrained(model), AutoModelForCausalLM.from_pretrained(model)
    n_tokens = sum(len(tokenizer(text)["input_ids"]) - 1 for text in TEXTS)  # without <s>
    assert f"on texts.csv: FVU 0.000, mean L0 {DIM:.1f} (expected 16), " in told
    assert told.rstrip().endswith(f"% of latents never active, {n_tokens} tokens")
    # The same figures from transformers' own hidden states: layer 1's output is entry 2.
    with torch.no_grad():
        blocks = [
            whole(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states[2][0, 1:] for text in TEXTS if text
        ]
    ours = inspection.inspect(str(gemma_scope), data=table, text="text", model=str(model)).sanity
    theirs = sanity(inspection.read(inspection.resolve(str(gemma_scope))), blocks)
    assert (ours.mean_l0, ours.n_tokens) == (theirs.mean_l0, theirs.n_tokens)
    assert ours.dead_share == theirs.dead_share
    assert ours.fvu == pytest.approx(theirs.fvu, abs=1e-9)


def test_a_wrong_scale_is_warned_of(tmp_path, model, table, capsys):
    folder = write_perfect(tmp_path / "gemma-scope-2b-pt-res/layer_1/width_16k/average_l0_90", scale=3.0)

    assert exit_code(["sae", "inspect", str(folder), "--data", str(table), "--model", str(model), "--quiet"]) == 0

    warnings = [line for line in capsys.readouterr().out.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 2
    assert warnings[0].startswith("warning: mean L0 is 16.0 where 90 is expected: likely a layer off by one")
    assert warnings[1].startswith("warning: FVU is ")


def test_json_holds_the_facts_and_the_figures(gemma_scope, model, table, capsys):
    asked = ["sae", "inspect", str(gemma_scope), "--data", str(table), "--model", str(model), "--tokens", "50", "--json"]
    assert exit_code(asked) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["command"] == "sae inspect"
    assert (told["architecture"], told["d_in"], told["d_sae"], told["hook_name"]) == ("jumprelu", DIM, 2 * DIM, "blocks.1.hook_resid_post")
    assert (told["data"], told["sanity"]["n_tokens"], told["sanity"]["mean_l0"]) == ("texts.csv", 50, DIM)
    assert told["warnings"] == []


def test_another_hook_may_be_named(tmp_path, model, table):
    folder = write_perfect(tmp_path / PLACE, scale=2.0)
    own, first, named = (
        inspection.inspect(str(folder), data=table, text="text", model=str(model), hook=hook).sanity
        for hook in (None, "0", "blocks.0.hook_resid_post")
    )

    assert first == named
    assert abs(first.fvu - own.fvu) > 1e-3


def test_a_latent_in_the_name_is_told_with_its_page(monkeypatch, capsys):
    sae = small_autoencoder(neuronpedia_id="gemma-2-2b/20-gemmascope-res-16k")
    monkeypatch.setattr(inspection, "read", lambda place: sae)

    assert exit_code(["sae", "inspect", "gemma-2-2b/20-gemmascope-res-16k/7"]) == 0
    assert exit_code(["sae", "inspect", "gemma-2-2b/20-gemmascope-res-16k/24"]) == 1

    shown = capsys.readouterr()
    assert "https://www.neuronpedia.org/gemma-2-2b/20-gemmascope-res-16k/7\n" in shown.out
    assert f"latent: 7, its decoder direction {float(sae.W_dec[7].norm()):.3f} long\n" in shown.out
    assert "there is no latent 24: the autoencoder has 24, numbered 0 to 23" in shown.err


def test_a_model_of_another_width_is_refused_with_both_numbers(tmp_path, model, table):
    write_saelens(small_autoencoder(hook_name="blocks.1.hook_resid_post", model_name="google/gemma-2-2b"), tmp_path / "sae")

    with pytest.raises(InputError, match=rf"d_in = 8 dimensions, but 'blocks.1.hook_resid_post' of the model 'gemma2' has {DIM}; probably"):
        inspection.inspect(str(tmp_path / "sae"), data=table, text="text", model=str(model))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "does not say which model it was trained on; name it with --model"),
        ({"model": "MODEL"}, "does not say which hook it reads; name it with --hook, such as 12 or 12.mlp_out"),
        ({"model": "MODEL", "hook": f"{N_LAYERS}"}, f"there is no layer {N_LAYERS}"),
        ({"tokens": 1}, "tokens must be at least 2, not 1"),
    ],
)
def test_what_is_missing_for_a_sanity_line_is_named(tmp_path, model, table, options, message):
    write_saelens(small_autoencoder(), tmp_path / "sae")
    asked = {"text": "text"} | {name: str(model) if value == "MODEL" else value for name, value in options.items()}

    with pytest.raises(InputError, match=message) as refusal:
        inspection.inspect(str(tmp_path / "sae"), data=table, **asked)
    assert "\n" not in str(refusal.value)


def test_data_without_texts_is_told(gemma_scope, model, tmp_path):
    np.save(tmp_path / "vectors.npy", np.eye(3, dtype=np.float32))

    with pytest.raises(InputError, match="the data has no column of texts; name it with --text"):
        inspection.inspect(str(gemma_scope), data=tmp_path / "vectors.npy", model=str(model))


def test_the_command_mirrors_the_function_and_explains_its_options(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    offered = python_inspect.signature(sae_commands.inspect).parameters
    for parameter in python_inspect.signature(inspection.inspect).parameters.values():
        if parameter.name not in PYTHON_ONLY:
            assert offered[parameter.name].default == parameter.default

    assert exit_code(["sae", "inspect", "--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"--{name}" in told for name in offered)
    assert exit_code(["sae", "inspect"]) == 2
    assert capsys.readouterr().err.rstrip().endswith("See: vista sae inspect --help")
    assert exit_code(["sae", "inspct", "x"]) == 2
    assert capsys.readouterr().err.rstrip().endswith("See: vista sae --help")
