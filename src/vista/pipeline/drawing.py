"""The stages of the story from pictures to disk: who stands for each cell, what is drawn there, and the atlas that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vista.artifacts import Items, Layout, NeighborGraph, Representation
from vista.metrics.space import MetricSpace
from vista.pipeline.illustration import CARDS, COARSE_LEVEL_CELLS, Illustration, TextEncoder, by_meaning, own_pictures, text_cards
from vista.pipeline.run import Options, Run
from vista.pipeline.stages import Judged, Named

if TYPE_CHECKING:
    from vista.atlas import Building, CollageFacts, ItemPictures
    from vista.rendering import LevelCells
    from vista.sources import Source


def write(
    place: Building,
    found: Source,
    representation: Representation,
    graph: NeighborGraph,
    layout: Layout,
    judged: Judged,
    named: Named,
    run: Run,
    asked: Options,
) -> None:
    """Draw the pictures and write everything into the atlas under construction."""
    from vista.atlas import MapContent, provenance_of, write_item_set, write_manifest, write_map
    from vista.cartography import drawing_order
    from vista.metrics import group_medoids, metric_space
    from vista.rendering.ground import render_ground

    items = found.items
    space = metric_space(representation.vectors, asked.metric)
    with run.timed("collage"):
        drawn = draw(place, found, representation, space, layout, named, run, asked)
    with run.timed("write"):
        set_name, set_entry = write_item_set(
            place, items, graph=graph if graph.n_neighbors else None, pictures=drawn.item_pictures, progress=run.progress
        )
        content = MapContent(
            layout=layout,
            extent=named.extent,
            order=drawing_order(layout.coordinates, named.extent, seed=run.seed),
            trust=judged.trust,
            fidelity=judged.fidelity,
            regions=named.regions,
            names=named.names,
            representatives=[group_medoids(space, level.astype(np.int64)).items for level in named.regions.membership.T],
            labels=named.labels,
            title=place.map_id,
            seed=run.seed,
        )
        map_entry, notes = write_map(
            place,
            items,
            content,
            set_name=set_name,
            representation={
                "encoder": representation.encoder,
                "space": representation.space,
                "dim": representation.dim,
                "n_zero": space.n_zero,
                "metric": space.metric,
            },
            collage=drawn.collage,
            ground=render_ground(named.extent, layout.coordinates, named.regions.membership[:, 0]),
            preview=drawn.preview,
        )
        run.note(*notes)
        write_manifest(
            place,
            title=asked.title or _title_of(items),
            sets={set_name: set_entry},
            maps={place.map_id: map_entry},
            provenance=provenance_of(place.map_id, "map", asdict(asked), seed=run.seed, inputs=items.inputs, seconds=run.seconds),
            warnings=run.notes,
            skipped=items.skipped,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The pictures of a map: its collage, and what the viewer shows of single items."""

    collage: CollageFacts | None
    preview: bytes | None
    item_pictures: ItemPictures | None


def draw(
    place: Building,
    found: Source,
    representation: Representation,
    space: MetricSpace,
    layout: Layout,
    named: Named,
    run: Run,
    asked: Options,
) -> Drawn:
    """Choose who stands for each cell and what picture that item has, and render the collage."""
    from vista.atlas import CollageFacts, collage_paths
    from vista.rendering import RULE, RULE_TEXT, PictureSource, choose_representatives, hues_around, render_collage, render_preview

    if asked.renderer == "none":
        return Drawn(None, None, _item_pictures(found.items, own_pictures(found.items)))
    levels = choose_representatives(space, layout.coordinates, named.extent, named.n_levels)
    n_coarse = sum(level.n_cells <= COARSE_LEVEL_CELLS for level in levels)
    illustration = illustrate(found.items, representation, levels[:n_coarse], run, asked)
    source = PictureSource(
        found.items,
        illustration.library,
        illustration.of_item,
        n_library_levels=len(levels) if illustration.for_everyone else n_coarse,
        hues=hues_around(layout.coordinates),
    )
    tiles_path, cells_path = collage_paths(place)
    summary = render_collage(levels, source, tiles_path=tiles_path, cells_path=cells_path, progress=run.progress)
    facts = CollageFacts(named.n_levels, RULE, RULE_TEXT, summary.pictures, illustration.sentence, named.alone_share)
    return Drawn(facts, render_preview(tiles_path), _item_pictures(found.items, illustration))


def illustrate(items: Items, representation: Representation, coarse: Sequence[LevelCells], run: Run, asked: Options) -> Illustration:
    """Decide which picture stands for each item."""
    from vista.rendering import load_library
    from vista.representations import encode, encoder_for

    if asked.pictures is None and (own := own_pictures(items)) is not None:
        return own
    if asked.pictures == CARDS or (asked.pictures is None and items.texts is None):
        return text_cards("asked for" if asked.pictures == CARDS else "the items have no texts to choose pictures by")
    library = load_library(asked.pictures or "noto")
    run.note(*(f"left out of the picture library: {entry.name} ({entry.reason})" for entry in library.skipped))
    spec = asked.encoder if asked.encoder and asked.encoder.startswith("text") else "text"

    def text_encoder() -> TextEncoder:
        encoder = encoder_for(spec, device=asked.device)
        return TextEncoder(lambda texts: encode(encoder, list(texts), cache_folder=run.cache.folder, progress=run.progress), encoder.space)

    representatives = np.unique(np.concatenate([level.items for level in coarse]))
    illustration = by_meaning(items, representation, library, representatives, text_encoder)
    if illustration.library is None:
        run.note(illustration.sentence)
    return illustration


def _item_pictures(items: Items, illustration: Illustration | None) -> ItemPictures | None:
    from vista.atlas import ItemPictures
    from vista.rendering import THUMBNAIL_PX, encode_thumbnail

    if illustration is None or illustration.kind == "cards":
        return None
    if illustration.library is None or illustration.of_item is None:
        assert items.pictures is not None
        return ItemPictures((None if picture is None else encode_thumbnail(picture) for picture in items.pictures), THUMBNAIL_PX)
    used, of_item = np.unique(illustration.of_item, return_inverse=True)
    n_none = int(np.count_nonzero(used < 0))
    pictures = (encode_thumbnail(illustration.library.pictures[number]) for number in used[n_none:])
    return ItemPictures(pictures, THUMBNAIL_PX, of_item.astype(np.int64) - n_none)


def _title_of(items: Items) -> str:
    return Path(items.inputs[0].name).stem if items.inputs else "atlas"
