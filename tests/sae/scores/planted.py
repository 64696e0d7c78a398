"""A store with planted meanings: latent 0 fires on the word "bank", of rivers and of money; others fire on a topic each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from vista.artifacts import Items
from vista.sae.store import Store, StoreMeta, TokenCodes, write_store

D_SAE = 64
N_TOPICS = 6  # latents 0 … 5 have a meaning; the others fire on single words
BANK = 0
TOPICS = {
    "river": (
        ["the boat drifted to", "we fished from", "willows lined", "the flood washed over", "an otter climbed onto", "ducks nested along"],
        ["the muddy bank of the river", "the grassy river bank", "the steep bank of the stream", "the far bank across the water"],
        ["in spring", "after the rain", "near the mill", "at low water", "where reeds grow", "below the bridge", "by the rapids"],
    ),
    "money": (
        [
            "the cashier at",
            "he took a loan from",
            "she opened an account with",
            "shareholders trusted",
            "the mortgage came from",
            "robbers hit",
        ],
        ["the savings bank", "the investment bank downtown", "a commercial bank", "the central bank and its reserves"],
        ["for the deposit", "at a high interest rate", "during the credit crisis", "with a cheque", "to pay the debt", "after the audit"],
    ),
    "cooking": (
        [
            "simmer the soup with",
            "bake the bread with",
            "season the stew with",
            "fry the onions in",
            "whisk the batter with",
            "roast lamb with",
        ],
        ["butter and garlic", "fresh basil", "salt and pepper", "olive oil", "a pinch of nutmeg", "flour and sugar"],
        ["for ten minutes", "until golden", "on a low flame", "in a hot oven", "before serving", "and stir well"],
    ),
    "music": (
        ["the orchestra played", "she sang", "the pianist practised", "the choir rehearsed", "he composed", "the violinist performed"],
        ["a slow waltz", "the symphony", "an old ballad", "a concerto in minor", "the overture", "a jazz melody"],
        ["in the concert hall", "with great feeling", "for the audience", "at the festival", "in four movements", "with muted strings"],
    ),
    "football": (
        [
            "the striker missed",
            "the goalkeeper saved",
            "the referee awarded",
            "the defender blocked",
            "the captain scored",
            "the team lost",
        ],
        ["a penalty kick", "the header", "a free kick", "the final match", "an easy goal", "the long pass"],
        ["in extra time", "before half time", "at the stadium", "in the league cup", "against the champions", "on the wet pitch"],
    ),
    "stars": (
        ["the telescope showed", "astronomers found", "the probe photographed", "the comet passed", "we observed", "the satellite mapped"],
        ["a distant galaxy", "the rings of Saturn", "a bright nebula", "the moons of Jupiter", "an orbiting planet", "a dying star"],
        [
            "through the clear night",
            "in the outer solar system",
            "near the black hole",
            "at the observatory",
            "in deep space",
            "light years away",
        ],
    ),
    "sea": (
        [
            "the tanker steered for",
            "a lighthouse warned",
            "the trawler left",
            "gulls circled over",
            "the storm battered",
            "divers explored",
        ],
        ["the deep harbor", "the coral reef", "the open ocean", "the rocky cape", "the island's beach", "the ferry dock"],
        ["at dawn", "in heavy fog", "with the tide", "before the hurricane", "in the tropics", "off the coast"],
    ),
}


@dataclass(frozen=True)
class Planted:
    store: Store
    topics: list[str]  # one an item

    def members(self, *topics: str) -> np.ndarray:
        return np.flatnonzero(np.isin(self.topics, topics))


def texts_of_topics(n_each: int = 80, seed: int = 0) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(seed)
    texts, topics = [], []
    for topic, parts in TOPICS.items():
        places = rng.permutation(np.prod([len(part) for part in parts]))[:n_each]
        for choice in zip(*np.unravel_index(places, [len(part) for part in parts]), strict=True):
            texts.append(" ".join(part[i] for part, i in zip(parts, choice, strict=True)))
            topics.append(topic)
    order = rng.permutation(len(texts))
    return [texts[i] for i in order], [topics[i] for i in order]


class PlantedCodes:
    """Latent 0 fires at "bank"; latents 1 to 5 at the middle of one topic's texts; the others each at words of one hash."""

    def __init__(self, texts: list[str], topics: list[str], meaningless: bool = False) -> None:
        self.texts, self.topics, self.meaningless = texts, topics, meaningless

    def __call__(self, start: int, stop: int):
        yield self._codes(range(start, stop))

    def _codes(self, rows: range) -> TokenCodes:
        token_starts, code_starts, char_starts, char_ends = [0], [0], [], []
        latents, values = [], []
        for row in rows:
            rng = np.random.default_rng([7, row])
            for match in re.finditer(r"\w+", self.texts[row]):
                char_starts.append(match.start())
                char_ends.append(match.end())
                for latent in sorted(self._fires(row, match.group(), rng)):
                    latents.append(latent)
                    values.append(rng.uniform(0.5, 2.0))
                code_starts.append(len(latents))
            token_starts.append(len(char_starts))
        return TokenCodes(
            rows=np.array(rows),
            token_starts=np.array(token_starts),
            token_ids=np.ones(len(char_starts), int),
            char_starts=np.array(char_starts),
            char_ends=np.array(char_ends),
            code_starts=np.array(code_starts),
            latents=np.array(latents),
            values=np.array(values, np.float32),
        )

    def _fires(self, row: int, word: str, rng: np.random.Generator) -> set[int]:
        if self.meaningless:
            return {int(latent) for latent in np.flatnonzero(rng.random(D_SAE) < 0.04)}
        found = {N_TOPICS + sum(word.encode()) % (D_SAE - N_TOPICS)}
        topic = list(TOPICS).index(self.topics[row])
        if word == "bank":
            found.add(BANK)
        elif topic >= 2 and any(word in part for part in TOPICS[self.topics[row]][1]):
            found.add(topic - 1)
        return found


def write_planted(folder: Path, *, n_each: int = 80, meaningless: bool = False, repeated: Sequence[int] = ()) -> Planted:
    """Write the store; the texts of the rows `repeated` stand once more at its end."""
    texts, topics = ([*found, *(found[row] for row in repeated)] for found in texts_of_topics(n_each))
    n = len(texts)
    items = Items([f"t{i}" for i in range(n)], np.arange(n), texts, None, pa.table({"topic": topics}), "text")
    kind = "untrained" if meaningless else "trained"
    meta = StoreMeta(f"{kind} model", kind[0] * 64, f"{kind} SAE", kind[1] * 64, "blocks.1.hook_resid_post", D_SAE)
    return Planted(write_store(folder, PlantedCodes(texts, topics, meaningless), meta, items), topics)
