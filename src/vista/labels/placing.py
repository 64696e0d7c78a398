"""Where the names of regions stand on the map, and at which zooms each shows, so that no two ever overlap.

Labels do not grow with zoom while the map does, so two labels that are dx and dy layout units apart stop overlapping for
good at one zoom (Been, Daiches and Yap 2006, "Dynamic map labeling": every label has one interval of zooms):

    scale(z)·|dx| ≥ (w₁ + w₂)/2   or   scale(z)·|dy| ≥ (h₁ + h₂)/2

Labels are placed greedily, coarse levels first and large regions first. Each starts with its level, or, where an earlier
label is in the way, as soon as the two part or the earlier one ends. A label that would have to wait may stand on the
anchor of one of its region's own parts instead. A level ends a little after the next one starts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Label, Labels, RegionName, Regions
from vista.cartography.extent import TILE_PX, Extent
from vista.cartography.type import text_width_px
from vista.labels.naming import RegionNames

FONT_PX = (22.0, 16.0, 13.0, 11.0)

_WIDTH_SAFETY = 1.15  # browsers set the same font up to this much wider
_LINE_HEIGHT = 1.25
_PADDING_PX = 6.0
_LONG_LINE = 22
_LONGEST_NAME = 48

_SCREEN_PX = (1200.0, 800.0)
_LABELS_ON_SCREEN = 24
_CENTERS = 256
_ZOOM_STEP = 0.25
_FIRST_ZOOM = -1.0
_HANDOVER = 0.5  # zooms for which a level stays after the next has started
_SHORTEST_STAY = 1.0
_PATIENCE = 0.5  # zooms that a label waits for its region's own anchor rather than take another place
_OTHER_PLACES = 6
_ZOOMS_BEYOND_COLLAGE = 6


@dataclass(frozen=True, slots=True)
class _Box:
    text: str
    width_px: float
    height_px: float


@dataclass(slots=True)
class _Placed:
    """The labels placed so far, as arrays that grow in place."""

    place: NDArray[np.float64]  # (capacity, 2) layout units
    half_px: NDArray[np.float64]  # (capacity, 2)
    zooms: NDArray[np.float64]  # (capacity, 2) from, until
    n: int = 0

    def add(self, place: NDArray[np.float64], box: _Box, start: float, end: float) -> None:
        self.place[self.n] = place
        self.half_px[self.n] = box.width_px / 2, box.height_px / 2
        self.zooms[self.n] = start, end
        self.n += 1

    def clear_from(self, place: NDArray[np.float64], box: _Box, extent: Extent) -> float:
        """Return the zoom from which a label overlaps none of those placed, −∞ if there is none in the way."""
        distance = np.abs(self.place[: self.n] - place)
        needed = self.half_px[: self.n] + np.array([box.width_px / 2, box.height_px / 2])
        with np.errstate(divide="ignore"):
            parted = np.log2(needed * extent.size / (distance * TILE_PX)).min(axis=1)  # (n,)
        start, end = self.zooms[: self.n].T
        return float(np.where(parted > start, np.minimum(parted, end), -np.inf).max(initial=-np.inf))


def place_labels(regions: Regions, names: RegionNames, extent: Extent, *, depth_levels: int) -> Labels:
    """Place the names of all regions on the map.

    Level 0 shows on the whole map. Each finer level starts at the zoom from which a screen of 1200 × 800 px shows about
    two dozen of its regions. Names of more than 22 characters are broken over two lines.

    Args:
        regions: The regions; a label is centered on its region's anchor, or on that of one of the region's parts.
        names: For each level one name a region; a region with the name "" gets no label.
        extent: The square that the map shows.
        depth_levels: Number of levels of the collage; the finest labels stay until beyond its deepest.

    Returns:
        The labels, coarsest first, and in each level the largest region first. A label that would have to wait until its
        level has ended is left out.
    """
    last_zoom = float(depth_levels + _ZOOMS_BEYOND_COLLAGE)
    starts = _level_starts(regions, extent, last_zoom)
    ends = [start + _HANDOVER for start in starts[1:]] + [last_zoom]
    n_regions = sum(len(parents) for parents in regions.parents)
    placed = _Placed(np.zeros((n_regions, 2)), np.zeros((n_regions, 2)), np.zeros((n_regions, 2)))
    labels: list[Label] = []
    for level, (start, end) in enumerate(zip(starts, ends, strict=True)):
        labels += _place_level(regions, names[level], level, (start, end), placed, extent)
    return Labels(tuple(labels), tuple(_font_px(level) for level in range(regions.n_levels)))


def _place_level(
    regions: Regions, names: tuple[RegionName, ...], level: int, zooms: tuple[float, float], placed: _Placed, extent: Extent
) -> list[Label]:
    n_items = np.bincount(regions.membership[:, level], minlength=len(names))
    start, end = zooms
    labels = []
    for region, name in enumerate(names):
        if not name.name.strip():
            continue
        box = _set(name.name, _font_px(level))
        place, from_zoom = _best_place(_places(regions, level, region), box, start, placed, extent)
        if from_zoom >= end:
            continue
        until_zoom = max(end, from_zoom + _SHORTEST_STAY)
        placed.add(place, box, from_zoom, until_zoom)
        x, y = place.tolist()
        labels.append(Label(box.text, x, y, level, region, int(n_items[region]), from_zoom, until_zoom, box.width_px, box.height_px))
    return labels


def _places(regions: Regions, level: int, region: int) -> NDArray[np.float64]:
    """Return where a region's label may stand, best first: its anchor, then the anchors of its largest parts."""
    own = regions.anchors[level][[region]]
    if level + 1 < regions.n_levels:
        parts = np.flatnonzero(regions.parents[level + 1] == region)[:_OTHER_PLACES]
        own = np.concatenate([own, regions.anchors[level + 1][parts]])
    return own.astype(np.float64)


