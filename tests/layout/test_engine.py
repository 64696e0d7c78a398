import numpy as np
import pytest

from vista.kernels.crew import Crew
from vista.layout.edges import symmetrize
from vista.layout.engine import Engine, lead, morton_codes
from vista.layout.mesh import cell_for
from vista.layout.repulsion import FieldRepulsion, PairRepulsion, repulsion_for


@pytest.fixture
def crew():
    with Crew() as crew:
        yield crew


def small_graph(crew, n=40, k=5):
    rng = np.random.default_rng(2)
    lists = np.array([rng.choice(np.setdiff1d(np.arange(n), i), k, replace=False) for i in range(n)], np.int32)
    weights = rng.random((n, k)).astype(np.float32)
    weights /= weights.sum(axis=1, keepdims=True)
    return symmetrize(lists, weights, crew)


def dense(edges):
    matrix = np.zeros((edges.n_items, edges.n_items))
    rows = np.repeat(np.arange(edges.n_items), np.diff(edges.row_starts).astype(int))
    matrix[rows, edges.others] = edges.weights
    return matrix


def objective(places, matrix, alpha):
    """Return the objective that the engine's docstring states, in float64."""
    q = 1 / (1 + ((places[:, None] - places) ** 2).sum(axis=2))
    total = q.sum() - len(places)
    return -0.5 * (matrix * np.log(q)).sum() + len(places) / (2 * alpha) * np.log(total)


def numeric_gradient(places, matrix, alpha, width=1e-5):
    gradient = np.empty_like(places)
    for place in np.ndindex(*places.shape):
        aside = np.zeros_like(places)
        aside[place] = width
        gradient[place] = (objective(places + aside, matrix, alpha) - objective(places - aside, matrix, alpha)) / (2 * width)
    return gradient


def filled(repulsion, places):
    push = np.empty_like(places)
    repulsion.fill(push, places, 0, len(places))
    return push


@pytest.mark.parametrize("alpha", [1.0, 2.5])
def test_a_step_goes_down_the_gradient_of_the_objective(crew, alpha):
    edges = small_graph(crew)
    start = np.random.default_rng(3).normal(size=(40, 2), scale=2).astype(np.float32)
    engine = Engine(start, edges, crew)
    engine.step(alpha, momentum=0.0)
    step = (engine.coordinates() - start) * dense(edges).sum(axis=1, keepdims=True)
    gradient = numeric_gradient(start.astype(np.float64), dense(edges), alpha)
    assert np.abs(gradient).max() > 0.1
    np.testing.assert_allclose(-step, gradient / 2, atol=2e-5)


@pytest.mark.parametrize(("cell", "tolerance"), [(0.35, 0.015), (0.6, 0.07), (0.7, 0.1)])
@pytest.mark.parametrize("radius", [5.0, 20.0])
def test_repulsion_from_the_field_equals_the_sum_over_pairs(crew, cell, tolerance, radius):
    rng = np.random.default_rng(4)
    angle, way = rng.uniform(0, 2 * np.pi, 1500), radius * np.sqrt(rng.random(1500))
    places = (np.stack([np.cos(angle), np.sin(angle)], axis=1) * way[:, None]).astype(np.float32)
    pairs, field = PairRepulsion(1500, crew), FieldRepulsion(cell, crew)
    exact_total, total = pairs.prepare(places), field.prepare(places)
    exact, found = filled(pairs, places), filled(field, places)
    assert total == pytest.approx(exact_total, rel=0.01)
    assert np.sqrt(((found - exact) ** 2).mean() / (exact**2).mean()) < tolerance


def test_the_push_of_the_field_is_the_slope_of_its_total(crew):
    places = np.random.default_rng(6).uniform(-4, 4, (50, 2)).astype(np.float32)
    places[:2] = [[-5, -5], [5, 5]]  # hold the grid in place
    field = FieldRepulsion(0.35, crew)
    field.prepare(places)
    push, width = filled(field, places), 0.02
    slopes = np.zeros_like(push)
    for place in np.ndindex(50, 2):
        aside = np.zeros_like(places)
        aside[place] = width
        slopes[place] = (field.prepare(places + aside) - field.prepare(places - aside)) / (2 * width)
    np.testing.assert_allclose(push[2:], -slopes[2:] / 4, atol=0.01 * np.abs(push).max())


