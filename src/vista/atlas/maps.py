"""Writing one map of an atlas: where each item lies, how far that can be believed, and what its places are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Fidelity, Items, Labels, Layout, RegionName, Regions, Trust
from vista.atlas.construction import Building
from vista.atlas.json_text import json_bytes, plain, rounded
from vista.atlas.manifest import (
    BoundsEntry,
    CollageEntry,
    FidelityEntry,
    LayoutEntry,
    MapEntry,
    RepresentationEntry,
)
from vista.atlas.points import PointColumns
from vista.atlas.study_files import (
    ACTIVATION,
    FOUND_BY_LABEL,
    StudyContent,
    activation_color,
    found_by_label,
    region_figures,
    write_study_content,
)
from vista.atlas.tables import ROWS_AT_ONCE, growing_table
from vista.cartography.extent import CELL_PX, TILE_PX, Extent
from vista.cartography.tiles import Tiling

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False)
class MapContent:
    """What a map says; rows are the items that it shows, in source order.

    Attributes:
        layout: Where each item lies.
        extent: The square that the map shows.
        order: (n_items,) drawing order: item `order[i]` is drawn i-th.
        trust: How far each item's surroundings can be believed; None, as `fidelity`, where there is no representation to judge by.
        fidelity: How far the whole map can be believed.
        regions: Nested regions.
        names: One name a region, level by level.
        representatives: One (n_regions,) array a level: the item that stands for each region.
        labels: Placed names.
        title: What the map is called.
        seed: The seed that the layout came from.
        members: (n_items,) item of the set that each row is; None where the map shows the whole set, in its order.
        tiling: The points in tiles, whose order is `order`; None where they are few.
        study: What a map of a study, or one that is conditioned on an activation, says beyond that.
        spreads: One (n_regions,) array a level: mean distance of the region's other items to the one that stands for it; None
            where that was not measured.
    """

    layout: Layout
    extent: Extent
    order: NDArray[np.int64]
    trust: Trust | None
    fidelity: Fidelity | None
    regions: Regions
    names: Sequence[Sequence[RegionName]]
    representatives: Sequence[NDArray[np.integer]]
    labels: Labels
    title: str
    seed: int = 0
    members: NDArray[np.int64] | None = None
    tiling: Tiling | None = None
    study: StudyContent | None = None
    spreads: Sequence[NDArray[np.floating]] | None = None

    def of_set(self, rows: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the items of the set that some rows are."""
        return rows.astype(np.int64) if self.members is None else self.members[rows]


@dataclass(frozen=True, slots=True)
class CollageFacts:
    """How the collage was made; its files are at `collage_paths`.

    Attributes:
        n_levels: Zoom levels of the collage.
        n_tile_levels: How many of them have tiles; deeper ones are drawn from the sheets.
        n_sheets: Sheets of pictures.
        rule: Short name of the rule that chooses the representative of a cell.
        rule_text: The rule in a sentence.
        pictures: Where the pictures come from.
        picture_text: The same in a sentence.
        alone_share: Share of the items that are alone in their cell at the deepest level.
    """

    n_levels: int
    n_tile_levels: int
    n_sheets: int
    rule: str
    rule_text: str
    pictures: Literal["items", "library", "cards", "mixed"]
    picture_text: str
    alone_share: float


@dataclass(frozen=True, slots=True)
class CollagePaths:
    """Where the files of a collage are to be written."""

    tiles: Path
    cells: Path
    sheets: Path
    sheet_index: Path


def collage_paths(place: Building) -> CollagePaths:
    """Return where the collage is to be written, in a folder that exists."""
    folder = place.folder / _room(place)
    folder.mkdir(parents=True, exist_ok=True)
    return CollagePaths(folder / "collage.pmtiles", folder / "cells.pmtiles", folder / "sheets.bin", folder / "sheets.idx")


