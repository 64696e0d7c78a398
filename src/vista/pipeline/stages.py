"""The stages of the story up to names: each takes artifacts and returns one, computed once and then remembered.

The stages from neighbors on serve the maps of a study too; `metric` is the map's, by name or conditioned on an activation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates, Fidelity, Items, Layout, NeighborGraph, RegionName, Representation, Trust
from vista.errors import InputError
from vista.execution import Journal
from vista.metrics import LatentMetric
from vista.pipeline.activation import Activation, Condition, check_condition, wanted_of_source
from vista.pipeline.plane import BarePlane, Named
from vista.pipeline.run import NO_ENCODER, CachedRun, Options, PlaneOptions, Run, refuse_what_needs_representation

if TYPE_CHECKING:
    from vista.sources import Source

TRUST_K = 10
EXACT_ITEMS = 20_000  # up to here people are shown each item's true neighbors; beyond, a search finds nearly all of them
SAID_BELOW = 0.9  # share of distinct vectors; a few repeated texts are nothing to say


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """How far a map can be believed: as a whole, and around each item."""

    fidelity: Fidelity
    trust: Trust


@dataclass(frozen=True, slots=True, eq=False)
class MapParts:
    """Everything that is known of a map before a picture is drawn.

    Attributes:
        found: What was read.
        plane: Where the items lie.
        nearest: The nearest neighbors in the representation, which other maps of the items may share; None where there is none.
        activation: What the map is conditioned on, or None.
    """

    found: Source
    plane: BarePlane
    nearest: NeighborGraph | None = None
    activation: Activation | None = None


def read(source: Any, condition: Condition | None, run: Run) -> Source:
    """Read the items, and the vectors, coordinates or activations that came with them."""
    from vista.sources import read_source

    names = ("text", "image", "id", "color", "vectors", "sample", "seed", "strict", "labels", "x", "y")
    options = {name: getattr(run.options, name) for name in names} | wanted_of_source(condition)
    with run.timed("read"):
        found = read_source(source, **options, progress=run.progress)
    check_condition(condition, found)
    run.note(*found.items.notes)
    run.effective |= {"text": found.items.text_column, "color": list(found.items.color_columns)}
    if run.options.exact:
        _refuse_exact(len(found.items))
    return found


def represent(found: Source, run: Run) -> Representation | None:
    """Take the vectors in hand, or encode the items; None where a layout that is given stands without a representation."""
    from vista.representations import encode, encoder_for, given

    if run.options.vectors_encoder is not None and found.vectors is None:
        raise InputError("--vectors-encoder says which encoder made the vectors in hand: name them with --vectors")
    if (why := _why_unrepresented(found, run)) is not None:
        _go_without_representation(why, run)
        return None
    with run.timed("represent"):
        if found.vectors is not None:
            maker = encoder_for(run.options.vectors_encoder) if run.options.vectors_encoder else None
            name, space = (f"vectors given, by {maker.name}", maker.space) if maker else ("given", None)
            representation = given(found.vectors, encoder=name, space=space, metric=run.options.metric)
        else:
            run.effective["encoder"] = spec = run.options.encoder or _default_encoder(found)
            encoder = encoder_for(spec, device=run.options.device)
            if run.options.encoder is None:
                run.note(_encoder_note(encoder.kind, encoder.name, found))
            data = _encodable(found.items, encoder.kind)
            representation = encode(encoder, data, batch_size=run.options.batch_size, cache_folder=run.cache.folder, progress=run.progress)
    run.note(*representation.notes, *_repetition_note(representation))
    return representation


def _why_unrepresented(found: Source, run: Run) -> str | None:
    """Return why a layout that is given stands without a representation; None where there is one, or has to be."""
    items, asked, most = found.items, run.options, run.limits.judged_up_to_items
    if found.coordinates is None or found.vectors is not None or asked.encoder not in (None, NO_ENCODER):
        return None
    if asked.encoder == NO_ENCODER:
        return "as asked for"
    if items.texts is None and items.pictures is None:
        return "for there is nothing to encode: give vectors with --vectors"
    if len(items) > most:
        kind = "vision" if items.texts is None else "text"
        return f"for {len(items):,} items are more than the {most:,} that are encoded unasked: give --encoder {kind}, or --vectors"
    return None


def _go_without_representation(why: str, run: Run) -> None:
    """Say what a map lacks without a representation, and refuse what needs one."""
    refuse_what_needs_representation(run.options, f"and there is none, {why}")
    run.effective["encoder"] = NO_ENCODER
    run.note(f"there is no representation, {why}; the map has no neighbors, and its fidelity is unknown")


def connect(representation: Representation, metric: str | LatentMetric, options: PlaneOptions, run: CachedRun) -> NeighborGraph:
    """Find the neighbors that layout, fidelity and viewer all use."""
    from vista.layout import DEFAULT_NEIGHBORS
    from vista.neighbors import RECALL_NEIGHBORS, find_neighbors
    from vista.trust import WIDE

    announce_compilation(run)
    exact = True if representation.n_items <= EXACT_ITEMS else None
    if options.n_neighbors is not None and options.n_neighbors >= representation.n_items:
        run.note(f"n_neighbors is {options.n_neighbors}, but each item has only {representation.n_items - 1} others: all are taken")
    k = max(options.n_neighbors or DEFAULT_NEIGHBORS[options.layout], WIDE * TRUST_K)
    parts = (representation.fingerprint, *_choices_of(metric), k, exact, options.seed)
    with run.timed("neighbors"):
        graph = run.remember(
            NeighborGraph,
            ("neighbors",),
            parts,
            lambda: find_neighbors(representation, n_neighbors=k, metric=metric, exact=exact, seed=options.seed, progress=run.progress),
        )
    if not graph.exact:
        which = "neighbors under the latent metric" if graph.metric == "latent" else "neighbors"
        found = f"{graph.recall:.1%} of the {min(RECALL_NEIGHBORS, graph.n_neighbors)} nearest were found"
        run.note(f"{which} are approximate: {found}, measured on {graph.recall_queries} items")
    return graph


def arrange(
    representation: Representation,
    metric: str | LatentMetric,
    graph: NeighborGraph,
    options: PlaneOptions,
    run: CachedRun,
) -> Layout:
    """Lay the items out by their neighbors."""
    from vista.layout import lay_out, pca_start

    chosen = (options.layout, options.detail, options.n_neighbors, options.min_dist, options.seed)
    parts = (representation.fingerprint, *_choices_of(metric), graph.n_neighbors, graph.exact, graph.recall, *chosen)

    def compute() -> Layout:
        return lay_out(
            graph,
            start=pca_start(representation, seed=options.seed),
            method=options.layout,
            detail=options.detail,
            n_neighbors=options.n_neighbors,
            min_dist=options.min_dist,
            seed=options.seed,
            progress=run.progress,
        )

    with run.timed("layout"):
        return run.remember(Layout, ("layout", "neighbors"), parts, compute)


def given_layout(coordinates: Coordinates, options: Options) -> Layout:
    """Take the user's own coordinates."""
    return Layout(coordinates, "given", {"x": options.x, "y": options.y})


