"""Encoding and decoding, against SAELens's recorded codes and against formulas written out one number at a time."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from sae.small_autoencoders import D_IN, D_SAE, small_autoencoder, states, thresholds, weights
from vista.errors import InputError
from vista.sae.autoencoder import decode, encode, encode_sparse, refuse_other_width
from vista.sae.specs import load

RECORDED = sorted(path.parent for path in (Path(__file__).parent / "saelens_codes").glob("*/recorded.npz"))
WEIGHTS_FILES = ("sae_weights.safetensors", "params.npz", "params.safetensors", "ae.pt")
ARCHITECTURES = ("standard", "topk", "jumprelu", "gated")


@pytest.mark.parametrize("folder", RECORDED, ids=lambda folder: folder.name)
def test_codes_and_reconstructions_are_those_of_saelens(folder):
    recorded = np.load(folder / "recorded.npz")
    sae = load(str(next(path.parent for name in WEIGHTS_FILES for path in folder.rglob(name))))

    codes = encode(sae, recorded["states"])

    np.testing.assert_allclose(codes.numpy(), recorded["codes"], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(codes.numpy() > 0, recorded["codes"] > 0)
    np.testing.assert_allclose(decode(sae, codes, recorded["states"]).numpy(), recorded["decoded"], rtol=1e-5, atol=1e-5)


def test_recorded_codes_cover_every_architecture():
    read = {load(str(next(path.parent for name in WEIGHTS_FILES for path in folder.rglob(name)))).architecture for folder in RECORDED}

    assert len(RECORDED) > 20
    assert read == set(ARCHITECTURES)


@pytest.mark.parametrize("subtracts", [True, False])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_codes_follow_the_formula_number_by_number(architecture, subtracts):
    sae = small_autoencoder(architecture, apply_b_dec_to_input=subtracts)
    given = states(6)

    codes = encode(sae, given).numpy()

    for row, state in enumerate(given.astype(float)):
        np.testing.assert_allclose(codes[row], _codes_one_by_one(sae, state), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_sparse_codes_are_the_dense_ones_with_latents_in_order(architecture):
    sae = small_autoencoder(architecture)

    sparse = encode_sparse(sae, states())

    np.testing.assert_array_equal(sparse.toarray(), encode(sae, states()).numpy())
    assert sparse.has_sorted_indices
    assert (sparse.data > 0).all()
    assert sparse.indices.dtype == np.int32
    assert sparse.data.dtype == np.float32


def test_sparse_codes_do_not_depend_on_how_rows_fall_into_blocks(monkeypatch):
    import vista.sae.autoencoder as module

    sae = small_autoencoder("jumprelu")
    whole = encode_sparse(sae, states())
    monkeypatch.setattr(module, "_BLOCK_CELLS", 3 * D_SAE)

    pieces = encode_sparse(sae, states())

    np.testing.assert_array_equal(pieces.indices, whole.indices)
    np.testing.assert_array_equal(pieces.indptr, whole.indptr)
    np.testing.assert_allclose(pieces.data, whole.data, rtol=1e-5)


def test_no_states_give_no_codes():
    sae = small_autoencoder()

    assert encode_sparse(sae, states(0)).shape == (0, D_SAE)
    assert encode(sae, states(0)).shape == (0, D_SAE)


def test_a_latent_at_its_threshold_is_silent():
    eye = np.eye(3, dtype=np.float32)
    zeros = np.zeros(3, np.float32)
    sae = small_autoencoder("jumprelu", W_enc=eye, W_dec=eye, b_enc=zeros, b_dec=zeros, threshold=np.array([0.5, 0.5, 0.5], np.float32))
    above = np.nextafter(np.float32(0.5), np.float32(1))

    codes = encode(sae, np.array([[0.5, above, 0.49]], np.float32))

    assert codes.tolist() == [[0.0, float(above), 0.0]]
    assert encode_sparse(sae, np.array([[0.5, above, 0.49]], np.float32)).indices.tolist() == [1]


def test_a_threshold_below_zero_lets_no_negative_code_through():
    sae = small_autoencoder("jumprelu", threshold=np.full(D_SAE, -1.0, np.float32))

    codes = encode(sae, states())

    assert float(codes.min()) == 0.0
    np.testing.assert_array_equal(codes, encode(small_autoencoder("standard"), states()))


def test_topk_keeps_k_latents_and_none_below_zero():
    few = encode_sparse(small_autoencoder("topk", k=5, b_enc=np.full(D_SAE, -2.0, np.float32)), states())
    many = encode_sparse(small_autoencoder("topk", k=5, b_enc=np.full(D_SAE, 9.0, np.float32)), states())

    assert np.diff(few.indptr).min() < 5
    assert set(np.diff(many.indptr)) == {5}


def test_layer_norm_is_undone_when_decoding():
    sae = small_autoencoder("standard", normalization="layer_norm")
    given = states(4)

    decoded = decode(sae, encode(sae, given), given).numpy()

    for state, reconstruction in zip(given.astype(float), decoded, strict=True):
        mean, deviation = state.mean(), state.std(ddof=1)
        inner = _codes_one_by_one(sae, (state - mean) / (deviation + 1e-5)) @ sae.W_dec.numpy() + sae.b_dec.numpy()
        np.testing.assert_allclose(reconstruction, inner * deviation + mean, rtol=1e-4, atol=1e-4)


def test_centered_states_lose_their_mean_and_get_it_back():
    sae = small_autoencoder("standard", centered=True)
    given = states(4)
    plain = small_autoencoder("standard")
    moved = given - given.mean(1, keepdims=True)

    np.testing.assert_allclose(encode(sae, given), encode(plain, moved), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(encode(sae, given + 7), encode(sae, given), rtol=1e-4, atol=1e-4)
    expected = decode(plain, encode(plain, moved)).numpy() + given.mean(1, keepdims=True)
    np.testing.assert_allclose(decode(sae, encode(sae, given), given), expected, rtol=1e-5, atol=1e-5)


def test_a_state_of_zeros_is_encoded_whatever_the_normalization():
    for normalization in ("none", "layer_norm", "constant_norm_rescale"):
        sae = small_autoencoder("standard", normalization=normalization)

        assert torch.isfinite(encode(sae, np.zeros((1, D_IN), np.float32))).all()


def test_decoding_what_was_normalized_asks_for_the_states():
    sae = small_autoencoder("standard", normalization="layer_norm")

    with pytest.raises(InputError, match="decoding needs the states too"):
        decode(sae, encode(sae, states()))


def test_states_of_any_float_type_are_encoded_in_float32():
    sae = small_autoencoder()
    coarse = torch.from_numpy(states()).to(torch.bfloat16)

    codes = encode(sae, coarse)

    assert codes.dtype == torch.float32
    np.testing.assert_array_equal(codes, encode(sae, coarse.float().numpy()))


def test_the_caller_s_states_stay_as_they_are():
    given = states()
    before = given.copy()

    encode(small_autoencoder("standard", centered=True, apply_b_dec_to_input=True), given)

    np.testing.assert_array_equal(given, before)


def test_the_fingerprint_tells_weights_and_maths_apart_but_not_names():
    one = small_autoencoder(hook_name="blocks.1.hook_resid_post", model_name="a")
    same = small_autoencoder(hook_name="blocks.2.hook_resid_post", model_name="b")
    changed = thresholds()
    changed[3] += 1e-6

    assert one.fingerprint == same.fingerprint
    others = [
        small_autoencoder(threshold=changed),
        small_autoencoder(apply_b_dec_to_input=True),
        small_autoencoder(normalization="layer_norm"),
        small_autoencoder(centered=True),
    ]
    assert len({one.fingerprint, *(sae.fingerprint for sae in others)}) == 5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"architecture": "matching_pursuit"},
            "cannot encode with a 'matching_pursuit' autoencoder; it knows standard, gated, topk, jumprelu",
        ),
        ({"normalization": "covariance_whitening"}, "does not know the normalization 'covariance_whitening'; it knows none, layer_norm"),
        ({"threshold": None}, "a jumprelu autoencoder needs threshold, and this one has none"),
        ({"b_enc": np.zeros(D_IN, np.float32)}, "b_enc is 8, but with W_enc 8 × 24 it must be 24; are d_in and d_sae swapped"),
        ({"W_dec": np.zeros((D_IN, D_SAE), np.float32)}, "W_dec is 8 × 24, but with W_enc 8 × 24 it must be 24 × "),
        ({"W_enc": np.full((D_IN, D_SAE), np.nan, np.float32)}, "W_enc holds NaN or infinity"),
    ],
)
def test_what_cannot_be_an_autoencoder_is_refused(changes, message):
    with pytest.raises(InputError, match=message) as refusal:
        small_autoencoder("jumprelu", **changes)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("k", [None, 0, D_SAE + 1])
def test_topk_without_a_possible_k_is_refused(k):
    with pytest.raises(InputError, match=f"needs k from 1 to d_sae = 24, and this one has k = {k}"):
        small_autoencoder("topk", k=k)


def test_states_of_another_width_are_refused_with_both_numbers_and_the_likely_mistake():
    sae = small_autoencoder(model_name="google/gemma-2-2b", hook_name="blocks.20.hook_resid_post")

    with pytest.raises(InputError, match=r"d_in = 8 dimensions, but each of the states has 24; probably d_in and d_sae are swapped"):
        encode(sae, states(d_in=D_SAE))
    with pytest.raises(
        InputError, match=r"d_in = 8 .* has 9; probably it was trained on another model or hook \(google/gemma-2-2b, blocks"
    ):
        encode(sae, states(d_in=9))
    with pytest.raises(InputError, match=r"the model 'gpt2' has 768"):
        refuse_other_width(sae, 768, "the model 'gpt2'")
    with pytest.raises(InputError, match="one row a token; this one has 1 dimension"):
        encode(sae, states()[0])


def test_a_transcoder_given_what_it_reconstructs_is_told_so():
    sae = small_autoencoder("standard", **weights(d_out=6), hook_name_out="blocks.3.hook_mlp_out")

    with pytest.raises(InputError, match="a transcoder reads another hook than the one it reconstructs"):
        encode(sae, states(d_in=6))


def test_states_that_are_not_finite_are_refused():
    broken = states()
    broken[3, 2], broken[5, 0] = np.inf, np.nan

    with pytest.raises(InputError, match="2 of 40 states hold NaN or infinity; run the model in bfloat16 or float32"):
        encode(small_autoencoder(), broken)


def _codes_one_by_one(sae, state):
    """Return the codes of one state in float64, a latent at a time."""
    W, b_enc, b_dec = sae.W_enc.double().numpy(), sae.b_enc.double().numpy(), sae.b_dec.double().numpy()
    moved = [x - (b if sae.apply_b_dec_to_input else 0.0) for x, b in zip(state, b_dec, strict=True)]
    sums = [sum(moved[i] * W[i, j] for i in range(sae.d_in)) for j in range(sae.d_sae)]
    pre = [total + b_enc[j] for j, total in enumerate(sums)]
    if sae.architecture == "topk":
        kept = sorted(range(sae.d_sae), key=lambda j: -pre[j])[: sae.k]
        return np.array([max(pre[j], 0.0) if j in kept else 0.0 for j in range(sae.d_sae)])
    if sae.architecture == "gated":
        loud = [max(math.exp(sae.r_mag[j]) * sums[j] + float(sae.b_mag[j]), 0.0) for j in range(sae.d_sae)]
        return np.array([loud[j] if pre[j] > 0 else 0.0 for j in range(sae.d_sae)])
    edges = [float(sae.threshold[j]) if sae.architecture == "jumprelu" else 0.0 for j in range(sae.d_sae)]
    return np.array([a if a > edge and a > 0 else 0.0 for a, edge in zip(pre, edges, strict=True)])