def write_map(
    place: Building,
    items: Items,
    content: MapContent,
    *,
    set_name: str,
    representation: RepresentationEntry | None,
    collage: CollageFacts | None = None,
    ground: bytes | None = None,
    preview: bytes | None = None,
) -> tuple[MapEntry, list[str]]:
    """Write a map of a set and return its entry in the manifest, with sentences about columns that give no color.

    Args:
        place: The atlas under construction.
        items: The items that the map shows.
        content: What the map says.
        set_name: The set's name, from `write_item_set`.
        representation: The vectors behind the map, or None.
        collage: How the files at `collage_paths` were made; None where there are none.
        ground: WebP of the soft color under the collage.
        preview: WebP of the whole map.
    """
    room = _room(place)
    (place.folder / room / "points").mkdir(parents=True, exist_ok=True)
    points = PointColumns(place.folder, room, content.order, content.tiling)
    colors, notes = points.write_colors(items)
    if content.study is not None and content.study.activations is not None:
        colors.insert(0, activation_color(points, content.study.activations))
    with growing_table(place.folder / room / "items.parquet") as add:
        for table in _map_tables(content):
            add(table)
    shown = _write_bytes(place.folder, f"{room}/preview.webp", preview)
    entry: MapEntry = {
        "set": set_name,
        "n_items": len(items),
        "title": content.title,
        "extent": {"x0": float(content.extent.x0), "y0": float(content.extent.y0), "size": float(content.extent.size)},
        "bounds": _bounds_entry(content.layout),
        "items": f"{room}/items.parquet",
        "points": points.write_points(content.layout.coordinates, content.trust, content.members, content.regions),
        "colors": colors,
        "collage": None if collage is None else _collage_entry(room, collage),
        "ground": shown if ground is preview else _write_bytes(place.folder, f"{room}/ground.webp", ground),
        "preview": shown,
        "labels": _write_json(place.folder, f"{room}/labels.json", _label_file(content.labels)),
        "regions": _write_json(place.folder, f"{room}/regions.json", _region_file(content)),
        "fidelity": None,
        "fidelity_curve": None,
        "representation": representation,
        "layout": _layout_entry(content),
    }
    if content.fidelity is not None and content.trust is not None:
        entry["fidelity"] = summary = fidelity_entry(content.fidelity, content.trust)
        entry["fidelity_curve"] = _write_json(place.folder, f"{room}/fidelity.json", _fidelity_file(content.fidelity, summary))
    if content.study is not None:
        members = content.of_set(np.arange(len(items)))
        entry.update(write_study_content(points, content.study, members))
    return entry, notes


def _room(place: Building) -> str:
    return f"maps/{place.map_id}"


def _write_bytes(atlas: Path, path: str, data: bytes | None) -> str | None:
    if data is None:
        return None
    (atlas / path).write_bytes(data)
    return path


def _write_json(atlas: Path, path: str, value: Any) -> str:
    (atlas / path).write_bytes(json_bytes(value))
    return path


def _map_tables(content: MapContent) -> Iterator[pa.Table]:
    """Yield the table of a map in slices, so that names of regions are spelled out for some rows at a time."""
    import pyarrow as pa

    spelled = [pa.array([name.name for name in names], pa.string()) for names in content.names]
    activations, outcomes = (None, None) if content.study is None else (content.study.activations, content.study.outcomes)
    for start in range(0, max(1, len(content.order)), ROWS_AT_ONCE):
        rows = content.order[start : start + ROWS_AT_ONCE]
        columns = {"item": pa.array(content.of_set(rows).astype(np.uint32))}
        for axis, name in enumerate("xy"):
            columns[name] = pa.array(np.ascontiguousarray(content.layout.coordinates[rows, axis], np.float32))
        for level, names in enumerate(spelled):
            columns[f"region_{level}"] = names.take(pa.array(content.regions.membership[rows, level]))
        for name in ("false", "missing"):
            columns[f"trust_{name}"] = _trust_column(content.trust, f"{name}_neighbors", rows)
        if activations is not None:
            columns[ACTIVATION] = pa.array(activations[rows].astype(np.float32))
        if outcomes is not None:
            columns[FOUND_BY_LABEL] = found_by_label(outcomes[rows])
        yield pa.table(columns)


def _trust_column(trust: Trust | None, name: str, rows: NDArray[np.int64]) -> pa.Array:
    import pyarrow as pa

    return pa.nulls(len(rows), pa.float32()) if trust is None else pa.array(getattr(trust, name)[rows].astype(np.float32))


def _collage_entry(room: str, facts: CollageFacts) -> CollageEntry:
    return {
        "tiles": f"{room}/collage.pmtiles",
        "cells": f"{room}/cells.pmtiles",
        "sheets": {"data": f"{room}/sheets.bin", "index": f"{room}/sheets.idx", "n": facts.n_sheets} if facts.n_sheets else None,
        "n_levels": facts.n_levels,
        "n_tile_levels": facts.n_tile_levels,
        "cell_px": CELL_PX,
        "tile_px": TILE_PX,
        "rule": facts.rule,
        "rule_text": facts.rule_text,
        "pictures": facts.pictures,
        "picture_text": facts.picture_text,
        "alone_share": facts.alone_share,
    }


