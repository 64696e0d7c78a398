"""Hidden states as an encoder: `states:MODEL@HOOK[:POOLING]`."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from representations.tiny_language_models import DIM, MAX_TOKENS, save
from vista.errors import InputError
from vista.representations import encode, encoder_for
from vista.representations.hooked_loading import load_hooked_model
from vista.representations.patch_states import patch_states
from vista.representations.states import HiddenStates
from vista.representations.token_states import token_states

pytestmark = pytest.mark.model
TEXTS = ["a cat sits on the mat", "dog", "the red dog runs over the blue river", "one two", "sun", "the cat"]
PICTURES = sorted((Path(__file__).parent / "pictures").glob("*.webp"))[:4]
POOLED = {"": lambda s: s.mean(axis=0), ":mean": lambda s: s.mean(axis=0), ":max": lambda s: s.max(axis=0), ":last": lambda s: s[-1]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = {}

    def of(kind):
        if kind not in made:
            made[kind] = save(tmp_path_factory.mktemp("models") / kind, kind)
        return made[kind]

    return of


@pytest.mark.parametrize("pooling", POOLED)
def test_a_texts_vector_pools_the_states_of_its_tokens(folder, pooling):
    representation = encode(encoder_for(f"states:{folder('llama')}@1{pooling}"), TEXTS)
    states = {item.item_row: item.states for item in token_states(load_hooked_model(str(folder("llama"))), "1", TEXTS)}
    expected = [POOLED[pooling](states[row]) for row in range(len(TEXTS))]
    np.testing.assert_allclose(representation.vectors, expected, atol=1e-5)
    assert representation.encoder == f"llama 1.resid_post ({pooling[1:] or 'mean'})"


@pytest.mark.parametrize("hook", ["0.resid_pre", "2.mlp_out", "blocks.1.hook_attn_out", "model.layers.1.mlp.up_proj", "layers.1"])
def test_any_hook_point_may_be_named(folder, hook):
    vectors = encode(encoder_for(f"states:{folder('llama')}@{hook}"), TEXTS).vectors
    assert vectors.shape == (len(TEXTS), 32 if "up_proj" in hook else DIM)
    assert len(np.unique(vectors.round(5), axis=0)) == len(TEXTS)


def test_one_place_has_one_space_and_everything_that_decides_the_vectors_another(folder, tmp_path):
    llama = folder("llama")
    copy = shutil.copytree(llama, tmp_path / "copy")
    spaces = [
        encoder_for(f"states:{spec}").space for spec in (f"{llama}@1", f"{llama}@1.resid_post:mean", f"{copy}@blocks.1.hook_resid_post")
    ]
    assert len(set(spaces)) == 1
    other = save(tmp_path / "other", "llama", seed=1)
    others = [encoder_for(f"states:{spec}").space for spec in (f"{llama}@2", f"{llama}@1.mlp_out", f"{llama}@1:max", f"{other}@1")]
    rough = HiddenStates(str(llama), "1", dtype="bfloat16").space
    assert len({*spaces, *others, rough}) == 6


def test_texts_that_are_cut_or_empty_are_counted_and_the_empty_have_zero_vectors(folder):
    long = "a" + " red" * (2 * MAX_TOKENS)
    representation = encode(encoder_for(f"states:{folder('gpt2')}@1"), ["a cat", "", "  ", long])
    assert [i for i, vector in enumerate(representation.vectors) if not vector.any()] == [1, 2]
    assert "2 of 4 texts are empty: they share one vector" in representation.notes
    assert f"1 of 4 texts are longer than {representation.encoder} reads: only their beginning is in their vectors" in representation.notes


def test_the_same_list_has_the_same_bits_and_what_is_kept_is_not_read_again(folder, tmp_path, monkeypatch):
    spec = f"states:{folder('llama')}@1"
    first = encode(encoder_for(spec), TEXTS, cache_folder=tmp_path)
    assert encode(encoder_for(spec), TEXTS).fingerprint == first.fingerprint
    monkeypatch.setattr("vista.representations.states.load_hooked_model", lambda *_, **__: pytest.fail("the model was loaded again"))
    assert encode(encoder_for(spec), TEXTS, cache_folder=tmp_path).fingerprint == first.fingerprint


@pytest.mark.parametrize(
    ("kind", "hook", "n_others"), [("clip", "vision.1", 1), ("siglip", "vision.1", 0), ("dinov2", "1", 1), ("vit", "1", 1)]
)
def test_a_pictures_vector_pools_its_patches_without_the_cls_position(folder, kind, hook, n_others):
    import torch

    model = load_hooked_model(str(folder(kind)))
    tower = getattr(model.model, "vision_model", model.model)
    vectors = encode(encoder_for(f"states:{folder(kind)}@{hook}"), PICTURES, batch_size=3).vectors
    items = list(patch_states(model, hook, PICTURES))
    assert [(item.item_row, item.states.shape, len(item.others)) for item in items] == [(row, (16, DIM), n_others) for row in range(4)]
    from vista.representations.hooked_model import pixels_of
    from vista.representations.vision import on_white

    with torch.inference_mode():
        pixels = pixels_of(model, [on_white(path) for path in PICTURES])
        expected = tower(pixel_values=pixels, output_hidden_states=True).hidden_states[2].numpy()
    np.testing.assert_allclose(vectors, expected[:, n_others:].mean(axis=1), atol=1e-5)
    highest = encode(encoder_for(f"states:{folder(kind)}@{hook}:max"), PICTURES).vectors
    np.testing.assert_allclose(highest, expected[:, n_others:].max(axis=1), atol=1e-5)
    if n_others:
        np.testing.assert_allclose(encode(encoder_for(f"states:{folder(kind)}@{hook}:cls"), PICTURES).vectors, expected[:, 0], atol=1e-5)
    else:
        with pytest.raises(InputError, match="siglip has no CLS position; pool by mean or max"):
            encode(encoder_for(f"states:{folder(kind)}@{hook}:cls"), PICTURES)


@pytest.mark.parametrize(
    ("kind", "hook", "reads"), [("llama", "1", "text"), ("vit", "1", "vision"), ("clip", "text.1", "text"), ("clip", "vision.1", "vision")]
)
def test_what_is_read_is_known_before_any_model_is_loaded(folder, kind, hook, reads):
    assert encoder_for(f"states:{folder(kind)}@{hook}").kind == reads


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("", r"does not say where to read: states:MODEL@HOOK\[:POOLING\], such as states:smollm2@15"),
        ("@", "does not say where to read"),
        ("@1:", "does not say where to read"),
        ("@1:median", "no pooling 'median' for texts.* Known: mean, max, last"),
        ("@1:cls", "no pooling 'cls' for texts"),
        ("@1.resid_mid", "no hook point 'resid_mid' in a layer"),
        ("@blocks.1.ln2.hook_normalized", "is not what one module"),
    ],
)
def test_a_specification_that_cannot_be_is_refused_at_once(folder, rest, message):
    with pytest.raises(InputError, match=message):
        encoder_for(f"states:{folder('llama')}{rest}")


def test_a_layer_that_the_model_has_not_is_refused_when_it_is_loaded(folder):
    with pytest.raises(InputError, match="there is no layer 9: the model has 3, numbered 0 to 2"):
        encode(encoder_for(f"states:{folder('llama')}@9"), TEXTS)


def test_nothing_is_written_to_the_terminal(folder, capfd):
    encode(encoder_for(f"states:{folder('gpt2')}@1"), [*TEXTS, "dog " * 99])
    encode(encoder_for(f"states:{folder('vit')}@1"), PICTURES)
    assert capfd.readouterr() == ("", "")


def test_smollm2_maps_texts_by_their_meaning():
    texts = [
        "The cat purred on the sofa.",
        "A kitten slept on the couch.",
        "Stocks fell sharply on Monday.",
        "Shares dropped at the week's start.",
    ]
    vectors = encode(encoder_for("states:smollm2@15"), texts).vectors
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similarity = unit @ unit.T
    assert min(similarity[0, 1], similarity[2, 3]) > similarity[:2, 2:].max()
