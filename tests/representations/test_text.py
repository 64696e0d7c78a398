from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from representations.tiny_models import DIM, VOCABULARY, add_recipe, save_text_model
from vista.errors import InputError, InputFileError
from vista.representations import encode, encoder_for

pytestmark = pytest.mark.model
MEAN = {"pooling_mode_mean_tokens": True}
TEXTS = ["a cat sits on the mat", "dog", "the red dog runs over the blue river", "one two", "sun", "the cat"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return save_text_model(tmp_path_factory.mktemp("models") / "bert")


def copied(bert, tmp_path):
    return shutil.copytree(bert, tmp_path / "model")


def token_vectors(folder, text, max_tokens):
    """Return the hidden states of one text alone, without any padding: (n_tokens, dim)."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    ids = AutoTokenizer.from_pretrained(folder)(text, truncation=True, max_length=max_tokens, return_tensors="pt")
    with torch.no_grad():
        return AutoModel.from_pretrained(folder).eval()(**ids).last_hidden_state[0].numpy()


def unit(vector):
    return vector / np.linalg.norm(vector)


POOLED = {
    "pooling_mode_cls_token": lambda t: t[0],
    "pooling_mode_max_tokens": lambda t: t.max(axis=0),
    "pooling_mode_mean_tokens": lambda t: t.mean(axis=0),
    "pooling_mode_mean_sqrt_len_tokens": lambda t: t.sum(axis=0) / np.sqrt(len(t)),
    "pooling_mode_weightedmean_tokens": lambda t: np.average(t, axis=0, weights=1 + np.arange(len(t))),
    "pooling_mode_lasttoken": lambda t: t[-1],
}


@pytest.mark.parametrize("mode", POOLED)
def test_padding_never_enters_the_pooling(bert, tmp_path, mode):
    folder = add_recipe(copied(bert, tmp_path), [("Transformer", ""), ("Pooling", "1_Pooling")], {mode: True})
    vectors = encode(encoder_for(f"text:{folder}"), TEXTS).vectors
    expected = [POOLED[mode](token_vectors(bert, text, 8)) for text in TEXTS]
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_several_poolings_are_joined_and_heads_follow(bert, tmp_path):
    import torch
    from safetensors.torch import save_file

    modules = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Dense", "2_Dense"), ("Normalize", "3_Normalize")]
    folder = add_recipe(copied(bert, tmp_path), modules, {"pooling_mode": ["mean", "cls"]})
    weight, bias = torch.randn(5, 2 * DIM, generator=torch.Generator().manual_seed(1)), torch.arange(5.0)
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "config.json").write_text(json.dumps({"activation_function": "torch.nn.modules.activation.Tanh"}))
    save_file({"linear.weight": weight, "linear.bias": bias}, folder / "2_Dense" / "model.safetensors")
    tokens = [token_vectors(bert, text, 8) for text in TEXTS]
    expected = [unit(np.tanh(weight.numpy() @ np.concatenate([t[0], t.mean(axis=0)]) + bias.numpy())) for t in tokens]
    np.testing.assert_allclose(encode(encoder_for(f"text:{folder}"), TEXTS).vectors, expected, atol=1e-5)


def test_a_folder_without_a_recipe_is_averaged_and_that_is_said(bert):
    representation = encode(encoder_for(f"text:{bert}"), TEXTS)
    np.testing.assert_allclose(representation.vectors, [token_vectors(bert, text, 12).mean(axis=0) for text in TEXTS], atol=1e-5)
    assert representation.notes == ("bert says nothing of pooling (no modules.json): its token vectors are averaged",)


def test_texts_beyond_the_limit_are_cut_there_and_counted(bert, tmp_path):
    folder = add_recipe(copied(bert, tmp_path), [("Transformer", ""), ("Pooling", "1_Pooling")], MEAN)
    whole = "the red dog runs over the"  # six words and two special tokens: just the limit
    representation = encode(encoder_for(f"text:{folder}"), [whole, f"{whole} blue river", "sun"])
    assert representation.notes == ("1 of 3 texts are longer than model reads: only their beginning is in their vectors",)
    np.testing.assert_allclose(representation.vectors[1], representation.vectors[0], atol=1e-6)


def test_lower_casing_and_the_default_prompt_come_from_the_folder(tmp_path):
    bert = save_text_model(tmp_path / "cased", lower_case=False)
    modules = [("Transformer", ""), ("Pooling", "1_Pooling")]
    cased = add_recipe(shutil.copytree(bert, tmp_path / "a"), modules, MEAN)
    lowered = add_recipe(shutil.copytree(bert, tmp_path / "b"), modules, MEAN, {"max_seq_length": 8, "do_lower_case": True})
    prompted = add_recipe(shutil.copytree(bert, tmp_path / "c"), modules, MEAN)
    (prompted / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {"q": "the red "}, "default_prompt_name": "q"}))
    of = {
        name: encode(encoder_for(f"text:{folder}"), ["Cat", "cat", "the red Cat"]).vectors
        for name, folder in zip("abc", (cased, lowered, prompted), strict=True)
    }
    assert np.abs(of["a"][0] - of["a"][1]).max() > 1e-3
    np.testing.assert_allclose(of["b"][0], of["b"][1], atol=1e-6)
    np.testing.assert_allclose(of["c"][0], of["a"][2], atol=1e-6)


def test_a_text_has_its_vector_in_any_company_and_the_same_list_has_the_same_bits(bert):
    encoder = encoder_for(f"text:{bert}")
    together = encode(encoder, TEXTS).vectors
    assert encode(encoder_for(f"text:{bert}"), TEXTS).vectors.tobytes() == together.tobytes()
    np.testing.assert_allclose(np.concatenate([encode(encoder, [text]).vectors for text in TEXTS]), together, atol=1e-6)
    np.testing.assert_allclose(encode(encoder, TEXTS[::-1], batch_size=2).vectors[::-1], together, atol=1e-6)


def test_of_a_t5_only_the_encoder_runs(tmp_path):
    import torch
    from transformers import T5Config, T5EncoderModel

    folder = save_text_model(tmp_path / "t5")
    sizes = {"d_model": DIM, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2}
    model = T5EncoderModel(T5Config(vocab_size=len(VOCABULARY), **sizes)).eval()
    model.save_pretrained(folder)
    ids = [[VOCABULARY.index(word) for word in ("[CLS]", *text.split(), "[SEP]")] for text in TEXTS]
    with torch.no_grad():
        expected = [model(input_ids=torch.tensor([row])).last_hidden_state[0].mean(dim=0).numpy() for row in ids]
    np.testing.assert_allclose(encode(encoder_for(f"text:{folder}"), TEXTS).vectors, expected, atol=1e-5)


def test_odd_texts_have_vectors(bert):
    odd = ["", "   ", "\ud800", "\x00", "مرحبا", "🙂", "<script>alert(1)</script>"]
    vectors = encode(encoder_for(f"text:{bert}"), odd).vectors
    assert np.isfinite(vectors).all()
    assert vectors[0].tolist() == vectors[1].tolist()


def test_the_space_follows_weights_and_recipe_but_not_the_place(bert, tmp_path):
    modules = [("Transformer", ""), ("Pooling", "1_Pooling")]
    here = add_recipe(shutil.copytree(bert, tmp_path / "here"), modules, MEAN)
    there = shutil.copytree(here, tmp_path / "there")
    (there / "README.md").write_text("a copy")
    (there / "checkpoint-5").mkdir()
    (there / "checkpoint-5" / "config.json").write_text("{}")
    pooled = add_recipe(shutil.copytree(bert, tmp_path / "pooled"), modules, {"pooling_mode_cls_token": True})
    other = add_recipe(save_text_model(tmp_path / "other", seed=1), modules, MEAN)
    spaces = [encoder_for(f"text:{folder}").space for folder in (here, there, pooled, other)]
    assert spaces[0] == spaces[1]
    assert len(set(spaces[1:])) == 3


def test_nothing_is_written_to_the_terminal(bert, capfd):
    encode(encoder_for(f"text:{bert}"), [*TEXTS, "dog " * 99])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("modules", "pooling", "message"),
    [
        ([("Transformer", ""), ("Pooling", "1_Pooling"), ("LSTM", "2_LSTM")], MEAN, "module 'LSTM'"),
        ([("BoW", ""), ("Pooling", "1_Pooling")], MEAN, "starts with BoW and Pooling"),
        ([("Transformer", ""), ("Pooling", "1_Pooling")], {"pooling_mode": "median"}, "no pooling 'median'"),
    ],
)
def test_a_recipe_that_is_not_known_is_refused_before_anything_loads(bert, tmp_path, modules, pooling, message):
    folder = add_recipe(copied(bert, tmp_path), modules, pooling)
    with pytest.raises(InputError, match=message):
        encoder_for(f"text:{folder}")


def test_damaged_model_files_are_named_in_one_line(bert, tmp_path):
    folder = copied(bert, tmp_path)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(InputFileError, match="the model in 'model' cannot be loaded") as damage:
        encode(encoder_for(f"text:{folder}"), TEXTS)
    assert "\n" not in str(damage.value)
    add_recipe(folder, [("Transformer", "")], MEAN)
    (folder / "modules.json").write_text("[{")
    with pytest.raises(InputFileError, match=r"modules\.json' of the model cannot be read"):
        encoder_for(f"text:{folder}")


def test_a_model_without_all_its_weights_is_refused(bert, tmp_path):
    from safetensors.torch import load_file, save_file

    folder = copied(bert, tmp_path)
    state = load_file(folder / "model.safetensors")
    del state["encoder.layer.1.output.dense.weight"]
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputFileError, match=r"lacks 1 of its weights, such as 'encoder\.layer\.1\.output\.dense\.weight'"):
        encode(encoder_for(f"text:{folder}"), TEXTS)


def test_the_default_gives_the_published_similarities_of_all_minilm_l6_v2():
    # The example and its figures are those of the sentence-transformers documentation.
    texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    vectors = encode(encoder_for("text"), texts).vectors
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(vectors @ vectors.T, [[1, 0.6660, 0.1046], [0.6660, 1, 0.1411], [0.1046, 0.1411, 1]], atol=1e-4)
