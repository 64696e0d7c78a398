import numpy as np
import pytest

from vista.cartography.density import density_grid
from vista.cartography.extent import Extent


def test_a_single_item_spreads_like_a_gaussian_and_keeps_its_mass():
    density = density_grid(np.array([[0.5, 0.5]], np.float32), Extent(0.0, 0.0, 1.0), 64, 3.0)
    assert density.sum() == pytest.approx(1.0)
    assert np.unravel_index(density.argmax(), density.shape) == (32, 32)
    assert density[32, 35] / density[32, 32] == pytest.approx(np.exp(-0.5), rel=1e-6)


def test_rows_run_down_the_map():
    density = density_grid(np.array([[0.1, 0.9]], np.float32), Extent(0.0, 0.0, 1.0), 32, 1.0)
    row, column = np.unravel_index(density.argmax(), density.shape)
    assert row > 25
    assert column < 6
