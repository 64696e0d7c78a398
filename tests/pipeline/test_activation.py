"""What a map can be conditioned on: what each form asks for, and the number that each item gets."""

import numpy as np
import pytest
import scipy.sparse as sp

from vista.artifacts import Direction, Representation
from vista.errors import InputError
from vista.execution import Cache, silent
from vista.metrics import LatentMetric
from vista.pipeline.activation import Column, Means, Neuron, check_condition, condition_of, measure, metric_of, wanted_of_source
from vista.pipeline.mapping import options_of_map
from vista.pipeline.run import Run
from vista.sources import read_source

VECTORS = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
WHOLE = Representation(VECTORS, "test", "none")
KINDS = ["cat", "dog", "fox"] * 3


def measured(activation, vectors=VECTORS):
    import pyarrow as pa

    table = pa.table({"text": [f"item {row}" for row in range(9)], "size": np.arange(9) - 4.0, "kind": KINDS, "same": [2] * 9})
    condition = condition_of(activation)
    found = read_source(table, **wanted_of_source(condition))
    check_condition(condition, found)
    return measure(condition, found, Representation(vectors, "test", "none"))


@pytest.mark.parametrize(
    ("activation", "asked"),
    [("size", Column("size")), ("dim:12", Neuron(12)), ("means:kind=cat|dog", Means("kind", "cat", "dog")), ("a:b", Column("a:b"))],
)
def test_each_form_says_what_it_asks_for(activation, asked):
    assert condition_of(activation) == asked


@pytest.mark.parametrize("of", [np.asarray, sp.csr_matrix])
def test_every_form_gives_each_item_its_number(of):
    vectors, direction = of(VECTORS), np.array([0.5, -1.0, 0.0, 2.0])
    wide, cats, dogs = VECTORS.astype(np.float64), np.array(KINDS) == "cat", np.array(KINDS) == "dog"

    assert measured("size", vectors).values.tolist() == (np.arange(9) - 4.0).tolist()
    assert measured(np.arange(9), vectors).values.tolist() == list(range(9))
    np.testing.assert_array_equal(measured("dim:2", vectors).values, wide[:, 2])
    np.testing.assert_allclose(measured(Direction(direction, "mine"), vectors).values, wide @ direction, rtol=1e-12)
    between = wide[cats].mean(axis=0) - wide[dogs].mean(axis=0)
    np.testing.assert_allclose(measured("means:kind=cat|dog", vectors).values, wide @ between, rtol=1e-12)


def test_a_difference_of_means_is_large_on_the_first_group():
    vectors = VECTORS + 4 * (np.array(KINDS) == "fox")[:, None].astype(np.float32)
    values = measured("means:kind=fox|cat", vectors).values

    assert values[2::3].min() > np.delete(values, [2, 5, 8]).max()


def test_an_activation_says_what_it_is_and_which_column_it_needs():
    told = {(one.name, one.form, one.column) for one in (measured("size"), measured("dim:0"), measured("means:kind=cat|dog"))}

    assert told == {("size", "column", "size"), ("dim:0", "dim", None), ("means:kind=cat|dog", "means", "kind")}


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        ("dim:twelve", "give its number, such as dim:12"),
        ("dim:-1", "give its number"),
        ("dim:4", "no dim:4: the vectors have 4 dimensions, 0 to 3"),
        ("means:kind", "give a column and two of its values"),
        ("means:kind=cat", "give a column and two of its values"),
        ("means:kind=cat|dog|fox", "give a column and two of its values"),
        ("means:kind=cat|cat", "names one group twice"),
        ("means:kind=cat|dig", "no item has 'dig'.*Did you mean 'dog'"),
        ("latent:smollm2/97", r"decoder_direction\('smollm2/97'\)"),
        ("same", "same is 2 for all 9 items: there is nothing to condition the map on"),
        (Direction(np.ones(3), "mine"), "mine is 3 numbers, but the vectors have 4"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_line(activation, message):
    with pytest.raises(InputError, match=message) as caught:
        measured(activation)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("activation", "scale", "why"), [("size", "rank", "some are negative"), (np.arange(9), "max", "none is negative")])
def test_the_scale_that_fits_is_chosen_said_and_recorded(activation, scale, why):
    run = Run(command="map", options=options_of_map(activation=activation), cache=Cache(None), progress=silent)
    metric = metric_of(measured(activation), WHOLE, run)

    assert isinstance(metric, LatentMetric)
    assert (metric.scale, metric.weight, metric.transform) == (scale, 0.25, "linear")
    assert run.recorded()["scale"] == scale
    assert any(scale in sentence and why in sentence for sentence in run.notes)


def test_a_weight_is_said_beside_the_distances_that_it_stands_beside():
    run = Run(command="map", options=options_of_map(activation="size", weight=0.5), cache=Cache(None), progress=silent)
    metric_of(measured("size"), WHOLE, run)

    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    median = np.median((1 - unit @ unit.T)[np.triu_indices(9, 1)])
    assert f"weigh 0.5 beside the cosine, whose distances are {median:.2g} at the median" in run.notes[0]


def test_a_map_without_an_activation_keeps_its_metric():
    run = Run(command="map", options=options_of_map(metric="euclidean"), cache=Cache(None), progress=silent)

    assert metric_of(None, WHOLE, run) == "euclidean"
    assert not run.notes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weight": 1.0}, "--activation"),
        ({"scale": "rank"}, "--activation"),
        ({"activation": "size", "scale": "rang"}, "Did you mean 'rank'"),
        ({"activation": "size", "weight": -1.0}, "weight must be from 0"),
        ({"activation": "size", "weight": float("nan")}, "weight must be from 0"),
        ({"activation": "size", "metric": "euclidean"}, "beside the cosine"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        options_of_map(**options)
