"""A small study with known answers: latents that are planted in the words of short texts.

Latent 1 fires on "bank" of rivers and on "bank" of money, latent 2 on money alone, latent 3 on "the" and nothing else, latent 4
anywhere by chance, latent 5 nowhere, latent 6 on "loan" alone; the others make up the rest of each text's codes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from vista.artifacts import Items
from vista.sae.store import Store, StoreMeta, TokenCodes, write_store

D_SAE = 24
BANK, MONEY, THE, ANYWHERE, NEVER, LOAN = 1, 2, 3, 4, 5, 6
_TOPICS = {
    "river": ["water", "fish", "boat", "reeds", "mud"],
    "money": ["loan", "cash", "credit", "teller", "account"],
    "music": ["violin", "song", "choir", "opera", "drum"],
    "stars": ["planet", "comet", "orbit", "moon", "galaxy"],
}
META = StoreMeta("tiny model", "a" * 64, "tiny SAE", "b" * 64, "blocks.3.hook_resid_post", D_SAE)


@dataclass(frozen=True)
class Planted:
    """Texts and the codes of their words."""

    texts: list[str]
    topics: list[str]
    codes: list[list[dict[int, float]]]  # of each word of each text

    def items(self) -> Items:
        n = len(self.texts)
        return Items(
            ids=[f"t{i}" for i in range(n)],
            source_rows=np.arange(n),
            texts=self.texts,
            pictures=None,
            columns=pa.table({"topic": self.topics}),
            text_column="text",
            color_columns=("topic",),
        )

    def __call__(self, start: int, stop: int):
        for row in range(start, stop):
            words, codes = self.texts[row].split(" "), self.codes[row]
            starts = np.cumsum([0, *(len(word) + 1 for word in words[:-1])])
            yield TokenCodes(
                rows=np.array([row]),
                token_starts=np.array([0, len(words)]),
                token_ids=np.array([sum(map(ord, word)) for word in words]),
                char_starts=starts,
                char_ends=starts + [len(word) for word in words],
                code_starts=np.cumsum([0, *(len(of_word) for of_word in codes)]),
                latents=np.array([latent for of_word in codes for latent in of_word]),
                values=np.array([value for of_word in codes for value in of_word.values()], np.float32),
            )


def planted(n: int = 240, seed: int = 0) -> Planted:
    rng = np.random.default_rng(seed)
    texts, topics, codes = [], [], []
    for i in range(n):
        topic = list(_TOPICS)[i % 4]
        words = ["the", *rng.choice(_TOPICS[topic], 3, replace=False).tolist()]
        if topic in ("river", "money"):
            words.insert(2, "bank")
        texts.append(" ".join([*words, f"n{i}"]))
        topics.append(topic)
        codes.append([_codes_of(word, topic, i, rng) for word in texts[-1].split(" ")])
    return Planted(texts, topics, codes)


def _codes_of(word: str, topic: str, item: int, rng: np.random.Generator) -> dict[int, float]:
    topic_latents = {name: 8 + 4 * place for place, name in enumerate(_TOPICS)}
    found = {topic_latents[topic] + int(rng.integers(4)): float(1 + rng.random())}
    if word == "bank":
        found[BANK] = float(2 + 3 * rng.random())
    if topic == "money" and word in _TOPICS["money"]:
        found[MONEY] = float(1 + rng.random())
    if word == "loan":
        found[LOAN] = float(1 + rng.random())
    if word == "the":
        found[THE] = float(1 + rng.random())
    if rng.random() < 0.05:
        found[ANYWHERE] = float(rng.random() + 0.5)
    return found


def planted_store(folder: Path, n: int = 240, **meta) -> Store:
    codes = planted(n)
    return write_store(folder, codes, replace(META, **meta), codes.items())
