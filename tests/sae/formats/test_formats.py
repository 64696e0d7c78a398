"""Every format, written here with the exact keys that it has, read back; and the line for every file that is not as it should be."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sae.small_autoencoders import D_IN, D_SAE, small_autoencoder, states, thresholds, weights
from vista.errors import InputError, InputFileError
from vista.sae.autoencoder import decode, encode
from vista.sae.formats import Known, read_folder, write_saelens
from vista.sae.specs import load

GEMMA = "gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71"


def tensors(**changes):
    return {name: torch.from_numpy(array) for name, array in {**weights(), "threshold": thresholds(), **changes}.items()}


def write_gemma_scope(folder, **changes):
    folder.mkdir(parents=True)
    kept = {name: array for name, array in {**weights(), "threshold": thresholds(), **changes}.items() if array is not None}
    np.savez(folder / "params.npz", **kept)
    return folder


def write_gemma_scope_2(folder, *, config=None, **changes):
    folder.mkdir(parents=True)
    kept = {name.lower(): tensor for name, tensor in tensors(**changes).items()}
    save_file(kept, folder / "params.safetensors")
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
    return folder


def write_saelens_files(folder, config, **changes):
    folder.mkdir(parents=True)
    (folder / "cfg.json").write_text(json.dumps({"d_in": D_IN, "d_sae": D_SAE, **config}))
    names = ("W_enc", "W_dec", "b_enc", "b_dec", *changes)
    save_file({name: tensor for name, tensor in tensors(**changes).items() if name in names}, folder / "sae_weights.safetensors")
    return folder


def write_dictionary_learning(folder, kind, stored, **trainer):
    folder.mkdir(parents=True)
    torch.save(stored, folder / "ae.pt")
    known = {"dict_class": kind, "activation_dim": D_IN, "dict_size": D_SAE, "layer": 3, "lm_name": "EleutherAI/pythia-70m-deduped"}
    (folder / "config.json").write_text(json.dumps({"trainer": known | trainer, "buffer": {"ctx_len": 128}}))
    return folder


def write_sparsify(folder, *, config=None, **changes):
    folder.mkdir(parents=True)
    own = tensors()
    stored = {"encoder.weight": own["W_enc"].T.contiguous(), "encoder.bias": own["b_enc"], "W_dec": own["W_dec"], "b_dec": own["b_dec"]}
    save_file({name: tensor for name, tensor in (stored | changes).items() if tensor is not None}, folder / "sae.safetensors")
    defaults = {"activation": "topk", "expansion_factor": 32, "normalize_decoder": True, "num_latents": D_SAE, "k": 5, "d_in": D_IN}
    (folder / "cfg.json").write_text(json.dumps(defaults | (config or {})))
    return folder


def test_gemma_scope_tells_its_hook_model_and_l0_by_where_it_lies(tmp_path):
    sae = load(str(write_gemma_scope(tmp_path / GEMMA)))

    assert (sae.architecture, sae.d_in, sae.d_sae, sae.form) == ("jumprelu", D_IN, D_SAE, "Gemma Scope")
    assert (sae.hook_name, sae.model_name, sae.expected_l0) == ("blocks.20.hook_resid_post", "google/gemma-2-2b", 71)
    assert not sae.apply_b_dec_to_input
    for name, array in {**weights(), "threshold": thresholds()}.items():
        np.testing.assert_array_equal(getattr(sae, name), array)


@pytest.mark.parametrize(
    ("place", "hook", "model"),
    [
        ("gemma-scope-9b-it-res/layer_9/width_16k/average_l0_88", "blocks.9.hook_resid_post", "google/gemma-2-9b-it"),
        ("gemma-scope-2b-pt-mlp/layer_3/width_16k/average_l0_119", "blocks.3.hook_mlp_out", "google/gemma-2-2b"),
        ("gemma-scope-27b-pt-att/layer_3/width_16k/average_l0_12", "blocks.3.attn.hook_z", "google/gemma-2-27b"),
        (
            "models--google--gemma-scope-2b-pt-res/snapshots/ab12/layer_0/average_l0_105",
            "blocks.0.hook_resid_post",
            "google/gemma-2-2b",
        ),
        ("my-research/transcoder-embedding-study/layer_3", None, None),
    ],
)
def test_places_of_gemma_scope(tmp_path, place, hook, model):
    sae = load(str(write_gemma_scope(tmp_path / place)))

    assert (sae.hook_name, sae.model_name) == (hook, model)


def test_gemma_scope_s_embedding_is_rescaled_by_the_root_of_its_width(tmp_path):
    sae = load(str(write_gemma_scope(tmp_path / "gemma-scope-2b-pt-res/embedding/width_4k/average_l0_6")))

    assert sae.hook_name == "hook_embed"
    np.testing.assert_allclose(sae.W_enc, weights()["W_enc"] / np.sqrt(D_IN), rtol=1e-6)
    np.testing.assert_allclose(sae.W_dec, weights()["W_dec"] * np.sqrt(D_IN), rtol=1e-6)


def test_npz_and_safetensors_of_the_same_weights_are_the_same_autoencoder(tmp_path):
    npz = load(str(write_gemma_scope(tmp_path / GEMMA)))
    safe = load(str(write_gemma_scope_2(tmp_path / "gemma-scope-2-1b-pt/resid_post/layer_13_width_16k_l0_medium")))
    config = {"architecture": "jumprelu", "apply_b_dec_to_input": False, "metadata": {"sae_lens_version": "6.1.0"}}
    saelens = load(str(write_saelens_files(tmp_path / "saelens", config, threshold=thresholds())))

    assert npz.fingerprint == safe.fingerprint == saelens.fingerprint
    np.testing.assert_array_equal(encode(npz, states()), encode(safe, states()))


def test_lower_case_names_in_an_npz_are_read_and_a_scaling_factor_of_one_is_no_matter(tmp_path):
    lower = {"w_enc": weights()["W_enc"], "w_dec": weights()["W_dec"], "W_enc": None, "W_dec": None, "scaling_factor": np.ones(D_SAE)}

    assert (
        load(str(write_gemma_scope(tmp_path / "a" / GEMMA, **lower))).fingerprint
        == load(str(write_gemma_scope(tmp_path / "b" / GEMMA))).fingerprint
    )
    with pytest.raises(InputError, match="scaling_factor other than 1"):
        load(str(write_gemma_scope(tmp_path / "c" / GEMMA, scaling_factor=np.full(D_SAE, 2.0))))


def test_gemma_scope_2_tells_its_hook_and_model_without_a_config(tmp_path):
    sae = load(str(write_gemma_scope_2(tmp_path / "gemma-scope-2-270m-pt/resid_post/layer_12_width_16k_l0_medium")))

    assert (sae.hook_name, sae.model_name) == ("blocks.12.hook_resid_post", "google/gemma-3-270m")
    assert not sae.is_transcoder
    attention = load(str(write_gemma_scope_2(tmp_path / "gemma-scope-2-1b-it/attn_out/layer_13_width_16k_l0_small")))
    assert (attention.hook_name, attention.model_name) == ("blocks.13.attn.hook_z", "google/gemma-3-1b-it")


def test_a_gemma_scope_2_transcoder_reads_a_norm_and_reconstructs_another_hook(tmp_path):
    skip = np.random.default_rng(7).standard_normal((D_IN, 6)).astype(np.float32)
    config = {
        "architecture": "jump_relu",
        "affine_connection": True,
        "model_name": "gemma-3-1b-pt",
        "hf_hook_point_in": "model.layers.13.pre_feedforward_layernorm.output",
        "hf_hook_point_out": "model.layers.13.post_feedforward_layernorm.output",
    }
    place = tmp_path / "gemma-scope-2-1b-pt/transcoder/layer_13_width_16k_l0_small_affine"
    sae = load(str(write_gemma_scope_2(place, config=config, **weights(d_out=6), affine_skip_connection=skip)))

    assert (sae.d_in, sae.d_out, sae.is_transcoder) == (D_IN, 6, True)
    assert sae.hook_name == "model.layers.13.pre_feedforward_layernorm"
    assert sae.hook_name_out == "model.layers.13.post_feedforward_layernorm"
    codes, own = encode(sae, states()), weights(d_out=6)
    expected = codes.numpy() @ own["W_dec"] + own["b_dec"] + states() @ skip
    np.testing.assert_allclose(decode(sae, codes, states()), expected, rtol=1e-4, atol=1e-4)


def test_a_saelens_folder_tells_everything_in_its_config(tmp_path):
    facts = {
        "sae_lens_version": "6.54.12",
        "model_name": "gpt2-small",
        "hook_name": "blocks.8.hook_resid_pre",
        "neuronpedia_id": "gpt2-small/8-x",
        "context_size": 64,
    }
    config = {"architecture": "standard", "apply_b_dec_to_input": False, "normalize_activations": "layer_norm"}

    sae = load(str(write_saelens_files(tmp_path / "sae", config | {"metadata": facts})))

    assert (sae.architecture, sae.apply_b_dec_to_input, sae.normalization) == ("standard", False, "layer_norm")
    assert (sae.model_name, sae.hook_name, sae.neuronpedia_id) == ("openai-community/gpt2", "blocks.8.hook_resid_pre", "gpt2-small/8-x")
    assert sae.context_size == 64


def test_an_old_saelens_folder_means_what_it_meant_then(tmp_path):
    old = {
        "hook_point": "blocks.8.hook_resid_pre",
        "model_name": "gpt2-small",
        "activation_fn_str": "topk",
        "activation_fn_kwargs": {"k": 5},
    }

    sae = load(str(write_saelens_files(tmp_path / "sae", old | {"normalize_activations": True})))

    assert (sae.architecture, sae.k, sae.apply_b_dec_to_input, sae.normalization) == ("topk", 5, True, "none")
    assert (sae.hook_name, sae.expected_l0) == ("blocks.8.hook_resid_pre", 5)
    assert "holds no factor: states are taken as they are" in sae.notes[0]


def test_a_factor_on_the_states_moves_into_the_weights(tmp_path):
    folder = write_saelens_files(tmp_path / "sae", {"normalize_activations": "expected_average_only_in", "apply_b_dec_to_input": True})
    plain = read_folder(folder, Known())

    scaled = read_folder(folder, Known(input_scale=0.25))

    np.testing.assert_allclose(encode(scaled, states() * 4), encode(plain, states()), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        decode(scaled, encode(scaled, states() * 4)), 4 * decode(plain, encode(plain, states())).numpy(), rtol=1e-4, atol=1e-4
    )
    assert plain.notes
    assert not scaled.notes


def test_the_table_s_word_on_centering_reaches_the_autoencoder(tmp_path):
    folder = write_saelens_files(tmp_path / "sae", {})
    named = write_saelens_files(tmp_path / "named", {"model_from_pretrained_kwargs": {"center_writing_weights": True}})

    assert not read_folder(folder, Known()).centered
    assert read_folder(folder, Known(centered=True)).centered
    assert read_folder(named, Known()).centered


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize(
    "sae",
    [
        small_autoencoder("standard", apply_b_dec_to_input=True, model_name="openai-community/gpt2", hook_name="blocks.5.hook_resid_post"),
        small_autoencoder("topk", expected_l0=5, context_size=64, centered=True),
        small_autoencoder("gated", normalization="layer_norm"),
        small_autoencoder("jumprelu", neuronpedia_id="a/1-b", expected_l0=12.5),
        small_autoencoder("standard", **weights(d_out=6), hook_name_out="blocks.5.hook_mlp_out"),
        small_autoencoder("jumprelu", hook_name_out="blocks.5.hook_mlp_out", W_skip=np.eye(D_IN, dtype=np.float32)),
    ],
    ids=["standard", "topk", "gated", "jumprelu", "transcoder", "jumprelu_skip_transcoder"],
)
def test_what_is_written_in_the_saelens_layout_is_read_back(tmp_path, sae, dtype):
    write_saelens(sae, tmp_path / "written", dtype=dtype, metadata={"dataset": "WordNet"})

    back = load(str(tmp_path / "written"))

    told = ("architecture", "k", "apply_b_dec_to_input", "normalization", "centered", "hook_name", "hook_name_out", "model_name")
    for name in (*told, "expected_l0", "neuronpedia_id", "context_size"):
        assert getattr(back, name) == getattr(sae, name), name
    for name in ("W_enc", "W_dec", "b_enc", "b_dec", "threshold", "b_mag", "r_mag", "W_skip"):
        stored = getattr(sae, name)
        assert (getattr(back, name) is None) == (stored is None)
        if stored is not None:
            assert torch.equal(getattr(back, name), stored.to(getattr(torch, dtype)).float())
    assert json.loads((tmp_path / "written/cfg.json").read_text())["metadata"]["dataset"] == "WordNet"
    assert sorted(path.name for path in (tmp_path / "written").iterdir()) == ["cfg.json", "sae_weights.safetensors"]


def test_weights_beyond_float16_are_not_written_as_infinity(tmp_path):
    sae = small_autoencoder("standard", b_dec=np.full(D_IN, 1e6, np.float32))

    with pytest.raises(InputError, match="b_dec holds values that float16 cannot; write it with dtype='float32'"):
        write_saelens(sae, tmp_path / "written")
    assert not (tmp_path / "written").exists()


LINEAR = {"encoder.weight": tensors()["W_enc"].T.contiguous(), "decoder.weight": tensors()["W_dec"].T.contiguous()}
BIASES = {"encoder.bias": tensors()["b_enc"], "b_dec": tensors()["b_dec"]}


@pytest.mark.parametrize(
    ("kind", "stored", "same_as"),
    [
        ("AutoEncoder", LINEAR | {"encoder.bias": tensors()["b_enc"], "bias": tensors()["b_dec"]}, {"architecture": "standard"}),
        (
            "AutoEncoderNew",
            LINEAR | {"encoder.bias": tensors()["b_enc"], "decoder.bias": tensors()["b_dec"]},
            {"architecture": "standard", "apply_b_dec_to_input": False},
        ),
        (
            "GatedAutoEncoder",
            LINEAR
            | {
                "decoder_bias": tensors()["b_dec"],
                "gate_bias": tensors()["b_enc"],
                "mag_bias": torch.ones(D_SAE),
                "r_mag": torch.full((D_SAE,), 0.1),
            },
            {"architecture": "gated", "b_mag": np.ones(D_SAE, np.float32), "r_mag": np.full(D_SAE, 0.1, np.float32)},
        ),
        ("AutoEncoderTopK", LINEAR | BIASES | {"k": torch.tensor(5), "threshold": torch.tensor(-1.0)}, {"architecture": "topk", "k": 5}),
        (
            "BatchTopKSAE",
            LINEAR | BIASES | {"k": torch.tensor(5), "threshold": torch.tensor(0.7)},
            {"architecture": "jumprelu", "threshold": np.full(D_SAE, 0.7, np.float32)},
        ),
        (
            "MatryoshkaBatchTopKSAE",
            {**tensors(), "threshold": torch.tensor(0.7), "k": torch.tensor(5)},
            {"architecture": "jumprelu", "threshold": np.full(D_SAE, 0.7, np.float32)},
        ),
        ("JumpReluAutoEncoder", tensors(), {"architecture": "jumprelu", "apply_b_dec_to_input": False, "threshold": thresholds()}),
    ],
)
def test_dictionary_learning_s_classes(tmp_path, kind, stored, same_as):
    sae = load(str(write_dictionary_learning(tmp_path / "trainer_0", kind, stored)))

    wanted = {"apply_b_dec_to_input": True} | same_as
    assert sae.fingerprint == small_autoencoder(wanted["architecture"], **{"threshold": None} | wanted).fingerprint
    assert (sae.hook_name, sae.model_name, sae.context_size) == ("blocks.3.hook_resid_post", "EleutherAI/pythia-70m-deduped", 128)
    assert sae.expected_l0 == (5 if "k" in stored else None)


def test_dictionary_learning_s_submodule_names_the_hook(tmp_path):
    stored = LINEAR | {"encoder.bias": tensors()["b_enc"], "bias": tensors()["b_dec"]}
    sae = load(str(write_dictionary_learning(tmp_path / "a", "AutoEncoder", stored, submodule_name="mlp_out_layer_4", layer=4)))

    assert sae.hook_name == "blocks.4.hook_mlp_out"


def test_sparsify_subtracts_b_dec_unless_it_transcodes(tmp_path):
    plain = load(str(write_sparsify(tmp_path / "layers.10")))
    module = load(str(write_sparsify(tmp_path / "layers.10.mlp")))
    skip = write_sparsify(tmp_path / "skip" / "layers.3.mlp", config={"transcode": True, "skip_connection": True}, W_skip=torch.eye(D_IN))
    transcoder = load(str(skip))

    assert plain.fingerprint == small_autoencoder("topk", k=5, apply_b_dec_to_input=True).fingerprint
    assert (plain.hook_name, plain.expected_l0, plain.is_transcoder) == ("blocks.10.hook_resid_post", 5, False)
    assert module.hook_name == "layers.10.mlp"
    assert (transcoder.hook_name, transcoder.hook_name_out) == ("layers.3.mlp.input", "layers.3.mlp")
    assert not transcoder.apply_b_dec_to_input
    assert torch.equal(transcoder.W_skip, torch.eye(D_IN))


def test_sparsify_s_model_stands_in_the_config_above(tmp_path):
    folder = write_sparsify(tmp_path / "run" / "layers.10")
    (tmp_path / "run" / "config.json").write_text(json.dumps({"model": "HuggingFaceTB/SmolLM2-135M"}))

    assert load(str(folder)).model_name == "HuggingFaceTB/SmolLM2-135M"


def test_a_weights_file_may_be_named_instead_of_its_folder(tmp_path):
    folder = write_gemma_scope(tmp_path / GEMMA)

    assert load(str(folder / "params.npz")).fingerprint == load(str(folder)).fingerprint


REFUSED = {
    "npz-key": (
        lambda at: write_gemma_scope(at / "x", threshold=None),
        r"'params\.npz' lacks 'threshold': a Gemma Scope file has W_enc, W_dec, b_enc, b_dec, threshold; this file has W_enc",
    ),
    "npz-swapped": (lambda at: write_gemma_scope(at / "x", **weights(d_in=D_SAE, d_sae=D_IN) | {"b_enc": weights()["b_enc"]}), "swapped"),
    "npz-transcoder": (lambda at: write_gemma_scope(at / "gemma-scope-2b-pt-transcoders/layer_0"), "no module's output in Hugging Face"),
    "safetensors-skip": (
        lambda at: write_gemma_scope_2(at / "x", config={"architecture": "jump_relu", "affine_connection": True}),
        r"'params\.safetensors' lacks 'affine_skip_connection': a Gemma Scope 2 file has",
    ),
    "safetensors-architecture": (
        lambda at: write_gemma_scope_2(at / "x", config={"architecture": "topk"}),
        r"says architecture 'topk'; Gemma Scope 2 has 'jump_relu'",
    ),
    "saelens-key": (
        lambda at: write_saelens_files(at / "x", {"architecture": "jumprelu"}),
        r"'sae_weights\.safetensors' lacks 'threshold': a SAELens file of a jumprelu autoencoder has W_enc",
    ),
    "saelens-architecture": (
        lambda at: write_saelens_files(at / "x", {"architecture": "temporal"}),
        "cannot encode with SAELens's 'temporal' autoencoders; it knows standard, gated, topk",
    ),
    "saelens-normalization": (
        lambda at: write_saelens_files(at / "x", {"normalize_activations": "covariance_whitening"}),
        "does not know the normalization 'covariance_whitening'",
    ),
    "saelens-activation": (lambda at: write_saelens_files(at / "x", {"activation_fn_str": "tanh-relu"}), "the activation 'tanh-relu'"),
    "saelens-swapped": (
        lambda at: write_saelens_files(at / "x", {"d_in": D_SAE, "d_sae": D_IN}),
        "says d_in = 24 and d_sae = 8, but W_enc is 8 × 24; d_in and d_sae look swapped",
    ),
    "saelens-scaling": (
        lambda at: write_saelens_files(at / "x", {}, scaling_factor=np.full(D_SAE, 2, np.float32)),
        "holds a scaling_factor other than 1",
    ),
    "dl-class": (
        lambda at: write_dictionary_learning(at / "x", "AutoEncoderTopk", LINEAR),
        "does not read the class 'AutoEncoderTopk' of dictionary_learning. Did you mean 'AutoEncoderTopK'",
    ),
    "dl-key": (
        lambda at: write_dictionary_learning(at / "x", "BatchTopKSAE", LINEAR | BIASES),
        r"'ae\.pt' lacks 'threshold': a dictionary_learning checkpoint of class BatchTopKSAE has encoder\.weight",
    ),
    "dl-threshold": (
        lambda at: write_dictionary_learning(at / "x", "BatchTopKSAE", LINEAR | BIASES | {"threshold": torch.tensor(-1.0)}),
        r"threshold in 'ae\.pt' was never set \(-1\)",
    ),
    "sparsify-key": (
        lambda at: write_sparsify(at / "layers.1", b_dec=None),
        r"'sae\.safetensors' lacks 'b_dec': a sparsify file has encoder\.weight, encoder\.bias, W_dec, b_dec; this file has",
    ),
    "sparsify-signed": (lambda at: write_sparsify(at / "layers.1", config={"signed": True}), "this one has signed latents"),
    "sparsify-activation": (lambda at: write_sparsify(at / "layers.1", config={"activation": "groupmax"}), "the activation 'groupmax'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_not_of_its_format_is_refused_in_one_line(tmp_path, case):
    write, message = REFUSED[case]
    folder = write(tmp_path)

    with pytest.raises(InputError, match=message) as refusal:
        load(str(folder))
    assert "\n" not in str(refusal.value)


class _Touch:
    """What a hostile checkpoint would hold: on unpickling, it would make a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_checkpoint_that_would_run_code_is_not_opened(tmp_path):
    folder = write_dictionary_learning(tmp_path / "x", "AutoEncoder", {})
    torch.save({"encoder.weight": _Touch(tmp_path / "made")}, folder / "ae.pt")

    with pytest.raises(InputFileError, match=r"'ae\.pt' cannot be read as a checkpoint of tensors; files that hold other objects"):
        load(str(folder))
    assert not (tmp_path / "made").exists()


