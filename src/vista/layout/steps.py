"""What a caller may be told while a layout is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from vista.artifacts import Coordinates

OnStep: TypeAlias = Callable[[int, int, Coordinates], None]  # steps done, steps in all, (n_items, 2) where the items are now
