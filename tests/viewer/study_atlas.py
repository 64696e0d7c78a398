"""A small study of an autoencoder, all of it made up: `python tests/viewer/study_atlas.py OUT`.

Its texts are the sample's discs. Latent 3 fires on what is of the sea and the sky, latent 7 on lanterns; each has a map of the
items on which it fires, with its own neighbors, tokens, relief and figures. The dictionary has ten of the twelve latents.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from sample_atlas import Sample, disc_webp, webp
from vista.artifacts import Items, NeighborGraph, Outcome
from vista.atlas import (
    Building,
    CollageFacts,
    ItemPictures,
    LatentEntry,
    StudyContent,
    StudyEntry,
    building,
    collage_paths,
    provenance_of,
    write_blocks,
    write_item_set,
    write_manifest,
    write_map,
)
from vista.cartography import collage_depth
from vista.cartography.extent import extent_of
from vista.metrics import metric_space
from vista.rendering import RULE, RULE_TEXT, PictureSource, choose_representatives, render_collage, render_preview
from vista.rendering.terrain import render_terrain

N_TEXTS, N_LATENTS = 240, 12
WORDS = {3: ("sea", "sky"), 7: ("lantern",)}
DEAD = (10, 11)
JUDGED = 3  # the latent that has a judged label
N_TOP, N_NEIGHBORS, HISTOGRAM_BINS = 10, 5, 64
TEXTS = ("a lantern 👩‍👩‍👧‍👦🏳️‍🌈 over the sea, and a lantern", "the sea, the sea: שלום 𝔰𝔢𝔞 sky")  # characters that are two in JavaScript


@dataclass(frozen=True, slots=True, eq=False)
class LatentFacts:
    """What a latent of the study does: on which items it fires, how strongly, and on which of their characters."""

    members: NDArray[np.int64]
    activations: NDArray[np.float32]
    spans: list[list[tuple[int, int, float]]]


def main() -> None:
    build_study(Path(sys.argv[1]))


def build_study(output: Path) -> Path:
    """Write the study to `output`."""
    sample = Sample(N_TEXTS, 0)
    sample.items.texts[: len(TEXTS)] = TEXTS
    ids = ["dictionary", *(f"latent-{latent}" for latent in WORDS), "items"]
    with building(output, *ids, overwrite=True) as place:
        sets = {}
        name, sets["main"] = write_item_set(
            place, sample.items, graph=sample.graph, pictures=ItemPictures([disc_webp(color) for color in sample.colors], px=128)
        )
        facts = {latent: latent_facts(sample.items.texts, latent) for latent in WORDS}
        maps: dict[str, Any] = {f"latent-{latent}": _write_latent(place, sample, latent, facts[latent]) for latent in WORDS}
        maps["items"] = _write_plane(place, sample, "items", "all items by their codes", name)
        sets["latents"], maps["dictionary"] = _write_dictionary(place)
        write_manifest(
            place,
            title="Latents of a made-up model",
            sets=sets,
            maps={map_id: maps[map_id] for map_id in ids},
            provenance=provenance_of("dictionary", "latents", {"latents": "3,7"}, seed=0, inputs=[], seconds={}),
            study=study_entry(),
        )
    return output


def latent_facts(texts: Sequence[str], latent: int) -> LatentFacts:
    """Let a latent fire on its words: the more the further in front they stand, and from text to text as differently as can be."""
    strengths = 12.0 * (0.1 + 0.9 * (np.arange(len(texts)) * 0.618 % 1))
    spans = [
        [(at, at + len(word), float(strength / (1 + at / 70))) for word in WORDS[latent] for at in _found(text, word)]
        for text, strength in zip(texts, strengths, strict=True)
    ]
    members = np.array([row for row, found in enumerate(spans) if found], np.int64)
    kept = [sorted(spans[row]) for row in members]
    return LatentFacts(members, np.array([max(value for *_, value in found) for found in kept], np.float32), kept)


def _found(text: str, word: str) -> list[int]:
    starts, at = [], text.find(word)
    while at >= 0:
        starts.append(at)
        at = text.find(word, at + 1)
    return starts


def study_entry() -> StudyEntry:
    sanity = {"fvu": 0.21, "l0": 2.5, "expected_l0": 2.0, "dead_share": len(DEAD) / N_LATENTS, "n_tokens": 1_234}
    return {
        "model": "made-up-model",
        "sae": "made-up-sae",
        "hook_name": "layers.1.resid_post",
        "d_sae": N_LATENTS,
        "pooling": "max",
        "n_items": N_TEXTS,
        "store_sha256": "0" * 64,
        "model_sha256": "1" * 64,
        "sae_sha256": "2" * 64,
        "neuronpedia_id": None,
        "sanity": sanity,  # type: ignore[typeddict-item]
    }


def _write_latent(place: Building, sample: Sample, latent: int, facts: LatentFacts) -> Any:
    part = part_of(sample, facts.members)
    membership = part.content("").regions.membership
    outcomes = outcomes_of(membership[:, 0]) if latent == JUDGED else None
    study = StudyContent(
        kind="latent",
        graph=_graph(part),
        activations=facts.activations,
        spans=facts.spans,
        terrain=render_terrain(part.extent, part.coordinates, facts.activations),
        latent=_latent_entry(latent, facts, len(_fidelity_sizes(part))),
        recalls=() if outcomes is None else [_recalls(outcomes, level) for level in membership.T],
        outcomes=outcomes,
    )
    return _write_plane(place, part, f"latent-{latent}", f"{latent} · {' and '.join(WORDS[latent])}", "main", facts.members, study)


def outcomes_of(region_of: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Try the label on the first texts of each region: it finds 2 of 20 in the first one, 24 of 30 in the second one."""
    outcomes = np.zeros(len(region_of), np.uint8)
    for region, (n_found, n_tried) in enumerate(((2, 20), (24, 30))):
        rows = np.flatnonzero(region_of == region)
        outcomes[rows[:n_tried]] = Outcome.NOT_FOUND
        outcomes[rows[:n_found]] = Outcome.FOUND
    return outcomes