def test_an_npz_that_would_run_code_is_not_opened(tmp_path):
    folder = tmp_path / "x"
    folder.mkdir()
    np.savez(folder / "params.npz", W_enc=np.array([_Touch(tmp_path / "made")], dtype=object), allow_pickle=True)
    with pytest.raises(InputFileError, match=r"'params\.npz' cannot be read as an npz file of arrays"):
        load(str(folder))

    (folder / "params.npz").write_bytes(pickle.dumps(_Touch(tmp_path / "made")))
    with pytest.raises(InputFileError, match=r"'params\.npz' cannot be read as an npz file of arrays"):
        load(str(folder))
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["params.npz", "params.safetensors", "sae_weights.safetensors", "sae.safetensors", "ae.pt"])
def test_a_damaged_weights_file_is_told_in_one_line(tmp_path, name):
    (tmp_path / "cfg.json").write_text(json.dumps({"d_in": 8, "d_sae": 24, "k": 5}))
    (tmp_path / "config.json").write_text(json.dumps({"architecture": "jump_relu", "trainer": {"dict_class": "AutoEncoder"}}))
    (tmp_path / name).write_bytes(b"not weights\nat all")

    with pytest.raises(InputFileError, match=f"'{name}' cannot be read as") as refusal:
        load(str(tmp_path))
    assert "\n" not in str(refusal.value)


def test_a_config_that_is_missing_or_no_object_is_told(tmp_path):
    save_file(tensors(), tmp_path / "sae_weights.safetensors")

    with pytest.raises(InputFileError, match=r"'cfg\.json' beside the weights cannot be read"):
        load(str(tmp_path))
    (tmp_path / "cfg.json").write_text("[1, 2]")
    with pytest.raises(InputFileError, match=r"'cfg\.json' beside the weights holds a list, not an object"):
        load(str(tmp_path))
    (tmp_path / "cfg.json").write_text("{}")
    with pytest.raises(InputError, match=r"'cfg\.json' lacks 'd_in' and 'd_sae': a SAELens file has d_in, d_sae; this file has nothing"):
        load(str(tmp_path))


def test_a_folder_without_an_autoencoder_says_what_it_wants_and_what_is_there(tmp_path):
    with pytest.raises(InputError, match="the folder is empty"):
        load(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(InputError, match=r"it wants one of sae_weights\.safetensors, params\.npz, .*; there is model\.safetensors"):
        load(str(tmp_path))
    with pytest.raises(InputError, match=r"this is a file 'model\.safetensors'"):
        load(str(tmp_path / "model.safetensors"))
