"""The values at hook points, beside what transformers collects in `hidden_states` where that is the same."""

from __future__ import annotations

import numpy as np
import pytest

from representations.tiny_language_models import DIM, N_LAYERS, VOCABULARY, build, save
from vista.errors import InputError
from vista.representations.hook_points import resolve_hook_point
from vista.representations.hooked_loading import load_hooked_model
from vista.representations.hooked_model import HookedModel, read_states, run_with_states, width

pytestmark = pytest.mark.model
LANGUAGE, ONE_TOWER = ("gemma2", "gpt2", "llama", "bert"), ("dinov2", "vit")


def hooked(kind):
    return HookedModel(kind, "", build(kind), None, None, "cpu", "float32", True, 24)


def tokens(n=2, n_tokens=7):
    import torch

    ids = torch.randint(4, len(VOCABULARY), (n, n_tokens), generator=torch.Generator().manual_seed(0))
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def pixels(n=2):
    import torch

    return {"pixel_values": torch.randn(n, 3, 32, 32, generator=torch.Generator().manual_seed(0))}


def states(model, hook, inputs):
    return read_states(model, resolve_hook_point(model.model, hook), inputs).numpy()


def collected(model, inputs):
    """Return what transformers collects: the embeddings, then every layer's output, the last through the final norm."""
    import torch

    with torch.inference_mode():
        return [part.numpy() for part in model(**inputs, output_hidden_states=True).hidden_states]


@pytest.mark.parametrize("kind", [*LANGUAGE, *ONE_TOWER])
def test_the_stream_is_what_transformers_collects_wherever_that_is_valid(kind):
    model, inputs = hooked(kind), pixels() if kind in ONE_TOWER else tokens()
    expected = collected(model.model, inputs)
    assert len(expected) == N_LAYERS + 1
    for layer in range(N_LAYERS):
        np.testing.assert_array_equal(states(model, f"{layer}.resid_pre", inputs), expected[layer])
    for layer in range(N_LAYERS - 1):
        np.testing.assert_array_equal(states(model, str(layer), inputs), expected[layer + 1])


@pytest.mark.parametrize(("tower", "inputs"), [("text", tokens), ("vision", pixels)])
def test_each_tower_of_clip_is_read_by_itself(tower, inputs):
    model = hooked("clip")
    expected = collected(getattr(model.model, f"{tower}_model"), inputs())
    for layer in range(N_LAYERS - 1):
        np.testing.assert_array_equal(states(model, f"{tower}.{layer}.resid_pre", inputs()), expected[layer])
        np.testing.assert_array_equal(states(model, f"{tower}.{layer}", inputs()), expected[layer + 1])


@pytest.mark.parametrize("kind", ["gemma2", "gpt2", "llama"])
def test_the_last_layer_is_read_before_the_final_norm(kind):
    import torch

    model, inputs = hooked(kind), tokens()
    last = states(model, str(N_LAYERS - 1), inputs)
    normed = collected(model.model, inputs)[-1]
    assert np.abs(last - normed).max() > 0.1
    final = model.model.transformer.ln_f if kind == "gpt2" else model.model.model.norm
    with torch.inference_mode():
        np.testing.assert_allclose(final(torch.tensor(last)).numpy(), normed, atol=1e-6)


@pytest.mark.parametrize("kind", ["gemma2", "gpt2", "llama", "bloom", "dinov2", "vit"])
@pytest.mark.parametrize("layer", range(N_LAYERS))
def test_attention_and_mlp_are_what_a_block_adds_to_the_stream(kind, layer):
    model, inputs = hooked(kind), pixels() if kind in ONE_TOWER else tokens()
    parts = [states(model, f"{layer}.{part}", inputs) for part in ("resid_pre", "attn_out", "mlp_out")]
    assert all(np.abs(part).max() > 1e-3 for part in parts)
    np.testing.assert_allclose(sum(parts), states(model, f"{layer}.resid_post", inputs), atol=1e-5)


