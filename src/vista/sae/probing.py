"""Probing a text: which latents of a study fire on it, and where.

text ─► tokens ─► states at the study's hook ─► codes of tokens ─► pooled as the study pools ─► the most telling latents

Some latents are strong on every text, and would lead each list if their values decided. A latent tells of a text by how near it
comes to its own largest value, and the more the fewer texts it fires on, as a word does in tf–idf.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError

if TYPE_CHECKING:
    from vista.atlas import StudyEntry
    from vista.sae.reading import Reading
    from vista.sae.store import Pooling

MOST_LATENTS = 50
Span = tuple[int, int, float]  # first character, character after the last, activation


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """What the latents of an autoencoder do on the texts of a study; NaN for those of which nothing is known.

    Attributes:
        maximum: (d_sae,) The largest value of each on any text, pooled.
        density: (d_sae,) The share of the texts on which each fires, in (0, 1].
    """

    maximum: NDArray[np.float64]
    density: NDArray[np.float64]

    @property
    def tell_something(self) -> bool:
        """Whether of any latent both are known."""
        return bool((np.isfinite(self.maximum) & np.isfinite(self.density)).any())

    def shares(self, latents: NDArray[np.integer[Any]], values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return how large values are beside their latents' largest; above 1 where the study's texts have none so large."""
        shares: NDArray[np.float64] = values / self.maximum[latents]
        return shares

    def saliences(self, latents: NDArray[np.integer[Any]], values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the share of each latent's maximum times ln(1/density); −1 where nothing is known, below all others."""
        saliences = self.shares(latents, values) * -np.log(self.density[latents])
        return np.where(np.isnan(saliences), -1.0, saliences)


@dataclass(frozen=True, slots=True)
class Fires:
    """A latent that fires on a text: its pooled value, and its value at each token on which it fires.

    Attributes:
        share: The value beside the latent's largest on the study's texts; None where that is not known.
    """

    latent: int
    value: float
    share: float | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a latent that was asked for does on a text: its value is 0 and its rank None where it does not fire.

    Attributes:
        rank: Its place among all latents that fire on the text, the first being 1.
    """

    fires: Fires
    rank: int | None


@dataclass(frozen=True, slots=True)
class Probed:
    """A text's tokens, as characters of the text, and the latents that fire on it, the most telling first.

    Attributes:
        n_firing: How many latents fire on the text, of which `latents` are the first.
        asked: The latent that was asked for, however weak; None where none was.
    """

    tokens: tuple[tuple[int, int], ...]
    latents: tuple[Fires, ...]
    n_firing: int
    asked: Asked | None


def probe(
    reading: Reading,
    text: str,
    *,
    pooling: Pooling = "max",
    most: int = MOST_LATENTS,
    latent: int | None = None,
    habits: Habits | None = None,
) -> Probed:
    """Say which latents fire on a text, as they would on an item of the study.

    Args:
        reading: The model, its hook and the autoencoder.
        text: The text.
        pooling: How a latent's values at the tokens become its value on the text.
        most: Most latents in the answer.
        latent: One that is told of in any case.
        habits: What the latents do on the study's texts, to rank them by `Habits.saliences`; without it the largest value leads.

    Raises:
        InputError: If the text has no token that counts, or more than the model reads, or the autoencoder has no such latent.
    """
    from vista.sae.encoding import TextCodes
    from vista.sae.store.codes import checked
    from vista.sae.store.pooling import pool, runs_of

    if latent is not None and not 0 <= latent < reading.sae.d_sae:
        raise InputError(f"there is no latent {latent}: the autoencoder has {reading.sae.d_sae:,}, from 0")
    reader = TextCodes(reading, [text])
    (codes,) = (checked(batch, reading.sae.d_sae) for batch in reader(0, 1))
    if reader.counts["cut"]:
        raise InputError(f"the text is longer than the {reading.hooked.max_tokens:,} tokens that {reading.hooked.name} reads: shorten it")
    if not len(codes.token_ids):
        raise InputError("the text has no token that counts: write a word")
    runs = runs_of(codes, reading.sae.d_sae)
    pooled = pool(runs, np.diff(codes.token_starts), pooling)
    saliences = np.zeros(len(pooled.values)) if habits is None else habits.saliences(pooled.latents, pooled.values)
    shares = None if habits is None else habits.shares(pooled.latents, pooled.values)
    order = np.lexsort((pooled.latents, -pooled.values, -saliences))
    characters = list(zip(codes.char_starts.tolist(), codes.char_ends.tolist(), strict=True))
    stops = np.cumsum(runs.lengths, dtype=np.int64)

    def fires_at(place: int) -> Fires:
        run = int(np.searchsorted(runs.latents, pooled.latents[place]))
        own = slice(int(stops[run] - runs.lengths[run]), int(stops[run]))
        spans = zip(runs.positions[own].tolist(), runs.values[own].tolist(), strict=True)
        at = tuple((*characters[position], value) for position, value in spans)
        share = None if shares is None or np.isnan(shares[place]) else float(shares[place])
        return Fires(int(pooled.latents[place]), float(pooled.values[place]), share, at)

    found = tuple(fires_at(place) for place in order[:most].tolist())
    asked = None
    if latent is not None:
        ranks = np.flatnonzero(pooled.latents[order] == latent).tolist()
        nothing = 0.0 if habits is not None and np.isfinite(habits.maximum[latent]) else None
        asked = Asked(fires_at(int(order[ranks[0]])), ranks[0] + 1) if ranks else Asked(Fires(latent, 0.0, nothing, ()), None)
    return Probed(tuple(characters), found, len(order), asked)


def why_not_read(study: StudyEntry, *, sae: str | None = None, model: str | None = None) -> str | None:
    """Return why a study's model and autoencoder cannot be loaded here, or None where they can; nothing is loaded or fetched.

    Args:
        study: What the manifest says of the study.
        sae: The autoencoder, where another name leads to it than the study's.
        model: Likewise the model.
    """
    from vista.sae.specs import is_at_hand, resolve

    if any(importlib.util.find_spec(package) is None for package in ("torch", "transformers")):
        return "torch and transformers are missing: pip install 'vista-atlas[lm]'"
    if not study.get("sae_sha256") or not study.get("model_sha256"):
        return "the atlas does not say which weights it was made with: build it again"
    try:
        place = resolve(sae or study["sae"])
    except InputError as error:
        return str(error) if sae is not None else f"'{study['sae']}' leads to no autoencoder from here: name it with --sae"
    if not is_at_hand(place):
        return f"the autoencoder '{sae or study['sae']}' is not on this machine: name its folder with --sae"
    if _model_at_hand(study, place.known.model_name, model) is None:
        return f"the model '{model or study['model']}' is not on this machine: name its folder with --model"
    return None


def reading_of_study(study: StudyEntry, *, sae: str | None = None, model: str | None = None) -> Reading:
    """Load a study's model and autoencoder, and see that they are those of the study; arguments as in `why_not_read`.

    Raises:
        VistaError: If they cannot be loaded, or have other weights than the study's.
    """
    from vista.representations import hooked_space
    from vista.sae.reading import reading_of
    from vista.sae.specs import read, resolve

    place = resolve(sae or study["sae"])
    autoencoder = read(place)
    _refuse_other("autoencoder", place.name, autoencoder.fingerprint, study["sae_sha256"], "--sae")
    named = _model_at_hand(study, place.known.model_name, model) or model or study["model"]
    _refuse_other("model", named, hooked_space(named), study["model_sha256"], "--model")
    return reading_of(autoencoder, model=named, hook=study["hook_name"])


def _model_at_hand(study: StudyEntry, known: str | None, model: str | None) -> str | None:
    """Return the name that leads to the study's model on this machine: the one that is given, or the first that does."""
    from vista.representations import model_name
    from vista.representations.model_files import NAMED_MODELS, is_at_hand

    by_title = [name for name in NAMED_MODELS if model_name(name) == study["model"]]
    candidates = [model] if model is not None else [*filter(None, [known]), *by_title, study["model"]]
    return next((name for name in candidates if is_at_hand(name)), None)


def _refuse_other(what: str, name: str, given: str, made: str, option: str) -> None:
    if given != made:
        raise InputError(
            f"the study was made with another {what}: {made[:12]}, and '{name}' is {given[:12]}; name the one that made it with {option}"
        )
