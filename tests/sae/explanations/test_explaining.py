"""An explainer sees marked texts of all strengths, none of those on which it is judged."""

import json
import re

import numpy as np
import pytest

from sae.explanations.fake_servers import fake_openai, fake_server
from sae.scores.planted import BANK, write_planted
from vista.errors import InputError
from vista.sae.body import body_of
from vista.sae.explanations import Explanation, RemoteChat, explain, explain_regions, split_documents
from vista.sae.explanations.prompts import marked, phrase_in


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return write_planted(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def split(planted):
    return split_documents(planted.store)


@pytest.fixture(scope="module")
def bodies(planted):
    return [body_of(planted.store, latent) for latent in (BANK, 2)]


def texts_in(prompt):
    return [line.split(". ", 1)[1] for line in prompt.splitlines() if re.match(r"\d+\. ", line)]


def test_each_latent_gets_a_phrase(bodies, split, tmp_path):
    with fake_server(fake_openai(lambda said: "banks" if "bank" in said else 'Explanation: "music."')) as server:
        found = explain(bodies, RemoteChat(f"{server.url}/v1"), split=split, log=tmp_path / "log.jsonl")

    assert found == {BANK: Explanation(BANK, "banks", "fake-1"), 2: Explanation(2, "music.", "fake-1")}
    logged = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["about"] for line in logged] == [{"purpose": "explain", "latent": BANK}, {"purpose": "explain", "latent": 2}]


def test_the_explainer_is_shown_the_top_and_the_body_of_shown_texts_only(planted, bodies, split, tmp_path):
    with fake_server(fake_openai(lambda said: "banks")) as server:
        explain(bodies[:1], RemoteChat(f"{server.url}/v1", model="fake-1"), split=split, log=tmp_path / "log.jsonl", n_texts=20)
    told = texts_in(server.asked[0].body["messages"][-1]["content"])

    body = bodies[0]
    value_of = dict(zip(body.texts, body.values.tolist(), strict=True))
    is_shown = dict(zip(body.texts, split.shown[body.rows].tolist(), strict=True))
    plain = [text.replace("<<", "").replace(">>", "") for text in told]
    assert len(plain) == len(set(plain)) == 20
    assert all(is_shown[text] for text in plain)
    assert all("<<bank>>" in text for text in told)
    values = np.array([value_of[text] for text in plain])
    shown_values = body.values[split.shown[body.rows]]
    assert values.max() == shown_values.max()
    assert values.min() < np.quantile(shown_values, 0.25)


def test_a_region_is_explained_beside_the_other_regions(planted, bodies, split, tmp_path):
    body = bodies[0]
    membership = np.array([[planted.topics[row] == "money"] for row in body.rows], np.int32)
    with fake_server(fake_openai(lambda said: "money" if "loan" in said.split("OTHER TEXTS")[0] else "rivers")) as server:
        chat = RemoteChat(f"{server.url}/v1", model="fake-1")
        found = explain_regions([body], {BANK: membership}, chat, split=split, log=tmp_path / "log.jsonl")

    assert [explanation.text for explanation in found[BANK]] == ["rivers", "money"]
    logged = [json.loads(line)["about"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [(line["latent"], line["level"], line["region"]) for line in logged] == [(BANK, 0, 0), (BANK, 0, 1)]
    asked = (one.body["messages"][-1]["content"].split("OTHER TEXTS") for one in server.asked)  # several at once, in any order
    first, others = next(parts for parts in asked if "loan" not in parts[0])
    river = set(planted.members("river"))
    row_of = {text: row for row, text in zip(body.rows, body.texts, strict=True)}
    rows = [[row_of[text.replace("<<", "").replace(">>", "")] in river for text in texts_in(part)] for part in (first, others)]
    assert all(rows[0])
    assert not any(rows[1])


def test_silence_and_too_few_texts_leave_a_latent_unexplained(planted, bodies, split, tmp_path):
    none = type(split)(split.documents, np.zeros(len(planted.store), bool))
    with fake_server(fake_openai(lambda said: "<think>hm" if "bank" in said else "music")) as server:
        chat = RemoteChat(f"{server.url}/v1", model="fake-1")
        assert list(explain(bodies, chat, split=split, log=tmp_path / "a.jsonl")) == [2]
        assert explain(bodies, chat, split=none, log=tmp_path / "b.jsonl") == {}
        with pytest.raises(InputError, match="at least 3 texts, not 1"):
            explain(bodies, chat, split=split, log=tmp_path / "c.jsonl", n_texts=1)


def test_marks_join_neighbors_and_leave_out_spaces_and_weak_tokens():
    text = "the mud bank of rivers"
    assert marked(text, [(3, 7, 2.0), (7, 12, 1.0), (15, 22, 0.1)], 0.6) == "the <<mud bank>> of rivers"
    assert marked(text, [(15, 22, 0.7)], 0.6) == "the mud bank of <<rivers>>"
    assert marked(text, [], 0.6) == text


def test_a_long_text_is_cut_to_what_surrounds_its_strongest_token():
    text = "a " * 500 + "peak" + " z" * 500
    shown = marked(text, [(1000, 1004, 1.0), (0, 1, 0.4)], 0.3)
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "a <<peak>> z" in shown
    assert len(shown) < 450


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        ("rivers and banks", "rivers and banks"),
        ("<think>so many\nwords</think>\n\n**Explanation:** rivers", "rivers"),
        ('"rivers."', "rivers."),
        ("[EXPLANATION]: rivers\nbecause they flow", "rivers"),
        ("Explanation:\nrivers", "rivers"),
        ("1. rivers and <<banks>>", "rivers and banks"),
        ("words that explain: how, why", "words that explain: how, why"),
        ("<think>never ends", ""),
        ("  \n", ""),
    ],
)
def test_a_phrase_is_found_in_the_answer(answer, phrase):
    assert phrase_in(answer) == phrase
