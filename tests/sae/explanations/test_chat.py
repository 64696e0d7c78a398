"""A model behind an address is asked by OpenAI's protocol; every word is logged, and no question is paid for twice."""

import json

import pytest

from representations.tiny_language_models import save
from sae.explanations.fake_servers import Answer, fake_openai, fake_server
from sae.explanations.test_neuronpedia import closed
from vista.errors import InputError, InputFileError
from vista.sae.explanations import Logged, RemoteChat, chat_for
from vista.sae.explanations import chat as chat_module

HELLO = (("system", "You greet."), ("user", "hello"))
BYE = (("user", "bye"),)


def test_questions_are_asked_by_the_protocol_and_answered_in_order(monkeypatch):
    monkeypatch.setenv("MY_KEY", "secret-1")
    with fake_server(fake_openai(str.upper)) as server:
        chat = chat_for(f"{server.url}/v1", model="fake-1", key_variable="MY_KEY")
        assert list(chat.answers([HELLO, BYE, HELLO])) == ["HELLO", "BYE", "HELLO"]

    assert {(asked.method, asked.path) for asked in server.asked} == {("POST", "/v1/chat/completions")}
    greeting = next(asked for asked in server.asked if len(asked.body["messages"]) == 2)
    assert greeting.body["model"] == "fake-1"
    assert greeting.body["temperature"] == 0
    assert greeting.body["messages"] == [{"role": "system", "content": "You greet."}, {"role": "user", "content": "hello"}]
    assert greeting.headers["Authorization"] == "Bearer secret-1"


@pytest.mark.parametrize("ending", ["/v1", "/v1/", "/v1/chat/completions"])
def test_the_only_model_of_an_address_needs_no_name_and_no_key_is_made_up(monkeypatch, ending):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with fake_server(fake_openai(str.upper)) as server:
        chat = RemoteChat(server.url + ending)
        assert chat.name == "fake-1"
        assert list(chat.answers([BYE])) == ["BYE"]

    assert all("Authorization" not in asked.headers for asked in server.asked)


def test_of_several_models_one_must_be_named():
    listed = {"data": [{"id": "big"}, {"id": "small"}]}
    with fake_server(lambda asked: Answer(listed)) as server, pytest.raises(InputError, match="is meant: it lists big, small"):
        _ = RemoteChat(server.url).name


@pytest.mark.parametrize(
    ("answer", "key", "kind", "sentence"),
    [
        (Answer({}, 401), "", InputError, r"wants a key \(HTTP 401\): there is no key in OPENAI_API_KEY"),
        (Answer({}, 403), "k", InputError, r"wants a key \(HTTP 403\): the key in OPENAI_API_KEY is refused"),
        (Answer({}, 404), "", InputError, r"has no /chat/completions there, or not this model \(HTTP 404\)"),
        (Answer({"error": {"message": "too\nlong"}}, 400), "", InputFileError, r"does not answer the question \(HTTP 400: too long\)"),
        (Answer({"choices": []}), "", InputFileError, r"none of OpenAI's protocol: it has no choices\[0\]"),
        (Answer(b"hello"), "", InputFileError, "is no JSON"),
        (Answer({}, before_s=1.0), "", InputFileError, "no answer from .*TimeoutError"),
    ],
)
def test_a_server_that_does_not_answer_is_one_line(monkeypatch, answer, key, kind, sentence):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with fake_server(lambda asked: answer) as server, pytest.raises(kind, match=sentence) as caught:
        list(RemoteChat(server.url, model="fake-1", timeout_s=0.3).answers([HELLO]))
    assert "\n" not in str(caught.value)


def test_nobody_at_the_address_and_no_address_are_one_line():
    with pytest.raises(InputFileError, match=r"no answer from 127\.0\.0\.1"):
        list(RemoteChat(closed(), model="fake-1").answers([HELLO]))
    with pytest.raises(InputError, match="'http://' is no web address"):
        chat_for("http://")
    with pytest.raises(InputError, match="goes with an address; 'smollm2' is a model on this machine"):
        chat_for("smollm2", model="fake-1")


def test_a_busy_server_is_asked_again(monkeypatch):
    monkeypatch.setattr(chat_module, "_WAITS_S", (0.0, 0.0))
    busy = iter([Answer({}, 429), Answer({}, 503)])
    with fake_server(lambda asked: next(busy, None) or fake_openai(str.upper)(asked)) as server:
        assert list(RemoteChat(f"{server.url}/v1", model="fake-1").answers([BYE])) == ["BYE"]
    assert len(server.asked) == 3