def _recalls(outcomes: NDArray[np.uint8], region_of: NDArray[np.integer]) -> NDArray[np.float64]:
    found, tried = (np.bincount(region_of[one], minlength=int(region_of.max()) + 1) for one in (outcomes == Outcome.FOUND, outcomes > 0))
    return np.where(tried >= 5, found / np.maximum(tried, 1), np.nan)


def _latent_entry(latent: int, facts: LatentFacts, n_sizes: int) -> LatentEntry:
    counts, _ = np.histogram(facts.activations, HISTOGRAM_BINS, (0, float(facts.activations.max())))
    strongest = np.lexsort((facts.members, -facts.activations))[:N_TOP]
    is_first = latent == JUDGED
    return {
        "latent": latent,
        "neuronpedia_url": f"https://www.neuronpedia.org/made-up/{latent}" if is_first else None,
        "why": "asked for",
        "n_active": len(facts.members),
        "density": len(facts.members) / N_TEXTS,
        "maximum": float(facts.activations.max()),
        "mean": float(facts.activations.mean()),
        "histogram": counts.tolist(),
        "sampling": "strata",
        "weight": 1.0,
        "scale": "rank",
        "transform": "linear",
        "keeps_latent": True,
        "gain_cosine": [0.125] * n_sizes,
        "moran_i": 0.4321,
        "label": "what is of the sea" if is_first else "lanterns",
        "keywords": ["sea", "sky"] if is_first else ["lantern"],
        "explanations": [{"text": "mentions of <b>water</b>", "source": "neuronpedia: some-model"}] if is_first else [],
        "top": facts.members[strongest].tolist(),
        "flags": [] if is_first else ["single token"],
        "scores": _scores() if is_first else [],
        "missed": [{"level": 0, "region": 0, "recall": 0.1, "n": 20}] if is_first else [],
    }


def _scores() -> list[Any]:
    told = [("recall", 0.52, 50, "silent texts", 0.1), ("missed_regions", 1.0, 3, "shuffled regions", 0.2)]
    told.append(("recall by region", 0.6, 50, "random explanation", 0.2))
    return [
        {"name": name, "value": value, "n": n, "baselines": [{"name": beside, "value": other}]} for name, value, n, beside, other in told
    ]


