"""Small random codes with their plain dense twin, and a producer that can be slowed down.

`python -m sae.store.small_codes` writes the stores that tests kill: one a line in which it reads a folder, each in a fork of this
process, which has imported all that is slow to import. It prints the fork's process id, `begins`, a line a batch, at last `ended` and how.
"""

import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from vista.artifacts import InputFile, Items
from vista.sae.store import Store, StoreMeta, TokenCodes, write_store

META = StoreMeta(
    "tiny model", "a" * 64, "tiny SAE", "b" * 64, "blocks.3.hook_resid_post", 40, options={"context": 32}, versions={"torch": "2"}
)
WORD = "wörd "


@dataclass(frozen=True)
class SmallCodes:
    """Codes of some items: `dense[i]` is (n_tokens, d_sae)."""

    dense: list[np.ndarray]
    batch_items: int = 3
    delay_s: float = 0.0
    reverse: bool = True

    @property
    def d_sae(self) -> int:
        return self.dense[0].shape[1]

    def items(self, first_id: int = 0) -> Items:
        n = len(self.dense)
        return Items(
            ids=[str(first_id + i) for i in range(n)],
            source_rows=np.arange(n),
            texts=[WORD * len(tokens) for tokens in self.dense],
            pictures=None,
            columns=pa.table({"length": [len(tokens) for tokens in self.dense]}),
            text_column="words",
            color_columns=("length",),
            inputs=(InputFile("words.csv", "c" * 64, 9),),
        )

    def __call__(self, start: int, stop: int):
        rows = range(stop - 1, start - 1, -1) if self.reverse else range(start, stop)
        for first in range(0, len(rows), self.batch_items):
            if self.delay_s:
                print("encodes", flush=True)
                time.sleep(self.delay_s)
            yield token_codes(self.dense, list(rows[first : first + self.batch_items]))


def token_codes(dense: list[np.ndarray], rows: list[int]) -> TokenCodes:
    tokens = np.concatenate([dense[row] for row in rows])
    lengths = np.array([len(dense[row]) for row in rows])
    places = np.concatenate([np.arange(n) for n in lengths])
    token, latents = np.nonzero(tokens)
    return TokenCodes(
        rows=np.array(rows),
        token_starts=np.r_[0, np.cumsum(lengths)],
        token_ids=places + 1000,
        char_starts=places * len(WORD),
        char_ends=(places + 1) * len(WORD),
        code_starts=np.searchsorted(token, np.arange(len(tokens) + 1)),
        latents=latents,
        values=tokens[token, latents],
    )


def small_codes(n_items: int = 23, d_sae: int = 40, seed: int = 0, **options) -> SmallCodes:
    """Some items have no tokens, some tokens no codes, latent 7 never fires, latent 8 fires everywhere, values tie."""
    rng = np.random.default_rng(seed)
    dense = []
    for length in rng.integers(0, 9, n_items):
        values = (rng.integers(1, 9, (length, d_sae)) * 10.0 ** rng.integers(-3, 4, d_sae)).astype(np.float32)
        values[rng.random((length, d_sae)) < 0.8] = 0
        values[:, 7] = 0
        values[:, 8] = 1.25
        dense.append(values)
    return SmallCodes(dense, **options)


def pooled(dense: list[np.ndarray], pooling: str) -> np.ndarray:
    """The plain twin of pooling, (n_items, d_sae)."""
    nothing = np.zeros(dense[0].shape[1], np.float32)
    how = {"max": lambda tokens: tokens.max(axis=0), "mean": lambda tokens: tokens.mean(axis=0), "last": lambda tokens: tokens[-1]}
    return np.array([how[pooling](tokens) if len(tokens) else nothing for tokens in dense])


def write(folder: Path, codes: SmallCodes, pooling: str = "max", **options) -> Store:
    return write_store(folder, codes, replace(META, d_sae=codes.d_sae, pooling=pooling), codes.items(), shard_items=5, **options)


def main() -> None:
    with TemporaryDirectory() as folder:
        write(Path(folder) / "store", small_codes())  # imports and loads what a fork would again
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            print(os.getpid(), flush=True)
            print("begins", flush=True)
            write(Path(line.strip()), small_codes(60, delay_s=0.005))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        print("ended", os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
