"""What was asked of a study, and what its stages share."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from vista.errors import InputError, nearest_name_hint
from vista.execution.seeds import check_seed
from vista.metrics.latent import ActivationScale, DifferenceTransform
from vista.pipeline.run import CachedRun
from vista.sae.sampling import SAMPLINGS, Sampling

if TYPE_CHECKING:
    from vista.sae.store import Store

DictionaryBy = Literal["coactivation", "decoder"]
RENDERERS = ("collage", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOptions:
    """The options of `vista.latents` that decide what comes out; `latents` says what each means."""

    title: str | None
    latents: str
    max_items: int
    sampling: Sampling
    weight: float
    scale: ActivationScale
    transform: DifferenceTransform
    keep_latent: bool
    dictionary: DictionaryBy
    explanations: str | None
    explainer: str | None
    untrained: Path | None
    renderer: str
    pictures: str | None
    seed: int

    def __post_init__(self) -> None:
        for name, value, known in (
            ("sampling", self.sampling, SAMPLINGS),
            ("scale", self.scale, get_args(ActivationScale)),
            ("transform", self.transform, get_args(DifferenceTransform)),
            ("dictionary", self.dictionary, get_args(DictionaryBy)),
            ("renderer", self.renderer, RENDERERS),
        ):
            if value not in known:
                raise InputError(f"no {name} '{value}'.{nearest_name_hint(str(value), known)}")
        check_seed(self.seed)
        if self.max_items < 1:
            raise InputError(f"max_items must be at least 1, not {self.max_items}.")
        if not 0 <= self.weight <= 1e6:
            raise InputError(f"the weight must be from 0 to 1000000, not {self.weight}.")

    def recorded(self) -> dict[str, Any]:
        named = self.explainer is None or "://" not in self.explainer
        return asdict(self) | ({} if named else {"explainer": "at an address"})  # which may hold a host's name or a password


@dataclass(slots=True, kw_only=True)
class StudyRun(CachedRun):
    """One run of a study.

    Attributes:
        options: What was asked for.
        source: Hash of the store's content, for the cache.
        untrained: Store of the same items by an untrained model, a baseline of the scores; None where there is none.
    """

    options: StudyOptions
    source: str
    untrained: Store | None = None

    def recorded(self) -> dict[str, Any]:
        """Return the options as the manifest records them, with the hash of the untrained model's store."""
        hashed = {} if self.untrained is None else {"untrained_sha256": self.untrained.content_sha256}
        return self.options.recorded() | hashed
