import numpy as np
import pytest

from vista.artifacts import Layout, Representation, Trust
from vista.atlas.maps import fidelity_entry
from vista.trust import measure_fidelity


def entry_of(n_items: int) -> dict:
    points = np.random.default_rng(0).normal(size=(n_items, 2)).astype(np.float32)
    shares = np.zeros(n_items, np.float32)
    found = measure_fidelity(Representation(points, "given", "none"), Layout(points, "given"), metric="euclidean")
    return dict(fidelity_entry(found, Trust(min(10, n_items - 1), shares, shares)))


@pytest.mark.parametrize("n_items", [1, 2])
def test_below_three_items_neither_the_area_nor_chance_is_defined(n_items: int) -> None:
    entry = entry_of(n_items)
    assert entry["k"] == []
    assert entry["rnx_area"] is None
    assert entry["null"] == {"mean": None, "low": None, "high": None, "n": 20}


def test_from_three_items_on_both_are_defined() -> None:
    entry = entry_of(3)
    assert entry["rnx_area"] == pytest.approx(1)
    assert entry["null"]["low"] <= entry["null"]["mean"] <= entry["null"]["high"]
