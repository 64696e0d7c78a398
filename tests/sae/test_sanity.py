"""The sanity line of an autoencoder on states, and what it warns of."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sae.small_autoencoders import D_IN, D_SAE, small_autoencoder, states, weights
from vista.errors import InputError
from vista.sae.autoencoder import decode, encode
from vista.sae.sanity import Sanity, doubts, sanity


def perfect_autoencoder(scale=1.0, **changes):
    """Return an autoencoder of 2 d_in latents, the positive and the negative part of each dimension."""
    eye, zeros = np.eye(D_IN, dtype=np.float32), np.zeros(D_IN, np.float32)
    parts = {"W_enc": np.hstack([eye, -eye]), "W_dec": scale * np.vstack([eye, -eye]), "b_enc": np.tile(zeros, 2), "b_dec": zeros}
    return small_autoencoder("standard", **parts | changes)


def test_a_perfect_reconstruction_leaves_nothing_unexplained():
    measured = sanity(perfect_autoencoder(), [states()])

    assert measured.fvu == pytest.approx(0, abs=1e-12)
    assert (measured.mean_l0, measured.dead_share, measured.n_tokens) == (D_IN, 0, 40)


@pytest.mark.parametrize("architecture", ["standard", "topk", "jumprelu", "gated"])
def test_the_figures_are_those_of_all_states_at_once(architecture):
    sae = small_autoencoder(architecture)
    given = states(300)
    blocks = [given[:7], given[7:7], torch.from_numpy(given[7:150]), given[150:]]

    measured = sanity(sae, blocks)

    codes = encode(sae, given)
    missed = given.astype(float) - decode(sae, codes).double().numpy()
    spread = given.astype(float) - given.astype(float).mean(0)
    assert measured.fvu == pytest.approx((missed**2).sum() / (spread**2).sum(), rel=1e-6)
    assert measured.mean_l0 == pytest.approx(float((codes > 0).sum(1).double().mean()))
    assert measured.dead_share == pytest.approx(float((~(codes > 0).any(0)).double().mean()))
    assert measured.n_tokens == 300


def test_a_mean_far_from_zero_costs_no_digits():
    bias = {"b_enc": np.full(2 * D_IN, 0.5, np.float32), "apply_b_dec_to_input": True}
    near = sanity(perfect_autoencoder(**bias), [states(200)])
    far = sanity(perfect_autoencoder(**bias, b_dec=np.full(D_IN, 2000, np.float32)), [states(200) + np.float32(2000)])

    assert near.fvu > 0.01
    assert far.fvu == pytest.approx(near.fvu, rel=1e-3)


def test_latents_that_never_fire_are_counted_over_all_blocks():
    quiet = np.zeros(D_SAE, np.float32)
    quiet[:6] = -1e6
    sae = small_autoencoder("standard", b_enc=quiet)

    assert sanity(sae, [states(400, seed=5), states(400, seed=6)]).dead_share == pytest.approx(6 / D_SAE)


def test_a_transcoder_s_variance_is_not_measured_on_what_it_reads():
    sae = small_autoencoder("standard", **weights(d_out=6), hook_name_out="blocks.3.hook_mlp_out")

    measured = sanity(sae, [states()])

    assert measured.fvu is None
    assert measured.mean_l0 > 0


def test_states_that_do_not_vary_have_no_variance_to_explain():
    assert sanity(small_autoencoder(), [states(1)]).fvu is None


@pytest.mark.parametrize("blocks", [[], [np.zeros((0, D_IN), np.float32)]])
def test_no_token_at_all_is_told(blocks):
    with pytest.raises(InputError, match="there is no token to encode: every text is empty"):
        sanity(small_autoencoder(), blocks)


@pytest.mark.parametrize(
    ("fvu", "l0", "expected", "said"),
    [
        (0.2, 70.0, 71.0, []),
        (0.2, 35.5, 71.0, []),
        (0.2, 142.0, 71.0, []),
        (0.2, 35.0, 71.0, ["mean L0 is 35.0 where 71 is expected"]),
        (0.2, 143.0, 71.0, ["mean L0 is 143.0 where 71 is expected"]),
        (0.2, 900.0, None, []),
        (2.12, 70.0, 71.0, ["FVU is 2.12, so the codes explain less than the mean state does"]),
        (2.12, 900.0, 71.0, ["mean L0 is 900.0", "FVU is 2.12"]),
        (None, 70.0, 71.0, []),
    ],
)
def test_figures_that_do_not_fit_raise_doubts_with_the_likely_mistakes(fvu, l0, expected, said):
    sentences = doubts(Sanity(fvu, l0, 0.1, 1000), expected)

    assert len(sentences) == len(said)
    for sentence, start in zip(sentences, said, strict=True):
        assert sentence.startswith(start)
        assert "layer off by one" in sentence
        assert "BOS" in sentence
        assert "normalization" in sentence
