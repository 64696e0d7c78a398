"""From maps to the atlas: one set of texts for all latents' maps, one set of latents for the dictionary."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Items
from vista.pipeline.drawing import Drawn, draw_collage, draw_points, item_pictures, write_drawn
from vista.pipeline.illustration import Illustration, own_pictures
from vista.pipeline.plane import Plane
from vista.sae.study import dictionary as dictionary_room
from vista.sae.study.choice import single_token_share
from vista.sae.study.dictionary import Dictionary, latent_items
from vista.sae.study.illustration import part_of
from vista.sae.study.latent_map import LatentMap
from vista.sae.study.miniatures import Miniatures
from vista.sae.study.options import StudyRun
from vista.sae.study.words import Words, flags_of, recalls_by_level

if TYPE_CHECKING:
    from vista.atlas import Building, LatentEntry, StudyContent, StudyEntry
    from vista.atlas.manifest import MapEntry, SetEntry
    from vista.sae.store import Store

ITEMS_MAP = "items"
TOP_ITEMS = 10
LABEL_SCORE = "detection"  # what the dictionary's column "label score" holds
MINIATURE_PX = 256


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Everything that is known before a picture is drawn.

    Attributes:
        store: The codes.
        rows: (n_items,) rows of the texts' set in the store, ascending.
        base_rows: Rows of the items on the map of all items, ascending, each among `rows`.
        base: The map of all items.
        maps: The latents' maps.
        dictionary: The map of the latents.
        words: What is said of latents.
        illustration: Pictures of the texts of the set.
        entry: What the manifest says of the study.
    """

    store: Store
    rows: NDArray[np.int64]
    base_rows: NDArray[np.int64]
    base: Plane
    maps: tuple[LatentMap, ...]
    dictionary: Dictionary
    words: Words
    illustration: Illustration
    entry: StudyEntry


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One map of a study before it is drawn.

    Attributes:
        map_id: Its id.
        title: Its title.
        items: The items on it.
        members: (n_items,) rows of these items in their set.
        set_name: That set.
        plane: Where they lie.
        illustration: Their pictures.
        content: What a study adds to the map; None where it adds nothing.
    """

    map_id: str
    title: str
    items: Items
    members: NDArray[np.int64]
    set_name: str
    plane: Plane
    illustration: Illustration
    content: StudyContent | None = None


def write_study(place: Building, study: Study, run: StudyRun) -> None:
    """Draw every map and write the atlas."""
    from vista.atlas import ItemPictures, provenance_of, write_item_set, write_manifest

    texts = study.store.read_items(study.rows)
    sets = dict([_write_texts(place, study, texts, run)])
    (text_set,) = sets
    entries: dict[str, MapEntry] = {}
    previews: dict[int, bytes] = {}
    with run.progress.stage("drawing the latents' maps", len(study.maps)) as advance:
        for made in study.maps:
            entries[made.map_id], previews[made.chosen.latent] = write_sheet(place, _latent_sheet(study, made, texts, text_set, run), run)
            advance(1)
    entries[ITEMS_MAP], _ = write_sheet(place, _base_sheet(study, texts, text_set), run)
    latents = _latent_items(study, previews)
    with run.timed("write"):
        miniatures = cast("list[bytes | None]", latents.pictures)  # as they were drawn, which is as they are shown
        pictures = ItemPictures(miniatures, MINIATURE_PX) if own_pictures(latents) else None
        latent_set, latents_entry = write_item_set(place, latents, pictures=pictures, name=dictionary_room.SET, progress=run.progress)
    sets[latent_set] = latents_entry
    entries[dictionary_room.MAP_ID], _ = write_sheet(place, _dictionary_sheet(study, latents, latent_set), run)
    first = (dictionary_room.MAP_ID, *(made.map_id for made in study.maps), ITEMS_MAP)
    write_manifest(
        place,
        title=run.options.title or f"Latents of {study.store.meta.sae}",
        sets=sets,
        maps={map_id: entries[map_id] for map_id in first},
        provenance=provenance_of(
            dictionary_room.MAP_ID,
            run.command,
            run.recorded(),
            seed=run.options.seed,
            inputs=study.store.inputs,
            seconds=run.seconds,
        ),
        warnings=run.notes,
        study=study.entry,
    )


def write_sheet(place: Building, sheet: Sheet, run: StudyRun) -> tuple[MapEntry, bytes]:
    """Draw a map and write it; return its entry and its preview."""
    on = replace(place, map_id=sheet.map_id)
    with run.timed("collage"):
        drawn = _drawn(on, sheet, run)
    with run.timed("write"):
        entry = write_drawn(
            on,
            sheet.items,
            sheet.plane,
            drawn,
            set_name=sheet.set_name,
            title=sheet.title,
            seed=run.options.seed,
            journal=run,
            members=sheet.members,
            study=sheet.content,
        )
    return entry, drawn.preview


def _drawn(place: Building, sheet: Sheet, run: StudyRun) -> Drawn:
    named, coordinates, space = sheet.plane.named, sheet.plane.layout.coordinates, sheet.plane.space
    if run.options.renderer == "none":
        return draw_points(named, coordinates, None)
    return draw_collage(place, sheet.items, named, coordinates, space, lambda _: sheet.illustration, run, numbers=sheet.members)


def _write_texts(place: Building, study: Study, texts: Items, run: StudyRun) -> tuple[str, SetEntry]:
    """Write the set of the texts; return its name and its entry."""
    from vista.atlas import write_item_set

    has_neighbors = _all_on_base(study) and study.base.graph.n_neighbors
    with run.timed("write"):
        return write_item_set(
            place,
            texts,
            graph=study.base.graph if has_neighbors else None,
            pictures=item_pictures(texts, study.illustration),
            progress=run.progress,
        )


def _all_on_base(study: Study) -> bool:
    return len(study.base_rows) == len(study.rows)


def _latent_sheet(study: Study, made: LatentMap, texts: Items, set_name: str, run: StudyRun) -> Sheet:
    members, latent = np.searchsorted(study.rows, made.body.rows), made.chosen.latent
    return Sheet(
        map_id=made.map_id,
        title=f"{latent} · {study.words.label(latent)}",
        items=_part(texts, members),
        members=members,
        set_name=set_name,
        plane=made.plane,
        illustration=part_of(study.illustration, members),
        content=_latent_content(study, made, run),
    )


def _base_sheet(study: Study, texts: Items, set_name: str) -> Sheet:
    from vista.atlas import StudyContent

    members = np.searchsorted(study.rows, study.base_rows)
    return Sheet(
        map_id=ITEMS_MAP,
        title="all items by their codes",
        items=_part(texts, members),
        members=members,
        set_name=set_name,
        plane=study.base,
        illustration=part_of(study.illustration, members),
        content=None if _all_on_base(study) else StudyContent(graph=study.base.graph),
    )


def _dictionary_sheet(study: Study, latents: Items, set_name: str) -> Sheet:
    from vista.atlas import StudyContent

    shown, plane = study.dictionary.latents, study.dictionary.plane
    return Sheet(
        map_id=dictionary_room.MAP_ID,
        title="dictionary",
        items=_part(latents, shown),
        members=shown,
        set_name=set_name,
        plane=plane,
        illustration=Illustration("items", "Every latent is shown by its map, or by where its items lie among all."),
        content=StudyContent(kind="dictionary", graph=plane.graph, opens={made.chosen.latent: made.map_id for made in study.maps}),
    )


def _part(items: Items, members: NDArray[np.int64]) -> Items:
    """Return some of the items."""
    if len(members) == len(items):
        return items
    rows = members.tolist()
    return replace(
        items,
        ids=[items.ids[row] for row in rows],
        source_rows=items.source_rows[members],
        texts=None if items.texts is None else [items.texts[row] for row in rows],
        pictures=None if items.pictures is None else [items.pictures[row] for row in rows],
        columns=items.columns.take(members),
    )


def _latent_content(study: Study, made: LatentMap, run: StudyRun) -> StudyContent:
    from vista.atlas import StudyContent
    from vista.rendering.terrain import render_terrain

    body, plane, scores = made.body, made.plane, study.words.scores.get(made.chosen.latent)
    return StudyContent(
        kind="latent",
        graph=plane.graph,
        activations=body.values,
        spans=body.spans if study.store.has_tokens else None,
        terrain=render_terrain(plane.named.extent, plane.layout.coordinates, body.values),
        latent=_latent_entry(study, made, run),
        recalls=recalls_by_level(scores),
        outcomes=None if scores is None else scores.outcomes,
    )


def _latent_entry(study: Study, made: LatentMap, run: StudyRun) -> LatentEntry:
    from vista.atlas.provenance import without_places

    asked, latent, statistics = run.options, made.chosen.latent, study.store.statistics
    found = study.store.latent(latent)
    strongest = np.lexsort((found.rows, -found.values))[:TOP_ITEMS]
    scores = study.words.scores.get(latent)
    density = float(statistics.density[latent])
    neuronpedia_id = study.entry["neuronpedia_id"]
    return {
        "latent": latent,
        "neuronpedia_url": f"https://www.neuronpedia.org/{neuronpedia_id}/{latent}" if neuronpedia_id else None,
        "why": made.chosen.why,
        "n_active": int(statistics.n_active[latent]),
        "density": density,
        "maximum": float(statistics.maximum[latent]),
        "mean": float(statistics.mean[latent]),
        "histogram": statistics.histogram[latent].tolist(),
        "sampling": made.body.sampling,
        "weight": asked.weight,
        "scale": asked.scale,
        "transform": asked.transform,
        "keeps_latent": asked.keep_latent,
        "gain_cosine": _figures(made.plane.fidelity.gain_cosine),
        "moran_i": made.moran_i,
        "label": study.words.label(latent),
        "keywords": list(study.words.keywords.get(latent, ())),
        "explanations": [{"text": told.text, "source": without_places(told.source)} for told in study.words.explanations.get(latent, ())],
        "top": np.searchsorted(study.rows, found.rows[strongest]).tolist(),
        "flags": flags_of(density, single_token_share(study.store, found.rows, found.positions)),
        "scores": [] if scores is None else [_score_entry(score) for score in scores.scores],
        "missed": []
        if scores is None
        else [{"level": one.level, "region": one.region, "recall": float(one.recall), "n": int(one.n)} for one in scores.missed],
    }


def _score_entry(score: Any) -> Any:
    return {
        "name": score.name,
        "value": _figures([score.value])[0],
        "n": int(score.n),
        "baselines": [{"name": name, "value": _figures([value])[0]} for name, value in score.baselines],
    }


def _figures(values: Any) -> list[float | None]:
    return [float(value) if value is not None and np.isfinite(value) else None for value in values]


def _latent_items(study: Study, previews: dict[int, bytes]) -> Items:
    """Return the latents as items: each with its label, its figures and a miniature."""
    import pyarrow as pa

    store, base = study.store, study.base
    miniatures = Miniatures(base.named.extent, base.layout.coordinates, store.codes(study.base_rows))
    fires = store.statistics.n_active > 0
    unmapped = [latent for latent in range(store.d_sae) if fires[latent] and latent not in previews]
    drawn = dict(zip(unmapped, miniatures.draw_all(unmapped), strict=True)) | {latent: _small(made) for latent, made in previews.items()}
    pictures = [drawn.get(latent) for latent in range(store.d_sae)]
    areas = {made.chosen.latent: made.plane.fidelity.rnx_area for made in study.maps}
    keywords = [", ".join(study.words.keywords.get(latent, ())) or None for latent in range(store.d_sae)]
    columns: dict[str, Any] = {
        "keywords": pa.array(keywords, pa.string()),
        "area": pa.array([areas.get(latent) for latent in range(store.d_sae)], pa.float64()),
    }
    if study.words.scores:
        scores = {latent: found.value for latent, scored in study.words.scores.items() if (found := scored.score(LABEL_SCORE))}
        columns["label score"] = pa.array([scores.get(latent) for latent in range(store.d_sae)], pa.float64())
    return latent_items(store, study.words.labels(store.d_sae), columns, pictures)


def _small(preview: bytes) -> bytes:
    from io import BytesIO

    from PIL import Image

    picture = Image.open(BytesIO(preview)).convert("RGBA")
    picture.thumbnail((MINIATURE_PX, MINIATURE_PX), Image.Resampling.LANCZOS)
    packed = BytesIO()
    picture.save(packed, "WEBP", quality=80, alpha_quality=80, method=4)
    return packed.getvalue()
