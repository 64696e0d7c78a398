"""Judges of whether a text is what an explanation speaks of: a sentence encoder, or a language model that is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError
from vista.execution import Progress, silent
from vista.representations import Encoder, encode, encoder_for
from vista.sae.explanations import Chat, Logged

Group = tuple[str, ...]

TEXTS_A_QUESTION = 5  # as many as delphi shows at a time
_SHOWN_CHARACTERS = 600
_LIST = re.compile(r"\[[\s01,]*\]")
_NUMBER = re.compile(r"\d+")
_DETECTION = (
    "You are given a description of a feature of texts, and {n} texts. For each text decide whether it has the feature. Answer with a "
    "list of {n} numbers, 1 for yes and 0 for no, such as {example}, and nothing else."
)
_INTRUDER = (
    "You are given {n} texts. All but one have something in common. Answer with the number of the one that does not belong, and "
    "nothing else."
)
_SAID_FROM = 200  # texts to encode; fewer take no time worth a line


class Judge(Protocol):
    """Says how well texts fit explanations, and which of a few texts does not belong.

    Attributes:
        name: For people.
    """

    name: str

    def fits(self, explanations: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
        """Return how well each text fits each explanation, (n_explanations, n_texts); any scale, more is better."""
        ...

    def intruders(self, groups: Sequence[Group]) -> NDArray[np.int64]:
        """Return the place of the text in each group that belongs least to the others; -1 where it cannot tell."""
        ...


class EmbeddingJudge:
    """Judges by sentence vectors: a text fits as well as its vector points where the explanation's does.

    Args:
        encoder: Makes the vectors; None takes `vista.representations.encoder_for("text")`.
        texts: Texts whose vectors are known already.
        vectors: (n_texts, dim) their vectors, by the same encoder.
        cache_folder: Where vectors are kept; None keeps nothing.
        progress: Is told how far the encoding is.

    Raises:
        InputError: If there is not one vector a text.
        MissingExtraError: If the sentence encoder is not installed.
    """

    def __init__(
        self,
        encoder: Encoder | None = None,
        texts: Sequence[str] = (),
        vectors: NDArray[np.float32] | None = None,
        *,
        cache_folder: Path | None = None,
        progress: Progress = silent,
    ) -> None:
        if len(texts) != (0 if vectors is None else len(vectors)):
            raise InputError(f"{0 if vectors is None else len(vectors)} vectors do not fit {len(texts)} texts: give one a text.")
        encoder = encoder_for("text") if encoder is None else encoder
        self.name = encoder.name
        self._encoder, self._cache_folder, self._progress = encoder, cache_folder, progress
        self._places = {text: place for place, text in enumerate(texts)}
        self._vectors = np.empty((0, 0), np.float32) if vectors is None or not len(vectors) else _unit(vectors)

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts, of length 1, (n_texts, dim); each text is encoded once.

        Raises:
            InputError: If the known vectors have another dimension than the encoder's.
            MissingExtraError: If the encoder's packages are missing.
        """
        unknown = list(dict.fromkeys(text for text in texts if text not in self._places))
        if unknown:
            self._learn(unknown)
        return self._vectors[[self._places[text] for text in texts]]

    def fits(self, explanations: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
        return np.asarray(self.vectors(explanations) @ self.vectors(texts).T, np.float64)

    def intruders(self, groups: Sequence[Group]) -> NDArray[np.int64]:
        """Return the text of each group whose mean similarity to the others is lowest."""
        if not groups:
            return np.empty(0, np.int64)
        n = len(groups[0])
        members = self.vectors([text for group in groups for text in group]).reshape(len(groups), n, -1)
        similarity = members @ members.transpose(0, 2, 1)  # (n_groups, n, n)
        to_others = similarity.sum(axis=2) - similarity.diagonal(axis1=1, axis2=2)
        return np.asarray(to_others.argmin(axis=1), np.int64)

    def _learn(self, texts: list[str]) -> None:
        many = len(texts) > _SAID_FROM
        keeping = self._cache_folder if many else None  # a cache of many small entries is slower to read than they are to make
        fresh = encode(self._encoder, texts, cache_folder=keeping, progress=self._progress if many else silent)
        vectors = _unit(np.asarray(fresh.vectors))
        if len(self._vectors) and self._vectors.shape[1] != vectors.shape[1]:
            raise InputError(
                f"the texts' vectors have {self._vectors.shape[1]} dimensions, and those of {self.name} {vectors.shape[1]}: give vectors "
                "that this encoder made, or none."
            )
        first = len(self._vectors)
        self._places |= {text: first + place for place, text in enumerate(texts)}
        self._vectors = np.concatenate([self._vectors, vectors]) if first else vectors


class ChatJudge:
    """Judges by asking a language model, five texts a question; a text fits (1) or not (0).

    An answer that cannot be read counts as no, and as an intruder that was not found; `n_unread` counts them.

    Args:
        chat: From `vista.sae.explanations.chat_for`.
        log: JSON Lines file that gets every prompt and answer, and answers what was asked before.

    Raises:
        InputFileError: If the log cannot be written.
    """

    def __init__(self, chat: Chat, log: Path | str) -> None:
        self.name = chat.name
        self.n_unread = 0
        self._chat = Logged(chat, log)

    def fits(self, explanations: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
        batches = [texts[first : first + TEXTS_A_QUESTION] for first in range(0, len(texts), TEXTS_A_QUESTION)]
        asked = [(explanation, batch) for explanation in explanations for batch in batches]
        conversations = [
            (("system", _detection_task(len(batch))), ("user", f"DESCRIPTION\n{explanation}\n\nTEXTS\n{_numbered(batch)}"))
            for explanation, batch in asked
        ]
        about = [{"purpose": "detection", "explanation": explanation} for explanation, _ in asked]
        told = self._chat.answers(conversations, about)
        verdicts = [self._verdicts(answer, len(batch)) for answer, (_, batch) in zip(told, asked, strict=True)]
        return np.array([verdict for told_of in verdicts for verdict in told_of], np.float64).reshape(len(explanations), len(texts))

    def intruders(self, groups: Sequence[Group]) -> NDArray[np.int64]:
        conversations = [(("system", _INTRUDER.format(n=len(group))), ("user", _numbered(group))) for group in groups]
        told = self._chat.answers(conversations, [{"purpose": "intruder"}] * len(groups))
        return np.array([self._place(answer, len(group)) for answer, group in zip(told, groups, strict=True)], np.int64)

    def _verdicts(self, answer: str, n: int) -> list[int]:
        listed = _LIST.findall(answer)
        verdicts = [int(digit) for digit in re.findall("[01]", listed[-1])] if listed else []
        if len(verdicts) == n:
            return verdicts
        self.n_unread += 1
        return [0] * n

    def _place(self, answer: str, n: int) -> int:
        numbers = [int(number) for number in _NUMBER.findall(answer)]
        if numbers and 1 <= numbers[-1] <= n:
            return numbers[-1] - 1
        self.n_unread += 1
        return -1


def _detection_task(n: int) -> str:
    return _DETECTION.format(n=n, example=json.dumps([place % 2 for place in range(n)]))


def _numbered(texts: Sequence[str]) -> str:
    return "\n".join(f"{number}. {' '.join(text[:_SHOWN_CHARACTERS].split())}" for number, text in enumerate(texts, start=1))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)