def judge(
    representation: Representation, metric: str | LatentMetric, graph: NeighborGraph, layout: Layout, options: PlaneOptions, run: CachedRun
) -> Judged:
    """Measure how far the map can be believed."""
    from vista.trust import measure_fidelity, measure_trust

    exact, seed = True if options.exact else None, options.seed
    parts = (representation.fingerprint, layout.coordinates, *_choices_of(metric), exact, seed)
    with run.timed("fidelity"):
        fidelity = run.remember(
            Fidelity,
            ("trust",),
            parts,
            lambda: measure_fidelity(representation, layout, metric=metric, exact=exact, seed=seed, progress=run.progress),
        )
        trust = measure_trust(graph, layout, k=TRUST_K)
    return Judged(fidelity, trust)


def _choices_of(metric: str | LatentMetric) -> tuple[object, ...]:
    """Return what tells a metric from others, for the cache."""
    if isinstance(metric, str):
        return (metric,)
    return ("latent", metric.activations, metric.weight, metric.scale, metric.transform, metric.saturation, metric.left_out)


def name_places(
    layout: Layout,
    texts: list[str] | None,
    journal: Journal,
    *,
    words: list[str] | None = None,
    sample: NDArray[np.int64] | None = None,
) -> Named:
    """Divide the map into nested regions, name them by their texts, or by `words` where items have some, and place the names.

    With `sample`, texts and words are those of a fair sample of the items, in which the regions are found.
    """
    from vista.cartography import collage_depth, extent_of
    from vista.labels import name_regions, name_regions_by_column, place_labels
    from vista.regions import find_regions

    extent = extent_of(layout.coordinates)
    n_levels, alone_share = collage_depth(extent, layout.coordinates)
    with journal.timed("regions"):
        regions = find_regions(layout, sample=sample)
    shown = regions if sample is None else replace(regions, membership=regions.membership[sample])
    with journal.timed("labels"):
        if words is not None:
            names = name_regions_by_column(shown, words)
        elif texts is not None:
            names = name_regions(shown, texts, progress=journal.progress)
        else:
            names = tuple(tuple(RegionName("") for _ in parents) for parents in regions.parents)
        labels = place_labels(regions, names, extent, depth_levels=n_levels)
    return Named(extent, n_levels, alone_share, regions, names, labels)


