"""What a seed is: where randomness comes in, each public function asks here whether it can be used."""

from __future__ import annotations

import numpy as np

from vista.errors import InputError

LARGEST_SEED = 2**63 - 1


def check_seed(seed: object) -> None:
    """Refuse what is no seed.

    Raises:
        InputError: If it is not a whole number from 0 to 2⁶³ − 1.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"a seed is a whole number from 0 to 2⁶³ − 1, not {seed!r}.")
