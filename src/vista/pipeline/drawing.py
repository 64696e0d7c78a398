"""The stages of the story from pictures to disk: who stands for each cell, what is drawn there, and the atlas that holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates, Items, Representation
from vista.cartography.tiles import Tiling, tile_points
from vista.execution import Journal
from vista.metrics.space import MetricSpace
from vista.pipeline.activation import Activation
from vista.pipeline.illustration import CARDS, COARSE_LEVEL_CELLS, Illustration, TextEncoder, by_meaning, own_pictures, text_cards
from vista.pipeline.plane import BarePlane, Named, Plane
from vista.pipeline.run import Run
from vista.pipeline.stages import MapParts

if TYPE_CHECKING:
    from vista.atlas import Building, CollageFacts, ItemPictures, StudyContent
    from vista.atlas.manifest import MapEntry, RepresentationEntry
    from vista.rendering import LevelCells

_CHOSEN_BY_LAYOUT = ("n_neighbors", "detail", "min_dist")


def write(place: Building, parts: MapParts, run: Run) -> None:
    """Draw the pictures and write everything into the atlas under construction."""
    from vista.atlas import provenance_of, write_item_set, write_manifest, write_same_items

    items, plane, activation = parts.found.items, parts.plane, parts.activation
    with run.timed("tiles"):
        tiling = tiling_of(plane, run)
    with run.timed("collage"):
        drawn = draw(place, items, plane, tiling, run)
    with run.timed("write"):
        nearest = parts.nearest if parts.nearest and parts.nearest.n_neighbors else None
        order = None if tiling is None else tiling.order
        run.note(*_search_note(items))
        set_name, set_entry = write_item_set(place, items, graph=nearest, pictures=drawn.item_pictures, order=order, progress=run.progress)
        map_entry = write_drawn(
            place,
            items,
            plane,
            drawn,
            set_name=set_name,
            title=place.map_id,
            seed=run.options.seed,
            journal=run,
            members=places_of(tiling),
            tiling=tiling,
            study=None if activation is None else _activation_content(parts, activation, run),
        )
        if same := write_same_items(place, map_entry):
            map_entry["same_items"] = same
        run.effective |= {name: plane.layout.parameters[name] for name in _CHOSEN_BY_LAYOUT if name in plane.layout.parameters}
        write_manifest(
            place,
            title=run.options.title or (place.earlier["title"] if place.earlier else parts.found.title or "atlas"),
            sets={set_name: set_entry},
            maps={place.map_id: map_entry},
            provenance=provenance_of(
                place.map_id,
                run.command,
                run.recorded(),
                seed=run.options.seed,
                inputs=(*items.inputs, *(activation.inputs if activation else ())),
                seconds=run.seconds,
            ),
            warnings=run.notes,
            skipped=items.skipped,
        )


def tiling_of(plane: BarePlane, run: Run) -> Tiling | None:
    """Put the points of a map in tiles; None where they are few."""
    coordinates, limits = plane.layout.coordinates, run.limits
    if len(coordinates) <= limits.tiled_above_items:
        return None
    return tile_points(coordinates, plane.named.extent, seed=run.options.seed, tile_items=limits.tile_items)


def places_of(tiling: Tiling | None) -> NDArray[np.int64] | None:
    """Return where each item comes in the order of the tiles, in which the set of a tiled map is stored."""
    if tiling is None:
        return None
    place = np.empty_like(tiling.order)
    place[tiling.order] = np.arange(len(place))
    return place


def write_drawn(
    place: Building,
    items: Items,
    plane: BarePlane,
    drawn: Drawn,
    *,
    set_name: str,
    title: str,
    seed: int,
    journal: Journal,
    members: NDArray[np.int64] | None = None,
    tiling: Tiling | None = None,
    study: StudyContent | None = None,
) -> MapEntry:
    """Write a map that was drawn, and return its entry in the manifest.

    Args:
        place: The atlas under construction.
        items: The items that the map shows.
        plane: Where they lie.
        drawn: Its pictures.
        set_name: The set of the items.
        title: What the map is called.
        seed: The seed that its layout came from.
        journal: Told what happens.
        members: (n_items,) item of the set that each is, where the map shows a part of one or the set has another order.
        tiling: Its points in tiles, where they are many.
        study: What the map says beyond that of any map.
    """
    from vista.atlas import MapContent, write_map
    from vista.cartography import drawing_order

    named, judged = plane.named, plane if isinstance(plane, Plane) else None
    representatives, spreads = _representatives(plane)
    content = MapContent(
        layout=plane.layout,
        extent=named.extent,
        order=tiling.order if tiling else drawing_order(plane.layout.coordinates, named.extent, seed=seed),
        trust=judged.trust if judged else None,
        fidelity=judged.fidelity if judged else None,
        regions=named.regions,
        names=named.names,
        representatives=representatives,
        spreads=spreads,
        labels=named.labels,
        title=title,
        seed=seed,
        members=members,
        tiling=tiling,
        study=study,
    )
    entry, notes = write_map(
        place,
        items,
        content,
        set_name=set_name,
        representation=_representation_entry(judged) if judged else None,
        collage=drawn.collage,
        ground=drawn.ground,
        preview=drawn.preview,
    )
    journal.note(*notes)
    return entry


def _representation_entry(plane: Plane) -> RepresentationEntry:
    made = plane.representation
    return {
        "encoder": made.encoder,
        "space": made.space,
        "dim": made.dim,
        "n_zero": plane.space.n_zero,
        "metric": plane.space.metric,
    }


def _representatives(plane: BarePlane) -> tuple[list[NDArray[np.int64]], list[NDArray[np.float32]] | None]:
    """Return who stands for each region, level by level, and how far the region's other items are from it.

    That is its medoid, or without a representation the item at its densest place, from which no distance is known.
    """
    from vista.metrics import group_medoids
    from vista.regions import items_at

    regions = plane.named.regions
    if isinstance(plane, Plane):
        medoids = [group_medoids(plane.space, level.astype(np.int64)) for level in regions.membership.T]
        return [level.items for level in medoids], [level.spreads for level in medoids]
    items = items_at(np.concatenate(regions.anchors), plane.layout.coordinates)
    return np.split(items, np.cumsum([len(anchors) for anchors in regions.anchors])[:-1]), None


def _activation_content(parts: MapParts, activation: Activation, run: Run) -> StudyContent:
    from vista.atlas import StudyContent
    from vista.rendering.terrain import render_terrain
    from vista.trust import morans_i

    plane, chosen = parts.plane, run.effective
    assert isinstance(plane, Plane)
    assert plane.fidelity.gain_cosine is not None
    return StudyContent(
        graph=plane.graph,
        activations=activation.values.astype(np.float32),
        terrain=render_terrain(plane.named.extent, plane.layout.coordinates, activation.values),
        activation={
            "name": activation.name,
            "form": activation.form,
            "column": activation.column,
            "weight": chosen["weight"],
            "scale": chosen["scale"],
            "transform": chosen["transform"],
            "gain_cosine": plane.fidelity.gain_cosine.tolist(),
            "moran_i": morans_i(plane.layout, activation.values),
        },
    )


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The pictures of a map: its collage, and what the viewer shows of single items."""

    collage: CollageFacts | None
    ground: bytes | None
    preview: bytes
    item_pictures: ItemPictures | None