def _bounds_entry(layout: Layout) -> BoundsEntry:
    (x0, y0), (x1, y1) = layout.coordinates.min(axis=0).tolist(), layout.coordinates.max(axis=0).tolist()
    return {"x0": x0, "y0": y0, "x1": x1, "y1": y1}


def _layout_entry(content: MapContent) -> LayoutEntry:
    return {"method": content.layout.method, "parameters": plain(content.layout.parameters), "seed": content.seed}


def _label_file(labels: Labels) -> dict[str, Any]:
    return {
        "font_px": list(labels.font_px),
        "labels": [
            {
                "text": label.text,
                "x": label.x,
                "y": label.y,
                "level": label.level,
                "region": label.region,
                "n_items": label.n_items,
                "min_zoom": label.min_zoom,
                "max_zoom": label.max_zoom,
                "width_px": label.width_px,
                "height_px": label.height_px,
            }
            for label in labels.labels
        ],
    }


def _region_file(content: MapContent) -> dict[str, Any]:
    return {"levels": [_region_level(content, level) for level in range(content.regions.n_levels)]}


def _region_level(content: MapContent, level: int) -> list[dict[str, Any]]:
    regions, trust = content.regions, content.trust
    membership, parents = regions.membership[:, level], regions.parents[level]
    sizes = np.bincount(membership, minlength=len(parents))
    false, missing = (None, None) if trust is None else (trust.false_neighbors, trust.missing_neighbors)
    mean_false, mean_missing = (_means(shares, membership, sizes) for shares in (false, missing))
    spreads = None if content.spreads is None else rounded(content.spreads[level], 4)
    more = [{}] * len(parents) if content.study is None else region_figures(content.study, level, membership, sizes)
    return [
        {
            "name": name.name,
            "terms": [[term, float(f"{weight:.4g}")] for term, weight in name.terms],
            "n_items": int(sizes[region]),
            "parent": int(parents[region]),
            "x": float(regions.anchors[level][region, 0]),
            "y": float(regions.anchors[level][region, 1]),
            "representative": int(content.of_set(content.representatives[level])[region]),
            "trust_false": mean_false[region],
            "trust_missing": mean_missing[region],
            **({} if spreads is None else {"spread": float(spreads[region])}),
            **more[region],
        }
        for region, name in enumerate(content.names[level])
    ]


def _means(shares: NDArray[np.float32] | None, membership: NDArray[np.int32], sizes: NDArray[np.int64]) -> list[float | None]:
    """Return the mean of each region, or None throughout where nothing is known."""
    if shares is None:
        return [None] * len(sizes)
    means: list[float | None] = rounded(np.bincount(membership, shares, len(sizes)) / np.maximum(sizes, 1), 4).tolist()
    return means


def fidelity_entry(fidelity: Fidelity, trust: Trust) -> FidelityEntry:
    """Return the summary of a map's fidelity as the manifest holds it.

    Where there are too few items for any neighborhood size, the area and the null are not defined.
    """
    null = fidelity.null
    areas = (fidelity.rnx_area, null.area_mean, null.area_low, null.area_high)
    area, mean, low, high = (float(value) if len(fidelity.k) else None for value in areas)
    entry: FidelityEntry = {
        "metric": fidelity.metric,
        "n_queries": int(fidelity.n_queries),
        "exact": bool(fidelity.exact),
        "k": fidelity.k.tolist(),
        "percent": list(fidelity.percentages),
        "gain": fidelity.gain.tolist(),
        "gain_ci": [(low, high) for low, high in fidelity.gain_ci.tolist()],
        "rnx": fidelity.rnx.tolist(),
        "rnx_area": area,
        "trustworthiness": fidelity.trustworthiness.tolist(),
        "continuity": fidelity.continuity.tolist(),
        "null": {"mean": mean, "low": low, "high": high, "n": int(null.n)},
        "null_gain": {"mean": null.gain_mean.tolist(), "low": null.gain_low.tolist(), "high": null.gain_high.tolist()},
        "trust_k": int(trust.k),
        "mean_false": _mean(trust.false_neighbors),
        "mean_missing": _mean(trust.missing_neighbors),
    }
    finite: FidelityEntry = plain(entry)
    return finite


def _mean(shares: NDArray[np.float32]) -> float:
    return float(np.mean(shares, dtype=np.float64)) if len(shares) else float("nan")


def _fidelity_file(fidelity: Fidelity, summary: FidelityEntry) -> dict[str, Any]:
    return {**summary, "curve": {"k": fidelity.curve_k, "rnx": fidelity.curve_rnx}}
