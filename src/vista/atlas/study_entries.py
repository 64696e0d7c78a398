"""What the manifest says of maps that are conditioned on an activation: of a study of a sparse autoencoder, and of each such map."""

from __future__ import annotations

import sys
from typing import NotRequired

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict  # pydantic reads only this one before 3.12


class SanityEntry(TypedDict):
    """How the autoencoder does on the study's data; `fvu` and `l0` on its first `n_tokens` tokens, `dead_share` on all items."""

    fvu: float | None
    l0: float
    expected_l0: float | None
    dead_share: float
    n_tokens: int


class StudyEntry(TypedDict):
    """Whose latents are studied, and on what."""

    model: str
    sae: str
    hook_name: str
    d_sae: int
    pooling: str
    n_items: int
    store_sha256: str
    model_sha256: str
    sae_sha256: str
    neuronpedia_id: str | None
    sanity: SanityEntry | None
    probe: NotRequired[bool]


class MapNeighborsEntry(TypedDict):
    """The nearest items of every item under the map's own metric: records of k uint32 items, then k float32 distances."""

    path: str
    k: int
    metric: str


class ActivationEntry(TypedDict):
    """What a map is conditioned on, how that counts in its metric, and what came of it; `column` is one of the user's or null."""

    name: str
    form: str
    column: str | None
    weight: float
    scale: str
    transform: str
    gain_cosine: list[float | None]
    moran_i: float | None


class TokensEntry(TypedDict):
    """Blocks of the tokens on which a latent fires; `high` is the largest activation in them."""

    data: str
    index: str
    items_per_block: int
    high: float


class ExplanationEntry(TypedDict):
    """A sentence on what a latent responds to, and whose it is."""

    text: str
    source: str


class BaselineEntry(TypedDict):
    """What a score is where there is nothing to find."""

    name: str
    value: float | None


class ScoreEntry(TypedDict):
    """A figure on a label, from `n` trials."""

    name: str
    value: float | None
    n: int
    baselines: list[BaselineEntry]


class MissedEntry(TypedDict):
    """A region in which the latent fires and that its label misses."""

    level: int
    region: int
    recall: float
    n: int


class LatentEntry(TypedDict):
    """What is known of the latent that a map shows."""

    latent: int
    neuronpedia_url: str | None
    why: str
    n_active: int
    density: float
    maximum: float
    mean: float
    histogram: list[int]
    sampling: str
    weight: float
    scale: str
    transform: str
    keeps_latent: bool
    gain_cosine: list[float | None]
    moran_i: float | None
    label: str
    keywords: list[str]
    explanations: list[ExplanationEntry]
    top: list[int]
    flags: list[str]
    scores: list[ScoreEntry]
    missed: list[MissedEntry]