def draw(place: Building, items: Items, plane: BarePlane, tiling: Tiling | None, run: Run) -> Drawn:
    """Choose what picture each item has, and render the collage, or how densely the items lie."""
    coordinates, order = plane.layout.coordinates, None if tiling is None else tiling.order
    run.effective["renderer"] = renderer = run.options.renderer or ("collage" if isinstance(plane, Plane) else "density")
    if renderer == "collage":
        assert isinstance(plane, Plane)
        judged: Plane = plane
        return draw_collage(
            place,
            items,
            plane.named,
            coordinates,
            plane.space,
            lambda coarse: illustrate(items, judged.representation, coarse, run),
            run,
            numbers=places_of(tiling),
            order=order,
        )
    shown = item_pictures(items, own_pictures(items), order=order)
    if renderer == "none" and tiling is None:
        return draw_points(plane.named, coordinates, shown)
    return draw_density(plane.named, coordinates, shown, is_ground=renderer == "density")


def draw_density(named: Named, coordinates: Coordinates, pictures: ItemPictures | None, *, is_ground: bool) -> Drawn:
    """Draw how densely items lie: as the preview, and as the ground of the points where that is wanted."""
    from vista.rendering.density import render_density

    density = render_density(named.extent, coordinates)
    return Drawn(None, density if is_ground else None, density, pictures)  # one picture, and one file


def draw_points(named: Named, coordinates: Coordinates, pictures: ItemPictures | None) -> Drawn:
    """Draw a map without a collage: its ground, and a preview of its points."""
    from vista.rendering.ground import render_ground, render_points_preview

    ground = render_ground(named.extent, coordinates, named.regions.membership[:, 0])
    return Drawn(None, ground, render_points_preview(named.extent, coordinates, ground), pictures)


