"""What the stages of one run share: the options that were asked for, the cache, the notes and the times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar, get_args

from vista.artifacts import Direction
from vista.errors import InputError, nearest_name_hint
from vista.execution import Cache, Journal, content_key, remember, source_version
from vista.metrics.latent import LARGEST_WEIGHT, ActivationScale, DifferenceTransform
from vista.metrics.space import METRICS, DenseMetric
from vista.pipeline.limits import Limits

ROOMS = Path(__file__).parents[1]
RENDERERS = ("collage", "density", "none")
NO_ENCODER = "none"
LAYOUTS = {"spectrum": "detail", "umap": "min_dist"}  # and the option that each has for itself

Artifact = TypeVar("Artifact")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneOptions:
    """How items are laid out and the map is judged; `vista.map` says what each means."""

    n_neighbors: int | None = None
    layout: str = "spectrum"
    detail: float | None = None
    min_dist: float | None = None
    exact: bool = False
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(PlaneOptions):
    """The options of `vista.map` that decide what comes out; the manifest records them. `map` says what each means."""

    title: str | None
    text: str | None
    image: str | None
    id: str | None
    color: tuple[str, ...]
    labels: str | None
    vectors: Any
    vectors_encoder: str | None
    encoder: str | None
    device: str | None
    batch_size: int | None
    metric: DenseMetric
    activation: Any
    weight: float | None
    scale: ActivationScale | None
    transform: DifferenceTransform | None
    x: str | None
    y: str | None
    renderer: str | None
    pictures: str | None
    sample: int | None
    strict: bool

    def __post_init__(self) -> None:
        _refuse_contradictions(self)

    def recorded(self) -> dict[str, Any]:
        """Return the options as the manifest records them: an array in memory by that word, not by its numbers."""
        return asdict(replace(self, vectors=_recorded(self.vectors), activation=_recorded(self.activation)))


@dataclass(slots=True, kw_only=True)
class CachedRun(Journal):
    """A run whose finished stages are kept.

    Attributes:
        command: The command that was asked for, as the manifest records it.
        cache: Where finished stages are kept.
    """

    command: str
    cache: Cache

    def remember(self, kind: type[Artifact], rooms: tuple[str, ...], parts: Sequence[object], compute: Callable[[], Artifact]) -> Artifact:
        """Return what an earlier run made of the same `parts` with the same code in `rooms`, or compute it."""
        code = source_version(*(ROOMS / room for room in (*rooms, "kernels", "metrics")))
        return remember(self.cache, content_key(kind.__name__, code, *parts), kind, compute)


@dataclass(slots=True, kw_only=True)
class Run(CachedRun):
    """One run of the pipeline: what its stages share, and what they leave to be recorded.

    Attributes:
        options: What was asked for.
        effective: Options as they came to be where nothing was asked for: columns that were guessed, the encoder.
        limits: From how many items on the work is done in another way.
    """

    options: Options
    effective: dict[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def recorded(self) -> dict[str, Any]:
        """Return the options as the manifest records them: as asked for, else as they came to be."""
        return self.options.recorded() | self.effective


def _recorded(given: Any) -> str | Path | None:
    if given is None or isinstance(given, str | Path):
        return given
    return given.name if isinstance(given, Direction) else "in memory"


def _refuse_contradictions(asked: Options) -> None:
    if asked.vectors is not None and asked.encoder is not None:
        raise InputError("--vectors and --encoder exclude each other; if an encoder made the vectors, say which with --vectors-encoder")
    if (asked.x is None) != (asked.y is None):
        raise InputError("--x and --y go together: name both columns")
    _refuse_without_representation(asked)
    if asked.renderer is not None and asked.renderer not in RENDERERS:
        raise InputError(f"no renderer '{asked.renderer}'.{nearest_name_hint(asked.renderer, RENDERERS)}")
    if asked.metric not in METRICS:
        raise InputError(f"no metric '{asked.metric}'.{nearest_name_hint(asked.metric, METRICS)}")
    if asked.layout not in LAYOUTS:
        raise InputError(f"no layout '{asked.layout}'.{nearest_name_hint(asked.layout, LAYOUTS)}")
    for option, value in (("detail", asked.detail), ("min_dist", asked.min_dist)):
        if value is not None and LAYOUTS[asked.layout] != option:
            other = next(layout for layout, own in LAYOUTS.items() if own == option)
            raise InputError(f"{option} is no option of the layout '{asked.layout}': leave it out, or choose --layout {other}")
    if asked.detail is not None and not 0 <= asked.detail <= 1:
        raise InputError(f"detail must lie between 0 (continents) and 1 (each item's own neighbors), not be {asked.detail}")
    for name, low in (("n_neighbors", 1), ("min_dist", 0), ("seed", 0), ("sample", 1), ("batch_size", 1)):
        value = getattr(asked, name)
        if value is not None and value < low:
            raise InputError(f"{name} must be at least {low}, not {value}")
    _refuse_metric_without_activation(asked)


def _refuse_without_representation(asked: Options) -> None:
    """Refuse what needs a representation where there is to be none."""
    if asked.encoder != NO_ENCODER:
        return
    if asked.x is None:
        raise InputError("--encoder none leaves nothing to lay the items out by: give a layout with --x and --y, or an encoder")
    refuse_what_needs_representation(asked, "and --encoder none says that there is none: leave one of them out")


def refuse_what_needs_representation(asked: Options, why: str) -> None:
    """Refuse options that a map without a representation cannot have.

    Raises:
        InputError: If there are such; `why` says how it comes that there is no representation.
    """
    wants = {"--activation": asked.activation is not None, "--exact": asked.exact, "--renderer collage": asked.renderer == "collage"}
    for option in (option for option, is_wanted in wants.items() if is_wanted):
        raise InputError(f"{option} needs a representation, {why}")


def _refuse_metric_without_activation(asked: Options) -> None:
    for name, value, known in (
        ("scale", asked.scale, get_args(ActivationScale)),
        ("transform", asked.transform, get_args(DifferenceTransform)),
        ("weight", asked.weight, ()),
    ):
        if value is not None and asked.activation is None:
            raise InputError(f"{name} says how an activation counts: name one with --activation, or leave --{name} out")
        if value is not None and known and value not in known:
            raise InputError(f"no {name} '{value}'.{nearest_name_hint(str(value), known)}")
    if asked.weight is not None and not 0 <= asked.weight <= LARGEST_WEIGHT:
        raise InputError(f"weight must be from 0 (pure cosine) to {LARGEST_WEIGHT:.0f}, not {asked.weight}")
    if asked.activation is not None and asked.metric != "cosine":
        raise InputError(f"--activation counts beside the cosine: leave --metric {asked.metric} out")
