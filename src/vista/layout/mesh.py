"""The potential φ(y) = Σ_j 1 / (1 + |y − y_j|²) on a grid, by a particle–mesh method (Hockney & Eastwood 1988).

Items spread their charge over the nodes with cubic B-splines, the charges are convolved with the kernel by a Fourier
transform, and the potential is read back with the same splines. Spreading and reading blur twice; the influence
function (their equation 8-22, kept to the leading term of the kernel) takes the blur back where that does not amplify aliases:

    G(k) = K(k) · W²(k) / [Σ_m W²(k + 2πm)]²,   W(k) = sinc⁴ along each axis,

with K the transform of the kernel. The sum over aliases is a cosine series, since W² is the transform of the B-spline
of degree 7 at whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.kernels.crew import Crew

N_PARTS = 8  # grids that charges are spread on; a fixed number, so that sums have one order
MOST_BANDS = 16
ROWS_A_BAND = 48  # rows or columns that are transformed in one call, at least
MARGIN_NODES = 5  # beyond the cells that hold items: the spline reaches one node back and two ahead
PADDING = 2.0  # how much larger than the layout the grid is, so that its far side does not reach back
WIDE_PADDING = 1.5  # the same for wide layouts, whose sides are too far apart to matter
WIDE_NODES = 128
SIZE_STEP = 1.05  # each size is at least this much larger than the one before, so that grids are seldom made
LARGEST_SIZE = 4320
SPLINE_7 = (2416, 1191, 120, 1)  # B-spline of degree 7 at 0, ±1, ±2, ±3, times 5040


class Mesh:
    """A grid for layouts up to some width and height.

    Args:
        width: Extent of the layout along x.
        height: Extent along y.
        cell: Width of a cell; the kernel's width is 1.
        crew: Threads to work with.

    Attributes:
        potential: (n_rows, n_columns) φ on the nodes, after `set_charges`.
        place: The x and y of the second column and row of nodes, and the cells a unit of length.
    """

    def __init__(self, width: float, height: float, cell: float, crew: Crew) -> None:
        self._cell, self._crew = cell, crew
        self._shape = _padded_size(_n_nodes(height, cell)), _padded_size(_n_nodes(width, cell))
        n_rows, n_columns = (int(size / WIDE_PADDING) for size in self._shape)
        self._influence = influence(*self._shape, cell)
        self._parts = np.empty((N_PARTS, n_rows, n_columns), np.float32)
        self._charges = np.empty((n_rows, n_columns), np.float32)
        self._spectrum = np.empty((n_rows, self._influence.shape[1]), np.complex64)
        self.potential = np.empty((n_rows, n_columns), np.float32)
        self.place = np.float32(0), np.float32(0), np.float32(1 / cell)

    def suits(self, width: float, height: float, cell: float) -> bool:
        """Return whether a layout of this extent needs just this grid."""
        return cell == self._cell and self._shape == (_padded_size(_n_nodes(height, self._cell)), _padded_size(_n_nodes(width, self._cell)))

    def set_charges(self, places: Coordinates, left: np.float32, top: np.float32) -> float:
        """Compute the potential of items at these places, whose least x and y are `left` and `top`; return Σ_i φ(y_i)."""
        self.place = left, top, np.float32(1 / self._cell)
        self._crew.over_chunks(N_PARTS, lambda part: self._spread(places, part))
        self._over_bands(self._spectrum.shape[0], self._transform_rows)
        self._over_bands(self._spectrum.shape[1], self._convolve_columns)
        sums = self._over_bands(self._spectrum.shape[0], self._restore_rows)
        return float(sum(sums))

    def _spread(self, places: Coordinates, part: int) -> None:
        from vista.kernels.field import spread

        charges = self._parts[part]
        charges.fill(0)
        spread(places, *self.place, charges, len(places) * part // N_PARTS, len(places) * (part + 1) // N_PARTS)

    def _transform_rows(self, rows: slice) -> float:
        from scipy.fft import rfft

        np.add.reduce(self._parts[:, rows], axis=0, out=self._charges[rows])
        self._spectrum[rows] = rfft(self._charges[rows], n=self._shape[1], axis=1)
        return 0.0

    def _convolve_columns(self, columns: slice) -> float:
        from scipy.fft import fft, ifft

        waves = fft(self._spectrum[:, columns], n=self._shape[0], axis=0)
        waves *= self._influence[:, columns]
        self._spectrum[:, columns] = ifft(waves, axis=0, overwrite_x=True)[: len(self._spectrum)]
        return 0.0

    def _restore_rows(self, rows: slice) -> float:
        from scipy.fft import irfft

        self.potential[rows] = irfft(self._spectrum[rows], n=self._shape[1], axis=1)[:, : self.potential.shape[1]]
        return float(np.multiply(self.potential[rows], self._charges[rows]).sum(dtype=np.float64))

    def _over_bands(self, n: int, work: Callable[[slice], float]) -> list[float]:
        """Do the work for bands of rows or columns, whose number depends on `n` alone, and return the results in order."""
        n_bands = max(1, min(MOST_BANDS, n // ROWS_A_BAND))
        n_bands -= n_bands % 4 if n_bands > 4 else 0  # so that 2 or 4 threads get the same number of them
        results = [0.0] * n_bands

        def do(band: int) -> None:
            results[band] = work(slice(n * band // n_bands, n * (band + 1) // n_bands))

        self._crew.over_chunks(n_bands, do)
        return results


def cell_for(extent: float, cell: float) -> float:
    """Return the width of a cell, doubled until a layout of this extent fits on the largest grid."""
    while WIDE_PADDING * _n_nodes(extent, cell) > LARGEST_SIZE:
        cell *= 2
    return cell


def influence(n_rows: int, n_columns: int, cell: float) -> NDArray[np.float32]:
    """Return G on the frequencies of a real transform of (n_rows, n_columns) nodes, (n_rows, n_columns // 2 + 1)."""
    from scipy.fft import rfft2

    down, across = (_around(size, cell) for size in (n_rows, n_columns))
    kernel = (1 / (1 + down[:, None] ** 2 + across**2)).astype(np.float32)
    sharpening_down = _sharpening(np.fft.fftfreq(n_rows))
    sharpening_across = _sharpening(np.fft.rfftfreq(n_columns))
    return np.asarray(rfft2(kernel).real * (sharpening_down[:, None] * sharpening_across), dtype=np.float32)


def _around(size: int, cell: float) -> NDArray[np.floating[Any]]:
    steps = np.arange(size)
    return cell * np.minimum(steps, size - steps)


def _sharpening(frequencies: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    aliases = sum((1 if j == 0 else 2) * value * np.cos(2 * np.pi * j * frequencies) for j, value in enumerate(SPLINE_7)) / 5040
    return np.asarray(np.sinc(frequencies) ** 8 / aliases**2, dtype=np.float32)


def _n_nodes(extent: float, cell: float) -> int:
    return int(extent / cell) + MARGIN_NODES


def _padded_size(n_nodes: int) -> int:
    """Return the smallest of the sizes that suit a fast transform and hold the nodes with their padding."""
    padding = WIDE_PADDING if n_nodes > WIDE_NODES else PADDING
    return next(size for size in _sizes() if size >= padding * n_nodes)


@lru_cache
def _sizes() -> list[int]:
    """Return even numbers without a prime factor above 5, each larger than the one before by `SIZE_STEP` at least."""
    smooth = sorted(2**a * 3**b * 5**c for a in range(1, 16) for b in range(10) for c in range(7) if 2**a * 3**b * 5**c <= LARGEST_SIZE)
    sizes = [16]
    for size in smooth:
        if size >= SIZE_STEP * sizes[-1]:
            sizes.append(size)
    return sizes
