"""Layouts along the attraction–repulsion spectrum (Böhm, Berens & Kobak 2022), from t-SNE's detail to UMAP's continents.

The items start on the two main axes of their vectors and walk down the objective of `engine.py`. Attraction counts more at
first: α falls from four times the square root of its last value to that value within the first hundred steps. That unfolds
the layout from coarse to fine, and takes the place of t-SNE's early exaggeration, which contracts the start and loses its order.

The walk has two stages. In the first, each item is drawn nearly alike to many neighbors, which puts regions into their
places; in the second the nearest draw most, by weights of 1 / rank, which sorts out who is next to whom. Between the two a
large layout is stretched: steps alone would take many hundred to bring it to the area that its items need. Few items
(up to 5 000) have weights that follow the distances, as in t-SNE, in the second stage with a share of rank weights.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from vista.artifacts import Coordinates, Layout, NeighborGraph
from vista.execution import Progress
from vista.kernels.crew import Crew
from vista.layout.edges import Edges, connected_pieces, dealt, symmetrize
from vista.layout.engine import Engine
from vista.layout.pieces import gathered
from vista.layout.steps import OnStep
from vista.layout.weights import equal_weights, perplexity_weights, rank_weights

CONTINENTS_ALPHA = 4.0  # at the continents' end of the dial
DETAIL_ALPHA = 0.9  # at the other end, a shade beyond t-SNE
FIRST_ALPHA = 4.0  # at the start, times the square root of the last: a slow fall keeps the order on a large scale
DECAYS = 5  # how many times α would become 2.7 times smaller over all steps
FEW_ITEMS = 5_000  # up to here there is time for weights that follow the distances
PERPLEXITY_SHARE = 0.5  # perplexity, as a share of k
WIDE_PERPLEXITY_SHARE = 0.6  # the same in the first stage, for few items
RANK_SHARE = 0.3  # of rank weights in the second stage, for few items
DISTANCE_SHARE = 0.25  # of weights that follow distances in the first stage, for many items at full detail
USUAL_ITEMS = 20_000
NEAR_SHARE = 0.55  # of k that the second stage uses for so many items; larger layouts hold together by more edges,
NEAR_GROWTH = 1 / 3  # by this power of their number
USUAL_DILATION = 1.5  # how much the layout of so many items is stretched; larger ones have farther to go,
DILATION_GROWTH = 0.3  # by this power of their number
JITTER = 1e-2  # of the start, whose first axis has standard deviation 1
CALM_STEPS = 20  # in which momentum is low
TURNS_FROM_NEIGHBORS = 20  # with fewer, one half of the edges can hold an item far more strongly than the other
RENUMBERED_AT = (0.25, 0.75)  # shares of the steps, besides the first of each stage
N_STEPS = 400
MANY_ITEMS, STEPS_OF_MANY = 50_000, 300  # stretching takes the place of the other steps, and steps of theirs take turns
LEVELING_OF_MANY = 0.07  # at full detail weights of theirs fall with this much less than the first power of the rank
MOST_CALLS = 50  # of `on_step`


@dataclass(frozen=True, slots=True)
class Schedule:
    """How attraction and momentum change over the steps of a walk.

    Attributes:
        n_steps: Steps in all; the second stage begins in the middle.
        first_alpha: α at the first step.
        last_alpha: α once it has fallen.
        decay_steps: Steps in which α − falling exponentially − becomes 2.7 times smaller.
        dilation: Factor by which the layout is stretched at the beginning of the second stage.
        repulsion_every: Steps from one computed repulsion to the next, after the calm ones; in between it is continued in a straight line.
        alternating: Whether the steps of the first stage pull along one half of the edges and the other by turns: at high momentum
            the mean of many steps is what counts.
        momentum: In the first stage, after the first few steps.
        calm_momentum: In those first few steps.
        last_momentum: In the second stage.
    """

    n_steps: int
    first_alpha: float
    last_alpha: float
    decay_steps: float
    dilation: float
    repulsion_every: int
    alternating: bool
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
    k = min(n_neighbors, graph.n_neighbors)
    schedule = schedule_for(graph.n_items, k, detail)
    coordinates = scaled_start(start, np.random.default_rng(seed))
    if graph.n_items > 2:
        with Crew() as crew:
            first, second = attractions(graph, k, detail, crew)
            coordinates = walk(Engine(coordinates, first, crew), second, schedule, progress, on_step)
            coordinates = gathered(coordinates, connected_pieces(first))
    parameters = {"detail": float(detail), "n_neighbors": k, "weights": weighting(graph.n_items)} | asdict(schedule)
    return Layout(upright(coordinates), "spectrum", parameters)


def schedule_for(n_items: int, k: int, detail: float) -> Schedule:
    """Return how a layout of so many items unfolds.

    The area of a layout grows with the number of items, and a walk of so many steps would end before a large layout has
    unfolded; stretching it in between does in no time what hundreds of steps would do.

    Args:
        n_items: Number of items.
        k: Neighbors of each that the layout uses.
        detail: 0 (continents, α ends at 4) to 1 (t-SNE's detail, α ends at 0.9); equal steps divide α by equal factors.
    """
    last_alpha = DETAIL_ALPHA * (CONTINENTS_ALPHA / DETAIL_ALPHA) ** (1 - detail)
    stretch = max(1.0, USUAL_DILATION * (n_items / USUAL_ITEMS) ** DILATION_GROWTH)
    n_steps = N_STEPS if n_items <= MANY_ITEMS else STEPS_OF_MANY
    first_alpha = FIRST_ALPHA * last_alpha**0.5
    return Schedule(
        n_steps,
        first_alpha,
        last_alpha,
        decay_steps=n_steps / DECAYS,
        dilation=stretch**detail,
        repulsion_every=1 if n_items <= FEW_ITEMS else 2,
        alternating=takes_turns(n_items, k),
    )


def takes_turns(n_items: int, k: int) -> bool:
    """Return whether a layout pulls along half of the edges at a time: many items save the most time by it, few lose more fidelity."""
    return n_items > MANY_ITEMS and k >= TURNS_FROM_NEIGHBORS


def weighting(n_items: int) -> str:
    """Return "distance" for few items, whose weights follow the distances, else "rank"."""
    return "distance" if n_items <= FEW_ITEMS else "rank"


def near_neighbors(n_items: int, k: int) -> int:
    """Return how many of the k neighbors the second stage uses: more of them the more items there are."""
    wanted = NEAR_SHARE * k * (n_items / USUAL_ITEMS) ** NEAR_GROWTH
    return max(1, min(k, int(wanted + 0.5)))


def attractions(graph: NeighborGraph, k: int, detail: float, crew: Crew) -> tuple[Edges, Edges]:
    """Return the weighted graphs of the first and the second stage, from the first `k` neighbors."""
    n = graph.n_items
    narrow = perplexity_weights(graph, k, PERPLEXITY_SHARE * k, crew)
    if weighting(n) == "rank":
        share = np.float32(DISTANCE_SHARE * detail)
        first = (1 - share) * equal_weights(n, k) + share * narrow
        second = rank_weights(n, near_neighbors(n, k), 1 - LEVELING_OF_MANY * detail if n > MANY_ITEMS else 1.0)
    else:
        first = perplexity_weights(graph, k, WIDE_PERPLEXITY_SHARE * k, crew)
        second = (1 - RANK_SHARE) * narrow + RANK_SHARE * rank_weights(n, k)
    wide, near = (symmetrize(graph.indices[:, : weights.shape[1]], weights, crew) for weights in (first, second))
    return dealt(wide, crew) if takes_turns(n, k) else wide, near


def walk(engine: Engine, second: Edges, schedule: Schedule, progress: Progress, on_step: OnStep | None) -> Coordinates:
    """Let the engine take all steps, the later ones along the edges of the second stage; return where the items end."""
    n_steps = schedule.n_steps
    told_at = set(np.linspace(0, n_steps, MOST_CALLS + 1).astype(int)[1:].tolist()) if on_step else set()
    with progress.stage("laying out", n_steps) as advance:
        for step in range(n_steps):
            take_step(engine, second, schedule, step)
            advance(1)
            if on_step and step + 1 in told_at:
                on_step(step + 1, n_steps, engine.coordinates())
    return engine.coordinates()


def take_step(engine: Engine, second: Edges, schedule: Schedule, step: int) -> None:
    """Let the engine take one step of the schedule."""
    if step in {round(share * schedule.n_steps) for share in RENUMBERED_AT}:
        engine.renumber()
    if step == schedule.switch_step:
        engine.attract_along(second)
        engine.dilate(schedule.dilation)
    calm = step < CALM_STEPS
    half = step % 2 if schedule.alternating and not calm and step < schedule.switch_step else None
    engine.step(schedule.alpha(step), schedule.momentum_at(step), repel_anew=calm or step % schedule.repulsion_every == 0, half=half)


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
