"""Pictures for a study's texts, chosen once for all of its maps; and the texts' sentence vectors, which scores use too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Items, Representation
from vista.errors import MissingExtraError
from vista.pipeline.illustration import CARDS, Illustration, TextEncoder, by_meaning, text_cards
from vista.sae.study.options import StudyRun


def meanings_of(texts: list[str], run: StudyRun) -> Representation | None:
    """Encode the texts with the sentence encoder; None, said once, where it is not installed."""
    from vista.representations import encode, encoder_for

    try:
        encoder = encoder_for("text")
        with run.timed("meanings"):
            return encode(encoder, texts, cache_folder=run.cache.folder, progress=run.progress)
    except MissingExtraError as error:
        run.note(f"labels are not scored, and texts are shown as cards: both need the sentence encoder ({error})")
        return None


def illustrate_texts(items: Items, meanings: Representation | None, run: StudyRun) -> Illustration:
    """Choose a picture for every text of the study."""
    from vista.rendering import load_library

    if run.options.pictures == CARDS:
        return text_cards("asked for")
    if meanings is None:
        return text_cards("choosing pictures by meaning needs the sentence encoder")
    library = load_library(run.options.pictures or "noto")
    return by_meaning(items, meanings, library, np.arange(len(items)), lambda: _text_encoder(run))


def part_of(illustration: Illustration, members: NDArray[np.int64]) -> Illustration:
    """Return the illustration of some of the items."""
    return illustration if illustration.of_item is None else replace(illustration, of_item=illustration.of_item[members])


def _text_encoder(run: StudyRun) -> TextEncoder:
    """Return the sentence encoder, for libraries whose captions come without vectors."""
    from vista.representations import encode, encoder_for

    encoder = encoder_for("text")
    return TextEncoder(lambda texts: encode(encoder, list(texts), cache_folder=run.cache.folder, progress=run.progress), encoder.space)