def fair_sample(n_items: int, run: Run) -> NDArray[np.int64] | None:
    """Return the items in which regions are found and by which they are named, ascending; None where all are."""
    size = run.limits.sampled_above_items
    if n_items <= size:
        return None
    return np.sort(np.random.default_rng(run.options.seed).choice(n_items, size, replace=False, shuffle=False))


def texts_of(found: Source, sample: NDArray[np.int64] | None) -> list[str] | None:
    """Return the texts of a sample of the items, or of all."""
    texts = found.items.texts
    return texts if texts is None or sample is None else [texts[row] for row in sample.tolist()]


def column_words(found: Source, sample: NDArray[np.int64] | None = None) -> list[str] | None:
    """Return the values of the column that names the regions, of a sample of the items or of all, as words; None where none was named."""
    if found.labels_column is None:
        return None
    column = found.items.columns.column(found.labels_column)
    values = column if sample is None else column.take(sample)
    return ["" if value is None else str(value) for value in values.to_pylist()]


def announce_compilation(journal: Journal) -> None:
    """Say why the first run on a machine takes longer; it is no part of the record, for it says nothing of the map."""
    from vista.kernels.compiled import is_compiled

    if not is_compiled():
        journal.progress.say("compiling VISTA's kernels, once on this machine: it adds up to 15 seconds to this run")


def _refuse_exact(n_items: int) -> None:
    """Refuse before any work what `measure_fidelity` would refuse at its end."""
    from vista.trust.fidelity import EXACT_LIMIT_ITEMS

    if n_items > EXACT_LIMIT_ITEMS:
        raise InputError(f"--exact asks every item, up to {EXACT_LIMIT_ITEMS:,}, and these are {n_items:,}: leave it out to ask a sample")


def check_encoders(run: Run) -> None:
    """Refuse before any reading an encoder that there is not."""
    from vista.representations import encoder_for

    for spec in (run.options.encoder, run.options.vectors_encoder):
        if spec is not None and spec != NO_ENCODER:
            encoder_for(spec, device=run.options.device)


def _encoder_note(kind: str, name: str, found: Source) -> str:
    if found.is_folder and found.items.texts is not None:
        return f"encoder: {kind}, {name}, since this is a folder of pictures; captions name the regions (--encoder text maps the captions)"
    return f"encoder: {kind}, {name} (choose another with --encoder)"


def _repetition_note(representation: Representation) -> Iterator[str]:
    from vista.representations import count_distinct

    n, n_distinct = representation.n_items, count_distinct(representation.vectors)
    if n_distinct < SAID_BELOW * n:
        yield f"{n:,} items, only {n_distinct:,} distinct vectors: items with equal vectors lie in one place"


def _default_encoder(found: Source) -> str:
    items = found.items
    if items.texts is not None and not found.is_folder:
        return "text"
    if items.pictures is not None:
        return "vision"
    raise InputError("there is nothing to encode: name a text column (--text), an image column (--image) or vectors (--vectors)")


def _encodable(items: Items, kind: str) -> list[Any]:
    data: list[Any] | None = items.texts if kind == "text" else items.pictures
    if data is None:
        raise InputError(f"a {kind} encoder needs {'a text column (--text)' if kind == 'text' else 'images (--image, or a folder)'}")
    return data
