from __future__ import annotations

import pytest

from representations.tiny_language_models import N_LAYERS, build
from vista.errors import InputError
from vista.representations.blocks import find_stacks

pytestmark = pytest.mark.model


@pytest.mark.parametrize(
    ("kind", "block", "modality"),
    [
        ("gemma2", "Gemma2DecoderLayer", "text"),
        ("gpt2", "GPT2Block", "text"),
        ("llama", "LlamaDecoderLayer", "text"),
        ("bert", "BertLayer", "text"),
        ("dinov2", "Dinov2Layer", "vision"),
        ("vit", "ViTLayer", "vision"),
    ],
)
def test_a_model_of_one_stack_has_it_found_wherever_it_lies(kind, block, modality):
    model = build(kind)
    (stack,) = find_stacks(model)
    assert [type(found).__name__ for found in stack.blocks] == [block] * N_LAYERS
    assert [stack.blocks[i] is model.get_submodule(f"{stack.path}.{i}") for i in range(N_LAYERS)] == [True] * N_LAYERS
    assert (stack.tower, stack.modality, stack.is_default) == ("", modality, True)


@pytest.mark.parametrize(
    ("kind", "towers", "default"),
    [
        ("clip", {"text": "text", "vision": "vision"}, None),
        ("siglip", {"text": "text", "vision": "vision"}, None),
        ("gemma3", {"text": "text", "vision": "vision"}, "text"),
        ("t5", {"encoder": "text", "decoder": None}, "encoder"),
    ],
)
def test_towers_have_names_and_what_they_read(kind, towers, default):
    stacks = find_stacks(build(kind))
    assert {stack.tower: stack.modality for stack in stacks} == towers
    assert [stack.tower for stack in stacks if stack.is_default] == ([default] if default else [])
    assert all(len(stack.blocks) == N_LAYERS for stack in stacks)


def test_a_model_without_blocks_is_refused():
    import transformers as tf

    convolutional = tf.ResNetModel(tf.ResNetConfig(embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1]))
    with pytest.raises(InputError, match="ResNetModel has no stack of transformer blocks"):
        find_stacks(convolutional)
