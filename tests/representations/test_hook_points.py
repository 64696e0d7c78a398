from __future__ import annotations

import pytest

from representations.tiny_language_models import build
from vista.errors import InputError
from vista.representations.hook_points import parse_hook_point, resolve_hook_point


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("12", "12.resid_post"),
        ("12.resid_pre", "12.resid_pre"),
        ("vision.3", "vision.3.resid_post"),
        ("text.0.attn_out", "text.0.attn_out"),
        ("blocks.20.hook_resid_post", "20.resid_post"),
        ("blocks.20.hook_resid_pre", "20.resid_pre"),
        ("blocks.5.hook_mlp_out", "5.mlp_out"),
        ("blocks.3.hook_attn_out", "3.attn_out"),
        ("blocks.3.attn.hook_attn_out", "3.attn_out"),
        ("blocks.7.attn.hook_z", "7.attn_z"),
        ("model.layers.3.mlp", "model.layers.3.mlp"),
        ("transformer.h.3", "transformer.h.3"),
        ("layers.3", "layers.3"),
        ("blocks.3.mlp", "blocks.3.mlp"),
    ],
)
def test_a_place_has_one_spelling_however_it_is_named(given, canonical):
    assert str(parse_hook_point(given)) == canonical


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "blocks.5.ln2.hook_normalized",
            r"'blocks\.5\.ln2\.hook_normalized' is not what one module .* gives or takes\. VISTA reads blocks\.N",
        ),
        ("blocks.5.hook_resid_mid", "is not what one module"),
        ("blocks.5.hook_mlp_in", "is not what one module"),
        ("hook_embed", "is not what one module"),
        ("12.resid_psot", "no hook point 'resid_psot' in a layer. Did you mean 'resid_post'"),
        ("12.mlp", r"no hook point 'mlp' in a layer.* Known: resid_pre, resid_post, mlp_out, attn_out, attn_z"),
        ("-1", "'-1' is no hook point; give a layer"),
        ("", "'' is no hook point"),
        ("layers..3", "is no hook point"),
    ],
)
def test_what_cannot_be_a_hook_point_is_refused_without_any_model(given, message):
    with pytest.raises(InputError, match=message) as refusal:
        parse_hook_point(given)
    assert "\n" not in str(refusal.value)


@pytest.mark.model
class TestPlaces:
    @pytest.mark.parametrize(
        ("kind", "hook", "path", "at"),
        [
            ("gpt2", "1", "transformer.h.1", "output"),
            ("gpt2", "1.resid_pre", "transformer.h.1", "input"),
            ("gpt2", "1.mlp_out", "transformer.h.1.mlp", "output"),
            ("gpt2", "1.attn_out", "transformer.h.1.attn", "output"),
            ("gpt2", "1.attn_z", "transformer.h.1.attn.c_proj", "input"),
            ("llama", "2.attn_z", "model.layers.2.self_attn.o_proj", "input"),
            ("gemma2", "2.attn_out", "model.layers.2.post_attention_layernorm", "output"),
            ("gemma2", "2.mlp_out", "model.layers.2.post_feedforward_layernorm", "output"),
            ("bert", "0.attn_out", "encoder.layer.0.attention.output.dense", "output"),
            ("bert", "0.mlp_out", "encoder.layer.0.output.dense", "output"),
            ("dinov2", "0.attn_out", "encoder.layer.0.layer_scale1", "output"),
            ("clip", "vision.1.mlp_out", "vision_model.encoder.layers.1.mlp", "output"),
            ("clip", "text.1", "text_model.encoder.layers.1", "output"),
            ("vit", "vision.1", "layers.1", "output"),
        ],
    )
    def test_layers_lead_to_modules(self, kind, hook, path, at):
        model = build(kind)
        place = resolve_hook_point(model, hook)
        assert (place.path, place.at) == (path, at)
        assert place.module is model.get_submodule(path)

    @pytest.mark.parametrize(
        ("kind", "given", "path", "at"),
        [
            ("llama", "model.layers.2", "model.layers.2", "output"),
            ("llama", "layers.2", "model.layers.2", "output"),
            ("llama", "layers.2.mlp.down_proj.input", "model.layers.2.mlp.down_proj", "input"),
            ("llama", "model.layers.2.output", "model.layers.2", "output"),
            ("bert", "bert.encoder.layer.2.attention", "encoder.layer.2.attention", "output"),
            ("bert", "encoder.layer.2.output", "encoder.layer.2.output", "output"),
            ("bert", "encoder.layer.2.output.input", "encoder.layer.2.output", "input"),
            ("clip", "vision_model.encoder.layers.0", "vision_model.encoder.layers.0", "output"),
        ],
    )
    def test_a_module_path_may_have_its_head_on_or_off_and_an_end_named(self, kind, given, path, at):
        place = resolve_hook_point(build(kind), given)
        assert (place.path, place.at) == (path, at)

    def test_a_place_in_the_only_stack_has_one_name_with_and_without_its_tower(self):
        model = build("dinov2")
        assert resolve_hook_point(model, "vision.1").name == resolve_hook_point(model, "1").name == "1.resid_post"
        assert resolve_hook_point(build("gemma3"), "1").name == "text.1.resid_post"

    @pytest.mark.parametrize(
        ("kind", "hook", "message"),
        [
            ("gpt2", "3", "there is no layer 3: the model has 3, numbered 0 to 2"),
            ("gpt2", "blocks.20.hook_resid_post", "there is no layer 20: the model has 3, numbered 0 to 2"),
            ("llama", "model.layers.31.mlp", "there is no layer 31: the model has 3, numbered 0 to 2"),
            ("clip", "vision.3", "there is no layer 3: the vision tower has 3, numbered 0 to 2"),
            ("clip", "1", r"the model has several towers: text \(3 layers\), vision \(3 layers\); name one, as in 'text\.1\.resid_post'"),
            ("clip", "visoin.1", "the model has no module 'visoin.1'. Did you mean 'vision.1'"),
            ("clip", "encoder.layers.1.mlp", "fits 2 places: text_model.encoder.layers.1.mlp, vision_model"),
            ("llama", "model.layers.1.mpl", r"has no module 'model\.layers\.1\.mpl'\. Did you mean 'model\.layers\.1\.mlp'"),
            ("granite", "1.mlp_out", "a GraniteDecoderLayer scales what it adds to the stream outside any module; name a module's path"),
        ],
    )
    def test_what_the_model_has_not_is_refused_in_one_line(self, kind, hook, message):
        with pytest.raises(InputError, match=message) as refusal:
            resolve_hook_point(build(kind), hook)
        assert "\n" not in str(refusal.value)

    def test_a_tower_of_another_kind_is_refused_in_a_model_of_one_stack(self):
        with pytest.raises(InputError, match="no tower 'text'"):
            resolve_hook_point(build("dinov2"), "text.1")