def test_berts_parts_are_added_before_its_norms():
    import torch

    model, inputs = hooked("bert"), tokens()
    stream, attention, mlp = (states(model, f"1.{part}", inputs) for part in ("resid_pre", "attn_out", "mlp_out"))
    block = model.model.encoder.layer[1]
    with torch.inference_mode():
        middle = block.attention.output.LayerNorm(torch.tensor(stream + attention))
        after = block.output.LayerNorm(middle + torch.tensor(mlp))
    np.testing.assert_allclose(after.numpy(), states(model, "1", inputs), atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "projection"), [("llama", "self_attn.o_proj"), ("gpt2", "attn.c_proj"), ("bert", "attention.output.dense")]
)
def test_what_the_heads_read_goes_through_the_output_projection(kind, projection):
    import torch

    model, inputs = hooked(kind), tokens()
    heads = states(model, "1.attn_z", inputs)
    place = resolve_hook_point(model.model, "1")
    with torch.inference_mode():
        out = place.module.get_submodule(projection)(torch.tensor(heads)).numpy()
    np.testing.assert_allclose(out, states(model, "1.attn_out", inputs), atol=1e-6)


@pytest.mark.parametrize("hook", ["1.resid_post", "1.resid_pre", "1.mlp_out", "1.attn_z"])
@pytest.mark.parametrize("kind", ["gemma2", "gpt2", "llama", "bert", "dinov2"])
def test_the_layers_above_never_run_and_no_hook_is_left_behind(kind, hook):
    model, inputs = hooked(kind), pixels() if kind in ONE_TOWER else tokens()
    ran = []
    blocks = [resolve_hook_point(model.model, str(layer)).module for layer in range(N_LAYERS)]
    for layer, block in enumerate(blocks):
        block.register_forward_pre_hook(lambda *_, layer=layer: ran.append(layer))
    states(model, hook, inputs)
    assert ran == ([0] if hook == "1.resid_pre" and len(ran) == 1 else [0, 1])
    ran.clear()
    collected(model.model, inputs)
    assert ran == [0, 1, 2]


def test_a_module_that_returns_a_tuple_gives_its_first_part():
    model, inputs = hooked("llama"), tokens()
    attention = resolve_hook_point(model.model, "1").module.self_attn
    assert isinstance(attention(states_of(model, inputs), position_embeddings=rotary(model, inputs), attention_mask=None), tuple)
    assert states(model, "model.layers.1.self_attn", inputs).shape == (2, 7, DIM)


def states_of(model, inputs):
    return read_states(model, resolve_hook_point(model.model, "1.resid_pre"), inputs).clone()


def rotary(model, inputs):
    import torch

    hidden = states_of(model, inputs)
    return model.model.model.rotary_emb(hidden, torch.arange(hidden.shape[1])[None])


def test_running_on_with_the_same_states_changes_nothing_and_with_others_does():
    import torch

    for kind, hook in (("gpt2", "1"), ("llama", "1.mlp_out"), ("gemma2", "1.resid_pre"), ("llama", "1.attn_z")):
        model, inputs = hooked(kind), tokens()
        place = resolve_hook_point(model.model, hook)
        with torch.inference_mode():
            logits = model.model(**inputs).logits
        torch.testing.assert_close(run_with_states(model, place, inputs, lambda same: same).logits, logits, rtol=0, atol=0)
        assert (run_with_states(model, place, inputs, torch.zeros_like).logits - logits).abs().max() > 1e-3
        torch.testing.assert_close(model.model(**inputs).logits, logits, rtol=0, atol=0)


def test_the_width_is_that_of_the_hook_point(tmp_path):
    language = hooked("llama")
    assert width(language, resolve_hook_point(language.model, "0")) == DIM
    assert width(language, resolve_hook_point(language.model, "model.layers.0.mlp.up_proj")) == 32
    seeing = load_hooked_model(str(save(tmp_path / "dinov2", "dinov2")))
    assert width(seeing, resolve_hook_point(seeing.model, "0.mlp_out")) == DIM


def test_a_module_that_does_not_hold_a_vector_for_each_position_is_refused():
    with pytest.raises(InputError, match=r"does not hold one vector for each position, but shape \(1, 7, 16\)"):
        states(hooked("gpt2"), "transformer.wpe", tokens())


def test_a_module_that_takes_no_part_is_refused():
    model = hooked("clip")
    with pytest.raises(InputError, match=r"'text_model\.final_layer_norm' never runs on this input"):
        read_states(model, text_module_of_the_vision_tower(model), pixels())


def text_module_of_the_vision_tower(model):
    from dataclasses import replace

    place = resolve_hook_point(model.model, "text_model.final_layer_norm")
    return replace(place, stack=resolve_hook_point(model.model, "vision.0").stack)
