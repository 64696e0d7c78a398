"""Neuronpedia is asked once for each latent, at the user's request; whatever it answers, there is one clear line."""

import socket

import pytest

from sae.explanations.fake_servers import Answer, fake_server
from vista.errors import InputError, InputFileError
from vista.sae.explanations import Explanation, read_explanations
from vista.sae.explanations.neuronpedia import fetch_explanations

IDENTITY = "gemma-2-2b/20-gemmascope-res-16k"
FEATURE = {
    "modelId": "gemma-2-2b",
    "layer": "20-gemmascope-res-16k",
    "index": "12",
    "frac_nonzero": 0.01,
    "activations": [],
    "explanations": [
        {
            "id": "a",
            "description": " cold\n weather ",
            "explanationModelName": "gpt-4o-mini",
            "typeName": "oai_token-act-pair",
            "scores": [],
        },
        {"id": "b", "description": None, "explanationModelName": "gpt-4o-mini", "typeName": "np_max-act"},
        {"id": "c", "description": "snow", "explanationModelName": None, "typeName": None},
    ],
}
EXPECTED = (Explanation(12, "cold weather", "gpt-4o-mini, oai_token-act-pair"), Explanation(12, "snow", "Neuronpedia"))


def answers(asked):
    return Answer(FEATURE if asked.path.endswith("/12") else {**FEATURE, "explanations": []})


def ask(server, latents=(12,), **options):
    return read_explanations("neuronpedia", neuronpedia_id=IDENTITY, latents=latents, base_url=server.url, **options)


def test_explanations_come_by_id(tmp_path):
    with fake_server(answers) as server:
        assert ask(server, [12, 3]) == {12: EXPECTED}

    assert [(asked.method, asked.path) for asked in server.asked] == [
        ("GET", f"/api/feature/{IDENTITY}/3"),
        ("GET", f"/api/feature/{IDENTITY}/12"),
    ]


def test_what_was_fetched_is_not_asked_for_again(tmp_path):
    with fake_server(answers) as server:
        ask(server, [12, 3], cache_folder=tmp_path)
        assert ask(server, [12, 3], cache_folder=tmp_path) == {12: EXPECTED}
        assert len(server.asked) == 2


def test_an_answer_that_was_damaged_on_disk_is_asked_for_again(tmp_path):
    with fake_server(answers) as server:
        ask(server, cache_folder=tmp_path)
        for kept in (tmp_path / "neuronpedia").iterdir():
            kept.write_text('[{"text": ')
        assert ask(server, cache_folder=tmp_path) == {12: EXPECTED}
        assert len(server.asked) == 2


def test_what_came_before_a_failure_is_kept(tmp_path):
    broken = True

    def answer(asked):
        return Answer({"error": "oops"}, 500) if broken and asked.path.endswith("/13") else answers(asked)

    with fake_server(answer) as server:
        with pytest.raises(InputFileError, match=r"does not give latent 13 of 'gemma-2-2b/20-gemmascope-res-16k' \(HTTP 500: oops\)"):
            ask(server, [12, 13], cache_folder=tmp_path)
        broken = False
        assert ask(server, [12, 13], cache_folder=tmp_path) == {12: EXPECTED}
    assert [asked.path[-2:] for asked in server.asked] == ["12", "13", "13"]


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (Answer({"message": "not found"}, 404), InputError, r"127\.0\.0\.1:\d+ has no latent 12 of 'gemma-2-2b/.*' \(HTTP 404\)"),
        (Answer({}, 429), InputFileError, "answers no more questions for now"),
        (Answer(b"<html>busy</html>", 503), InputFileError, r"does not give latent 12 .*HTTP 503"),
        (Answer(b"<html>hello</html>"), InputFileError, "is no JSON"),
        (Answer(b"\xff\xfe"), InputFileError, "is no JSON"),
        (Answer({"explanations": "none"}), InputFileError, "has no list 'explanations'"),
        (Answer([1]), InputFileError, "has no list 'explanations'"),
        (Answer(None), InputFileError, "has no list 'explanations'"),
        (Answer(FEATURE, headers={"Content-Length": "99999"}), InputFileError, "no answer from"),
        (Answer(FEATURE, before_s=1.5), InputFileError, "no answer from .*TimeoutError"),
        (Answer(FEATURE, drip_s=0.02), InputFileError, r"no answer from .*TimeoutError: not done within 0\.3 s"),
    ],
)
def test_other_answers_are_refused_in_one_line(answer, kind, sentence):
    with fake_server(lambda asked: answer) as server, pytest.raises(kind, match=sentence) as caught:
        fetch_explanations(IDENTITY, [12], base_url=server.url, timeout_s=0.3)
    assert "\n" not in str(caught.value)


def test_without_a_network_there_is_one_line():
    with pytest.raises(InputFileError, match=r"no answer from 127\.0\.0\.1:\d+; is there a network\? \(ConnectionRefusedError"):
        fetch_explanations(IDENTITY, [12], base_url=closed())
    with pytest.raises(InputError, match="'ftp://somewhere' is no web address"):
        fetch_explanations(IDENTITY, [12], base_url="ftp://somewhere")


def test_the_id_and_the_latents_must_be_known():
    with pytest.raises(InputError, match="not known of this one"):
        read_explanations("neuronpedia", latents=[1])
    with pytest.raises(InputError, match="say which latents"):
        read_explanations("neuronpedia", neuronpedia_id=IDENTITY)
    for wrong in ("gemma-2-2b", "a/b/c", "a/b?x=1", "../..//", ""):
        with pytest.raises(InputError, match="is no Neuronpedia id"):
            fetch_explanations(wrong, [1])


def test_a_file_of_that_name_stands_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "neuronpedia").mkdir()
    (tmp_path / "neuronpedia" / "mine.jsonl").write_text('{"latent": 5, "explanation": "five"}\n')

    assert read_explanations("neuronpedia") == {5: (Explanation(5, "five", "mine.jsonl"),)}


def closed() -> str:
    """Return an address of this machine at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
