"""Models that are talked to: what they are, by whichever way they run, and the log that keeps every word.

explainer or judge ─► Logged ─► RemoteChat: an address that speaks OpenAI's protocol
                         │  └─► LocalChat: a model on this machine (`local_chat.py`)
                         └─► a line of JSON for each prompt and answer
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from vista.errors import InputError, InputFileError
from vista.execution import content_key
from vista.sae.explanations.web import RefusedError, exchange_json, host_of

Conversation: TypeAlias = tuple[tuple[str, str], ...]  # (role, content): "system" or "user", and what is said

KEY_VARIABLE = "OPENAI_API_KEY"
_TIMEOUT_S = 120.0
_AT_ONCE = 4
_MOST_TOKENS = 600  # of an answer, thoughts included
_BUSY = (429, 503)
_WAITS_S = (1.0, 4.0, 16.0)  # before a busy server is asked again


class Chat(Protocol):
    """A model that answers."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    def answers(self, conversations: Sequence[Conversation]) -> Iterator[str]:
        """Yield the answer to each of some conversations, in their order, as soon as it is there."""
        ...


def chat_for(spec: str, *, model: str | None = None, key_variable: str = KEY_VARIABLE, timeout_s: float = _TIMEOUT_S) -> Chat:
    """Return the model that a specification names; nothing is asked or loaded yet.

    Args:
        spec: An address such as `http://127.0.0.1:8000/v1` that speaks OpenAI's protocol, or a model on this machine:
            `smollm2`, a folder, a GGUF file or a hub id.
        model: Name of the model at the address; None takes the only one that it lists.
        key_variable: Environment variable that holds the key for the address, where it wants one.
        timeout_s: Longest time for an answer.

    Raises:
        InputError: If the address is none, or a model's name is given beside a model on this machine.
    """
    if spec.startswith(("http://", "https://")):
        return RemoteChat(spec, model=model, key_variable=key_variable, timeout_s=timeout_s)
    if model is not None:
        raise InputError(f"a model's name ('{model}') goes with an address; '{spec}' is a model on this machine already")
    from vista.sae.explanations.local_chat import LocalChat

    return LocalChat(spec)


