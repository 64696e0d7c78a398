"""What is said while neighbors are found."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest

from vista.artifacts import Representation
from vista.execution import Cache
from vista.kernels import compiled
from vista.pipeline.mapping import options_of_map
from vista.pipeline.run import Run
from vista.pipeline.stages import connect


class Heard:
    """Progress that keeps what is said."""

    def __init__(self):
        self.sentences = []

    @contextmanager
    def stage(self, title, total=None):
        yield lambda n: None

    def say(self, sentence):
        self.sentences.append(sentence)


@pytest.fixture
def representation():
    return Representation(np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32), "given", "some vectors")


def connected(representation, **options):
    run = Run(command="map", options=options_of_map(**options), cache=Cache(None), progress=Heard())
    connect(representation, "cosine", run.options, run)
    return run


def test_the_first_run_on_a_machine_says_that_it_compiles_but_records_nothing_of_it(representation, monkeypatch):
    monkeypatch.setattr(compiled, "is_compiled", lambda: False)
    run = connected(representation)
    assert any("compiling" in sentence and "15 seconds" in sentence for sentence in run.progress.sentences)
    assert not run.notes


def test_later_runs_say_nothing_of_it(representation, monkeypatch):
    monkeypatch.setattr(compiled, "is_compiled", lambda: True)
    assert not connected(representation).progress.sentences


def test_more_neighbors_than_there_are_others_are_said_to_be_all(representation):
    assert connected(representation, n_neighbors=11).notes == []
    assert connected(representation, n_neighbors=12).notes == ["n_neighbors is 12, but each item has only 11 others: all are taken"]
