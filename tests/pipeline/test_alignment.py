"""What it costs to bring maps together."""

from __future__ import annotations

import numpy as np
import pytest

from vista.artifacts import Representation
from vista.layout import lay_out, pca_start
from vista.neighbors import find_neighbors
from vista.pipeline.alignment import align_maps
from vista.trust import measure_fidelity


def test_the_price_is_what_the_aligned_layout_keeps_less_than_one_made_alone():
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(6, 12)).repeat(50, axis=0)
    series = [Representation((centers + 0.4 * rng.normal(size=centers.shape)).astype(np.float32), "test", "none") for _ in range(3)]
    maps = align_maps(series, closeness=1.0)
    assert len(maps) == 3
    for representation, one in zip(series, maps, strict=True):
        alone = lay_out(find_neighbors(representation, n_neighbors=35), start=pca_start(representation))
        price = measure_fidelity(representation, alone).rnx_area - measure_fidelity(representation, one.layout).rnx_area
        assert one.price == pytest.approx(price, abs=1e-12)
    assert sum(one.price for one in maps) > 0
