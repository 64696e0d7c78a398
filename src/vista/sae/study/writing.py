"""From maps to the atlas: one set of texts for all latents' maps, one set of latents for the dictionary."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

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
    from vista.atlas.manifest import MapEntry
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


def write_study(place: Building, study: Study, run: StudyRun) -> None:
    """Draw every map and write the atlas."""
    from vista.atlas import StudyContent, provenance_of, write_item_set, write_manifest

    texts = study.store.read_items(study.rows)
    all_on_base = len(study.base_rows) == len(study.rows)
    with run.timed("write"):
        set_name, set_entry = write_item_set(
            place,
            texts,
            graph=study.base.graph if all_on_base and study.base.graph.n_neighbors else None,
            pictures=item_pictures(texts, study.illustration),
            progress=run.progress,
        )
    entries: dict[str, MapEntry] = {}
    previews: dict[int, bytes] = {}
    with run.progress.stage("drawing the latents' maps", len(study.maps)) as advance:
        for made in study.maps:
            members = np.searchsorted(study.rows, made.body.rows)
            content = _latent_content(study, made, run)
            title = f"{made.chosen.latent} · {study.words.label(made.chosen.latent)}"
            on = replace(place, map_id=made.map_id)
            entries[made.map_id], previews[made.chosen.latent] = write_plane(
                on, _part(texts, members), members, made.plane, content, part_of(study.illustration, members), set_name, title, run
            )
            advance(1)
    members = np.searchsorted(study.rows, study.base_rows)
    entries[ITEMS_MAP], _ = write_plane(
        replace(place, map_id=ITEMS_MAP),
        _part(texts, members),
        members,
        study.base,
        None if all_on_base else StudyContent(graph=study.base.graph),
        part_of(study.illustration, members),
        set_name,
        "all items by their codes",
        run,
    )
    latents = _latent_items(study, previews)
    shown = study.dictionary.latents
    with run.timed("write"):
        latents_name, latents_entry = write_item_set(
            place, latents, pictures=item_pictures(latents, own_pictures(latents)), name=dictionary_room.SET, progress=run.progress
        )
    entries[dictionary_room.MAP_ID], _ = write_plane(
        replace(place, map_id=dictionary_room.MAP_ID),
        _part(latents, shown),
        shown,
        study.dictionary.plane,
        _dictionary_content(study),
        Illustration("items", "Every latent is shown by its map, or by where its items lie among all."),
        latents_name,
        "dictionary",
        run,
    )
    first = (dictionary_room.MAP_ID, *(made.map_id for made in study.maps), ITEMS_MAP)
    write_manifest(
        place,
        title=run.options.title or f"Latents of {study.store.meta.sae}",
        sets={set_name: set_entry, latents_name: latents_entry},
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


def write_plane(
    place: Building,
    items: Items,
    members: NDArray[np.int64],
    plane: Plane,
    study: StudyContent | None,
    illustration: Illustration,
    set_name: str,
    title: str,
    run: StudyRun,
) -> tuple[MapEntry, bytes]:
    """Draw a map and write it; return its entry and its preview."""
    with run.timed("collage"):
        drawn = _drawn(place, items, members, plane, illustration, run)
    with run.timed("write"):
        seed = run.options.seed
        entry = write_drawn(
            place, items, plane, drawn, set_name=set_name, title=title, seed=seed, journal=run, members=members, study=study
        )
    return entry, drawn.preview


def _drawn(place: Building, items: Items, members: NDArray[np.int64], plane: Plane, illustration: Illustration, run: StudyRun) -> Drawn:
    if run.options.renderer == "none":
        return draw_points(plane.named, plane.layout.coordinates, None)
    return draw_collage(place, items, plane.named, plane.layout.coordinates, plane.space, lambda _: illustration, run, numbers=members)


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

    body, plane = made.body, made.plane
    return StudyContent(
        kind="latent",
        graph=plane.graph,
        activations=body.values,
        spans=body.spans if study.store.has_tokens else None,
        terrain=render_terrain(plane.named.extent, plane.layout.coordinates, body.values),
        latent=_latent_entry(study, made, run),
        recalls=recalls_by_level(study.words.scores.get(made.chosen.latent)),
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
    pictures = [
        _small(previews[latent]) if latent in previews else miniatures.draw(latent) if fires[latent] else None
        for latent in range(store.d_sae)
    ]
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
    picture.save(packed, "WEBP", quality=75, alpha_quality=80, method=4)
    return packed.getvalue()


def _dictionary_content(study: Study) -> StudyContent:
    from vista.atlas import StudyContent

    return StudyContent(
        kind="dictionary", graph=study.dictionary.plane.graph, opens={made.chosen.latent: made.map_id for made in study.maps}
    )