def test_a_redirect_does_not_get_the_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret-1")
    with fake_server(lambda asked: Answer({"data": [{"id": "elsewhere"}]})) as other:
        moved = Answer({}, 302, {"Location": f"{other.url}/models"})
        with fake_server(lambda asked: moved) as server:
            assert RemoteChat(server.url).name == "elsewhere"
    assert server.asked[0].headers["Authorization"] == "Bearer secret-1"
    assert "Authorization" not in other.asked[0].headers


def test_the_log_keeps_every_prompt_and_answer_and_no_key(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret-1")
    path = tmp_path / "logs" / "chat.jsonl"
    with fake_server(fake_openai(str.upper)) as server:
        list(Logged(RemoteChat(f"{server.url}/v1"), path).answers([HELLO, BYE], [{"latent": 3}, {"latent": 4}]))

    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {
            "model": "fake-1",
            "about": {"latent": 3},
            "messages": [{"role": "system", "content": "You greet."}, {"role": "user", "content": "hello"}],
            "answer": "HELLO",
        },
        {"model": "fake-1", "about": {"latent": 4}, "messages": [{"role": "user", "content": "bye"}], "answer": "BYE"},
    ]
    assert "secret-1" not in path.read_text()


def test_a_run_that_was_stopped_takes_its_answers_from_the_log(tmp_path):
    path = tmp_path / "chat.jsonl"
    with fake_server(fake_openai(str.upper)) as server:
        list(Logged(RemoteChat(f"{server.url}/v1"), path).answers([HELLO], [{}]))
        with path.open("a") as log:
            log.write('{"model": "fake-1", "about": {}, "messa')  # killed while it wrote
        again = Logged(RemoteChat(f"{server.url}/v1"), path)
        assert list(again.answers([BYE, HELLO, BYE], [{}] * 3)) == ["BYE", "HELLO", "BYE"]
    said = [asked.body["messages"][-1]["content"] for asked in server.asked if asked.method == "POST"]
    assert said == ["hello", "bye"]
    assert json.loads(path.read_text().splitlines()[-1])["answer"] == "BYE"


def test_another_model_is_asked_anew_and_silence_is_asked_again(tmp_path):
    path = tmp_path / "chat.jsonl"
    with fake_server(fake_openai(lambda said: "" if said == "bye" else "yes")) as server:
        for model in ("fake-1", "fake-2", "fake-2"):
            list(Logged(RemoteChat(f"{server.url}/v1", model=model), path).answers([HELLO, BYE], [{}, {}]))
    assert sum(asked.body["messages"][-1]["content"] == "hello" for asked in server.asked) == 2
    assert sum(asked.body["messages"][-1]["content"] == "bye" for asked in server.asked) == 3


def test_answers_before_a_failure_are_in_the_log(tmp_path):
    answer, path = fake_openai(str.upper), tmp_path / "chat.jsonl"
    with fake_server(lambda asked: Answer({}, 500) if "bye" in json.dumps(asked.body) else answer(asked)) as server:
        answers = Logged(RemoteChat(f"{server.url}/v1", model="fake-1"), path).answers([HELLO, BYE], [{}, {}])
        with pytest.raises(InputFileError, match="HTTP 500"):
            list(answers)
    assert [json.loads(line)["answer"] for line in path.read_text().splitlines()] == ["HELLO"]


def test_a_log_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputFileError, match=r"the log '.*' cannot be written"):
        Logged(RemoteChat("http://127.0.0.1:1", model="fake-1"), tmp_path / "file" / "log.jsonl")


def test_a_model_on_this_machine_answers(tmp_path):
    chat = chat_for(str(save(tmp_path / "tiny", "llama")))
    assert chat.name == "tiny"
    with pytest.raises(InputError, match="tiny reads and writes 24 tokens, and a question has 3, beside 60 for the answer"):
        list(chat.answers([(("user", "red cat"),)]))

    from vista.sae.explanations.local_chat import LocalChat

    short = LocalChat(str(tmp_path / "tiny"), most_tokens=4)
    first, again = short.answers([(("system", "a dog"), ("user", "red cat"))] * 2)
    assert first == again
    assert 0 < len(first.split()) <= 4


def test_an_encoder_does_not_speak(tmp_path):
    with pytest.raises(InputError, match="bert does not speak"):
        list(chat_for(str(save(tmp_path / "bert", "bert"))).answers([HELLO]))