class RemoteChat:
    """A model behind an address that speaks OpenAI's protocol, four questions at a time.

    Args:
        url: The address, with or without `/chat/completions` at its end.
        model: The model's name there; None takes the only one that it lists.
        key_variable: Environment variable that holds the key; unset or empty sends none.
        timeout_s: Longest time for an answer.
        most_tokens: Longest answer.

    Raises:
        InputError: If the address is none.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str | None = None,
        key_variable: str = KEY_VARIABLE,
        timeout_s: float = _TIMEOUT_S,
        most_tokens: int = _MOST_TOKENS,
    ) -> None:
        self._host = host_of(url)
        self._base = url.rstrip("/").removesuffix("/chat/completions")
        self._model, self._key_variable, self._timeout_s, self._most_tokens = model, key_variable, timeout_s, most_tokens

    @cached_property
    def name(self) -> str:
        """The model's name; asked for where it was not given.

        Raises:
            InputError: If the address lists no model, or several.
            InputFileError: If it cannot be reached.
        """
        if self._model is not None:
            return self._model
        listed = self._exchange("/models", None)
        entries = listed.get("data") if isinstance(listed, dict) else None
        names = [str(entry["id"]) for entry in entries or [] if isinstance(entry, dict) and "id" in entry]
        if len(names) != 1:
            shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
            raise InputError(f"say which model of {self._host} is meant: it lists {shown or 'none'}")
        return names[0]

    def answers(self, conversations: Sequence[Conversation]) -> Iterator[str]:
        """Yield the answer to each conversation, in order.

        Raises:
            InputError: If the key or the model's name is refused.
            InputFileError: If there is no answer, or it is none of the protocol's.
        """
        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            yield from pool.map(self._answer, conversations)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, conversation: Conversation) -> str:
        body = {
            "model": self.name,
            "messages": [{"role": role, "content": content} for role, content in conversation],
            "temperature": 0,
            "max_tokens": self._most_tokens,
        }
        told = self._exchange("/chat/completions", body, _WAITS_S)
        try:
            return str(told["choices"][0]["message"]["content"] or "")
        except (KeyError, IndexError, TypeError) as error:
            raise InputFileError(f"what {self._host} answers is none of OpenAI's protocol: it has no choices[0].message.content") from error

    def _exchange(self, path: str, body: object, waits_s: Sequence[float] = ()) -> Any:
        key = os.environ.get(self._key_variable) or None
        try:
            return exchange_json(self._base + path, body=body, key=key, timeout_s=self._timeout_s)
        except RefusedError as error:
            if error.status in _BUSY and waits_s:
                time.sleep(waits_s[0])
                return self._exchange(path, body, waits_s[1:])
            if error.status in (401, 403):
                has = "the key in" if key else "there is no key in"
                raise InputError(
                    f"{self._host} wants a key (HTTP {error.status}): {has} {self._key_variable}{' is refused' if key else ''}"
                ) from error
            if error.status == 404:
                raise InputError(
                    f"{self._host} has no {path} there, or not this model (HTTP 404); the address often ends in /v1"
                ) from error
            raise InputFileError(f"{self._host} does not answer the question ({error})") from error


class Logged:
    """A model whose every prompt and answer is kept in a file, and that is not asked twice.

    A line holds `model`, `about`, `messages` and `answer`. What the file has already, from this run or one that was
    stopped, is answered from it.

    Args:
        chat: The model.
        path: The file, JSON Lines; made with its folder, and added to where it exists.

    Raises:
        InputFileError: If the file cannot be read or written.
    """

    def __init__(self, chat: Chat, path: Path | str) -> None:
        self._chat, self._path = chat, Path(path)
        self._known: dict[str, str] = {}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._end_last_line()
            with self._path.open(encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    self._learn(line)
        except OSError as error:
            raise InputFileError(f"the log '{path}' cannot be written: {error.strerror or error}.") from error

    @property
    def name(self) -> str:
        """The model's name."""
        return self._chat.name

    def answers(self, conversations: Sequence[Conversation], about: Sequence[dict[str, Any]]) -> Iterator[str]:
        """Yield the answer to each conversation, in order.

        Args:
            conversations: What is asked.
            about: What each is about, for the log.

        Raises:
            InputFileError: If the log cannot be written; and what the model raises.
        """
        keys = [content_key(self.name, conversation) for conversation in conversations]
        unknown: dict[str, Conversation] = {}
        for key, conversation in zip(keys, conversations, strict=True):
            if key not in self._known:
                unknown.setdefault(key, conversation)
        fresh = self._chat.answers(list(unknown.values()))
        for key, conversation, subject in zip(keys, conversations, about, strict=True):
            if key not in self._known:
                answer = next(fresh)
                self._keep(conversation, subject, answer)
                self._known[key] = answer
            yield self._known[key]

    def _learn(self, line: str) -> None:
        try:
            told = json.loads(line)
            conversation = [[message["role"], message["content"]] for message in told["messages"]]
            if told["answer"]:  # silence is asked again
                self._known[content_key(told["model"], conversation)] = str(told["answer"])
        except (ValueError, TypeError, KeyError):
            return  # a line that was being written when a run was stopped

    def _end_last_line(self) -> None:
        with self._path.open("a+b") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")

    def _keep(self, conversation: Conversation, about: dict[str, Any], answer: str) -> None:
        messages = [{"role": role, "content": content} for role, content in conversation]
        line = json.dumps({"model": self.name, "about": about, "messages": messages, "answer": answer}, ensure_ascii=False)
        try:
            with self._path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(line + "\n")
        except OSError as error:
            raise InputFileError(f"the log '{self._path}' cannot be written: {error.strerror or error}.") from error