def part_of(sample: Sample, members: NDArray[np.int64]) -> Sample:
    """Return a sample of some of the items, in places of their own: the whole map turned by a quarter."""
    part = copy(sample)
    for name in ("kingdom", "group", "nook", "vectors"):
        setattr(part, name, getattr(sample, name)[members])
    part.coordinates = np.ascontiguousarray(sample.coordinates[members] @ np.array([[0, 1], [-1, 0]], np.float32))
    part.extent = extent_of(part.coordinates)
    part.colors = [sample.colors[row] for row in members]
    items = sample.items
    part.items = replace(
        items,
        ids=[items.ids[row] for row in members],
        source_rows=items.source_rows[members],
        texts=[items.texts[row] for row in members],
        pictures=None,
        columns=items.columns.take(pa.array(members)),
    )
    part.graph = part._graph()
    part.trust = part._trust()
    return part


def _graph(part: Sample) -> NeighborGraph:
    """Neighbors under another metric than the set's: only the nearest few, at half the distance."""
    return NeighborGraph(part.graph.indices[:, :N_NEIGHBORS], part.graph.distances[:, :N_NEIGHBORS] / 2, "latent", exact=True)


def _fidelity_sizes(part: Sample) -> list[int]:
    return part.content("").fidelity.k.tolist()


def _write_plane(
    place: Building,
    part: Sample,
    map_id: str,
    title: str,
    set_name: str,
    members: NDArray[np.int64] | None = None,
    study: StudyContent | None = None,
) -> Any:
    on = replace(place, map_id=map_id)
    facts, preview = _draw(on, part, members)
    content = replace(part.content(title), members=members, study=study)
    representation = {"encoder": "made-up codes", "space": None, "dim": N_LATENTS, "n_zero": 0, "metric": "latent"}
    entry, _ = write_map(
        on,
        part.items,
        content,
        set_name=set_name,
        representation=representation,  # type: ignore[arg-type]
        collage=facts,
        ground=webp(part.ground(256)),
        preview=preview,
    )
    return entry


def _draw(place: Building, part: Sample, members: NDArray[np.int64] | None) -> tuple[CollageFacts, bytes]:
    n_levels, alone_share = collage_depth(part.extent, part.coordinates)
    levels = choose_representatives(metric_space(part.vectors, "cosine"), part.coordinates, part.extent, n_levels)
    pictured = replace(part.items, pictures=[disc_webp(color) for color in part.colors])
    paths = collage_paths(place)
    drawn = render_collage(
        levels,
        PictureSource(pictured, numbers=members),
        tiles_path=paths.tiles,
        cells_path=paths.cells,
        keep_sheets=lambda sheets: write_blocks(paths.sheets, paths.sheet_index, sheets),
    )
    told = (drawn.n_levels, drawn.n_tile_levels, drawn.n_sheets, RULE, RULE_TEXT, drawn.pictures, "Every picture is the item's own.")
    return CollageFacts(*told, alone_share), render_preview(paths.tiles)


def _write_dictionary(place: Building) -> tuple[Any, Any]:
    alive = np.array([latent for latent in range(N_LATENTS) if latent not in DEAD], np.int64)
    whole = Sample(N_LATENTS, 1)
    labels = {3: "what is of the sea", 7: "lanterns"}
    whole.items = Items(
        ids=[str(latent) for latent in range(N_LATENTS)],
        source_rows=np.arange(N_LATENTS),
        texts=[labels.get(latent, f"label {latent}") for latent in range(N_LATENTS)],
        pictures=None,
        columns=pa.table(
            {
                "latent": pa.array(range(N_LATENTS)),
                "density": pa.array(np.linspace(0, 0.5, N_LATENTS)),
                "state": pa.array(["dead" if latent in DEAD else "ordinary" for latent in range(N_LATENTS)]),
            }
        ),
        text_column="label",
        color_columns=("density", "state"),
    )
    name, entry = write_item_set(
        place, whole.items, graph=whole.graph, pictures=ItemPictures([disc_webp(color) for color in whole.colors], px=128), name="latents"
    )
    study = StudyContent(kind="dictionary", opens={latent: f"latent-{latent}" for latent in WORDS})
    return entry, _write_plane(place, part_of(whole, alive), "dictionary", "dictionary", name, alive, study)


if __name__ == "__main__":
    main()