def draw_collage(
    place: Building,
    items: Items,
    named: Named,
    coordinates: Coordinates,
    space: MetricSpace,
    choose: Callable[[Sequence[LevelCells]], Illustration],
    journal: Journal,
    *,
    numbers: NDArray[np.int64] | None = None,
    order: NDArray[np.int64] | None = None,
) -> Drawn:
    """Choose who stands for each cell, and render the collage.

    Args:
        place: Where the files go.
        items: The items of the map.
        named: Its square and its regions.
        coordinates: Where the items lie.
        space: Their representation.
        choose: Says which picture each item has, given who stands for the cells of the coarse levels.
        journal: Told what happens.
        numbers: (n_items,) item of the set that each is, where the map shows a part of one or the set has another order.
        order: (n_items,) the order of the set, where it is that of the tiles.
    """
    from vista.atlas import CollageFacts, collage_paths, write_blocks
    from vista.rendering import RULE, RULE_TEXT, PictureSource, choose_representatives, hues_around, render_collage, render_preview
    from vista.rendering.ground import render_ground

    ground = render_ground(named.extent, coordinates, named.regions.membership[:, 0])
    levels = choose_representatives(space, coordinates, named.extent, named.n_levels)
    n_coarse = sum(level.n_cells <= COARSE_LEVEL_CELLS for level in levels)
    illustration = choose(levels[:n_coarse])
    journal.note(*_blank_cards_note(items, illustration))
    source = PictureSource(
        items,
        illustration.library,
        illustration.of_item,
        n_library_levels=len(levels) if illustration.for_everyone else n_coarse,
        hues=hues_around(coordinates),
        numbers=numbers,
    )
    paths = collage_paths(place)
    summary = render_collage(
        levels,
        source,
        tiles_path=paths.tiles,
        cells_path=paths.cells,
        keep_sheets=lambda sheets: write_blocks(paths.sheets, paths.sheet_index, sheets),
        progress=journal.progress,
    )
    facts = CollageFacts(
        n_levels=summary.n_levels,
        n_tile_levels=summary.n_tile_levels,
        n_sheets=summary.n_sheets,
        rule=RULE,
        rule_text=RULE_TEXT,
        pictures=summary.pictures,
        picture_text=illustration.sentence,
        alone_share=named.alone_share,
    )
    return Drawn(facts, ground, render_preview(paths.tiles), item_pictures(items, illustration, order=order))


def illustrate(items: Items, representation: Representation, coarse: Sequence[LevelCells], run: Run) -> Illustration:
    """Decide which picture stands for each item."""
    from vista.rendering import load_library
    from vista.representations import encode, encoder_for

    if run.options.pictures is None and (own := own_pictures(items)) is not None:
        return own
    if run.options.pictures == CARDS or (run.options.pictures is None and items.texts is None):
        return text_cards("asked for" if run.options.pictures == CARDS else "the items have no texts to choose pictures by")
    library = load_library(run.options.pictures or "noto")
    run.note(*(f"left out of the picture library: {entry.name} ({entry.reason})" for entry in library.skipped))
    spec = run.options.encoder if run.options.encoder and run.options.encoder.startswith("text") else "text"

    def text_encoder() -> TextEncoder:
        encoder = encoder_for(spec, device=run.options.device)

        def encode_texts(texts: Sequence[str]) -> Representation:
            run.progress.say(f"encoding {len(texts):,} texts with {encoder.name} to choose pictures for them (skip with --pictures cards)")
            return encode(encoder, list(texts), cache_folder=run.cache.folder, progress=run.progress)

        return TextEncoder(encode_texts, encoder.space)

    representatives = np.unique(np.concatenate([level.items for level in coarse]))
    illustration = by_meaning(items, representation, library, representatives, text_encoder)
    if illustration.library is None:
        run.note(illustration.sentence)
    return illustration


def _search_note(items: Items) -> Iterator[str]:
    """Say where a page cannot search the texts."""
    from vista.atlas.word_index import INDEXED_UP_TO_ITEMS

    if items.texts is not None and len(items) > INDEXED_UP_TO_ITEMS:
        yield f"{len(items):,} texts are more than the {INDEXED_UP_TO_ITEMS:,} that a static page can search; `vista serve` searches them"


def _blank_cards_note(items: Items, illustration: Illustration) -> Iterator[str]:
    """Say how many texts get a card on which nothing can be written."""
    from vista.rendering import is_drawable

    if items.texts is None:
        return
    has_picture = np.array([picture is not None for picture in items.pictures or [None] * len(items)])
    if illustration.of_item is not None and illustration.for_everyone:
        has_picture |= illustration.of_item >= 0
    on_cards = (items.texts[row] for row in np.flatnonzero(~has_picture).tolist())
    n_blank = sum(bool(text) and not is_drawable(text) for text in on_cards)
    if n_blank:
        yield f"{n_blank:,} of {len(items):,} texts are in scripts that text cards cannot draw; the viewer shows them in full"


def item_pictures(items: Items, illustration: Illustration | None, *, order: NDArray[np.int64] | None = None) -> ItemPictures | None:
    """Return the pictures that the viewer shows of single items; None where cards show them.

    With `order`, the items' own pictures come in that order, as the set has them.
    """
    from vista.atlas import ItemPictures
    from vista.rendering import THUMBNAIL_PX, encode_thumbnails

    if illustration is None or illustration.kind == "cards":
        return None
    if illustration.library is None or illustration.of_item is None:
        assert items.pictures is not None
        own = items.pictures if order is None else (items.pictures[row] for row in order.tolist())
        return ItemPictures(encode_thumbnails(own), THUMBNAIL_PX)
    used, of_item = np.unique(illustration.of_item, return_inverse=True)
    n_none = int(np.count_nonzero(used < 0))
    pictures = encode_thumbnails(illustration.library.pictures[number] for number in used[n_none:])
    return ItemPictures(pictures, THUMBNAIL_PX, of_item.astype(np.int64) - n_none)
