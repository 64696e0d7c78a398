"""Judges: a sentence encoder by its vectors, a language model by what it answers."""

import json
import re

import numpy as np
import pytest

from sae.explanations.fake_servers import fake_openai, fake_server
from vista.errors import InputError
from vista.representations import Encoded
from vista.sae.explanations import RemoteChat
from vista.sae.scores import ChatJudge, EmbeddingJudge

WORDS = ["river", "bank", "money", "water"]


class CountWords:
    """An encoder whose vectors count four words, so that what it does can be worked out by hand."""

    kind = "text"
    name = "word counts"
    space = "a" * 64
    shard_items = 100
    notes = ()

    def __init__(self):
        self.encoded = []

    def content_hash(self, item):
        return item.encode().ljust(32)[:32]

    def length(self, item):
        return len(item)

    def encode_items(self, items, *, batch_size, advance):
        self.encoded += items
        return Encoded(np.array([[item.split().count(word) for word in WORDS] for item in items], np.float32), np.zeros(len(items), bool))


def test_a_text_fits_as_its_vector_points():
    judge = EmbeddingJudge(CountWords())
    fits = judge.fits(["river water", "money"], ["water", "river river water water", "money bank", "nothing"])

    half = 1 / np.sqrt(2)
    np.testing.assert_allclose(fits, [[half, 1, 0, 0], [0, 0, half, 0]], atol=1e-6)


def test_the_intruder_is_least_like_the_others():
    groups = [("river", "river water", "money", "water", "river river"), ("money", "bank money", "money money", "bank", "water")]
    assert EmbeddingJudge(CountWords()).intruders(groups).tolist() == [2, 4]
    assert EmbeddingJudge(CountWords()).intruders([]).tolist() == []


def test_vectors_in_hand_are_not_made_again():
    encoder = CountWords()
    judge = EmbeddingJudge(encoder, ["water", "here"], np.array([[0, 0, 0, 2], [3, 4, 0, 0]], np.float32))

    np.testing.assert_allclose(judge.fits(["river"], ["water", "here", "river"]), [[0, 0.6, 1]], atol=1e-6)
    judge.fits(["river"], ["water"])
    assert encoder.encoded == ["river"]


def test_vectors_of_another_encoder_are_refused():
    judge = EmbeddingJudge(CountWords(), ["water"], np.ones((1, 7), np.float32))
    with pytest.raises(InputError, match="the texts' vectors have 7 dimensions, and those of word counts 4"):
        judge.fits(["river"], ["water"])
    with pytest.raises(InputError, match="2 vectors do not fit 1 texts"):
        EmbeddingJudge(CountWords(), ["water"], np.ones((2, 4), np.float32))


def numbered(said):
    return re.findall(r"^(\d+)\. (.*)$", said, re.MULTILINE)


def test_a_language_model_is_asked_about_five_texts_at_a_time(tmp_path):
    def say(said):
        wanted = said.split("DESCRIPTION\n")[1].split("\n")[0]
        return f"Sure! {[int(wanted in text) for _, text in numbered(said)]}"

    texts = ["river a", "money b", "a river\nc", "d", "e river", "f", "money g"]
    with fake_server(fake_openai(say)) as server:
        judge = ChatJudge(RemoteChat(f"{server.url}/v1"), tmp_path / "log.jsonl")
        fits = judge.fits(["river", "money"], texts)

    assert fits.tolist() == [[1, 0, 1, 0, 1, 0, 0], [0, 1, 0, 0, 0, 0, 1]]
    assert judge.n_unread == 0
    assert sorted(len(numbered(asked.body["messages"][-1]["content"])) for asked in server.asked if asked.body) == [2, 2, 5, 5]
    logged = [json.loads(line)["about"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert logged == [{"purpose": "detection", "explanation": word} for word in ("river", "river", "money", "money")]


def test_a_language_model_finds_the_intruder_by_its_number(tmp_path):
    with fake_server(fake_openai(lambda said: f"Number {next(number for number, text in numbered(said) if 'money' in text)}.")) as server:
        judge = ChatJudge(RemoteChat(f"{server.url}/v1"), tmp_path / "log.jsonl")
        assert judge.intruders([("river", "water", "money", "a", "b"), ("money", "river", "c", "d", "e")]).tolist() == [2, 0]


@pytest.mark.parametrize("answer", ["I cannot say", "[1, 0]", "[1, 0, 1, 2, 0]", "[]", "7", ""])
def test_an_answer_that_cannot_be_read_finds_nothing_and_is_counted(tmp_path, answer):
    with fake_server(fake_openai(lambda said: answer)) as server:
        judge = ChatJudge(RemoteChat(f"{server.url}/v1"), tmp_path / "log.jsonl")
        assert judge.fits(["x"], ["a", "b", "c"]).tolist() == [[0, 0, 0]]
        assert judge.n_unread == 1