def test_a_layout_too_wide_for_the_largest_grid_gets_wider_cells(crew):
    x = np.linspace(0, 20_000, 300, dtype=np.float32)
    field = FieldRepulsion(0.5, crew)
    assert cell_for(1_000, 0.5) == 0.5 < cell_for(20_000, 0.5)
    places = np.stack([x, np.sin(x)], axis=1)
    assert np.isfinite(field.prepare(places))
    assert np.isfinite(filled(field, places)).all()


def test_few_items_repel_in_pairs_and_many_by_the_field(crew):
    assert isinstance(repulsion_for(1_000, crew), PairRepulsion)
    assert isinstance(repulsion_for(30_000, crew), FieldRepulsion)


def test_renumbering_changes_speed_alone(crew):
    start = np.random.default_rng(3).normal(size=(40, 2), scale=2).astype(np.float32)
    plain, renumbered = (Engine(start, small_graph(crew), crew) for _ in range(2))
    for step in range(6):
        plain.step(1.5, 0.5)
        if step % 2:
            renumbered.renumber()
        renumbered.step(1.5, 0.5)
    np.testing.assert_allclose(renumbered.coordinates(), plain.coordinates(), atol=1e-4)


@pytest.mark.parametrize("in_pairs_up_to", [100, 10])
def test_repulsion_is_continued_for_a_step_until_the_places_change_otherwise(crew, monkeypatch, in_pairs_up_to):
    monkeypatch.setattr("vista.layout.repulsion.PAIRS_LIMIT_ITEMS", in_pairs_up_to)
    start = np.random.default_rng(3).normal(size=(40, 2), scale=2).astype(np.float32)
    anew, held, continued, renumbered, stretched = (Engine(start, small_graph(crew), crew) for _ in range(5))
    for engine in (anew, held, continued, renumbered, stretched):
        for _ in range(60):
            engine.step(1.5, 0.5)
    anew.step(1.5, 0.5)
    continued.step(1.5, 0.5, repel_anew=False)
    with monkeypatch.context() as patched:
        patched.setattr("vista.layout.engine.lead", lambda *_: 0.0)
        held.step(1.5, 0.5, repel_anew=False)
    off, held_off = (np.abs(engine.coordinates() - anew.coordinates()).max() for engine in (continued, held))
    assert 0 < off < 0.3 * held_off

    renumbered.renumber()
    renumbered.step(1.5, 0.5, repel_anew=False)
    np.testing.assert_allclose(renumbered.coordinates(), continued.coordinates(), atol=1e-4)
    stretched.dilate(1.0)
    stretched.step(1.5, 0.5, repel_anew=False)
    np.testing.assert_array_equal(stretched.coordinates(), anew.coordinates())


def test_a_step_lies_ahead_of_the_last_push_by_a_share_of_the_way_between_the_last_two():
    assert lead(11, 10, 8) == 0.5
    assert lead(10, 10, 8) == 0
    assert lead(10, 9, None) == lead(10, None, None) == 0


def test_items_in_morton_order_are_near_each_other():
    places = np.random.default_rng(5).random((4000, 2)).astype(np.float32)
    jumps = np.linalg.norm(np.diff(places[np.argsort(morton_codes(places))], axis=0), axis=1)
    assert np.median(jumps) < 0.02


def test_stretching_keeps_the_shape(crew):
    start = np.random.default_rng(3).normal(size=(40, 2)).astype(np.float32)
    engine = Engine(start, small_graph(crew), crew)
    engine.dilate(3.0)
    np.testing.assert_allclose(engine.coordinates(), 3 * start, rtol=1e-6)