def _best_place(places: NDArray[np.float64], box: _Box, start: float, placed: _Placed, extent: Extent) -> tuple[NDArray[np.float64], float]:
    """Return the first place where the label can show soon after `start`, or else the one where it shows earliest."""
    zooms = [_rounded_up(max(start, placed.clear_from(place, box, extent))) for place in places]
    best = min(range(len(places)), key=lambda which: (max(zooms[which], start + _PATIENCE), which))
    return places[best], zooms[best]


def _level_starts(regions: Regions, extent: Extent, last_zoom: float) -> list[float]:
    """Return the zoom at which each level starts: ascending, the first at the widest view."""
    starts = [_FIRST_ZOOM]
    for anchors in regions.anchors[1:]:
        zoom = starts[-1] + _HANDOVER
        while zoom < last_zoom - _SHORTEST_STAY and _on_screen(anchors.astype(np.float64), extent, zoom) > _LABELS_ON_SCREEN:
            zoom += _ZOOM_STEP
        starts.append(zoom)
    return starts


def _on_screen(anchors: NDArray[np.float64], extent: Extent, zoom: float) -> float:
    """Return how many anchors a screen shows on average when it is centered on one of them."""
    half = np.array(_SCREEN_PX) / 2 / extent.scale(zoom)
    centers = anchors[:: max(1, len(anchors) // _CENTERS)]
    inside = (np.abs(centers[:, None] - anchors[None]) <= half).all(axis=2)
    return float(inside.sum(axis=1).mean())


def _set(name: str, font_px: float) -> _Box:
    lines = _lines(" ".join(name.split()))
    width_px = max(text_width_px(line, font_px) for line in lines) * _WIDTH_SAFETY + _PADDING_PX
    return _Box("\n".join(lines), round(width_px, 1), round(len(lines) * font_px * _LINE_HEIGHT + _PADDING_PX, 1))


def _lines(name: str) -> list[str]:
    """Break a long name over two lines of about one length, after a comma where that is not much worse."""
    if len(name) > _LONGEST_NAME:
        name = name[: _LONGEST_NAME - 1].rstrip(" ,") + "…"
    breaks = [place for place, character in enumerate(name) if character == " "]
    if len(name) <= _LONG_LINE or not breaks:
        return [name]
    middle = min(breaks, key=lambda place: max(place, len(name) - place - 1) - (4 if name[place - 1] == "," else 0))
    return [name[:middle], name[middle + 1 :]]


def _font_px(level: int) -> float:
    return FONT_PX[min(level, len(FONT_PX) - 1)]


def _rounded_up(zoom: float) -> float:
    return float(np.ceil(zoom * 1000) / 1000)
