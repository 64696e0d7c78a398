"""Layouts along the attraction–repulsion spectrum (Böhm, Berens & Kobak 2022), from t-SNE's detail to UMAP's continents.

The items start on the two main axes of their vectors and walk down the objective of `engine.py`. Attraction counts more at
first: α falls from about 4 to its last value within the first hundred steps. That unfolds the layout from coarse to
fine, and takes the place of t-SNE's early exaggeration, which contracts the start and loses its order.

The walk has two stages. In the first, each item is drawn alike to many neighbors, which puts regions into their places;
in the second it is drawn to fewer, and to the nearest of them most, which sorts out who is next to whom.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from vista.artifacts import Coordinates, Layout, NeighborGraph
from vista.execution import Progress
from vista.kernels.crew import Crew
from vista.layout.edges import Edges, symmetrize
from vista.layout.engine import Engine
from vista.layout.steps import OnStep
from vista.layout.weights import equal_weights, perplexity_weights, rank_weights

N_NEIGHBORS = 30
CONTINENTS_ALPHA = 4.0  # at the continents' end of the dial
FEW_ITEMS = 5_000
RANK_SHARE = 0.3  # of the weights of few items, in the second stage
PERPLEXITY_SHARES = 0.6, 0.5  # of k, in the two stages, for few items
NEAR_SHARE = 2 / 3  # of k, in the second stage, for many items
JITTER = 1e-2  # of the start, whose first axis has standard deviation 1
CALM_STEPS = 20  # in which momentum is low
RENUMBERED_AT = (0.05, 0.25, 0.5, 0.75)  # shares of the steps
MOST_CALLS = 50  # of `on_step`


@dataclass(frozen=True, slots=True)
class Schedule:
    """How attraction and momentum change over the steps of a walk.

    Attributes:
        n_steps: Steps in all; the second stage begins in the middle.
        first_alpha: α at the first step.
        last_alpha: α once it has fallen.
        decay_steps: Steps in which α − falling exponentially − becomes 2.7 times smaller.
        momentum: In the first stage, after the first few steps.
        last_momentum: In the second stage.
    """

    n_steps: int
    first_alpha: float
    last_alpha: float
    decay_steps: float
    momentum: float = 0.95
    last_momentum: float = 0.97
    calm_momentum: float = 0.8

    @property
    def switch_step(self) -> int:
        """The first step of the second stage."""
        return self.n_steps // 2

    def alpha(self, step: int) -> float:
        return max(self.last_alpha, self.first_alpha * float(np.exp(-step / self.decay_steps)))

    def momentum_at(self, step: int) -> float:
        if step < CALM_STEPS:
            return self.calm_momentum
        return self.momentum if step < self.switch_step else self.last_momentum


def lay_out_along_spectrum(
    graph: NeighborGraph, start: Coordinates, *, detail: float, n_neighbors: int, seed: int, progress: Progress, on_step: OnStep | None
) -> Layout:
    """Place every item near its neighbors in the graph; `lay_out` describes and checks the arguments."""
    schedule = schedule_for(graph.n_items, detail)
    k = min(n_neighbors, graph.n_neighbors)
    coordinates = scaled_start(start, np.random.default_rng(seed))
    if k:
        with Crew() as crew:
            first, second = attractions(graph, k, crew)
            coordinates = walk(Engine(coordinates, first, crew), second, schedule, progress, on_step)
    parameters = {"detail": float(detail), "n_neighbors": k, "weights": weighting(graph.n_items)} | asdict(schedule)
    return Layout(upright(coordinates), "spectrum", parameters)


def schedule_for(n_items: int, detail: float) -> Schedule:
    """Return how a layout of so many items unfolds.

    Args:
        n_items: Number of items; large layouts have farther to go, and get more steps.
        detail: 0 (continents, α ends at 4) to 1 (t-SNE's detail, α ends at 1); equal steps divide α by equal factors.
    """
    last_alpha = CONTINENTS_ALPHA ** (1 - detail)
    return Schedule(n_steps=400, first_alpha=4 * last_alpha**0.5, last_alpha=last_alpha, decay_steps=80)


def weighting(n_items: int) -> str:
    """Return "distance" for few items, whose weights follow the distances, else "rank"."""
    return "distance" if n_items <= FEW_ITEMS else "rank"


def attractions(graph: NeighborGraph, k: int, crew: Crew) -> tuple[Edges, Edges]:
    """Return the weighted graphs of the first and the second stage, from the first `k` neighbors."""
    if weighting(graph.n_items) == "rank":
        near = max(1, round(NEAR_SHARE * k))
        weights = equal_weights(graph.n_items, k), rank_weights(graph.n_items, near)
    else:
        wide, narrow = (perplexity_weights(graph, k, max(1.0, share * k), crew) for share in PERPLEXITY_SHARES)
        weights = wide, (1 - RANK_SHARE) * narrow + RANK_SHARE * rank_weights(graph.n_items, k)
    first, second = (symmetrize(graph.indices[:, : w.shape[1]], w.astype(np.float32), crew) for w in weights)
    return first, second


def walk(engine: Engine, second: Edges, schedule: Schedule, progress: Progress, on_step: OnStep | None) -> Coordinates:
    """Let the engine take all steps, the later ones along the edges of the second stage; return where the items end."""
    n_steps = schedule.n_steps
    told_at = set(np.linspace(0, n_steps, MOST_CALLS + 1).astype(int)[1:].tolist()) if on_step else set()
    renumbered_at = {round(share * n_steps) for share in RENUMBERED_AT}
    with progress.stage("laying out", n_steps) as advance:
        for step in range(n_steps):
            if step in renumbered_at:
                engine.renumber()
            if step == schedule.switch_step:
                engine.attract_along(second)
            engine.step(schedule.alpha(step), schedule.momentum_at(step))
            advance(1)
            if on_step and step + 1 in told_at:
                on_step(step + 1, n_steps, engine.coordinates())
    return engine.coordinates()


def scaled_start(start: Coordinates, rng: np.random.Generator) -> Coordinates:
    """Return the start centered, its widest axis with standard deviation 1, and with a little noise that parts equal items."""
    centered = start.astype(np.float64) - start.mean(axis=0, dtype=np.float64)
    width = centered.std(axis=0).max(initial=0.0)
    scaled = centered / width if width > 0 else centered
    return np.asarray(scaled + rng.normal(scale=JITTER, size=scaled.shape), dtype=np.float32)


def upright(coordinates: Coordinates) -> Coordinates:
    """Return the coordinates centered, and turned so that their main axis lies level."""
    centered = coordinates - coordinates.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centered.T @ centered)
    level = axes[:, 1] * (np.sign(axes[0, 1]) or 1.0)
    return np.asarray(centered @ np.stack([level, [-level[1], level[0]]], axis=1), dtype=np.float32)
