"""The stages of the story up to names: each takes artifacts and returns one, computed once and then remembered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vista.artifacts import Fidelity, Items, Labels, Layout, NeighborGraph, RegionName, Regions, Representation, Trust
from vista.cartography.extent import Extent
from vista.errors import InputError
from vista.execution import Journal
from vista.pipeline.run import Run

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
class Named:
    """The square that the map shows, its regions, what they are called, and where their names stand."""

    extent: Extent
    n_levels: int
    alone_share: float
    regions: Regions
    names: tuple[tuple[RegionName, ...], ...]
    labels: Labels


@dataclass(frozen=True, slots=True, eq=False)
class MapParts:
    """Everything that is known of a map before a picture is drawn."""

    found: Source
    representation: Representation
    graph: NeighborGraph
    layout: Layout
    judged: Judged
    named: Named

    @property
    def items(self) -> Items:
        return self.found.items


def read(source: Any, run: Run) -> Source:
    """Read the items, and the vectors or coordinates that came with them."""
    from vista.sources import read_source

    options = ("text", "image", "id", "color", "vectors", "sample", "seed", "strict", "labels", "x", "y")
    with run.timed("read"):
        found = read_source(source, **{name: getattr(run.options, name) for name in options}, progress=run.progress)
    run.note(*found.items.notes)
    run.effective |= {"text": found.items.text_column, "color": list(found.items.color_columns)}
    if run.options.exact:
        _refuse_exact(len(found.items))
    return found


def represent(found: Source, run: Run) -> Representation:
    """Take the vectors in hand, or encode the items."""
    from vista.representations import encode, encoder_for, given

    if run.options.vectors_encoder is not None and found.vectors is None:
        raise InputError("--vectors-encoder says which encoder made the vectors in hand: name them with --vectors")
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


def connect(representation: Representation, run: Run) -> NeighborGraph:
    """Find the neighbors that layout, fidelity and viewer all use."""
    from vista.layout import DEFAULT_NEIGHBORS
    from vista.neighbors import RECALL_NEIGHBORS, find_neighbors
    from vista.trust import WIDE

    announce_compilation(run)
    exact = True if representation.n_items <= EXACT_ITEMS else None
    if run.options.n_neighbors is not None and run.options.n_neighbors >= representation.n_items:
        run.note(f"n_neighbors is {run.options.n_neighbors}, but each item has only {representation.n_items - 1} others: all are taken")
    metric, k = run.options.metric, max(run.options.n_neighbors or DEFAULT_NEIGHBORS[run.options.layout], WIDE * TRUST_K)
    parts = (representation.fingerprint, metric, k, exact, run.options.seed)
    with run.timed("neighbors"):
        graph = run.remember(
            NeighborGraph,
            ("neighbors",),
            parts,
            lambda: find_neighbors(representation, n_neighbors=k, metric=metric, exact=exact, seed=run.options.seed, progress=run.progress),
        )
    if not graph.exact:
        found = f"{graph.recall:.1%} of the {min(RECALL_NEIGHBORS, graph.n_neighbors)} nearest were found"
        run.note(f"neighbors are approximate: {found}, measured on {graph.recall_queries} items")
    return graph


def arrange(found: Source, representation: Representation, graph: NeighborGraph, run: Run) -> Layout:
    """Lay the items out, or take the user's own coordinates."""
    from vista.layout import lay_out, pca_start

    asked = run.options
    if found.coordinates is not None:
        return Layout(found.coordinates, "given", {"x": asked.x, "y": asked.y})
    chosen = (asked.layout, asked.detail, asked.n_neighbors, asked.min_dist, asked.seed)
    parts = (representation.fingerprint, asked.metric, graph.n_neighbors, graph.exact, graph.recall, *chosen)

    def compute() -> Layout:
        start = pca_start(representation, seed=asked.seed)
        return lay_out(
            graph,
            start=start,
            method=asked.layout,
            detail=asked.detail,
            n_neighbors=asked.n_neighbors,
            min_dist=asked.min_dist,
            seed=asked.seed,
            progress=run.progress,
        )

    with run.timed("layout"):
        layout = run.remember(Layout, ("layout", "neighbors"), parts, compute)
    run.effective |= {name: value for name, value in layout.parameters.items() if name in ("n_neighbors", "detail", "min_dist")}
    return layout


def judge(representation: Representation, graph: NeighborGraph, layout: Layout, run: Run) -> Judged:
    """Measure how far the map can be believed."""
    from vista.trust import measure_fidelity, measure_trust

    metric, exact = run.options.metric, True if run.options.exact else None
    parts = (representation.fingerprint, layout.coordinates, metric, exact, run.options.seed)
    with run.timed("fidelity"):
        fidelity = run.remember(
            Fidelity,
            ("trust",),
            parts,
            lambda: measure_fidelity(representation, layout, metric=metric, exact=exact, seed=run.options.seed, progress=run.progress),
        )
        trust = measure_trust(graph, layout, k=TRUST_K)
    return Judged(fidelity, trust)


def name_places(layout: Layout, texts: list[str] | None, journal: Journal, *, words: list[str] | None = None) -> Named:
    """Divide the map into nested regions, name them by their texts, or by `words` where items have some, and place the names."""
    from vista.cartography import collage_depth, extent_of
    from vista.labels import name_regions, name_regions_by_column, place_labels
    from vista.regions import find_regions

    extent = extent_of(layout.coordinates)
    n_levels, alone_share = collage_depth(extent, layout.coordinates)
    with journal.timed("regions"):
        regions = find_regions(layout)
    with journal.timed("labels"):
        if words is not None:
            names = name_regions_by_column(regions, words)
        elif texts is not None:
            names = name_regions(regions, texts, progress=journal.progress)
        else:
            names = tuple(tuple(RegionName("") for _ in parents) for parents in regions.parents)
        labels = place_labels(regions, names, extent, depth_levels=n_levels)
    return Named(extent, n_levels, alone_share, regions, names, labels)


def column_words(found: Source) -> list[str] | None:
    """Return the values of the column that names the regions, as words; None where no column was named."""
    if found.labels_column is None:
        return None
    return ["" if value is None else str(value) for value in found.items.columns.column(found.labels_column).to_pylist()]


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
        if spec is not None:
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
