"""From how many items on the pipeline works in another way; one home for these sizes, so that tests can lower them."""

from __future__ import annotations

from dataclasses import dataclass

from vista.cartography.tiles import TILE_ITEMS, TILED_ABOVE_ITEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes at which the way of working changes.

    Attributes:
        tiled_above_items: A map of more items has its points in tiles.
        tile_items: Items of a tile.
        sampled_above_items: Regions of more items are found in, and named by, a fair sample of so many.
        judged_up_to_items: So many texts or images are encoded unasked to judge a layout that is given: some minutes of work.
    """

    tiled_above_items: int = TILED_ABOVE_ITEMS
    tile_items: int = TILE_ITEMS
    sampled_above_items: int = 200_000
    judged_up_to_items: int = 50_000
