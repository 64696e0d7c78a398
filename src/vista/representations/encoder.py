"""What every encoder is: something that turns items into vectors of one space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Vectors of some items.

    Attributes:
        vectors: (n, dim) float32.
        cut: (n,) bool; whether the encoder read only the beginning of the item.
    """

    vectors: NDArray[np.float32]
    cut: NDArray[np.bool_]


class Encoder(Protocol):
    """Turns texts, or pictures, into vectors. Nothing heavy is loaded before the first call of `encode_items`.

    Attributes:
        kind: What it reads: "text" (items are strings) or "vision" (items are pictures).
        name: The model's name, for people.
        space: Hash of the weights and of everything else that decides the vectors.
        shard_items: How many items are encoded between two savings.
        notes: Sentences to say to the user.
    """

    kind: Literal["text", "vision"]
    name: str
    space: str
    shard_items: int
    notes: tuple[str, ...]

    def content_hash(self, item: Any) -> bytes:
        """Return the SHA-256 of one item's content, 32 bytes."""
        ...

    def length(self, item: Any) -> int:
        """Return a rough length, cheap to get: items of like length are encoded together."""
        ...

    def encode_items(self, items: Sequence[Any], *, batch_size: int | None, advance: Callable[[int], None]) -> Encoded:
        """Encode items in batches, telling `advance` how many are done after each."""
        ...
