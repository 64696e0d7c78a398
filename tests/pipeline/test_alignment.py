"""What it costs to bring maps together."""

from __future__ import annotations

import numpy as np

from vista.artifacts import Representation
from vista.pipeline.alignment import align_maps


def test_the_price_is_what_the_aligned_layout_keeps_less_than_one_made_alone():
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(6, 12)).repeat(50, axis=0)
    series = [Representation((centers + 0.4 * rng.normal(size=centers.shape)).astype(np.float32), "test", "none") for _ in range(3)]
    maps = align_maps(series, closeness=1.0)
    assert len(maps) == 3
    for one in maps:
        assert one.price == one.fidelity_alone.rnx_area - one.fidelity.rnx_area
        assert one.fidelity.rnx_area > 0.2
    assert sum(one.price for one in maps) > 0
