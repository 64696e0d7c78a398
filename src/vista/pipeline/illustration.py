"""Which picture stands for each item: its own, one from a library by meaning, or a card with its text.

A library picture is chosen by the nearest caption, so items and captions need vectors in one space. Where the map's own
vectors are in the captions' space they are used for every item; otherwise only the items that stand for others at the
coarse levels are encoded, and the rest are text cards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Items, Representation
from vista.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from vista.rendering import PictureLibrary

CARDS = "cards"
COARSE_LEVEL_CELLS = 2_000
MIN_SIMILARITY = 0.25  # below it a caption says nothing about the text; the item gets a card

Encode = Callable[[Sequence[str]], Representation]


@dataclass(frozen=True, slots=True, eq=False)
class Illustration:
    """Where the pictures of a map come from.

    Attributes:
        kind: "items" (their own), "library", "cards", or "mixed" (library pictures and cards).
        sentence: The same in words, with the license of a library.
        library: The library, or None.
        of_item: (n_items,) the library picture of each item, -1 for a card; None where there is no library.
        for_everyone: Whether every item was looked at, rather than only those that stand for others at the coarse levels.
    """

    kind: Literal["items", "library", "cards", "mixed"]
    sentence: str
    library: PictureLibrary | None = None
    of_item: NDArray[np.int32] | None = None
    for_everyone: bool = True


def own_pictures(items: Items) -> Illustration | None:
    """Return the illustration by the items' own pictures, or None where they have none."""
    if items.pictures is None or all(picture is None for picture in items.pictures):
        return None
    return Illustration("items", "Every picture is the item's own.")


def text_cards(reason: str) -> Illustration:
    """Return the illustration by text cards alone."""
    return Illustration("cards", f"Every picture is a card with the item's text: {reason}.")


def by_meaning(
    items: Items, representation: Representation, library: PictureLibrary, representatives: NDArray[np.int64], encode: Encode
) -> Illustration:
    """Choose a library picture for items by the meaning of their texts.

    Args:
        items: Items with texts.
        representation: The map's own vectors.
        library: Captioned pictures.
        representatives: Items that stand for others at the coarse levels; only they are encoded when the map's
            vectors are in an unknown space.
        encode: Turns texts into vectors of the text encoder's space.

    Raises:
        InputError: If the items have no texts.
    """
    from vista.rendering import match_pictures

    if items.texts is None:
        raise InputError("pictures are chosen by the meaning of texts, and these items have none: leave out --pictures")
    of_item = np.full(len(items), -1, dtype=np.int32)
    try:
        captions, asked, vectors, space_text = _in_one_space(items.texts, representation, library, representatives, encode)
    except MissingExtraError as error:
        return text_cards(f"choosing pictures by meaning needs the text encoder ({error})")
    of_item[asked] = match_pictures(vectors, captions, min_similarity=MIN_SIMILARITY)
    of_item[[row for row, text in enumerate(items.texts) if not text]] = -1
    share = float(np.mean(of_item >= 0))
    kind: Literal["library", "mixed"] = "library" if share == 1 else "mixed"
    sentence = f"Texts are shown by the picture of the library '{library.name}' whose caption is nearest in meaning, {space_text}"
    rest = "" if share == 1 else f"; items without one ({1 - share:.0%}) are text cards"
    return Illustration(kind, f"{sentence}{rest}. {library.license}".strip(), library, of_item, len(asked) == len(items))


def _in_one_space(
    texts: list[str], representation: Representation, library: PictureLibrary, representatives: NDArray[np.int64], encode: Encode
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32], str]:
    """Return caption vectors, the items that get a picture, their vectors in the same space, and how that came about."""
    everyone = np.arange(len(texts))
    own = representation.vectors
    if isinstance(own, np.ndarray) and library.space is not None and library.space == representation.space:
        return _dense(library.caption_vectors), everyone, own, "in the map's own space"
    captions = encode(library.captions)
    if isinstance(own, np.ndarray) and captions.space == representation.space:
        return _dense(captions.vectors), everyone, own, "in the map's own space"
    vectors = encode([texts[row] for row in representatives])
    how = f"by {vectors.encoder} (the map's own vectors are in another space) for the {len(representatives):,} items that stand for others"
    return _dense(captions.vectors), representatives, _dense(vectors.vectors), how


def _dense(vectors: object) -> NDArray[np.float32]:
    return np.asarray(vectors, dtype=np.float32)
