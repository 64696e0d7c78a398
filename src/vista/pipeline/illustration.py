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
MIN_SIMILARITY = 0.4  # below it a caption of the default library rarely says anything about a text; the item gets a card


@dataclass(frozen=True, slots=True, eq=False)
class TextEncoder:
    """A way to turn texts into vectors: the function, and the identity of its space. It may raise `MissingExtraError`."""

    encode: Callable[[Sequence[str]], Representation]
    space: str


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
    items: Items,
    representation: Representation,
    library: PictureLibrary,
    representatives: NDArray[np.int64],
    text_encoder: Callable[[], TextEncoder],
) -> Illustration:
    """Choose a library picture for items by the meaning of their texts.

    Args:
        items: Items with texts.
        representation: The map's own vectors.
        library: Captioned pictures.
        representatives: Items that stand for others at the coarse levels; only they are encoded when the map's
            vectors are in an unknown space.
        text_encoder: Gives the text encoder, if vectors of texts are needed.

    Raises:
        InputError: If the items have no texts.
    """
    from vista.rendering import match_pictures

    if items.texts is None:
        raise InputError("pictures are chosen by the meaning of texts, and these items have none: leave out --pictures")
    try:
        matched = _in_one_space(items.texts, representation, library, representatives, text_encoder)
    except MissingExtraError as error:
        return text_cards(f"choosing pictures by meaning needs the text encoder ({error})")
    of_item = np.full(len(items), -1, dtype=np.int32)
    of_item[matched.items] = match_pictures(matched.vectors, matched.captions, min_similarity=MIN_SIMILARITY)
    of_item[[row for row, text in enumerate(items.texts) if not text]] = -1
    for_everyone = len(matched.items) == len(items)
    sentence = (
        f"Texts are shown by the picture of the library '{library.name}' whose caption is nearest in meaning, {matched.how}; "
        f"where no caption comes near (cosine below {MIN_SIMILARITY}), by a card with their words. {library.license}"
    )
    return Illustration("mixed" if (of_item < 0).any() else "library", sentence.strip(), library, of_item, for_everyone)


@dataclass(frozen=True, slots=True, eq=False)
class _Matched:
    """Captions and items in one space, and how that came about."""

    captions: NDArray[np.float32]
    items: NDArray[np.int64]
    vectors: NDArray[np.float32]
    how: str


def _in_one_space(
    texts: list[str],
    representation: Representation,
    library: PictureLibrary,
    representatives: NDArray[np.int64],
    text_encoder: Callable[[], TextEncoder],
) -> _Matched:
    own, own_space = representation.vectors, representation.space
    is_comparable = isinstance(own, np.ndarray) and own_space is not None
    if is_comparable and library.space == own_space and library.caption_vectors is not None:
        _refuse_other_dimensions(representation, library.caption_vectors)
        return _Matched(library.caption_vectors, np.arange(len(texts)), np.asarray(own), "in the map's own space")
    encoder = text_encoder()
    if library.space == encoder.space and library.caption_vectors is not None:
        captions = library.caption_vectors
    else:
        captions = np.asarray(encoder.encode(library.captions).vectors)
    if is_comparable and encoder.space == own_space:
        _refuse_other_dimensions(representation, captions)
        return _Matched(captions, np.arange(len(texts)), np.asarray(own), "in the map's own space")
    vectors = encoder.encode([texts[row] for row in representatives])
    how = f"by {vectors.encoder} for the {len(representatives):,} items that stand for others (the map's own vectors are in another space)"
    return _Matched(captions, representatives, np.asarray(vectors.vectors), how)


def _refuse_other_dimensions(representation: Representation, captions: NDArray[np.float32]) -> None:
    if representation.dim != captions.shape[1]:
        raise InputError(
            f"the vectors have {representation.dim} numbers, and those of the encoder that --vectors-encoder names {captions.shape[1]}: "
            "name the encoder that made them, or leave the option out"
        )
